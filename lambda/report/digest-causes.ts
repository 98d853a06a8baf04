import { type CauseKind, causeObjectText } from '../findings/cause.ts';
import { CAUSE_WORDS } from '../findings/cause-words.ts';
import type { Finding } from '../findings/finding.ts';
import { compareCauses, type FoldedCause, foldCauses } from '../findings/fold-causes.ts';
import { compareClusters } from '../findings/order.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { compareText } from '../inventory/workload.ts';
import { compareSeverity, type Severity, worse } from '../severity.ts';
import { bullet, type Entry, numbered, paragraph, quoted, remedy, type Section } from './digest-layout.ts';
import { openFor, sinceText } from './digest-time.ts';
import { mailSafe } from './escape.ts';
import { workloadsOf } from './order.ts';
import { populationOf } from './population.ts';
import { count, listed, type NameOf, severityCounts, thousands, workloadName } from './words.ts';

/** Names that a list in the mail spells out before it counts the rest. */
const NAMES = 5;
const OWNERS = 2;
const CLUSTERS = 3;

export interface CauseOptions {
  readonly top: number;
  readonly nameOf: NameOf;
  /** RFC 3339: the start of the run. */
  readonly now: string;
  /** Whether anything of the run has an owner; where nothing has, "no owner" on every line says nothing. */
  readonly hasOwners: boolean;
  readonly firstRun: boolean;
  /** What the mail has said already: texts, and ids of causes. */
  readonly said: Set<string>;
}

/** What is new, as the changes that would remove it, with whom to call and since when. */
export function newSection(fresh: readonly Finding[], options: CauseOptions): Section {
  const causes = foldCauses(fresh).toSorted(compareCauses);
  const groups = acrossClusters(causes);
  const rest = groups.slice(options.top).flatMap(({ causes: of }) => of);
  return {
    title: 'NEW',
    detail: `: ${causesOf(fresh.length, causes.length)}`,
    intro: [],
    entries: [
      ...groups.slice(0, options.top).map((group) => newEntry(group, options)),
      ...(rest.length === 0
        ? []
        : [bullet(`and ${count(rest.length, 'more cause')} (${severityCounts(rest)})`)]),
    ],
  };
}

/** `1 finding`, `17 findings from 3 causes`, and only the findings where each has a cause of its own. */
const causesOf = (findings: number, causes: number): string =>
  findings === causes
    ? count(findings, 'finding')
    : `${count(findings, 'finding')} from ${count(causes, 'cause')}`;

function newEntry(group: CauseGroup, options: CauseOptions): Entry {
  const { kind, findings, workloads } = group;
  const many =
    findings.length === 1 ? [] : [`${count(findings.length, 'finding')} in ${count(workloads, 'workload')}`];
  const since = sinceText(firstSeenOf(findings), options.now).slice(2);
  const checks = kind === 'unknown' ? [] : [checksOf(findings)];
  const facts = [...checks, ...many, ...(since === '' ? [] : [since]), ...ownerTexts(group, options)];
  for (const { cause } of group.causes) options.said.add(cause.id);
  return [
    ...bullet(`${label(group.severity)} ${titleOf(group, options)}`),
    ...(facts.length === 0 ? [] : paragraph(facts.join(', '), 2)),
    ...once(worstOf(findings).message, 2, options),
  ];
}

/** What to do first: the changes that remove most, each with its fix, its age and whom to ask. */
export function fixFirstSection(open: readonly FoldedCause[], options: CauseOptions): Section {
  const groups = acrossClusters(open);
  const shown = groups.slice(0, options.top);
  const causes = shown.reduce((sum, group) => sum + group.causes.length, 0);
  return {
    title: 'FIX FIRST',
    detail: open.length > causes ? `: ${thousands(causes)} of ${count(open.length, 'cause')}` : '',
    intro: [],
    entries: [...shown.map((group, index) => fixEntry(group, index, options)), ...ownersEntry(open, options)],
  };
}

