import type { GapReason } from '../inventory/gap.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';

/** A check that could not be decided for a scope: a workload, or the whole cluster when `workload` is null. */
export interface NotEvaluated {
  readonly check: string;
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef | null;
  readonly container: string | null;
  readonly pods: number | null;
  readonly reason: GapReason;
  readonly message: string;
  readonly remediation: string;
}
