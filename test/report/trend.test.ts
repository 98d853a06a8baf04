import { describe, expect, test } from '@jest/globals';
import { summaryDocument } from '../../lambda/report/summary.ts';
import {
  parseTrendLine,
  TREND_RUNS,
  type TrendRow,
  trendLine,
  trendRow,
  withTrendRows,
} from '../../lambda/report/trend.ts';
import { aCluster, aFailed, aFinding, aGap, anAudited, aRun } from './builders.ts';

const MANIFEST = 'a'.repeat(64);

const someRun = () =>
  aRun([
    anAudited(
      aCluster(),
      [
        aFinding(),
        aFinding({ name: 'b', status: 'exempt' }),
        aFinding({ name: 'c', status: 'fixed' }),
        aFinding({ name: 'd', status: 'gone', check: 'runtime-library-update' }),
        aFinding({ name: 'e', status: 'withdrawn' }),
      ],
      [{ ...aGap(), gap: 'known' }],
    ),
    aFailed(aCluster('b')),
  ]);

function aRow(changes: Partial<TrendRow> = {}): TrendRow {
  const row = trendRow(summaryDocument(someRun()), MANIFEST);
  if (row === null) throw new Error('The document is a summary.');
  return { ...row, ...changes };
}

describe('the row of a run in the trend', () => {
  test('the row of a run counts its findings by severity and status, and its gaps by class', () => {
    const none = { new: 0, open: 0, exempt: 0, fixed: 0, gone: 0, withdrawn: 0 };
    expect(aRow()).toEqual({
      run: '20260302T060000Z',
      startedAt: '2026-03-02T06:00:00Z',
      version: '0.1.0',
      config: 'c'.repeat(64),
      clusters: { total: 2, audited: 1, failed: 1 },
      pods: 206,
      findings: {
        critical: { ...none, gone: 1 },
        high: { ...none, new: 1, exempt: 1, fixed: 1, withdrawn: 1 },
        medium: none,
        low: none,
      },
      apart: 0,
      coverage: { decided: 76, total: 82, complete: false },
      notEvaluated: { lost: 0, fixable: 5, known: 1 },
      manifest: MANIFEST,
    });
  });

  test('the row of a run takes about 800 bytes, and is read as it was written', () => {
    const line = trendLine(aRow());
    expect(line.length).toBeLessThan(900);
    expect(parseTrendLine(line)).toEqual(aRow());
  });

  test('the summary of an earlier version counts its resolved findings as fixed, and its gaps as fixable', () => {
    const counts = { new: 1, open: 0, resolved: 2, exempt: 0 };
    const summary = {
      clusters: { total: 1, audited: 1, failed: 0 },
      pods: 3,
      findings: { bySeverity: { critical: counts, high: counts, medium: counts, low: counts } },
      coverage: { decided: 1, total: 5, complete: false },
      notEvaluated: { total: 4, byReason: { forbidden: 4 } },
    };
    const run = { id: 'r', startedAt: '2026-01-01T00:00:00Z', version: '0.0.1', config: 'c' };
    expect(trendRow(JSON.stringify({ run, summary, clusters: [] }), null)).toMatchObject({
      findings: { high: { new: 1, fixed: 2, gone: 0, withdrawn: 0 } },
      apart: 0,
      notEvaluated: { lost: 0, fixable: 4, known: 0 },
    });
  });

  test('what is no summary has no row, and what is no row is not read as one', () => {
    for (const text of ['', '{', '[]', '{"run":{}}', 'null']) expect(trendRow(text, null)).toBeNull();
    for (const text of ['', '{', '{"run":"r1"}', trendLine(aRow()).replace('206', '-1')]) {
      expect(parseTrendLine(text)).toBeNull();
    }
  });

  test('a row keeps what a later version has added to it', () => {
    const line = JSON.stringify({ ...aRow(), later: [1] });
    expect(trendLine(parseTrendLine(line) as TrendRow)).toContain('"later":[1]');
  });
});

describe('the rows of a trend', () => {
  const runsOf = (rows: readonly TrendRow[]) => rows.map(({ run }) => run);

  test('the rows of a trend are in the order of the runs, one a run, the last 400 of them', () => {
    const ids = Array.from({ length: TREND_RUNS + 5 }, (_, index) => `r${String(index).padStart(4, '0')}`);
    const rows = ids.toReversed().map((run) => aRow({ run }));
    expect(runsOf(withTrendRows(rows, rows))).toEqual(ids.slice(5));
  });

  test('a row with a manifest takes the place of one without, never the other way round', () => {
    const [without, withOne] = [aRow({ manifest: null }), aRow({ pods: 7 })];
    expect(withTrendRows([without], [withOne])).toEqual([withOne]);
    expect(withTrendRows([withOne], [without])).toEqual([withOne]);
    expect(withTrendRows([withOne], [aRow({ pods: 8 })])).toEqual([aRow({ pods: 8 })]);
  });
});
