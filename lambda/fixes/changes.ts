import type { CauseKind, CauseObject } from '../findings/cause.ts';
import type { Fix } from '../findings/finding.ts';
import { compareCauses, type FoldedCause, type Remaining } from '../findings/fold-causes.ts';
import { compareSeverity, type Severity } from '../severity.ts';

/** One change that a person makes, in all clusters that want it. */
export interface Change {
  readonly kind: CauseKind;
  /** Without the name of its cluster, where it is the cluster itself. */
  readonly object: CauseObject;
  /** Of its worst finding. */
  readonly severity: Severity;
  /** What it resolves, by severity; see {@link WEIGHT}. */
  readonly weight: number;
  readonly findings: number;
  /** How many of them are gone when it is made. */
  readonly resolves: number;
  /** What keeps the others. */
  readonly remains: readonly Remaining[];
  readonly workloads: number;
  readonly pods: number;
  /** Whom to call, sorted. */
  readonly owners: readonly string[];
  readonly fix: Fix | null;
  /** The same cause in each cluster, at least one. */
  readonly causes: readonly [FoldedCause, ...FoldedCause[]];
}

/** What a finding counts: three lesser ones are one that is a step worse. */
const WEIGHT: Readonly<Record<Severity, number>> = { critical: 27, high: 9, medium: 3, low: 1 };

/** The changes that remove these causes: those first that resolve most, by severity, over all clusters. */
export function rankChanges(folded: readonly FoldedCause[]): readonly Change[] {
  const groups = new Map<string, [FoldedCause, ...FoldedCause[]]>();
  for (const one of folded.toSorted(compareCauses)) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return Array.from(groups.values(), changeOf).sort(
    (a, b) =>
      b.weight - a.weight ||
      compareSeverity(a.severity, b.severity) ||
      compareCauses(a.causes[0], b.causes[0]),
  );
}

/** Clusters that were made alike want the same change. Rows of which no cause is known are each their own. */
function keyOf({ cause: { kind, object, id } }: FoldedCause): string {
  return JSON.stringify(kind === 'unknown' ? id : [kind, withoutCluster(object)]);
}

const withoutCluster = (object: CauseObject): CauseObject =>
  object.kind === 'Cluster' ? { ...object, name: '' } : object;

function changeOf(causes: readonly [FoldedCause, ...FoldedCause[]]): Change {
  const [first] = causes;
  const findings = causes.flatMap((one) => one.findings);
  const sum = (numberOf: (one: FoldedCause) => number): number =>
    causes.reduce((total, one) => total + numberOf(one), 0);
  const resolved = findings.filter(({ remainsBy }) => remainsBy == null);
  const { kind, object } = first.cause;
  return {
    kind,
    object: causes.length === 1 ? object : withoutCluster(object),
    severity: first.severity,
    weight: resolved.reduce((total, { severity }) => total + WEIGHT[severity], 0),
    findings: findings.length,
    resolves: resolved.length,
    remains: causes.flatMap((one) => one.remains),
    workloads: sum(({ workloads }) => workloads),
    pods: sum(({ pods }) => pods),
    owners: [...new Set(findings.flatMap(({ owner }) => (owner == null ? [] : [owner])))].sort(),
    fix: first.findings.find(({ fix }) => fix != null)?.fix ?? null,
    causes,
  };
}
