import { describe, expect, it } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import { type Comparison, compare } from '../../lambda/findings/compare.ts';
import { applyExemptions } from '../../lambda/findings/exemptions.ts';
import type { ClusterResult, Finding } from '../../lambda/findings/model.ts';
import { aFinding, anExemption, aRecord, aResult, PROD } from './builders.ts';

const NOW = Date.parse('2026-11-21T23:00:00Z');
const AT = '2026-11-21T23:00:00.000Z';
const BEFORE = '2026-11-01T00:00:00.000Z';

/** In which list the one finding of the previous run is. */
function fateOf(row: Finding, current: ClusterResult): keyof Comparison | undefined {
  const comparison = compare([row], current, NOW);
  return (['findings', 'unconfirmed', 'resolved', 'withdrawn'] as const).find(
    (list) => comparison[list].length > 0,
  );
}

describe('a first run', () => {
  it('finds everything new', () => {
    const { firstRun, findings, resolved } = compare(null, aResult({ findings: [aFinding()] }), NOW);
    expect(firstRun).toBe(true);
    expect(findings).toEqual([aFinding({ status: 'new', firstSeen: AT, lastSeen: AT })]);
    expect(resolved).toEqual([]);
  });

  it('is not one whose previous run found nothing', () => {
    expect(compare([], aResult(), NOW).firstRun).toBe(false);
  });
});

describe('a finding that is found again', () => {
  it('is open since it was first seen, with the evidence of today', () => {
    const { findings, resolved, unconfirmed } = compare(
      [aFinding({ evidence: { age: 1 } })],
      aResult({ findings: [aFinding({ evidence: { age: 2 } })] }),
      NOW,
    );
    expect(findings).toEqual([
      aFinding({ status: 'open', evidence: { age: 2 }, firstSeen: BEFORE, lastSeen: AT }),
    ]);
    expect([resolved, unconfirmed]).toEqual([[], []]);
  });

  it('is new, and first seen now, when it had been resolved', () => {
    const { findings } = compare(
      [aFinding({ status: 'resolved' })],
      aResult({ findings: [aFinding()] }),
      NOW,
    );
    expect(findings).toEqual([aFinding({ status: 'new', firstSeen: AT, lastSeen: AT })]);
  });

  it.each(['2027-01-01T00:00:00Z', 'yesterday', ''])(
    'was never first seen later than now (%j)',
    (firstSeen) => {
      const { findings } = compare([aFinding({ firstSeen })], aResult({ findings: [aFinding()] }), NOW);
      expect(findings[0]).toMatchObject({ status: 'open', firstSeen: AT, lastSeen: AT });
    },
  );

  it('keeps the earliest time when the state holds it twice', () => {
    const rows = [aFinding({ firstSeen: '2026-11-05T00:00:00Z' }), aFinding(), aFinding({ firstSeen: AT })];
    expect(compare(rows, aResult({ findings: [aFinding()] }), NOW).findings[0]?.firstSeen).toBe(BEFORE);
  });
});

describe('a finding that is not found again', () => {
  it('is resolved when its check was evaluated, and keeps when it was last seen', () => {
    const { resolved } = compare([aFinding({ status: 'open' })], aResult(), NOW);
    expect(resolved).toEqual([aFinding({ status: 'resolved', lastSeen: BEFORE })]);
  });

  it('is resolved once', () => {
    expect(compare([aFinding({ status: 'resolved' })], aResult(), NOW).resolved).toEqual([]);
    expect(compare([aFinding(), aFinding()], aResult(), NOW).resolved).toHaveLength(1);
  });

  it.each<[string, ReturnType<typeof aRecord>, string]>([
    ['in the whole cluster', aRecord(), 'unconfirmed'],
    ['on its workload', aRecord({ on: 'shop/Deployment/cart' }), 'unconfirmed'],
    ['on its container', aRecord({ on: 'shop/Deployment/cart', container: 'app' }), 'unconfirmed'],
    ['on another container', aRecord({ on: 'shop/Deployment/cart', container: 'proxy' }), 'resolved'],
    ['on another workload', aRecord({ on: 'shop/Deployment/pay' }), 'resolved'],
    ['on another kind of that name', aRecord({ on: 'shop/StatefulSet/cart' }), 'resolved'],
    ['by another check', aRecord({ check: 'writable-host-path' }), 'resolved'],
    [
      'for a pod of its namespace that nobody could read',
      aRecord({ on: 'shop/Pod/x', reason: 'malformed-object' }),
      'unconfirmed',
    ],
    [
      'for a pod of another namespace that nobody could read',
      aRecord({ on: 'pay/Pod/x', reason: 'malformed-object' }),
      'resolved',
    ],
    ['for a bare pod of its namespace', aRecord({ on: 'shop/Pod/x', reason: 'platform' }), 'resolved'],
  ])('where %s nothing could be decided', (_, record, list) => {
    expect(fateOf(aFinding({ container: 'app' }), aResult({ notEvaluated: [record] }))).toBe(list);
  });

  it('of a whole workload is not resolved while one of its containers is open', () => {
    const record = aRecord({ on: 'shop/Deployment/cart', container: 'app' });
    expect(fateOf(aFinding(), aResult({ notEvaluated: [record] }))).toBe('unconfirmed');
  });

  it('stays open, as it was last seen, while it is unconfirmed', () => {
    const { unconfirmed } = compare([aFinding()], aResult({ notEvaluated: [aRecord()] }), NOW);
    expect(unconfirmed).toEqual([aFinding({ status: 'open' })]);
  });

  it('is unconfirmed when the cluster could not be audited at all, whatever else is said', () => {
    expect(fateOf(aFinding(), aResult({ outcome: 'failed' }))).toBe('unconfirmed');
    expect(fateOf(aFinding(), aResult({ outcome: 'failed', checks: [] }))).toBe('unconfirmed');
  });

  it('is withdrawn, not resolved, when its check has been switched off', () => {
    expect(fateOf(aFinding(), aResult({ checks: ['writable-host-path'] }))).toBe('withdrawn');
  });

  it('is resolved when its workload is gone and the pods were read completely', () => {
    expect(fateOf(aFinding({ on: 'gone/Deployment/x' }), aResult())).toBe('resolved');
  });
});