function fixEntry(group: CauseGroup, index: number, options: CauseOptions): Entry {
  const { findings, workloads, pods } = group;
  const worst = worstOf(findings);
  const indent = `${index + 1}. `.length;
  const facts = [
    `resolves ${count(findings.length, 'finding')} in ${count(workloads, 'workload')} (${count(pods, 'pod')})`,
    openFor(firstSeenOf(findings), options.now),
    ...ownerTexts(group, options),
  ];
  const wasSaid = group.causes.every(({ cause }) => options.said.has(cause.id));
  return [
    ...numbered(index, `${label(group.severity)} ${titleOf(group, options)}`),
    ...paragraph(facts.filter((fact) => fact !== '').join(', '), indent),
    ...(wasSaid ? [] : once(worst.message, indent, options)),
    ...fixLines(worst, indent, options),
  ];
}

function fixLines({ fix, remediation }: Finding, indent: number, { said }: CauseOptions): Entry {
  const text = fix?.text ?? remediation;
  const isRepeated = said.has(`fix ${text}`);
  said.add(`fix ${text}`);
  return [
    ...remedy(isRepeated ? 'as above' : quoted(text), indent),
    // As one line, so that it can be copied.
    ...(isPrintable(fix?.command) ? [`${' '.repeat(indent + 3)}$ ${fix.command}`] : []),
    ...(fix?.risk == null ? [] : paragraph(`Risk: ${quoted(fix.risk)}`, indent + 3)),
  ];
}

/** Of a command that has to be escaped nothing is printed: what is copied must be what was meant. */
const isPrintable = (command: string | null | undefined): command is string =>
  command != null && mailSafe(command) === command;

/** The same change to the same object in one or several clusters. */
interface CauseGroup {
  readonly causes: readonly [FoldedCause, ...FoldedCause[]];
  readonly kind: CauseKind;
  readonly severity: Severity;
  readonly findings: readonly [Finding, ...Finding[]];
  readonly workloads: number;
  readonly pods: number;
}

/** In the order of the first cause of each. */
function acrossClusters(causes: readonly FoldedCause[]): readonly CauseGroup[] {
  const groups = new Map<string, [FoldedCause, ...FoldedCause[]]>();
  for (const cause of causes) {
    const { kind, object } = cause.cause;
    // A cluster as an object is named as itself.
    const key = JSON.stringify([
      kind,
      object.kind,
      object.namespace,
      object.kind === 'Cluster' ? '' : object.name,
      object.part,
    ]);
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
      workloads: group.reduce((sum, { workloads }) => sum + workloads, 0),
      pods: group.reduce((sum, { pods }) => sum + pods, 0),
    };
  });
}

const NAME_OWNERS =
  'No workload has an owner: with owners in the configuration this mail names whom to call.';

/** Whom to call, in one sentence: the causes of each owner. */
function ownersEntry(open: readonly FoldedCause[], { hasOwners, firstRun }: CauseOptions): readonly Entry[] {
  if (open.length === 0) return [];
  if (!hasOwners) return firstRun ? [paragraph(NAME_OWNERS)] : [];
  const byOwner = new Map<string, FoldedCause[]>();
  for (const cause of open) {
    for (const owner of ownersOf(cause.findings)) {
      const of = byOwner.get(owner);
      if (of === undefined) byOwner.set(owner, [cause]);
      else of.push(cause);
    }
  }
  const owners = [...byOwner].sort(
    ([a, of], [b, others]) =>
      compareSeverity(worstSeverity(of), worstSeverity(others)) ||
      others.length - of.length ||
      compareText(a, b),
  );
  const texts = owners.map(([owner, of]) => {
    const critical = of.filter(({ severity }) => severity === 'critical').length;
    return `${owner} ${of.length}${critical === 0 ? '' : ` (${critical} critical)`}`;
  });
  if (owners.length < 2) return [];
  return [paragraph(`Open causes by owner: ${listed(texts, NAMES)}.`)];
}

const worstSeverity = (causes: readonly FoldedCause[]): Severity =>
  causes.map(({ severity }) => severity).reduce(worse);

/** Workloads in a line or two: what is fixed, what is gone. */
export function listSection(title: string, findings: readonly Finding[], options: CauseOptions): Section {
  const groups = [...workloadsOf(findings)].flatMap((rows) =>
    rows[0] === undefined ? [] : [{ ...rows[0], rows }],
  );
  const names = groups.map(({ cluster, workload, rows }) => {
    const checks = [...new Set(rows.map(({ check }) => check))];
    const what = checks.length === 1 ? quoted(checks[0] ?? '') : count(checks.length, 'check');
    return `${quoted(workloadName(workload))} in ${quoted(options.nameOf(cluster))} (${what})`;
  });
  return {
    title,
    detail: `: ${count(findings.length, 'finding')} in ${count(groups.length, 'workload')}`,
    intro: [],
    entries: names.length === 0 ? [] : [paragraph(`${listed(names, options.top)}.`, 2)],
  };
}

