import { describe, expect, test } from '@jest/globals';
import { commitRun, committedRun } from '../../lambda/run/conclusion-record.ts';
import type { DecidedRun } from '../../lambda/run/decided-run.ts';
import { aFinding, anAudited, aRun } from '../report/builders.ts';
import { memoryStore } from '../store/memory-store.ts';

const findings = ['a', 'b', 'c'].map((name) => aFinding({ name }));

const decided = (rest: Partial<DecidedRun> = {}): DecidedRun => ({
  run: aRun([anAudited(undefined, findings.slice(0, 1)), anAudited(undefined, findings.slice(1))]),
  ranked: [],
  exemptions: { ended: [], expired: [], expiring: [], unused: [] },
  firstRun: false,
  now: Date.parse('2026-03-02T06:00:00Z'),
  digest: {
    subject: 's',
    body: 'b',
    attributes: { maxSeverity: 'none', newFindings: 0, clusters: [], complete: true },
  },
  parts: [],
  gone: [],
  comparedWith: new Map(),
  stored: [],
  changes: null,
  acceptedGaps: null,
  newsUnknown: false,
  late: null,
  settled: [],
  shortfalls: [],
  ...rest,
});

describe('a decision that is read again', () => {
  test('a decision that is read again knows what was asked in another way, and why each finding is new', async () => {
    const changes = {
      settings: ['limits.podMaxAge: 90d -> 30d'],
      asked: new Map([
        [findings[0]?.id ?? '', 'limit-changed'],
        [findings[2]?.id ?? '', 'check-on'],
      ] as const),
    };
    const store = memoryStore();
    await commitRun(store, decided({ changes, newsUnknown: true }), { once: true });
    const read = await committedRun(store, aRun().run.id);
    expect(read?.changes).toEqual(changes);
    expect(read?.newsUnknown).toBe(true);
  });

  test('a decision that is read again has the patches of its worst workloads', async () => {
    const patch = {
      cause: 'c',
      name: 'shop-web',
      notes: ['n'],
      before: [{ what: 'w:', line: 'l' }],
      document: { spec: { a: null } },
      command: null,
    };
    const patches = [{ score: 1, workload: 'shop/Deployment/web', patches: [patch] }];
    const store = memoryStore();
    const run = aRun([{ ...anAudited(undefined, findings), patches }]);
    await commitRun(store, decided({ run }), { once: true });
    const read = await committedRun(store, aRun().run.id);
    expect(read?.run.clusters.map((one) => one.patches)).toEqual([patches]);
  });

  test('a decision that is read again knows which accepted gaps a person must look at', async () => {
    const accepted = {
      reason: 'forbidden' as const,
      match: { clusters: null, namespaces: null, checks: null },
      owner: 'o',
      because: 'b',
      expires: '2026-03-01',
    };
    const acceptedGaps = { expired: [{ accepted, rows: 2 }], expiring: [], unused: [] };
    const store = memoryStore();
    await commitRun(store, decided({ acceptedGaps }), { once: true });
    expect((await committedRun(store, aRun().run.id))?.acceptedGaps).toEqual(acceptedGaps);
  });
});
