import type { ClusterResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';

/** Observes what happens in a run, for logs. */
export interface RunObserver {
  onDiscovered?(found: { readonly targets: number; readonly gaps: number; readonly excluded: number }): void;
  onAudited?(result: ClusterResult, milliseconds: number): void;
  /** A defect of this program; the other clusters go on. */
  onDefect?(cluster: ClusterIdentity, error: unknown): void;
}
