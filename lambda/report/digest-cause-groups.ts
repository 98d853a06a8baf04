import { type CauseKind, type CauseObject, causeObjectText } from '../findings/cause.ts';
import { CAUSE_WORDS } from '../findings/cause-words.ts';
import type { Finding } from '../findings/finding.ts';
import { type FoldedCause, fixedParts } from '../findings/fold-causes.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import { compareText, workloadKey } from '../inventory/workload.ts';
import { compareSeverity, type Severity, worse } from '../severity.ts';
import { type Entry, paragraph, quoted } from './digest-layout.ts';
import { storyText, storyWords } from './image-story.ts';
import { count, listed, type NameOf, workloadName } from './words.ts';

/** Names that a list in the mail spells out before it counts the rest. */
const NAMES = 5;
const OWNERS = 2;
const CLUSTERS = 3;
const WORKLOADS = 2;

export interface CauseOptions {
  readonly top: number;
  readonly nameOf: NameOf;
  /** RFC 3339: the start of the run. */
  readonly now: string;
  /** Whether anything of the run has an owner; where nothing has, "no owner" on every line says nothing. */
  readonly hasOwners: boolean;
  readonly firstRun: boolean;
  /** Whether the run is about several clusters, so that a command needs to say where it is meant. */
  readonly manyClusters: boolean;
  /** What the mail has said already: texts, and ids of causes. */
  readonly said: Set<string>;
}

/** The same change to the same object in one or several clusters, or several that are one story of a workload. */
export interface CauseGroup {
  readonly causes: readonly [FoldedCause, ...FoldedCause[]];
  readonly kind: CauseKind;
  readonly severity: Severity;
  readonly findings: readonly [Finding, ...Finding[]];
  readonly workloads: number;
  readonly pods: number;
}

/** In the order of the first cause of each. */
export function acrossClusters(causes: readonly FoldedCause[]): readonly CauseGroup[] {
  const groups = new Map<string, [FoldedCause, ...FoldedCause[]]>();
  for (const cause of causes) {
    const { kind, object } = cause.cause;
    const { story } = cause;
    // A cluster as an object is named as itself.
    const key = JSON.stringify(
      story === null
        ? [kind, object.kind, object.namespace, object.kind === 'Cluster' ? '' : object.name, object.part]
        : ['story', workloadKey(story.findings[0].workload)],
    );
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [cause]);
    else group.push(cause);
  }
  return Array.from(groups.values(), (group) => {
    const [first, ...others] = group;
    return {
      causes: group,
      kind: first.cause.kind,
      severity: group.map(({ severity }) => severity).reduce(worse),
      findings: [...first.findings, ...others.flatMap(({ findings }) => findings)] as const,
      workloads: sumOf(group, ({ workloads }) => workloads),
      pods: sumOf(group, ({ pods }) => pods),
    };
  });
}

/** Of causes that are one story, the most of any of them: they are about the same pods. */
function sumOf(group: readonly FoldedCause[], of: (cause: FoldedCause) => number): number {
  const most = new Map<unknown, number>();
  for (const cause of group) {
    const key = cause.story ?? cause;
    most.set(key, Math.max(most.get(key) ?? 0, of(cause)));
  }
  return [...most.values()].reduce((sum, one) => sum + one, 0);
}

/** Whether they are several causes that are told as one story; then their title is that of their workload. */
export const isStory = ({ causes }: CauseGroup): boolean =>
  new Set(causes.map(({ cause: { kind, object } }) => JSON.stringify([kind, object.part]))).size > 1;

/** What has become of the containers, where that is known; said once. */
export const story = ({ causes }: CauseGroup, indent: number, options: CauseOptions): Entry =>
  [...Map.groupBy(causes, ({ cluster }) => options.nameOf(cluster))].flatMap(([name, of], _, { length }) => {
    const text = storyText(of, options.now);
    return text === '' ? [] : once(length > 1 ? `In ${name}: ${text}` : text, indent, options);
  });

