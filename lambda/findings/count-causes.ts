import { workloadKey } from '../inventory/workload.ts';
import { SEVERITIES, type Severity, worse } from '../severity.ts';
import type { Finding } from './finding.ts';
import { causeKey } from './fold-causes.ts';

/** What people are asked to change: "23 workloads, 4 causes". */
export interface CauseCounts {
  readonly total: number;
  /** How many have a new finding. */
  readonly fresh: number;
  /** Each by its worst finding. */
  readonly bySeverity: Readonly<Record<Severity, number>>;
  /** How many different workloads they are behind. */
  readonly workloads: number;
}

/**
 * The numbers of `foldCauses`, without the groups: a run may have a million findings.
 *
 * @param findings of one cluster
 */
export function countCauses(findings: Iterable<Finding>): CauseCounts {
  const severities = new Map<string, Severity>();
  const fresh = new Set<string>();
  const workloads = new Set<string>();
  let last: Finding['workload'] | null = null;
  for (const finding of findings) {
    const { severity, status, workload } = finding;
    const key = causeKey(finding);
    severities.set(key, worse(severity, severities.get(key) ?? severity));
    if (status === 'new') fresh.add(key);
    // Findings of a workload mostly follow each other.
    if (workload === last) continue;
    workloads.add(workloadKey(workload));
    last = workload;
  }
  const bySeverity = noCauses();
  for (const severity of severities.values()) bySeverity[severity]++;
  return { total: severities.size, fresh: fresh.size, bySeverity, workloads: workloads.size };
}

/** A cause is of one cluster, and so is a workload. */
export function addCauses(clusters: readonly CauseCounts[]): CauseCounts {
  const bySeverity = noCauses();
  for (const counts of clusters)
    for (const severity of SEVERITIES) bySeverity[severity] += counts.bySeverity[severity];
  const sum = (of: (counts: CauseCounts) => number): number =>
    clusters.reduce((total, counts) => total + of(counts), 0);
  return {
    total: sum(({ total }) => total),
    fresh: sum(({ fresh }) => fresh),
    bySeverity,
    workloads: sum(({ workloads }) => workloads),
  };
}

const noCauses = (): Record<Severity, number> => ({ critical: 0, high: 0, medium: 0, low: 0 });
