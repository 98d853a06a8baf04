import { describe, expect, it } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import { applyExemptions } from '../../lambda/exemptions/exemptions.ts';
import { causeOf } from '../../lambda/findings/cause.ts';
import { compare } from '../../lambda/findings/compare.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import { aFinding, anExemption, aRecord, aResult, PROD, type ResultChanges, ref } from './builders.ts';

const NOW = Date.parse('2026-11-21T23:00:00Z');
const AT = '2026-11-21T23:00:00.000Z';
const BEFORE = '2026-11-01T00:00:00.000Z';

/** What becomes of the one finding of the previous run. */
function fateOf(row: Finding, current: ClusterResult): string | undefined {
  const { findings, unconfirmed, closed } = compare([row], current, NOW);
  const [only] = closed;
  if (only !== undefined) return only.reason ? `${only.status}: ${only.reason}` : only.status;
  if (unconfirmed.length > 0) return 'unconfirmed';
  return findings.length > 0 ? 'found' : undefined;
}

/** A result whose workload of the tests was looked at and has no finding. */
const clean = (changes: ResultChanges = {}): ClusterResult =>
  aResult({
    basis: {
      clean: [ref('shop/Deployment/cart')],
      checksOff: [],
      checksNotAsked: [],
      namespacesExcluded: [],
      noLongerAsked: [],
    },
    ...changes,
  });

describe('a first run', () => {
  it('a first run reports all findings as new', () => {
    const { firstRun, findings, closed } = compare(null, aResult({ findings: [aFinding()] }), NOW);
    expect(firstRun).toBe(true);
    expect(findings).toEqual([aFinding({ status: 'new', firstSeen: AT, lastSeen: AT })]);
    expect(closed).toEqual([]);
  });

  it('a run after one without findings is not a first run', () => {
    expect(compare([], aResult(), NOW).firstRun).toBe(false);
  });
});

describe('a finding that is found again', () => {
  it('a finding that is found again is open since it was first seen, with the evidence of today', () => {
    const { findings, closed, unconfirmed } = compare(
      [aFinding({ evidence: { age: 1 } })],
      aResult({ findings: [aFinding({ evidence: { age: 2 } })] }),
      NOW,
    );
    expect(findings).toEqual([
      aFinding({ status: 'open', evidence: { age: 2 }, firstSeen: BEFORE, lastSeen: AT }),
    ]);
    expect([closed, unconfirmed]).toEqual([[], []]);
  });

  it.each(['fixed', 'gone', 'resolved'] as const)(
    'a finding is new, and first seen now, when it had been %s',
    (status) => {
      const { findings } = compare([aFinding({ status })], aResult({ findings: [aFinding()] }), NOW);
      expect(findings).toEqual([aFinding({ status: 'new', firstSeen: AT, lastSeen: AT })]);
    },
  );

  it.each(['2027-01-01T00:00:00Z', 'yesterday', ''])(
    'a finding was never first seen later than now (%j)',
    (firstSeen) => {
      const { findings } = compare([aFinding({ firstSeen })], aResult({ findings: [aFinding()] }), NOW);
      expect(findings[0]).toMatchObject({ status: 'open', firstSeen: AT, lastSeen: AT });
    },
  );

  it('a finding keeps its earliest time when the state holds it twice', () => {
    const rows = [aFinding({ firstSeen: '2026-11-05T00:00:00Z' }), aFinding(), aFinding({ firstSeen: AT })];
    expect(compare(rows, aResult({ findings: [aFinding()] }), NOW).findings[0]?.firstSeen).toBe(BEFORE);
  });
});