/** `egress-unrestricted in shop/Deployment/web, 4 findings`: what the title has said is left out. */
export function whatOf(group: CauseGroup): readonly string[] {
  const {
    causes: [{ cause }],
    kind,
    findings,
    workloads,
  } = group;
  const names = [...new Set(findings.map(({ workload }) => quoted(workloadName(workload))))];
  const isNamed =
    names.length === 1 && (isStory(group) || names[0] === quoted(workloadName(refOf(cause.object))));
  const checks = kind === 'unknown' ? '' : checksOf(findings);
  const places = isNamed || names.length > WORKLOADS ? '' : ` in ${names.join(' and ')}`;
  const many =
    names.length > WORKLOADS
      ? `${count(findings.length, 'finding')} in ${count(workloads, 'workload')}`
      : findings.length > 1
        ? count(findings.length, 'finding')
        : '';
  return [`${checks}${places}`.trim(), many].filter((text) => text !== '');
}

const refOf = ({ kind, namespace, name }: CauseObject): WorkloadRef => ({
  kind,
  namespace: namespace ?? '',
  name,
});

/** `namespace legacy in shop-prod: no egress policy`; of several clusters at most a few are named. */
export function titleOf(group: CauseGroup, { nameOf }: CauseOptions): string {
  const { causes, kind, findings } = group;
  const [{ cause }] = causes;
  const { kind: objectKind, namespace, name, part } = cause.object;
  const clusters = [...new Set(causes.map(({ cluster }) => quoted(nameOf(cluster))))].sort(compareText);
  const where =
    clusters.length > CLUSTERS
      ? `${count(clusters.length, 'cluster')} (${listed(clusters, CLUSTERS)})`
      : clusters.join(', ');
  if (isStory(group))
    return `${quoted(workloadName(findings[0].workload))} in ${where}: ${storyWords(causes)}`;
  const what =
    kind === 'unknown' ? checksOf(findings) : CAUSE_WORDS[kind] + driftedText(causes, kind, nameOf);
  // Why nothing is enforced is a sentence, which the message of the finding says.
  if (objectKind === 'Cluster') return `${where}: ${what}`;
  const object = quoted(causeObjectText({ kind: objectKind, namespace, name, part: null }));
  return `${object}${part === null || kind === 'unknown' ? '' : ` (${quoted(part)})`} in ${where}: ${what}`;
}

/** That a container has changed is why its other causes come first; said of the clusters where it has. */
function driftedText(causes: CauseGroup['causes'], kind: CauseKind, nameOf: NameOf): string {
  const drifted = causes.filter((one) => one.drifted).map(({ cluster }) => quoted(nameOf(cluster)));
  if (kind === 'drifted' || drifted.length === 0) return '';
  const where = drifted.length === causes.length ? '' : ` in ${listed(drifted.sort(compareText), CLUSTERS)}`;
  return `, ${CAUSE_WORDS.drifted}${where}`;
}

const checksOf = (findings: readonly Finding[]): string =>
  listed([...new Set(findings.map(({ check }) => quoted(check)))], NAMES);

export const label = (severity: Severity): string => (severity === 'critical' ? 'CRITICAL' : severity);

export const worstOf = ([first, ...others]: readonly [Finding, ...Finding[]]): Finding =>
  others.reduce(
    (worst, finding) => (compareSeverity(finding.severity, worst.severity) < 0 ? finding : worst),
    first,
  );

/** Times are UTC and sort as text. */
export const firstSeenOf = (findings: readonly [Finding, ...Finding[]]): string => {
  let [{ firstSeen: earliest }] = findings;
  for (const { firstSeen } of findings) if (firstSeen < earliest) earliest = firstSeen;
  return earliest;
};

/** The findings whose fixes remove a cause, or the causes of a story. */
export const fixedBy = (group: CauseGroup): readonly Finding[] =>
  isStory(group)
    ? fixedParts(group.causes).map(({ findings }) => worstOf(findings))
    : [worstOf(group.findings)];

export const NONE = 'no owner';

export const ownersOf = (findings: readonly Finding[]): readonly string[] =>
  [...new Set(findings.map(({ owner }) => (owner == null ? NONE : quoted(owner))))].sort(compareText);

export function ownerTexts({ findings }: CauseGroup, { hasOwners }: CauseOptions): readonly string[] {
  const managers = [...new Set(findings.map(({ managedBy }) => managedBy ?? null))];
  const [manager = null] = managers;
  if (managers.length === 1 && manager !== null) return [`run by ${quoted(manager)}`];
  if (!hasOwners) return [];
  const owners = ownersOf(findings);
  return owners.length === 1 && owners[0] === NONE ? owners : [`owner ${listed(owners, OWNERS)}`];
}

export function once(text: string, indent: number, { said }: CauseOptions): Entry {
  if (said.has(text)) return [];
  said.add(text);
  return paragraph(quoted(text), indent);
}