/** Clusters that no earlier run knew: all of their findings are new, and none is listed as such. */
export function addedSection(
  clusters: readonly ClusterResult[],
  added: readonly Finding[],
  { top, nameOf }: CauseOptions,
): Section {
  const lines = clusters
    .filter(({ firstRun, outcome }) => firstRun === true && outcome === 'audited')
    .map(({ cluster }) => {
      const findings = added.filter((finding) => compareClusters(finding.cluster, cluster) === 0);
      return `${quoted(nameOf(cluster))}: ${findings.length === 0 ? 'no finding' : summaryOf(findings)}`;
    });
  return {
    title: 'NEW CLUSTERS',
    detail: ', audited for the first time',
    intro: [],
    entries: [
      ...lines.slice(0, top).map((line) => bullet(line)),
      ...(lines.length > top ? [bullet(`and ${count(lines.length - top, 'more cluster')}`)] : []),
    ],
  };
}

/** `17 findings from 3 causes (1 critical, 2 high) in 12 workloads`. */
function summaryOf(findings: readonly Finding[]): string {
  const causes = foldCauses(findings);
  const { workloads } = populationOf(findings);
  return `${causesOf(findings.length, causes.length)} (${severityCounts(causes)}) in ${count(workloads, 'workload')}`;
}

/** `namespace legacy in shop-prod: no egress policy`; of several clusters at most a few are named. */
function titleOf({ causes, kind, findings }: CauseGroup, { nameOf }: CauseOptions): string {
  const [{ cause }] = causes;
  const { kind: objectKind, namespace, name, part } = cause.object;
  const clusters = causes.map(({ cluster }) => quoted(nameOf(cluster))).sort(compareText);
  const where =
    clusters.length > CLUSTERS
      ? `${count(clusters.length, 'cluster')} (${listed(clusters, CLUSTERS)})`
      : clusters.join(', ');
  const what = kind === 'unknown' ? checksOf(findings) : CAUSE_WORDS[kind];
  if (objectKind === 'Cluster') return `${part === null ? '' : `${quoted(part)} in `}${where}: ${what}`;
  const object = quoted(causeObjectText({ kind: objectKind, namespace, name, part: null }));
  return `${object}${part === null || kind === 'unknown' ? '' : ` (${quoted(part)})`} in ${where}: ${what}`;
}

const checksOf = (findings: readonly Finding[]): string =>
  listed([...new Set(findings.map(({ check }) => quoted(check)))], NAMES);

const label = (severity: Severity): string => (severity === 'critical' ? 'CRITICAL' : severity);

const worstOf = ([first, ...others]: readonly [Finding, ...Finding[]]): Finding =>
  others.reduce(
    (worst, finding) => (compareSeverity(finding.severity, worst.severity) < 0 ? finding : worst),
    first,
  );

/** Times are UTC and sort as text. */
const firstSeenOf = (findings: readonly [Finding, ...Finding[]]): string => {
  let [{ firstSeen: earliest }] = findings;
  for (const { firstSeen } of findings) if (firstSeen < earliest) earliest = firstSeen;
  return earliest;
};

const NONE = 'no owner';

const ownersOf = (findings: readonly Finding[]): readonly string[] =>
  [...new Set(findings.map(({ owner }) => (owner == null ? NONE : quoted(owner))))].sort(compareText);

function ownerTexts({ findings }: CauseGroup, { hasOwners }: CauseOptions): readonly string[] {
  const managers = [...new Set(findings.map(({ managedBy }) => managedBy ?? null))];
  const [manager = null] = managers;
  if (managers.length === 1 && manager !== null) return [`run by ${quoted(manager)}`];
  if (!hasOwners) return [];
  const owners = ownersOf(findings);
  return owners.length === 1 && owners[0] === NONE ? owners : [`owner ${listed(owners, OWNERS)}`];
}

function once(text: string, indent: number, { said }: CauseOptions): Entry {
  if (said.has(text)) return [];
  said.add(text);
  return paragraph(quoted(text), indent);
}
