import { countedFindings } from '../../findings/apart.ts';
import type { Finding } from '../../findings/finding.ts';
import { compareCauses, type FoldedCause, foldCauses } from '../../findings/fold-causes.ts';
import { isActive } from '../../findings/identity.ts';
import type { RunResult } from '../../findings/run-result.ts';
import { clusterRowKey } from '../../report/order.ts';

/** What of a run is listed above its last screen. */
export interface View {
  readonly groupBy: GroupBy;
  /** Nothing is cut: no "and 17 more". */
  readonly all: boolean;
  /** Also what AWS, or somebody else whom the configuration names, runs. */
  readonly managed: boolean;
}

export const GROUP_BY = ['cause', 'workload', 'check', 'namespace'] as const;
export type GroupBy = (typeof GROUP_BY)[number];

/** New and open findings that people are asked to act on: those of managed workloads stand apart. */
const countedOf = ({ clusters }: RunResult): readonly Finding[] =>
  clusters.flatMap((result) => countedFindings(result).filter(isActive));

/** What to change, the first to change first. In a cluster that no earlier run knew, nothing is called new. */
export function causesOf(run: RunResult): readonly FoldedCause[] {
  const unknown = new Set(
    run.clusters.flatMap(({ firstRun, cluster }) => (firstRun ? [clusterRowKey(cluster)] : [])),
  );
  return foldCauses(countedOf(run))
    .map((cause) => (unknown.has(clusterRowKey(cause.cluster)) ? { ...cause, fresh: 0 } : cause))
    .sort(compareCauses);
}

/** The run without what stands apart. */
export const withoutApart = ({ run, clusters }: RunResult): RunResult => ({
  run,
  clusters: clusters.map((result) => ({ ...result, findings: countedFindings(result) })),
});
