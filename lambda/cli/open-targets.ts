import type { Target } from '../audit/target.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { RunScope } from '../run/missed-clusters.ts';

/** Targets with what must be closed when the run is over. */
export interface OpenTargets {
  readonly targets: readonly Target[];
  /** The configuration's choice of clusters was made already; some targets stand for what could not be found. */
  readonly selected?: true;
  /** Given when the targets are all that the configuration looks at. */
  readonly scope?: RunScope | null;
  /** Clusters that were found and that the configuration does not want. @defaultValue those of {@link scope} */
  readonly excluded?: readonly ClusterIdentity[];
  /** When all of it was read, in epoch milliseconds; given where that is another time than now. */
  readonly takenAt?: number;
  /** Adds how much layers have grown, where the source holds what an earlier audit measured. */
  readonly withGrowth?: (result: ClusterResult) => Promise<ClusterResult>;
  close(): Promise<void>;
}
