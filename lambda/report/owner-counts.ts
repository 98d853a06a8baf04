import { countedFindings } from '../findings/apart.ts';
import type { OwnerCounts } from '../findings/cluster-numbers.ts';
import type { Finding } from '../findings/finding.ts';
import { isActive } from '../findings/identity.ts';
import { type GapClass, gapOf } from '../findings/not-evaluated.ts';
import type { RunResult } from '../findings/run-result.ts';
import { compareText } from '../inventory/workload.ts';
import { compareSeverity, worse } from '../severity.ts';
import { workloadRowKey } from './order.ts';

export type { OwnerCounts };

/** By owner, the worst first, then those with the most findings; only owners with findings. */
export function ownerCounts({ clusters }: Pick<RunResult, 'clusters'>): readonly OwnerCounts[] {
  const active = clusters.flatMap((result) =>
    result.numbers === undefined ? countedFindings(result).filter(isActive) : [],
  );
  const counted = [...Map.groupBy(active, ({ owner }) => owner ?? null)].map(([owner, findings]) =>
    countsOf(owner, findings),
  );
  return added([...counted, ...clusters.flatMap(({ numbers }) => numbers?.owners ?? [])]).sort(
    (a, b) =>
      compareSeverity(a.maxSeverity, b.maxSeverity) ||
      b.findings - a.findings ||
      compareText(a.owner, b.owner),
  );
}

/**
 * Owners of workloads of which something is not decided that a person can do something about, those of lost coverage
 * first: to hear nothing of it would read as if nothing were wrong.
 */
export function ownersOfGaps({ clusters }: Pick<RunResult, 'clusters'>): readonly string[] {
  const rows = clusters.flatMap(({ notEvaluated }) => notEvaluated);
  const of = (gap: GapClass): readonly string[] =>
    [
      ...new Set(rows.flatMap((row) => (row.owner !== undefined && gapOf(row) === gap ? [row.owner] : []))),
    ].sort(compareText);
  return [...new Set([...of('lost'), ...of('fixable')])];
}

const countsOf = (owner: string | null, findings: readonly Finding[]): OwnerCounts => ({
  owner,
  workloads: new Set(findings.map(({ cluster, workload }) => workloadRowKey(cluster, workload))).size,
  findings: findings.length,
  fresh: findings.filter(({ status }) => status === 'new').length,
  maxSeverity: findings.map(({ severity }) => severity).reduce(worse),
});

/** A workload is of one cluster, so that its owners' workloads add up. */
const added = (counts: readonly OwnerCounts[]): OwnerCounts[] =>
  [...Map.groupBy(counts, ({ owner }) => owner)].map(([owner, of]) => ({
    owner,
    workloads: of.reduce((sum, { workloads }) => sum + workloads, 0),
    findings: of.reduce((sum, { findings }) => sum + findings, 0),
    fresh: of.reduce((sum, { fresh }) => sum + fresh, 0),
    maxSeverity: of.map(({ maxSeverity }) => maxSeverity).reduce(worse),
  }));
