import { describe, expect, test } from '@jest/globals';
import type { Exemption } from '../../lambda/config/config.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { coverageOf } from '../../lambda/report/summary.ts';
import { concludeRun } from '../../lambda/run/conclude.ts';
import { runOf } from '../audit/recording.ts';
import { aFinding, aResult } from '../findings/builders.ts';

const run = runOf(8);

const exemption = (workload: string): Exemption => ({
  check: '*',
  cluster: null,
  namespace: 'shop',
  workload,
  container: null,
  reason: 'vendor image',
  owner: 'team@example.com',
  expires: '2026-12-31',
});

/** A cluster in which each of these has failed one check, and two others have passed it. */
function found(...names: readonly string[]): ClusterResult {
  const findings = names.map((name) => aFinding({ on: `shop/Deployment/${name}` }));
  const check = findings[0]?.check ?? '';
  return { ...aResult({ findings }), tallies: [{ check, pass: 2, fail: names.length, notEvaluated: 0 }] };
}

const conclude = (result: ClusterResult, unconfirmed: ClusterResult['findings'], exemptions: Exemption[]) =>
  concludeRun(
    [
      {
        result,
        findings: result.findings,
        unconfirmed,
        closed: [],
        previouslyExempt: new Set<string>(),
        firstRun: false,
      },
    ],
    { config: { ...defaultConfig(), exemptions }, run, now: run.now },
  ).run.clusters[0];

describe('the tallies of a run', () => {
  test('an exempt verdict is counted apart: it does not fail, and it never passes', () => {
    const cluster = conclude(found('a', 'b', 'c'), [], [exemption('Deployment/b')]);
    expect(cluster?.tallies).toMatchObject([{ pass: 2, fail: 2, exempt: 1, notEvaluated: 0 }]);
    expect(coverageOf(cluster === undefined ? [] : [cluster]).decided).toBe(5);
  });

  test('an exempt finding that this run did not look at is in no tally', () => {
    const earlier = found('gone').findings;
    const cluster = conclude(found('a'), earlier, [exemption('Deployment/gone')]);
    expect(cluster?.findings.map(({ status }) => status).sort()).toEqual(['exempt', 'new']);
    expect(cluster?.tallies).toEqual([{ check: expect.any(String), pass: 2, fail: 1, notEvaluated: 0 }]);
  });

  test('without exemptions tallies are as they were', () => {
    const result = found('a');
    expect(conclude(result, [], [])?.tallies).toEqual(result.tallies);
  });
});