describe('a finding that is not found again', () => {
  it('a finding is fixed when its workload still exists, and keeps when it was last seen', () => {
    const { closed } = compare([aFinding({ status: 'open' })], clean(), NOW);
    expect(closed).toEqual([aFinding({ status: 'fixed', lastSeen: BEFORE })]);
  });

  it('a finding is fixed when its workload has other findings left', () => {
    const other = aFinding({ check: 'writable-host-path' });
    expect(fateOf(aFinding(), aResult({ findings: [other], checks: ['pod-too-old', other.check] }))).toBe(
      'fixed',
    );
  });

  it('a finding is gone, and not called fixed, when its workload no longer exists', () => {
    const { closed } = compare([aFinding({ status: 'open' })], aResult(), NOW);
    expect(closed).toEqual([aFinding({ status: 'gone', lastSeen: BEFORE })]);
  });

  it('a finding is closed once', () => {
    for (const status of ['fixed', 'gone', 'withdrawn', 'resolved'] as const) {
      expect(compare([aFinding({ status })], aResult(), NOW).closed).toEqual([]);
    }
    expect(compare([aFinding(), aFinding()], aResult(), NOW).closed).toHaveLength(1);
  });

  it('a finding is unconfirmed when the result of an earlier version does not say what was evaluated', () => {
    const { basis: _, ...older } = aResult();
    expect(fateOf(aFinding(), older)).toBe('unconfirmed');
  });

  it.each<[string, ReturnType<typeof aRecord>, string]>([
    ['in the whole cluster', aRecord(), 'unconfirmed'],
    ['on its workload', aRecord({ on: 'shop/Deployment/cart' }), 'unconfirmed'],
    ['on its container', aRecord({ on: 'shop/Deployment/cart', container: 'app' }), 'unconfirmed'],
    ['on another container', aRecord({ on: 'shop/Deployment/cart', container: 'proxy' }), 'fixed'],
    ['on another workload', aRecord({ on: 'shop/Deployment/pay' }), 'fixed'],
    ['on another kind of that name', aRecord({ on: 'shop/StatefulSet/cart' }), 'fixed'],
    ['by another check', aRecord({ check: 'writable-host-path' }), 'fixed'],
    [
      'for a pod of its namespace that nobody could read',
      aRecord({ on: 'shop/Pod/x', reason: 'malformed-object' }),
      'unconfirmed',
    ],
    [
      'for a pod of another namespace that nobody could read',
      aRecord({ on: 'pay/Pod/x', reason: 'malformed-object' }),
      'fixed',
    ],
    ['for a bare pod of its namespace', aRecord({ on: 'shop/Pod/x', reason: 'platform' }), 'fixed'],
  ])('a finding is closed or unconfirmed where %s nothing could be decided', (_, record, list) => {
    expect(fateOf(aFinding({ container: 'app' }), clean({ notEvaluated: [record] }))).toBe(list);
  });

  it('a finding of a whole workload is not fixed while one of its containers is open', () => {
    const record = aRecord({ on: 'shop/Deployment/cart', container: 'app' });
    expect(fateOf(aFinding(), aResult({ notEvaluated: [record] }))).toBe('unconfirmed');
  });

  it('a finding stays open, as it was last seen, while it is unconfirmed', () => {
    const { unconfirmed } = compare([aFinding()], aResult({ notEvaluated: [aRecord()] }), NOW);
    expect(unconfirmed).toEqual([aFinding({ status: 'open' })]);
  });

  it('a finding is unconfirmed when the cluster could not be audited at all, whatever else the result says', () => {
    expect(fateOf(aFinding(), aResult({ outcome: 'failed' }))).toBe('unconfirmed');
    expect(fateOf(aFinding(), aResult({ outcome: 'failed', checks: [] }))).toBe('unconfirmed');
  });

  it('a finding is withdrawn, not fixed, when its check is disabled', () => {
    const basis = {
      clean: [],
      checksOff: ['pod-too-old'],
      checksNotAsked: [],
      namespacesExcluded: [],
      noLongerAsked: [],
    };
    expect(fateOf(aFinding(), aResult({ checks: ['writable-host-path'], basis }))).toBe(
      'withdrawn: check-off',
    );
  });

  it('a finding is withdrawn, not fixed, when its namespace is excluded, also where it could not be decided', () => {
    const basis = {
      clean: [],
      checksOff: [],
      checksNotAsked: [],
      namespacesExcluded: ['sh*'],
      noLongerAsked: [],
    };
    expect(fateOf(aFinding(), aResult({ basis }))).toBe('withdrawn: namespace-excluded');
    expect(fateOf(aFinding(), aResult({ basis, notEvaluated: [aRecord()] }))).toBe(
      'withdrawn: namespace-excluded',
    );
    expect(fateOf(aFinding(), aResult({ basis, outcome: 'failed' }))).toBe('unconfirmed');
    expect(fateOf(aFinding({ on: 'pay/Deployment/cart' }), aResult({ basis }))).toBe('gone');
  });

  it('a finding is withdrawn, not fixed, when this version has no such check', () => {
    expect(fateOf(aFinding({ check: 'of-old' }), aResult())).toBe('withdrawn: rule-changed');
  });
});

