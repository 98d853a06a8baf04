import type { Cause } from '../findings/cause.ts';
import { leavesOpen } from '../findings/coverage.ts';
import type { Finding } from '../findings/finding.ts';
import { causeKey, compareCauses, type FoldedCause, foldCauses } from '../findings/fold-causes.ts';
import { isActive } from '../findings/identity.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import { compareText, compareWorkloads, workloadKey } from '../inventory/workload.ts';
import { compareSeverity } from '../severity.ts';

/** All that a run says about one workload. */
export interface WorkloadAccount {
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef;
  readonly owner: string | null;
  readonly managedBy: string | null;
  /** The most pods that any one of its findings stands for; `null` where there is none. */
  readonly pods: number | null;
  readonly oldestStartedAt: string | null;
  /** Of new and open findings, the first to remove first. */
  readonly causes: readonly AccountedCause[];
  readonly exempt: readonly Finding[];
  /** Fixed, gone and withdrawn ones of this run. */
  readonly closed: readonly Finding[];
  /** What could not be decided about it, also where its whole cluster is concerned. */
  readonly open: readonly NotEvaluated[];
}

/** A cause of a workload's findings. */
export interface AccountedCause {
  readonly cause: Cause;
  /** Those of the workload, the worst first; they are at least one. */
  readonly findings: readonly [Finding, ...Finding[]];
  /** Other workloads with findings of the same cause. */
  readonly others: readonly WorkloadRef[];
  /** What stays of all findings of the cause when it is removed. */
  readonly remains: FoldedCause['remains'];
}

/** What a run says about a workload of a cluster; causes are those of the whole cluster. */
export function accountOf(
  { cluster, findings, notEvaluated }: Pick<ClusterResult, 'cluster' | 'findings' | 'notEvaluated'>,
  workload: WorkloadRef,
): WorkloadAccount {
  const key = workloadKey(workload);
  const own = findings.filter((finding) => workloadKey(finding.workload) === key);
  const active = own.filter(isActive);
  const named = new Set(active.map(causeKey));
  const folded = foldCauses(findings.filter((finding) => isActive(finding) && named.has(causeKey(finding))));
  const starts = active.flatMap(({ pods }) => pods.oldestStartedAt ?? []).sort(compareText);
  return {
    cluster,
    workload,
    owner: firstOf(own, ({ owner }) => owner),
    managedBy: firstOf(own, ({ managedBy }) => managedBy),
    pods: active.length === 0 ? null : Math.max(...active.map(({ pods }) => pods.count)),
    oldestStartedAt: starts[0] ?? null,
    causes: folded.toSorted(compareCauses).flatMap((one) => accountedCause(one, key)),
    exempt: own.filter(({ status }) => status === 'exempt'),
    closed: own.filter((finding) => !isActive(finding) && finding.status !== 'exempt'),
    open: notEvaluated.filter((row) => leavesOpen(row, { workload, container: null })),
  };
}

const firstOf = (
  findings: readonly Finding[],
  value: (finding: Finding) => string | null | undefined,
): string | null => findings.map(value).find((one) => one != null) ?? null;

function accountedCause({ cause, findings, remains }: FoldedCause, key: string): readonly AccountedCause[] {
  const [first, ...rest] = findings
    .filter(({ workload }) => workloadKey(workload) === key)
    .toSorted((a, b) => compareSeverity(a.severity, b.severity) || compareText(a.check, b.check));
  if (first === undefined) return [];
  const others = new Map(
    findings.flatMap(({ workload }) =>
      workloadKey(workload) === key ? [] : [[workloadKey(workload), workload] as const],
    ),
  );
  return [
    { cause, findings: [first, ...rest], others: [...others.values()].sort(compareWorkloads), remains },
  ];
}
