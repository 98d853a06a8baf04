import type { ClusterIdentity } from '../inventory/names.ts';
import { compareText, workloadKey } from '../inventory/workload.ts';
import { compareSeverity, type Severity } from '../severity.ts';
import { type Cause, causeObjectText } from './cause.ts';
import { storiesOf, type WorkloadStory } from './container-story.ts';
import type { Finding } from './finding.ts';
import { MEASURED_DRIFT } from './growth.ts';
import { clusterKey } from './identity.ts';
import { writtenText } from './written.ts';

/** Findings that one change removes, as people see them: one row. */
export interface FoldedCause {
  readonly cause: Cause;
  readonly cluster: ClusterIdentity;
  /** Of its worst finding. */
  readonly severity: Severity;
  /** All of them, at least one, those that are implied by others too, in the order in which they were given. */
  readonly findings: readonly [Finding, ...Finding[]];
  /** How many different workloads they are about. */
  readonly workloads: number;
  /** Pods of these workloads: of each the most that any of its findings stands for. */
  readonly pods: number;
  /** How many of the findings are new. */
  readonly fresh: number;
  /** Whether some container of the findings has drifted, by measurement. */
  readonly drifted: boolean;
  /** What such a container wrote, in a few words; `null` where none has drifted, or no row says it. */
  readonly written: string | null;
  /** Whether such a container wrote more than when it was last measured. */
  readonly grown: boolean;
  /** The earliest first sight of any of them, RFC 3339. */
  readonly firstSeen: string;
  /** How many of the findings are gone once the cause is. */
  readonly resolves: number;
  /** What keeps the others, by cause, those of most findings first. */
  readonly remains: readonly Remaining[];
  /** What has become of its workload's containers, where that takes several findings to say; `null`: none does. */
  readonly story: WorkloadStory | null;
}

/** Findings that stay when a cause is removed. */
export interface Remaining {
  /** What keeps them. */
  readonly cause: Cause;
  readonly findings: number;
}

/**
 * Groups findings by cause: nothing is lost, and each finding is in exactly one group. Rows of versions that knew no
 * causes are each a group of their own.
 *
 * @returns in the order of the first finding of each
 */