describe('a workload whose name changes because Jobs or ReplicaSets could not be read', () => {
  const nightly = { on: 'shop/CronJob/nightly', container: 'app' };
  const asJob = { on: 'shop/Job/nightly-29394720', container: 'app' };

  it('a finding of a CronJob is not closed while the same check fails for one of its Jobs', () => {
    expect(compare([aFinding(nightly)], aResult({ findings: [aFinding(asJob)] }), NOW)).toMatchObject({
      unconfirmed: [{ workload: { kind: 'CronJob' } }],
      closed: [],
    });
  });

  it('a finding of a CronJob is unconfirmed while the same check was not evaluated for one of its Jobs', () => {
    expect(fateOf(aFinding(nightly), aResult({ notEvaluated: [aRecord(asJob)] }))).toBe('unconfirmed');
  });

  it('a finding is gone when another Job fails, or the Job in another container or namespace', () => {
    const others = [
      { on: 'shop/Job/nightly-report-29394720', container: 'app' },
      { on: 'shop/Job/nightly-29394720', container: 'proxy' },
      { on: 'pay/Job/nightly-29394720', container: 'app' },
      { on: 'shop/Deployment/nightly-29394720', container: 'app' },
    ].map(aFinding);
    expect(compare([aFinding(nightly)], aResult({ findings: others }), NOW).closed).toMatchObject([
      { status: 'gone' },
    ]);
  });

  it('a finding is not gone while a Job with a generated name is listed under the name of all Jobs of its kind', () => {
    const read = { on: 'shop/Job/report-x7k2p', container: 'app' };
    const unread = { on: 'shop/Job/report-*', container: 'app' };
    expect(fateOf(aFinding(read), aResult({ findings: [aFinding(unread)] }))).toBe('unconfirmed');
    expect(compare([aFinding(unread)], aResult({ findings: [aFinding(read)] }), NOW)).toMatchObject({
      closed: [{ workload: { name: 'report-*' }, status: 'withdrawn', reason: 'owner-known' }],
    });
    expect(
      fateOf(aFinding(read), aResult({ findings: [aFinding({ ...read, on: 'shop/Job/report-9bq4w' })] })),
    ).toBe('gone');
  });

  it('a CronJob that is known again takes over the findings of its Job, and none is called gone', () => {
    expect(compare([aFinding(asJob)], aResult({ findings: [aFinding(nightly)] }), NOW)).toMatchObject({
      closed: [{ workload: { kind: 'Job' }, status: 'withdrawn', reason: 'owner-known' }],
    });
    expect(fateOf(aFinding(asJob), aResult())).toBe('gone');
  });
});

describe('a cluster whose identity changes', () => {
  const byName = { name: 'prod', arn: null, accountId: null, region: null };

  it('a cluster keeps its findings when its ARN becomes known, and when it becomes unknown again', () => {
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

  it('a cluster closes findings under its present identity', () => {
    const { closed } = compare([aFinding({ cluster: byName })], aResult(), NOW);
    expect(closed).toEqual([aFinding({ status: 'gone' })]);
  });

  it('what is closed goes with the causes that the cluster has under its present identity', () => {
    const shop = { kind: 'Namespace', namespace: null, name: 'shop', part: null };
    const wide = { kind: 'NetworkPolicy', namespace: 'shop', name: 'web', part: 'spec.egress[0]' };
    const causesOf = (cluster: ClusterIdentity) => [
      causeOf(cluster, 'no-egress-policy', shop),
      causeOf(cluster, 'rule-too-wide', wide, 'content of the rule'),
      causeOf(cluster, 'policy-not-enforced', { ...wide, kind: 'Cluster', name: cluster.name }, 'Fargate'),
    ];
    const renamed = { ...byName, name: 'old-context' };
    const before = causesOf(renamed).map((cause, at) =>
      aFinding({ cluster: renamed, check: `c${at}`, cause }),
    );
    const { unconfirmed, closed } = compare(before, aResult(), NOW);
    expect([...unconfirmed, ...closed].map(({ cause }) => cause)).toEqual(causesOf(PROD));
  });

  it('the state of a cluster with another ARN is refused', () => {
    const other = { ...PROD, arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/prod' };
    expect(() => compare([aFinding({ cluster: other })], aResult(), NOW)).toThrow(AuditorError);
  });
});

describe('an exempt finding', () => {
  const exempt = aFinding({
    status: 'exempt',
    exemption: { reason: 'r', owner: 'o', expires: '2026-11-20' },
  });

  it('an exempt finding is open again until exemptions are applied, and remembered as exempt', () => {
    const comparison = compare([exempt], aResult({ findings: [aFinding()] }), NOW);
    expect(comparison.findings[0]).toMatchObject({ status: 'open', exemption: null, firstSeen: BEFORE });
    expect([...comparison.previouslyExempt]).toEqual([exempt.id]);
  });

  it('an exempt finding fires again, named, when its exemption has expired, even if it was not evaluated', () => {
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

  it('an exempt finding is closed like any other, and its exemption stays on record', () => {
    const { closed, previouslyExempt } = compare([exempt], aResult(), NOW);
    expect(closed).toEqual([{ ...exempt, status: 'gone' }]);
    expect(previouslyExempt.size).toBe(0);
  });

  it('an exempt finding stays exempt when exemptions were applied before', () => {
    const { findings } = compare([exempt], aResult({ findings: [exempt] }), NOW);
    expect(findings[0]).toMatchObject({ status: 'exempt', exemption: { owner: 'o' }, firstSeen: BEFORE });
  });
});
