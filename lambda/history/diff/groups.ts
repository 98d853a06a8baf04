import type { Finding } from '../../findings/finding.ts';
import { workloadKey } from '../../inventory/workload.ts';
import { compareSeverity, type Severity } from '../../severity.ts';
import { CHANGE_KINDS, type Change, type ChangeKind } from './difference.ts';

/** Changes of one kind that one check has found. */
export interface ChangeGroup {
  readonly kind: ChangeKind;
  readonly check: string;
  /** The worst of them. */
  readonly severity: Severity;
  readonly workloads: readonly ChangedWorkload[];
}

/** One workload, with all of its containers. */
export interface ChangedWorkload {
  readonly finding: Finding;
  readonly containers: readonly string[];
  readonly because: readonly string[];
}

/** Folded by kind, check and workload; the worst first. */
export function groupsOf(changes: readonly Change[]): readonly ChangeGroup[] {
  return CHANGE_KINDS.flatMap((kind) => {
    const ofKind = changes.filter((change) => change.kind === kind);
    return [...Map.groupBy(ofKind, ({ finding }) => finding.check)]
      .map(([check, of]) => ({ kind, check, severity: worst(of), workloads: workloadsOf(of) }))
      .toSorted((a, b) => compareSeverity(a.severity, b.severity) || b.workloads.length - a.workloads.length);
  });
}

const worst = (changes: readonly Change[]): Severity =>
  changes.map(({ finding }) => finding.severity).toSorted(compareSeverity)[0] ?? 'low';

function workloadsOf(changes: readonly Change[]): readonly ChangedWorkload[] {
  const byWorkload = Map.groupBy(
    changes,
    ({ finding: { cluster, workload } }) => `${cluster.arn ?? cluster.name} ${workloadKey(workload)}`,
  );
  return [...byWorkload.values()].flatMap((of) => {
    const [first] = of;
    if (first === undefined) return [];
    const containers = of.flatMap(({ finding: { container } }) => (container === null ? [] : [container]));
    const because = of.flatMap((change) => (change.because === null ? [] : [change.because]));
    return [{ finding: first.finding, containers, because: [...new Set(because)] }];
  });
}

/** How many findings became what. */
export const countsOf = (changes: readonly Change[]): Readonly<Record<ChangeKind, number>> =>
  Object.fromEntries(
    CHANGE_KINDS.map((kind) => [kind, changes.filter((change) => change.kind === kind).length]),
  ) as Record<ChangeKind, number>;
