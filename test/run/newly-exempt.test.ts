import { describe, expect, test } from '@jest/globals';
import type { Exemption } from '../../lambda/config/config.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { COMPARISON } from '../../lambda/findings/coverage.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { concludeRun } from '../../lambda/run/conclude.ts';
import { commitRun, committedRun } from '../../lambda/run/conclusion-record.ts';
import type { DecidedRun } from '../../lambda/run/decided-run.ts';
import { runOf } from '../audit/recording.ts';
import { aFinding, aRecord, aResult } from '../findings/builders.ts';
import { memoryStore } from '../store/memory-store.ts';

const run = runOf(8);
const ALL: Exemption = {
  check: '*',
  cluster: null,
  namespace: null,
  workload: null,
  container: null,
  reason: 'vendor image',
  owner: 'team@example.com',
  expires: '2026-12-31',
};
const [a, b] = ['a', 'b'].map((name) => aFinding({ on: `shop/Deployment/${name}` }));
if (a === undefined || b === undefined) throw new Error('There are two.');

const conclude = (changes: Partial<ClusterResult> = {}, firstRun = false) => {
  const result = { ...aResult({ findings: [a, b] }), ...changes };
  return concludeRun(
    [{ result, findings: [a, b], unconfirmed: [], closed: [], previouslyExempt: new Set([b.id]), firstRun }],
    { config: { ...defaultConfig(), exemptions: [ALL] }, run, now: run.now },
  );
};

describe('findings that became exempt since the last run', () => {
  test('what is exempt and was not before became exempt, and what was exempt already did not', () => {
    expect(conclude().exemptions.begun?.map(({ id }) => id)).toEqual([a.id]);
  });

  test.each([
    ['that is audited for the first time', conclude({}, true)],
    ['that has taken the place of another one', conclude({ firstRun: true })],
    ['whose last run cannot be read', conclude({ notEvaluated: [aRecord({ check: COMPARISON })] })],
  ])('of a cluster %s nothing became exempt, for it is not known what was', (_, { exemptions }) => {
    expect(exemptions.begun).toEqual([]);
  });

  test('a decision that is read again knows them, and one of an earlier version says that it does not', async () => {
    const rest: Omit<DecidedRun, keyof ReturnType<typeof conclude>> = {
      now: run.now,
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
    };
    const decided = { ...conclude(), ...rest };
    const { begun: _, ...known } = decided.exemptions;
    const [now, earlier] = [memoryStore(), memoryStore()];
    await commitRun(now, decided, { once: true });
    await commitRun(earlier, { ...decided, exemptions: known }, { once: true });
    expect((await committedRun(now, run.id))?.exemptions.begun?.map(({ id }) => id)).toEqual([a.id]);
    expect((await committedRun(earlier, run.id))?.exemptions.begun).toBeUndefined();
  });
});
