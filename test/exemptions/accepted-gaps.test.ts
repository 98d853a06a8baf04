import { describe, expect, test } from '@jest/globals';
import { CHECK_IDS } from '../../lambda/checks/catalogue.ts';
import type { AcceptedGap } from '../../lambda/config/config.ts';
import { checkConfig } from '../../lambda/config/load.ts';
import { acceptance, acceptedGapNotes } from '../../lambda/exemptions/accepted-gaps.ts';
import { aRecord } from '../findings/builders.ts';

const NOW = Date.parse('2026-11-29T06:00:00Z');

interface Changes extends Partial<Omit<AcceptedGap, 'match'>> {
  readonly match?: Partial<AcceptedGap['match']>;
}

const entry = ({ match, ...changes }: Changes = {}): AcceptedGap => ({
  reason: 'platform',
  owner: 'windows-team@example.com',
  because: 'IIS until the summer',
  expires: '2027-06-30',
  ...changes,
  match: { clusters: null, namespaces: null, checks: null, ...match },
});

const ROW = aRecord({ on: 'intranet/Deployment/iis', reason: 'platform', check: 'egress-unrestricted' });

describe('an accepted gap', () => {
  test.each<[string, Changes, boolean]>([
    ['its reason', {}, true],
    ['another reason', { reason: 'forbidden' }, false],
    ['its namespace', { match: { namespaces: ['intra*'] } }, true],
    ['another namespace', { match: { namespaces: ['shop'] } }, false],
    ['its cluster', { match: { clusters: ['pro?'] } }, true],
    ['another cluster', { match: { clusters: ['staging'] } }, false],
    ['its check', { match: { checks: ['egress-*'] } }, true],
    ['another check', { match: { checks: ['pod-too-old'] } }, false],
    ['its last day', { expires: '2026-11-29' }, true],
    ['the day after its last one', { expires: '2026-11-28' }, false],
  ])('an accepted gap with %s covers the row or not', (_, changes, expected) => {
    expect(acceptance([entry(changes)], NOW)(ROW)).toBe(expected);
  });

  test('an accepted gap of a namespace does not cover a row about the whole cluster', () => {
    const whole = aRecord({ reason: 'platform' });
    expect(acceptance([entry({ match: { namespaces: ['*'] } })], NOW)(whole)).toBe(false);
    expect(acceptance([entry()], NOW)(whole)).toBe(true);
  });

  test('accepted gaps are named when they have expired, end soon or match nothing', () => {
    const entries = [
      entry({ expires: '2026-11-28' }),
      entry({ expires: '2026-12-13' }),
      entry({ expires: '2026-12-14' }),
      entry({ reason: 'clock-skew' }),
    ];
    const notes = acceptedGapNotes(entries, [ROW], NOW);
    const named = (of: readonly { readonly accepted: AcceptedGap; readonly rows: number }[]) =>
      of.map(({ accepted, rows }) => [entries.indexOf(accepted), rows]);
    expect(named(notes.expired)).toEqual([[0, 1]]);
    expect(named(notes.expiring)).toEqual([[1, 1]]);
    expect(named(notes.unused)).toEqual([[3, 0]]);
  });

  test('what an accepted gap covers and the last run did not leave open is counted', () => {
    const [LAST, THIS] = ['2026-11-22T06:00:00.000Z', '2026-11-29T06:00:00.000Z'];
    const rows = [
      { ...ROW, since: LAST },
      { ...aRecord({ on: 'intranet/Deployment/print', reason: 'platform' }), since: THIS },
      { ...aRecord({ on: 'intranet/Deployment/mail', reason: 'platform' }), since: THIS },
    ];
    const entries = [entry(), entry({ match: { checks: ['egress-*'] } }), entry({ expires: '2026-11-28' })];
    expect(acceptedGapNotes(entries, rows, NOW, THIS).grown).toEqual([
      { accepted: entries[0], rows: 3, fresh: 2 },
    ]);
    expect(acceptedGapNotes(entries, rows, NOW, null).grown).toEqual([]);
  });

  test('an accepted gap needs reason, owner, because and last day', () => {
    const given =
      'acceptedGaps: [{ reason: platform, match: { namespaces: [intranet] }, owner: a, because: b, expires: 2027-06-30 }]';
    const { config, problems } = checkConfig(given, CHECK_IDS);
    expect(problems).toEqual([]);
    expect(config?.acceptedGaps).toEqual([
      entry({ owner: 'a', because: 'b', match: { namespaces: ['intranet'] } }),
    ]);
    const { problems: wrong } = checkConfig('acceptedGaps: [{ reason: windows, expires: soon }]', CHECK_IDS);
    expect(wrong.map(({ path }) => path).sort()).toEqual([
      'acceptedGaps[0].because',
      'acceptedGaps[0].expires',
      'acceptedGaps[0].owner',
      'acceptedGaps[0].reason',
    ]);
  });
});
