import type { Finding } from '../../findings/finding.ts';
import { isActive } from '../../findings/identity.ts';
import type { ClusterResult } from '../../findings/run-result.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import { compareText, workloadKey } from '../../inventory/workload.ts';
import { clusterRowKey } from '../order.ts';

/** What egress checks find, with a short name for the head of a column; the first is the worst. */
export const EGRESS_COLUMNS = [
  ['egress-policy-not-enforced', 'policies not enforced'],
  ['egress-host-network', 'network of the node'],
  ['egress-unrestricted', 'whole internet, any port'],
  ['egress-package-registry', 'package registry'],
  ['egress-instance-metadata', 'instance metadata'],
  ['egress-insecure-port', 'plaintext or SSH port'],
  ['egress-unapproved', 'not approved'],
] as const;

/** What is known of one check in one namespace. Numbers are workloads. */
export interface Exposure {
  readonly open: number;
  readonly exempt: number;
  /** Not evaluated; `all`: for the whole cluster. */
  readonly unknown: number | 'all';
  /** Whether the check was asked in the cluster at all. */
  readonly asked: boolean;
}

export interface ExposureRow {
  readonly cluster: ClusterIdentity;
  readonly namespace: string;
  /** How many workloads there are; `null`: not known. */
  readonly workloads: number | null;
  /** In the order of {@link EGRESS_COLUMNS}. */
  readonly cells: readonly Exposure[];
}

interface Counting {
  readonly open: Set<string>;
  readonly exempt: Set<string>;
  readonly unknown: Set<string>;
}

const CHECKS: ReadonlyMap<string, number> = new Map(EGRESS_COLUMNS.map(([check], index) => [check, index]));

/** Namespaces of which anything is known or missing, those with the most open reach first. */
export function egressMatrix(clusters: readonly ClusterResult[]): readonly ExposureRow[] {
  return clusters
    .flatMap(rowsOf)
    .sort(
      (a, b) =>
        weight(b) - weight(a) ||
        compareText(clusterRowKey(a.cluster), clusterRowKey(b.cluster)) ||
        compareText(a.namespace, b.namespace),
    );
}

const weight = ({ cells }: ExposureRow): number =>
  cells.reduce(
    (sum, { open, exempt, unknown }) => sum + open * 1000 + exempt * 10 + (unknown === 'all' ? 1 : unknown),
    0,
  );

function rowsOf({
  cluster,
  findings,
  notEvaluated,
  tallies,
  population,
}: ClusterResult): readonly ExposureRow[] {
  const namespaces = new Map<string, Counting[]>();
  const cellOf = (namespace: string, check: string): Counting | undefined => {
    let cells = namespaces.get(namespace);
    if (cells === undefined) {
      cells = EGRESS_COLUMNS.map(() => ({ open: new Set(), exempt: new Set(), unknown: new Set() }));
      namespaces.set(namespace, cells);
    }
    return cells[CHECKS.get(check) ?? -1];
  };
  for (const finding of findings) {
    const { workload } = finding;
    const into = listOf(finding);
    if (into !== null) cellOf(workload.namespace, finding.check)?.[into].add(workloadKey(workload));
  }
  const workloads = new Map(population?.namespaces.map((one) => [one.namespace, one.workloads]));
  // Those without a finding or a gap of any check have a row as well.
  for (const namespace of workloads.keys()) cellOf(namespace, '');
  const whole = new Set<string>();
  for (const { check, workload } of notEvaluated) {
    if (workload === null) whole.add(check);
    else cellOf(workload.namespace, check)?.unknown.add(workloadKey(workload));
  }
  const asked = new Set(tallies.map(({ check }) => check));
  return [...namespaces].map(([namespace, cells]) => ({
    cluster,
    namespace,
    workloads: workloads.get(namespace) ?? null,
    cells: EGRESS_COLUMNS.map(([check], index) => ({
      open: cells[index]?.open.size ?? 0,
      exempt: cells[index]?.exempt.size ?? 0,
      unknown: whole.has(check) ? ('all' as const) : (cells[index]?.unknown.size ?? 0),
      asked: asked.has(check) || whole.has(check),
    })),
  }));
}

function listOf(finding: Finding): 'open' | 'exempt' | null {
  if (isActive(finding)) return 'open';
  return finding.status === 'exempt' ? 'exempt' : null;
}