export function foldCauses(given: Iterable<Finding>): readonly FoldedCause[] {
  const findings = [...given];
  const stories = storiesOf(findings);
  const groups = new Map<string, [Finding, ...Finding[]]>();
  const drifted = new Map<string, Drift>();
  for (const finding of findings) {
    if (finding.check === MEASURED_DRIFT) drifted.set(containerKey(finding), driftOf(finding));
    const key = causeKey(finding);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return Array.from(groups.values(), (group) => ({
    ...foldOne(group, drifted),
    story:
      stories.size === 0
        ? null
        : (group.map((one) => stories.get(one)).find((one) => one !== undefined) ?? null),
  }));
}

const containerKey = ({ cluster, workload, container }: Finding): string =>
  JSON.stringify([clusterKey(cluster), workloadKey(workload), container]);

/** Equal for findings that one change removes. */
export const causeKey = ({ id, cause }: Pick<Finding, 'id' | 'cause'>): string => cause?.id ?? id;

type Drift = Pick<FoldedCause, 'written' | 'grown'>;

const driftOf = ({ evidence }: Finding): Drift => ({
  written: writtenText(evidence),
  grown: [evidence['grownBytes'], evidence['grownInodes']].some(
    (grown) => typeof grown === 'number' && grown > 0,
  ),
});

function foldOne(
  findings: readonly [Finding, ...Finding[]],
  drifted: ReadonlyMap<string, Drift>,
): Omit<FoldedCause, 'story'> {
  const [first] = findings;
  const changed = drifted.size === 0 ? [] : findings.flatMap((one) => drifted.get(containerKey(one)) ?? []);
  const podsOf = new Map<string, number>();
  let { severity } = first;
  let fresh = 0;
  for (const { workload, pods, severity: own, status } of findings) {
    const key = workloadKey(workload);
    podsOf.set(key, Math.max(podsOf.get(key) ?? 0, pods.count));
    if (compareSeverity(own, severity) < 0) severity = own;
    if (status === 'new') fresh++;
  }
  return {
    cause: first.cause ?? withoutCause(first),
    cluster: first.cluster,
    severity,
    findings,
    workloads: podsOf.size,
    pods: [...podsOf.values()].reduce((sum, pods) => sum + pods, 0),
    fresh,
    drifted: changed.length > 0,
    written: changed.find(({ written }) => written !== null)?.written ?? null,
    grown: changed.some(({ grown }) => grown),
    firstSeen: findings.reduce(
      (least, { firstSeen }) => (firstSeen < least ? firstSeen : least),
      first.firstSeen,
    ),
    ...afterwards(findings),
  };
}

function afterwards(findings: readonly Finding[]): Pick<FoldedCause, 'resolves' | 'remains'> {
  const kept = new Map<string, { cause: Cause; findings: number }>();
  for (const { remainsBy } of findings) {
    if (remainsBy == null) continue;
    const known = kept.get(remainsBy.id);
    if (known === undefined) kept.set(remainsBy.id, { cause: remainsBy, findings: 1 });
    else known.findings++;
  }
  const remains = [...kept.values()].sort(
    (a, b) => b.findings - a.findings || compareText(a.cause.id, b.cause.id),
  );
  return { resolves: remains.reduce((left, { findings: of }) => left - of, findings.length), remains };
}

/** The row says no more than what it is about. */
const withoutCause = ({ id, check, workload: { namespace, kind, name }, container }: Finding): Cause => ({
  id,
  kind: 'unknown',
  object: { kind, namespace, name, part: container === null ? check : `container ${container}: ${check}` },
});

/**
 * What to do first: by severity, then what has drifted by measurement (what goes on first), then what has new findings,
 * then by the number of findings that the change resolves, then of pods, then the oldest.
 */
export const compareCauses = (a: FoldedCause, b: FoldedCause): number =>
  compareSeverity(a.severity, b.severity) ||
  Number(b.drifted) - Number(a.drifted) ||
  Number(b.grown) - Number(a.grown) ||
  Math.sign(b.fresh) - Math.sign(a.fresh) ||
  b.resolves - a.resolves ||
  b.findings.length - a.findings.length ||
  b.pods - a.pods ||
  compareText(a.firstSeen, b.firstSeen) ||
  compareText(clusterKey(a.cluster), clusterKey(b.cluster)) ||
  compareText(causeObjectText(a.cause.object), causeObjectText(b.cause.object)) ||
  compareText(a.cause.id, b.cause.id);

/** Causes whose story is the same, as people see them: once, at the first of them. */
export interface ToldCause extends FoldedCause {
  /** All that are told together, at least this one. */
  readonly parts: readonly [FoldedCause, ...FoldedCause[]];
}

/**
 * Puts causes together that are one story: another image, deployed anew, removes all of them.
 *
 * @param causes the first to show first
 */
export function tellOnce(causes: readonly FoldedCause[]): readonly ToldCause[] {
  const groups = new Map<unknown, [FoldedCause, ...FoldedCause[]]>();
  for (const cause of causes) {
    const key = cause.story ?? cause;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cause]);
    else group.push(cause);
  }
  return Array.from(groups.values(), (parts) =>
    parts.length === 1 ? { ...parts[0], parts } : together(parts),
  );
}

function together(parts: readonly [FoldedCause, ...FoldedCause[]]): ToldCause {
  const [first, ...others] = parts;
  const sum = (of: (part: FoldedCause) => number): number => parts.reduce((all, part) => all + of(part), 0);
  return {
    ...first,
    findings: [...first.findings, ...others.flatMap(({ findings }) => findings)],
    pods: Math.max(...parts.map(({ pods }) => pods)),
    fresh: sum(({ fresh }) => fresh),
    firstSeen: parts.map(({ firstSeen }) => firstSeen).reduce((least, one) => (one < least ? one : least)),
    resolves: sum(({ resolves }) => resolves),
    remains: parts.flatMap(({ remains }) => remains),
    parts,
  };
}

/**
 * Of causes that are told together those whose fixes make the change, one of each kind: to deploy another image is a restart,
 * too.
 */
export function fixedParts(parts: readonly FoldedCause[]): readonly FoldedCause[] {
  const byKind = Map.groupBy(parts, ({ cause }) => cause.kind);
  if (byKind.has('image-behind')) byKind.delete('not-restarted');
  return [...byKind.values()].flatMap((of) => of.slice(0, 1));
}