describe('a workload whose name changes because Jobs or ReplicaSets could not be read', () => {
  const nightly = { on: 'shop/CronJob/nightly', container: 'app' };
  const asJob = { on: 'shop/Job/nightly-29394720', container: 'app' };

  it('is not resolved while the same check fails for one of its Jobs', () => {
    expect(compare([aFinding(nightly)], aResult({ findings: [aFinding(asJob)] }), NOW)).toMatchObject({
      unconfirmed: [{ workload: { kind: 'CronJob' } }],
      resolved: [],
    });
  });

  it('is not resolved while the same check is open for one of its Jobs', () => {
    expect(fateOf(aFinding(nightly), aResult({ notEvaluated: [aRecord(asJob)] }))).toBe('unconfirmed');
  });

  it('is resolved when another Job fails, or the Job in another container or namespace', () => {
    const others = [
      { on: 'shop/Job/nightly-report-29394720', container: 'app' },
      { on: 'shop/Job/nightly-29394720', container: 'proxy' },
      { on: 'pay/Job/nightly-29394720', container: 'app' },
      { on: 'shop/Deployment/nightly-29394720', container: 'app' },
    ].map(aFinding);
    expect(compare([aFinding(nightly)], aResult({ findings: others }), NOW).resolved).toHaveLength(1);
  });

  it('takes the Job back without calling it resolved when the CronJob is known again', () => {
    expect(compare([aFinding(asJob)], aResult({ findings: [aFinding(nightly)] }), NOW)).toMatchObject({
      withdrawn: [{ workload: { kind: 'Job' } }],
      resolved: [],
    });
    expect(fateOf(aFinding(asJob), aResult())).toBe('resolved');
  });
});

describe('a cluster whose identity changes', () => {
  const byName = { name: 'prod', arn: null, accountId: null, region: null };

  it('keeps its findings when its ARN becomes known, and when it is not known again', () => {
    for (const [before, now] of [
      [byName, PROD],
      [PROD, byName],
      [{ ...byName, name: 'old-context' }, byName],
    ] as const) {
      const { findings } = compare(
        [aFinding({ cluster: before })],
        aResult({ cluster: now, findings: [aFinding({ cluster: now })] }),
        NOW,
      );
      expect(findings).toEqual([aFinding({ cluster: now, status: 'open', firstSeen: BEFORE, lastSeen: AT })]);
    }
  });

  it('resolves under its present identity', () => {
    const { resolved } = compare([aFinding({ cluster: byName })], aResult(), NOW);
    expect(resolved).toEqual([aFinding({ status: 'resolved' })]);
  });

  it('is refused the state of a cluster with another ARN', () => {
    const other = { ...PROD, arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/prod' };
    expect(() => compare([aFinding({ cluster: other })], aResult(), NOW)).toThrow(AuditorError);
  });
});

describe('an exempt finding', () => {
  const exempt = aFinding({
    status: 'exempt',
    exemption: { reason: 'r', owner: 'o', expires: '2026-11-20' },
  });

  it('is open again until exemptions are applied, and remembered as exempt', () => {
    const comparison = compare([exempt], aResult({ findings: [aFinding()] }), NOW);
    expect(comparison.findings[0]).toMatchObject({ status: 'open', exemption: null, firstSeen: BEFORE });
    expect([...comparison.previouslyExempt]).toEqual([exempt.id]);
  });

  it('fires again, named, when its exemption has expired, even if it was not looked at', () => {
    for (const result of [aResult({ findings: [aFinding()] }), aResult({ notEvaluated: [aRecord()] })]) {
      const { findings, unconfirmed, previouslyExempt } = compare([exempt], result, NOW);
      const applied = applyExemptions(
        [...findings, ...unconfirmed],
        [anExemption({ expires: '2026-11-20' })],
        {
          now: NOW,
          previouslyExempt,
        },
      );
      expect(applied.ended).toMatchObject([{ status: 'open', exemption: null }]);
    }
  });

  it('is resolved like any other, and its exemption stays on record', () => {
    const { resolved, previouslyExempt } = compare([exempt], aResult(), NOW);
    expect(resolved).toEqual([{ ...exempt, status: 'resolved' }]);
    expect(previouslyExempt.size).toBe(0);
  });

  it('stays exempt when exemptions were applied before', () => {
    const { findings } = compare([exempt], aResult({ findings: [exempt] }), NOW);
    expect(findings[0]).toMatchObject({ status: 'exempt', exemption: { owner: 'o' }, firstSeen: BEFORE });
  });
});
