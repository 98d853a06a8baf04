import { expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import { shareParts } from '../../lambda/findings/share-parts.ts';
import { aFinding } from '../report/builders.ts';

/** As it comes from a record: nothing in it is shared with another. */
const read = (finding: Finding): Finding => JSON.parse(JSON.stringify(finding)) as Finding;

test('findings that share their parts are unchanged, and hold equal parts once', () => {
  const shared = shareParts();
  const written = [
    aFinding({ name: 'a' }),
    aFinding({ name: 'b' }),
    aFinding({ name: 'c', message: 'Other.' }),
  ];
  const found = written.map((finding) => shared(read(finding)));
  expect(found).toEqual(written.map(read));
  const [a, b, c] = found;
  expect(b?.cluster).toBe(a?.cluster);
  expect(b?.evidence).toBe(a?.evidence);
  expect(c?.message).toBe('Other.');
});
