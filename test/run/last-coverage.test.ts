import { describe, expect, test } from '@jest/globals';
import { lastCoverage } from '../../lambda/run/last-coverage.ts';
import { moveLatest } from '../../lambda/store/latest.ts';
import { memoryStore } from '../store/memory-store.ts';

interface Given {
  readonly outcome?: 'audited' | 'failed';
  readonly decided?: number;
  readonly gaps?: Readonly<Record<string, number>>;
}

const cluster = (name: string, { outcome = 'audited', decided = 100, gaps = {} }: Given = {}) => ({
  cluster: { name, arn: null, accountId: '111122223333', region: 'eu-west-1' },
  outcome,
  coverage: { decided, total: 100, complete: decided === 100 },
  notEvaluated: { total: 0, byReason: gaps },
});

/** Runs after each other, as the end of each leaves `latest/`. */
async function leftBy(...runs: readonly (readonly unknown[])[]) {
  const store = memoryStore();
  for (const [i, clusters] of runs.entries()) {
    const run = { id: `run-${i}`, startedAt: `2026-03-0${i + 1}T06:00:00Z` };
    await moveLatest(store, run, JSON.stringify({ run, clusters }));
    await moveLatest(store, run, JSON.stringify({ run, clusters }));
  }
  return lastCoverage(store);
}

describe('what the last run left', () => {
  test('the last coverage is unknown without a run, or when the summary cannot be parsed', async () => {
    expect(await leftBy()).toBeNull();
    const objects = new Map([['latest/summary.json', Buffer.from('{"clusters": [{}]}')]]);
    expect(await lastCoverage(memoryStore({ objects }))).toBeNull();
  });

  test('the last coverage lists each cluster that was not audited, and is not empty where no cluster was found', async () => {
    expect(await leftBy([cluster('a'), cluster('b', { outcome: 'failed' })])).toEqual({
      notAudited: 1,
      lost: 0,
    });
    expect(await leftBy([])).toEqual({ notAudited: 1, lost: 0 });
  });

  test('the last coverage stays the same however often it is read, until another run is complete', async () => {
    const failed = [cluster('a', { outcome: 'failed' })];
    expect((await leftBy([cluster('a')], failed))?.notAudited).toBe(1);
    expect((await leftBy([cluster('a')], failed, [cluster('a')]))?.notAudited).toBe(0);
  });
});

describe('coverage is lost', () => {
  const known = { decided: 90, gaps: { forbidden: 3 } };

  test('coverage is lost where a reason is new since the previous run', async () => {
    const now = cluster('a', { decided: 89, gaps: { forbidden: 3, 'out-of-time': 1 } });
    expect((await leftBy([cluster('a', known)], [now]))?.lost).toBe(1);
  });

  test('coverage is lost where a notably smaller share can be decided for a known reason', async () => {
    const now = cluster('a', { decided: 70, gaps: { forbidden: 30 } });
    expect((await leftBy([cluster('a', known)], [now]))?.lost).toBe(1);
  });

  test('coverage is not lost where the gaps are those of the previous run, on the first run, or for a new cluster', async () => {
    const same = cluster('a', { decided: 88, gaps: { forbidden: 5 } });
    expect((await leftBy([cluster('a', known)], [same]))?.lost).toBe(0);
    expect((await leftBy([cluster('a', known)]))?.lost).toBe(0);
    expect((await leftBy([cluster('a')], [cluster('a'), cluster('b', known)]))?.lost).toBe(0);
  });

  test('coverage is not reported lost for a cluster that is not audited at all, which has its own alarm', async () => {
    expect(await leftBy([cluster('a')], [cluster('a', { outcome: 'failed' })])).toEqual({
      notAudited: 1,
      lost: 0,
    });
  });
});
