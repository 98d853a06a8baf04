import { countedFindings } from '../findings/apart.ts';
import type { Finding } from '../findings/finding.ts';
import { isActive } from '../findings/identity.ts';
import { type GapClass, gapOf } from '../findings/not-evaluated.ts';
import type { RunResult } from '../findings/run-result.ts';
import { compareText } from '../inventory/workload.ts';
import { compareSeverity, type Severity, worse } from '../severity.ts';
import { workloadRowKey } from './order.ts';

/** What asks an owner to act. */
export interface OwnerCounts {
  /** `null`: nothing names an owner. */
  readonly owner: string | null;
  readonly workloads: number;
  /** New and open findings that are not apart. */
  readonly findings: number;
  /** How many of them are new. */
  readonly fresh: number;
  readonly maxSeverity: Severity;
}

/** By owner, the worst first, then those with the most findings; only owners with findings. */
export function ownerCounts({ clusters }: Pick<RunResult, 'clusters'>): readonly OwnerCounts[] {
  const active = clusters.flatMap((result) => countedFindings(result).filter(isActive));
  return [...Map.groupBy(active, ({ owner }) => owner ?? null)]
    .map(([owner, findings]) => countsOf(owner, findings))
    .sort(
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
