import { describe, expect, test } from '@jest/globals';
import { longestPause, periodOf } from '../../lambda/history/evidence/period.ts';
import { MANIFEST, type StoredRecord } from '../../lambda/history/records.ts';
import { manifestOf, manifestText, parseManifest } from '../../lambda/store/manifest.ts';
import { aRun } from '../report/builders.ts';

const DAY = 86_400_000;

function recordOf(startedAt: string): StoredRecord {
  const run = { ...aRun(), run: { ...aRun().run, startedAt } };
  const tool = { version: '1.0.0', bundleSha256: null };
  const text = manifestText(
    manifestOf(run, { objects: [], previous: null, sequence: 1, tool, signingKey: null }),
  );
  return {
    folder: `runs/r/${MANIFEST}`,
    sha256: 'a',
    bytes: Buffer.from(text),
    manifest: parseManifest(text),
  };
}

describe('a period', () => {
  test.each(['2026-02-31', '2026-02-29', '2026-13-01', '2026-1-1', 'yesterday', ''])(
    '%p is no day',
    (day) => {
      expect(() => periodOf('2026-01-01', day)).toThrow('--to takes a day such as 2026-03-31');
    },
  );

  test('a day that some years have is one in those', () => {
    expect(periodOf('2028-02-29', '2028-02-29')).toEqual({ from: '2028-02-29', to: '2028-02-29' });
  });

  test('the longest time without a run ends today, not with the period', () => {
    const period = { from: '2026-03-01', to: '2026-12-31' };
    const records = ['2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z'].map(recordOf);
    expect(longestPause(records, period, Date.parse('2026-03-12T00:00:00Z')) / DAY).toBe(7);
    expect(longestPause(records, period, Date.parse('2027-01-01T00:00:00Z')) / DAY).toBe(298);
  });
});
