import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { causeOf } from '../../lambda/findings/cause.ts';
import { addCauses, countCauses } from '../../lambda/findings/count-causes.ts';
import type { Finding, FindingStatus } from '../../lambda/findings/finding.ts';
import { compareCauses, foldCauses } from '../../lambda/findings/fold-causes.ts';
import { workloadKey } from '../../lambda/inventory/workload.ts';
import { isAtLeast, SEVERITIES } from '../../lambda/severity.ts';
import { runs } from '../support/runs.ts';
import { aFinding, PROD } from './builders.ts';

const cause = fc
  .record({
    kind: fc.constantFrom('no-egress-policy' as const, 'writable-root' as const),
    name: fc.constantFrom('shop', 'legacy'),
  })
  .map(({ kind, name }) => causeOf(PROD, kind, { kind: 'Namespace', namespace: null, name, part: null }));

const finding = fc
  .record({
    check: fc.constantFrom('pod-too-old', 'writable-root-filesystem', 'egress-unrestricted'),
    on: fc.constantFrom('a/Deployment/x', 'a/StatefulSet/x', 'b/Deployment/x', 'b/Pod/p'),
    container: fc.constantFrom(null, 'app', 'proxy'),
    severity: fc.constantFrom(...SEVERITIES),
    status: fc.constantFrom<FindingStatus>('new', 'open'),
    count: fc.integer({ min: 1, max: 9 }),
    // Rows of earlier versions have none.
    cause: fc.option(cause, { nil: undefined }),
  })
  .map(({ count, cause: of, ...rest }) =>
    aFinding({ ...rest, pods: { count }, ...(of === undefined ? {} : { cause: of }) }),
  );

const findings = fc.uniqueArray(finding, { maxLength: 20, selector: ({ id }) => id });

const sorted = (rows: readonly Finding[]): readonly string[] => rows.map(({ id }) => id).sort();

describe('findings folded by cause', () => {
  it('each finding is in exactly one group, with those of its cause and no others', () => {
    fc.assert(
      fc.property(findings, (rows) => {
        const folded = foldCauses(rows);
        expect(sorted(folded.flatMap((one) => one.findings))).toEqual(sorted(rows));
        for (const { cause: of, findings: group } of folded) {
          const alone = group[0].cause == null;
          if (alone) expect(group).toHaveLength(1);
          for (const row of group) expect(row.cause?.id ?? row.id).toBe(of.id);
        }
        expect(new Set(folded.map(({ cause: { id } }) => id)).size).toBe(folded.length);
      }),
      { numRuns: runs(500) },
    );
  });

  it('no workload and no severity is lost, and the pods of a workload count once', () => {
    fc.assert(
      fc.property(findings, (rows) => {
        for (const { findings: group, severity, workloads, pods, fresh } of foldCauses(rows)) {
          expect(group.some((row) => row.severity === severity)).toBe(true);
          for (const row of group) expect(isAtLeast(severity, row.severity)).toBe(true);
          expect(workloads).toBe(new Set(group.map((row) => workloadKey(row.workload))).size);
          expect(pods).toBeGreaterThanOrEqual(Math.max(...group.map((row) => row.pods.count)));
          expect(pods).toBeLessThanOrEqual(group.reduce((sum, row) => sum + row.pods.count, 0));
          expect(fresh).toBe(group.filter(({ status }) => status === 'new').length);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  it('the order of causes does not depend on the order of findings', () => {
    fc.assert(
      fc.property(findings, (rows) => {
        const idsOf = (of: readonly Finding[]): readonly string[] =>
          foldCauses(of)
            .toSorted(compareCauses)
            .map(({ cause: { id } }) => id);
        expect(idsOf(rows.toReversed())).toEqual(idsOf(rows));
      }),
      { numRuns: runs(500) },
    );
  });

  it('of equal severity, a container that has drifted by measurement comes first, then what is new', () => {
    const of = (name: string, check: string, status: FindingStatus): Finding =>
      aFinding({
        check,
        on: `a/Deployment/${name}`,
        container: 'app',
        severity: 'high',
        status,
        pods: { count: 1 },
        cause: causeOf(PROD, 'writable-root', { kind: 'Deployment', namespace: 'a', name, part: null }),
      });
    const rows = [
      of('quiet', 'writable-root-filesystem', 'open'),
      of('fresh', 'writable-root-filesystem', 'new'),
      of('wrote', 'writable-root-filesystem', 'open'),
      of('wrote', 'writable-layer-drifted', 'open'),
    ];
    const order = foldCauses(rows).toSorted(compareCauses);
    expect(order.map(({ cause: { object } }) => object.name)).toEqual(['wrote', 'fresh', 'quiet']);
  });

  it('of two containers that have drifted, the one that goes on comes first', () => {
    const of = (name: string, evidence: Finding['evidence']): Finding =>
      aFinding({
        check: 'writable-layer-drifted',
        on: `a/Deployment/${name}`,
        container: 'app',
        evidence,
        cause: causeOf(PROD, 'drifted', { kind: 'Deployment', namespace: 'a', name, part: 'container app' }),
      });
    const rows = [
      of('ended', { grownBytes: 0, grownInodes: 0 }),
      of('goes-on', { grownBytes: 0, grownInodes: 1 }),
      of('not-known', {}),
    ];
    const [first] = foldCauses(rows).toSorted(compareCauses);
    expect(first?.cause.object.name).toBe('goes-on');
  });

  it('the counts of a summary are those of the groups', () => {
    fc.assert(
      fc.property(findings, (rows) => {
        const folded = foldCauses(rows);
        const counts = countCauses(rows);
        expect(counts.total).toBe(folded.length);
        expect(counts.fresh).toBe(folded.filter(({ fresh }) => fresh > 0).length);
        for (const severity of SEVERITIES)
          expect(counts.bySeverity[severity]).toBe(folded.filter((one) => one.severity === severity).length);
        expect(counts.workloads).toBe(new Set(rows.map((row) => workloadKey(row.workload))).size);
        expect(addCauses([counts, countCauses([])])).toEqual(counts);
      }),
      { numRuns: runs(500) },
    );
  });
});
