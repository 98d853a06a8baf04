import type { NotEvaluated } from '../findings/not-evaluated.ts';
import { compareClusters } from '../findings/order.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { GapReason } from '../inventory/gap.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import { unlistedHost, unlistedRegistries } from '../inventory/unlisted-registry.ts';
import { compareText } from '../inventory/workload.ts';
import { clusterRowKey, workloadsOf } from './order.ts';

/** What could not be decided for one reason and is mended by one remedy, over all clusters given. */
export interface GapGroup {
  readonly reason: GapReason;
  readonly remediation: string;
  /** The distinct messages, sorted; they often differ only in the name of an object. */
  readonly messages: readonly string[];
  /** Sorted. */
  readonly checks: readonly string[];
  readonly clusters: readonly GapCluster[];
  readonly rows: number;
  /** RFC 3339: the first run that did not decide the oldest of them; `null`: not known. */
  readonly since: string | null;
  /** At least one of the clusters was audited, so that it is about some checks and not about all. */
  readonly audited: boolean;
}

export interface GapCluster {
  readonly cluster: ClusterIdentity;
  /** How many workloads it concerns; `null` when it concerns the whole cluster. */
  readonly workloads: number | null;
}

/**
 * Not-evaluated rows as a person acts on them: by reason and remedy, each with its clusters. Groups that
 * concern a whole cluster come first, then those that span more clusters, then those with more rows.
 */
export function groupGaps(results: readonly ClusterResult[]): readonly GapGroup[] {
  const groups = new Map<string, NotEvaluated[]>();
  const failed = new Set<string>();
  for (const { cluster, outcome, notEvaluated } of results) {
    if (outcome === 'failed') failed.add(clusterRowKey(cluster));
    for (const row of notEvaluated) {
      // Reasons are codes without a line break.
      const key = `${row.reason}\n${unlistedHost(row.remediation) === null ? generally(row) : 'unlisted registry'}`;
      const rows = groups.get(key);
      if (rows === undefined) groups.set(key, [row]);
      else rows.push(row);
    }
  }
  return [...groups.values()].map((rows) => gapGroup(rows, failed)).sort(compareGroups);
}

function gapGroup(rows: readonly NotEvaluated[], failed: ReadonlySet<string>): GapGroup {
  const [first] = rows;
  if (first === undefined) throw new RangeError('A group of gaps cannot be empty.');
  const clusters = gapClusters(rows);
  const hosts = distinct(rows.flatMap(({ remediation }) => unlistedHost(remediation) ?? []));
  const unlisted = hosts.length > 1 ? unlistedRegistries(hosts) : null;
  return {
    reason: first.reason,
    remediation: unlisted?.remedy ?? (clusters.length > 1 ? generally(first) : first.remediation),
    messages: unlisted === null ? distinct(messagesBehind(rows)) : [unlisted.message],
    checks: distinct(rows.map((row) => row.check)),
    clusters,
    rows: rows.length,
    since: earliest(rows),
    audited: rows.some(({ cluster }) => !failed.has(clusterRowKey(cluster))),
  };
}

/** Of what is missing of a whole cluster: what workloads say of it follows from that. */
function messagesBehind(rows: readonly NotEvaluated[]): readonly string[] {
  const ofClusters = rows.filter(({ workload }) => workload === null);
  return (ofClusters.length > 0 ? ofClusters : rows).map(({ message }) => message);
}

/** A remedy that names its cluster, as one for all clusters. */
function generally({ remediation, cluster: { name } }: NotEvaluated): string {
  return name === '' || !remediation.includes(name)
    ? remediation
    : remediation.split(new RegExp(`(?<![\\w.-])${name.replace(/\W/g, '\\$&')}(?![\\w.-])`)).join('CLUSTER');
}

/** Times are UTC and sort as text. */
function earliest(rows: readonly NotEvaluated[]): string | null {
  let first: string | null = null;
  for (const { since = null } of rows) if (since !== null && (first === null || since < first)) first = since;
  return first;
}

function gapClusters(rows: readonly NotEvaluated[]): readonly GapCluster[] {
  const byCluster = Map.groupBy(rows, (row) => clusterRowKey(row.cluster));
  const clusters: GapCluster[] = [];
  for (const inCluster of byCluster.values()) {
    const [first] = inCluster;
    if (first === undefined) continue;
    const ofWorkloads = inCluster.filter(isOfWorkload);
    const whole = ofWorkloads.length < inCluster.length;
    clusters.push({ cluster: first.cluster, workloads: whole ? null : [...workloadsOf(ofWorkloads)].length });
  }
  return clusters.sort((a, b) => compareClusters(a.cluster, b.cluster));
}

const isOfWorkload = (row: NotEvaluated): row is NotEvaluated & { readonly workload: WorkloadRef } =>
  row.workload !== null;

/** Whether it keeps checks of a whole cluster from being decided. */
export const concernsCluster = ({ clusters }: GapGroup): boolean =>
  clusters.some(({ workloads }) => workloads === null);

const compareGroups = (a: GapGroup, b: GapGroup): number =>
  Number(concernsCluster(b)) - Number(concernsCluster(a)) ||
  b.clusters.length - a.clusters.length ||
  b.rows - a.rows ||
  compareText(a.reason, b.reason) ||
  compareText(a.remediation, b.remediation);

const distinct = (texts: readonly string[]): readonly string[] => [...new Set(texts)].sort(compareText);

/** Clusters that failed without a single row to say why; they must not vanish from a report. */
export const unexplained = (results: readonly ClusterResult[]): readonly ClusterResult[] =>
  results.filter((result) => result.outcome === 'failed' && result.notEvaluated.length === 0);
