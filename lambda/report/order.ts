import type { Finding } from '../findings/finding.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import { compareClusters, compareFindings } from '../findings/order.ts';
import type { ClusterResult, RunResult } from '../findings/run-result.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import { runsOf } from '../inventory/runs.ts';
import { compareText, compareWorkloads } from '../inventory/workload.ts';

interface Scope {
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef;
}

const compareScopes = (a: Scope, b: Scope): number =>
  compareClusters(a.cluster, b.cluster) || compareWorkloads(a.workload, b.workload);

/**
 * Rows by workload. They come sorted except by their checks, so that to sort them is little work; a million keys
 * to group them by would be much memory.
 */
export const workloadsOf = <Row extends Scope>(rows: readonly Row[]): Iterable<readonly Row[]> =>
  runsOf(rows.toSorted(compareScopes), (a, b) => compareScopes(a, b) === 0);

/** Cluster, check, the whole cluster before single workloads, namespace, kind, name, container, reason. */
export const compareNotEvaluated = (a: NotEvaluated, b: NotEvaluated): number =>
  compareClusters(a.cluster, b.cluster) ||
  compareText(a.check, b.check) ||
  compareOptionalWorkloads(a.workload, b.workload) ||
  compareText(a.container, b.container) ||
  compareText(a.reason, b.reason) ||
  compareText(a.message, b.message);

function compareOptionalWorkloads(a: WorkloadRef | null, b: WorkloadRef | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return compareWorkloads(a, b);
}

export const sortedClusters = (run: RunResult): readonly ClusterResult[] =>
  run.clusters.toSorted((a, b) => compareClusters(a.cluster, b.cluster));

/** All findings of the run in report order, sorted one cluster at a time. */
export function* sortedFindings(run: RunResult): Generator<Finding> {
  for (const { findings } of sortedClusters(run)) yield* findings.toSorted(compareFindings);
}

export function* sortedNotEvaluated(run: RunResult): Generator<NotEvaluated> {
  for (const { notEvaluated } of sortedClusters(run)) yield* notEvaluated.toSorted(compareNotEvaluated);
}

const keys = new WeakMap<ClusterIdentity, string>();

/** A key that is the same for two results of one cluster. Made once: all findings of a cluster share its identity. */
export function clusterRowKey(cluster: ClusterIdentity): string {
  const known = keys.get(cluster);
  if (known !== undefined) return known;
  const { name, accountId, region, arn } = cluster;
  const key = JSON.stringify([name, accountId, region, arn]);
  keys.set(cluster, key);
  return key;
}

/** The lengths keep the parts apart, whatever characters names hold. */
export const workloadRowKey = (cluster: ClusterIdentity, { namespace, kind, name }: WorkloadRef): string =>
  `${clusterRowKey(cluster)}${namespace.length} ${kind.length} ${namespace}${kind}${name}`;
