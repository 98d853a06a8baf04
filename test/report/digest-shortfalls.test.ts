import { expect, test } from '@jest/globals';
import type { Digest } from '../../lambda/report/digest-message.ts';
import { withShortfalls } from '../../lambda/report/digest-shortfalls.ts';
import type { Shortfall } from '../../lambda/report/news.ts';

const MAIL: Digest = {
  subject: 'EKS audit: nothing new',
  body: 'Nothing is new.\n',
  attributes: { maxSeverity: 'none', newFindings: 0, clusters: [], complete: true },
};
const missing = (part: string): Shortfall => ({ part, problem: 'S3 refused it.' });
const [STATE, PAGE, TREND] = ['the state of cluster a', 'report.html', 'the trend of the runs'].map(
  missing,
) as [Shortfall, Shortfall, Shortfall];

const titlesOf = (body: string): readonly string[] => body.match(/^RECORD NOT COMPLETE.*$/gm) ?? [];

test('what is missing of a record is one list, also where more of it becomes known later', () => {
  const first = withShortfalls(MAIL, [STATE]);
  const second = withShortfalls(first, [PAGE], [STATE]);
  const third = withShortfalls(second, [TREND], [STATE, PAGE]);
  expect(titlesOf(first.body)).toEqual(['RECORD NOT COMPLETE: 1 part missing']);
  expect(titlesOf(second.body)).toEqual(['RECORD NOT COMPLETE: 2 parts missing']);
  expect(titlesOf(third.body)).toEqual(['RECORD NOT COMPLETE: 3 parts missing']);
  expect(third).toEqual(withShortfalls(MAIL, [STATE, PAGE, TREND]));
});

test('where nothing more is missing the mail stays as it is', () => {
  const mail = withShortfalls(MAIL, [STATE]);
  expect(withShortfalls(mail, [], [STATE])).toBe(mail);
});
