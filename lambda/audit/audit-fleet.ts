import { ReadError } from '../errors.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { inParallel } from '../in-parallel.ts';
import { auditCluster, type ClusterAuditOptions, judgeInventory, unreadInventory } from './audit-cluster.ts';
import type { Target } from './target.ts';

export interface FleetAuditOptions {
  /** What each cluster's audit is given. */
  readonly optionsFor: (target: Target) => ClusterAuditOptions;
  /** How many clusters are read at once. */
  readonly concurrency: number;
  /** Told of each result before the next cluster is begun, and waited for. */
  readonly onResult?: (target: Target, result: ClusterResult) => void | Promise<void>;
  /**
   * Told of a defect of this program; the cluster then counts as not audited, and the others go on.
   * @defaultValue the defect ends the run
   */
  readonly onDefect?: (target: Target, error: unknown) => void;
}

/** Audits all targets, several at once, and returns their results in the order of the targets. */
export function auditFleet(
  targets: readonly Target[],
  { optionsFor, concurrency, onResult, onDefect }: FleetAuditOptions,
): Promise<readonly ClusterResult[]> {
  return inParallel(targets, concurrency, async (target) => {
    const options = optionsFor(target);
    let result: ClusterResult;
    try {
      result = await auditCluster(target, options);
    } catch (error) {
      if (onDefect === undefined) throw error;
      onDefect(target, error);
      result = notFinished(target.identity, defect(error), options);
    }
    await onResult?.(target, result);
    return result;
  });
}

/** A cluster of which there is no result, with the reason. */
export function notFinished(
  cluster: Target['identity'],
  { reason, message, remedy }: ReadError,
  options: Pick<ClusterAuditOptions, 'config' | 'now' | 'registryDefault'>,
): ClusterResult {
  return judgeInventory(
    unreadInventory(cluster, { resource: null, reason, message, remedy }, options),
    options,
  );
}

function defect(error: unknown): ReadError {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new ReadError(
    'not-finished',
    `The audit stopped with an unexpected error (${what.replace(/\s+/g, ' ').slice(0, 300)}).`,
    'This is a bug in eks-drift-auditor: report it with the log of the run.',
    error,
  );
}
