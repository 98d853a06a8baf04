import type { ClusterResult } from '../findings/model.ts';
import { auditCluster, type ClusterAuditOptions } from './audit-cluster.ts';
import type { Target } from './target.ts';

export interface FleetAuditOptions {
  /** What each cluster's audit is given. */
  readonly optionsFor: (target: Target) => ClusterAuditOptions;
  /** How many clusters are read at once. */
  readonly concurrency: number;
}

/** Audits all targets, several at once, and returns their results in the order of the targets. */
export async function auditFleet(
  targets: readonly Target[],
  { optionsFor, concurrency }: FleetAuditOptions,
): Promise<readonly ClusterResult[]> {
  const results = new Array<ClusterResult>(targets.length);
  const queue = targets.entries();
  // All workers draw from one iterator, so each target is taken once.
  const worker = async (): Promise<void> => {
    for (const [index, target] of queue) results[index] = await auditCluster(target, optionsFor(target));
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, targets.length) }, worker));
  return results;
}
