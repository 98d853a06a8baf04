import type { WorkloadRef } from '../inventory/names.ts';

/** What it takes to say what became of earlier findings. Stands in no output. */
export interface ComparisonBasis {
  /** Workloads that were looked at and have no finding. */
  readonly clean: readonly WorkloadRef[];
  /** Checks that the configuration switched off. */
  readonly checksOff: readonly string[];
  /** Checks that are on and for which the configuration leaves nothing to ask. */
  readonly checksNotAsked: readonly string[];
  /** Patterns of namespaces that it leaves out. */
  readonly namespacesExcluded: readonly string[];
  /** What passes, and would fail today by the configuration of the last run. */
  readonly noLongerAsked: readonly NoLongerAsked[];
  /** What fails, and would pass today by the configuration of the last run. Missing in results of earlier versions. */
  readonly newlyAsked?: readonly NoLongerAsked[];
}

/** A scope that passes, or fails, only because the configuration was changed. */
export interface NoLongerAsked {
  readonly check: string;
  readonly workload: WorkloadRef;
  readonly container: string | null;
  readonly reason: 'limit-changed' | 'configuration-changed';
}
