import { describe, expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import { rankWorkloads, scoreOf as scoreOfWorkload } from '../../lambda/findings/rank.ts';
import { SEVERITIES, type Severity } from '../../lambda/severity.ts';
import { aFinding, type FindingChanges, PROD } from './builders.ts';

const NOW = Date.parse('2026-11-21T23:00:00Z');
const DAY = 86_400_000;
const checks = new Map(CATALOGUE.map((check) => [check.id, check]));

const rank = (findings: readonly Finding[]) =>
  rankWorkloads(findings, { now: NOW, aboutCheck: (check) => checks.get(check) });

const order = (findings: readonly Finding[]) => rank(findings).map(({ workload }) => workload.name);
const scoreOf = (...changes: readonly FindingChanges[]) => rank(changes.map(aFinding))[0]?.score ?? 0;
const daysAgo = (days: number) => new Date(NOW - days * DAY).toISOString();

describe('what is fixed first', () => {
  it('the worst severity ranks first, however many less severe findings another workload has', () => {
    const pods = { count: 100_000, oldestStartedAt: daysAgo(10_000) };
    const heap = CATALOGUE.filter(({ drift }) => drift !== 'measured').map(({ id: check }) =>
      aFinding({ on: 'a/Deployment/heap', check, severity: 'high', pods }),
    );
    expect(order([...heap, aFinding({ on: 'a/Deployment/one', severity: 'critical' })])).toEqual([
      'one',
      'heap',
    ]);
  });

  it('a container that can replace its libraries and has written by measurement ranks first of all', () => {
    const library = { check: 'runtime-library-update', severity: 'critical', container: 'app' } as const;
    const written = { check: 'writable-layer-drifted', severity: 'high' } as const;
    const many = { count: 100_000, oldestStartedAt: daysAgo(10_000) };
    const heap = CATALOGUE.filter(({ drift }) => drift !== 'measured').map(({ id: check }) =>
      aFinding({ on: 'a/Deployment/heap', check, severity: 'critical', pods: many }),
    );
    const findings = [
      ...heap,
      aFinding({ on: 'a/Deployment/sidecar-wrote', ...library }),
      aFinding({ on: 'a/Deployment/sidecar-wrote', ...written, container: 'sidecar' }),
      aFinding({ on: 'a/Deployment/itself-wrote', ...library }),
      aFinding({ on: 'a/Deployment/itself-wrote', ...written, container: 'app' }),
      aFinding({ on: 'a/Deployment/written', ...written, container: 'app' }),
    ];
    expect(order(findings)).toEqual(['itself-wrote', 'heap', 'sidecar-wrote', 'written']);
    expect(rank(findings)[0]?.parts.drift).toBe(4000);
  });

  it('the workload that is old, writable and exposed at once ranks first among equals', () => {
    const findings = [
      aFinding({ on: 'a/Deployment/age', check: 'pod-too-old', severity: 'high' }),
      aFinding({ on: 'a/Deployment/age', check: 'container-too-old', severity: 'high' }),
      aFinding({ on: 'a/Deployment/all', check: 'pod-too-old', severity: 'high' }),
      aFinding({ on: 'a/Deployment/all', check: 'writable-root-filesystem', severity: 'low' }),
      aFinding({ on: 'a/Deployment/all', check: 'egress-instance-metadata', severity: 'low' }),
      aFinding({ on: 'a/Deployment/two', check: 'pod-too-old', severity: 'high' }),
      aFinding({ on: 'a/Deployment/two', check: 'writable-root-filesystem', severity: 'low' }),
    ];
    expect(order(findings)).toEqual(['all', 'two', 'age']);
  });

  it('a finding that combines several facts ranks as writable and exposed', () => {
    const [ranked] = rank([aFinding({ check: 'runtime-library-update', severity: 'critical' })]);
    expect(ranked?.parts.combination).toBe(200);
  });

  it.each<[string, FindingChanges, FindingChanges]>([
    ['older pods', { pods: { oldestStartedAt: daysAgo(40) } }, { pods: { oldestStartedAt: daysAgo(31) } }],
    ['a known age', { pods: { oldestStartedAt: daysAgo(1) } }, { pods: { oldestStartedAt: null } }],
    ['more pods', { pods: { count: 20 } }, { pods: { count: 10 } }],
    ['a wider reach', { check: 'egress-unrestricted' }, { check: 'egress-package-registry' }],
  ])('the workload with %s ranks first among equals', (_, more, less) => {
    expect(scoreOf(more)).toBeGreaterThan(scoreOf(less));
  });

  it('the rank grows with each further check, but not with further containers', () => {
    const one = { check: 'writable-root-filesystem', container: 'a' };
    const second = { check: 'writable-root-filesystem', container: 'b' };
    expect(scoreOf(one, second)).toBe(scoreOf(one));
    expect(scoreOf(one, { check: 'unbounded-empty-dir' })).toBeGreaterThan(scoreOf(one));
  });

  it('the rank is not changed by clocks that are ahead or by invalid times', () => {
    for (const oldestStartedAt of ['2030-01-01T00:00:00Z', 'never']) {
      expect(scoreOf({ pods: { oldestStartedAt } })).toBe(scoreOf({}));
    }
  });
});

test('the score of one workload is that of its rank, whatever the order of its findings', () => {
  const findings = [
    aFinding({ severity: 'low' }),
    aFinding({ check: 'egress-unrestricted', severity: 'critical' }),
  ];
  const options = { now: NOW, aboutCheck: (check: string) => checks.get(check) };
  for (const one of [findings, findings.toReversed()]) {
    expect(scoreOfWorkload(one, options)).toBe(rank(findings)[0]?.score);
  }
});

describe('a ranked workload', () => {
  it('a ranked workload holds its active findings, worst first, and what its rank is made of', () => {
    const findings = [
      aFinding({ check: 'pod-too-old', pods: { count: 10, oldestStartedAt: daysAgo(365) } }),
      aFinding({ check: 'egress-unrestricted', severity: 'high', status: 'open', pods: { count: 4 } }),
      aFinding({ check: 'writable-host-path', severity: 'critical', status: 'exempt' }),
      aFinding({ check: 'unbounded-empty-dir', status: 'fixed' }),
    ];
    const [ranked, ...others] = rank(findings);
    expect(others).toEqual([]);
    expect(ranked?.findings.map(({ check }) => check)).toEqual(['egress-unrestricted', 'pod-too-old']);
    expect(ranked).toMatchObject({
      cluster: PROD,
      workload: { namespace: 'shop', kind: 'Deployment', name: 'cart' },
      severity: 'high',
      pods: 10,
      oldestStartedAt: daysAgo(365),
      score: 2553,
      parts: { drift: 0, severity: 2000, combination: 200, breadth: 20, age: 150, exposure: 150, pods: 33 },
    });
  });

  it('a workload is not ranked when all of its findings are exempt or closed', () => {
    expect(rank([aFinding({ status: 'exempt' }), aFinding({ status: 'fixed' })])).toEqual([]);
  });

  it('a workload is ranked once per cluster, even where names are equal', () => {
    const other = { ...PROD, arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/prod' };
    expect(rank([aFinding(), aFinding({ cluster: other })]).map(({ cluster }) => cluster.arn)).toEqual([
      PROD.arn,
      other.arn,
    ]);
  });
});

describe('for any findings', () => {
  const finding = fc
    .record({
      on: fc.constantFrom('a/Deployment/x', 'a/Deployment/y', 'a/Job/x', 'b/Deployment/x'),
      check: fc.constantFrom(...checks.keys(), 'a-check-of-tomorrow'),
      container: fc.constantFrom(null, 'app', 'proxy'),
      severity: fc.constantFrom<Severity>(...SEVERITIES),
      status: fc.constantFrom('new' as const, 'open' as const, 'exempt' as const),
      count: fc.integer({ min: 0, max: 1_000_000 }),
      days: fc.option(fc.integer({ min: -10, max: 5000 })),
    })
    .map(({ count, days, ...rest }) =>
      aFinding({ ...rest, pods: { count, oldestStartedAt: days === null ? null : daysAgo(days) } }),
    );

  it('the order of the rank does not depend on that of the findings, and no workload is lost or doubled', () => {
    const findings = fc.uniqueArray(finding, { selector: ({ id }) => id, maxLength: 20 });
    fc.assert(
      fc.property(findings, (rows) => {
        const ranked = rank(rows);
        expect(rank([...rows].reverse())).toEqual(ranked);
        const active = rows.filter(({ status }) => status !== 'exempt').map(({ id }) => id);
        expect(ranked.flatMap((one) => one.findings.map(({ id }) => id)).sort()).toEqual(active.sort());
      }),
    );
  });

  it('scores are whole numbers; proven drift comes first, then a worse severity always has the larger one', () => {
    const rows = fc.array(finding, { maxLength: 20 });
    const proven: fc.Arbitrary<Finding[]> = fc.constantFrom(
      [],
      [
        aFinding({ check: 'writable-layer-drifted', severity: 'low' }),
        aFinding({ severity: 'low', check: 'runtime-library-update' }),
      ],
    );
    fc.assert(
      fc.property(rows, proven, (any, drifted) => {
        const ranked = rank([...any, ...drifted]);
        for (const { score } of ranked) expect(Number.isInteger(score)).toBe(true);
        const expected = [...ranked].sort(
          (one, other) =>
            other.parts.drift - one.parts.drift ||
            SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity),
        );
        expect(ranked).toEqual(expected);
      }),
    );
  });
});
