import type { GapReason } from '../inventory/gap.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';

/**
 * What a row that was not evaluated asks of people (SPEC §9). `lost`: it was decided before, and has not been since;
 * `fixable`: a right, a network or a setting would decide it; `known`: nothing that a person can set decides it, or the
 * configuration accepts it. Mails, the subject and alarms speak of the first two; data and exit codes of all.
 */
export const GAP_CLASSES = ['lost', 'fixable', 'known'] as const;
export type GapClass = (typeof GAP_CLASSES)[number];

/** A check that could not be decided for a scope: a workload, or the whole cluster when `workload` is null. */
export interface NotEvaluated {
  readonly check: string;
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef | null;
  /** Whom to call about the workload; absent where it is not known. */
  readonly owner?: string;
  readonly container: string | null;
  readonly pods: number | null;
  readonly reason: GapReason;
  readonly message: string;
  readonly remediation: string;
  /** What it asks of people; absent before a run is compared, and in rows of earlier versions. */
  readonly gap?: GapClass;
  /** RFC 3339: the start of the first run that did not decide it. */
  readonly since?: string;
}

/** Rows that no run has classified ask to be looked at. */
export const gapOf = ({ gap = 'fixable' }: Pick<NotEvaluated, 'gap'>): GapClass => gap;
