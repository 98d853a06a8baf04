import { describe, expect, test } from '@jest/globals';
import { NO_EXEMPTION_NOTES } from '../../../lambda/report/exemption-notes.ts';
import { anAudited } from '../builders.ts';
import { LAST_WEEK, mail, openEgress, PROD, writable } from '../golden-parts.ts';
import { pageInput, pageText, sectionText } from './pages.ts';

const changedText = (...input: Parameters<typeof mail>): string =>
  sectionText(pageText(pageInput(mail(...input))), 'changed');

const accepted = {
  ...writable({ namespace: 'legacy', name: 'erp' }),
  status: 'exempt' as const,
  exemption: { reason: 'vendor image', owner: 'erp', expires: '2027-03-31' },
};

describe('what changed since the last run', () => {
  test('a known finding that became worse is named with what is worse and since when', () => {
    const facts = ['can also write /etc of its node', 'b', 'c', 'd'];
    const worse = { ...writable({}), status: 'open' as const, changed: { since: LAST_WEEK, facts } };
    const text = changedText([anAudited(PROD, [worse])]);
    expect(text).toContain('Became worse: 1 finding');
    expect(text).toContain('Changed since 23 Feb: can also write /etc of its node; b; c; and 1 more fact');
    expect(text).not.toContain('Nothing changed.');
  });

  test('a finding that became exempt is named with who accepts it, why and until when', () => {
    const clusters = [anAudited(PROD, [accepted])];
    const text = changedText(clusters, { exemptions: { ...NO_EXEMPTION_NOTES, begun: [accepted] } });
    expect(text).toContain('Newly exempt: 1 finding');
    expect(text).toContain('writable-root-filesystem, accepted by erp until 2027-03-31: vendor image');
    expect(text).not.toContain('Nothing changed.');
    expect(changedText(clusters)).toContain('Nothing changed.');
  });

  test('more than ten are counted, and no link says that the table shows just them', () => {
    const rows = Array.from({ length: 12 }, (_, index) => openEgress({ name: `w${index}` }));
    const text = changedText([anAudited(PROD, rows)], {
      exemptions: { ...NO_EXEMPTION_NOTES, ended: rows, begun: rows },
    });
    expect(text).toMatch(/Newly exempt: 12 findings .* and 2 more findings No longer exempt: 12 findings/);
    expect(text).not.toMatch(/No longer exempt.*All in the table/);
  });
});
