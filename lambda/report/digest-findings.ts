import type { Finding } from '../findings/finding.ts';
import { compareFindings } from '../findings/order.ts';
import { compareText } from '../inventory/workload.ts';
import { compareSeverity, type Severity, worse } from '../severity.ts';
import { bullet, type Entry, numbered, paragraph, quoted, type Section, untitled } from './digest-layout.ts';
import type { ListedWorkload } from './listed-workload.ts';
import { workloadRowKey } from './order.ts';
import { populationOf } from './population.ts';
import { count, listed, type NameOf, severityCounts, shortened, thousands, workloadName } from './words.ts';

/** Names that a list in the mail spells out before it counts the rest. */
const NAMES = 5;
const WORST_NAMES = 3;

/** The findings of one workload, worst first. */
export type Group = readonly [Finding, ...Finding[]];

const isGroup = (findings: readonly Finding[]): findings is Group => findings.length > 0;

/** What the mail has said already, so that it says nothing twice. */
export interface Mentioned {
  readonly workloads: Set<string>;
  /** Checks and texts. */
  readonly topics: Set<string>;
  /** How the mail names a cluster. */
  readonly nameOf: NameOf;
  /** The text as a paragraph the first time, nothing when what `about` names was mentioned already. */
  once(text: string, indent: number, about?: string): Entry;
}

export function nothingMentioned(nameOf: NameOf): Mentioned {
  const topics = new Set<string>();
  return {
    workloads: new Set(),
    topics,
    nameOf,
    once: (text, indent, about = text) => {
      if (topics.has(about)) return [];
      topics.add(about);
      return paragraph(quoted(text), indent);
    },
  };
}

/** Groups findings by workload, in the order of `ranked`; workloads without a rank follow, worst first. */
export function byWorkload(
  findings: readonly Finding[],
  ranked: readonly ListedWorkload[],
): readonly Group[] {
  if (findings.length === 0) return [];
  const rank = new Map(
    ranked.map(({ cluster, workload }, index) => [workloadRowKey(cluster, workload), index]),
  );
  const groups: { readonly rank: number; readonly group: Group }[] = [];
  for (const [key, rows] of Map.groupBy(findings, (row) => workloadRowKey(row.cluster, row.workload))) {
    rows.sort(compareFindings);
    if (isGroup(rows)) groups.push({ rank: rank.get(key) ?? ranked.length, group: rows });
  }
  groups.sort(
    (a, b) =>
      a.rank - b.rank ||
      compareSeverity(a.group[0].severity, b.group[0].severity) ||
      compareFindings(a.group[0], b.group[0]),
  );
  return groups.map(({ group }) => group);
}

/** What is new: how much of which check, then the workloads that a person would look at first. */
export function newSection(groups: readonly Group[], top: number, mentioned: Mentioned): Section {
  const findings = groups.flat();
  const shown = groups.slice(0, top);
  const rest = groups.slice(top);
  const table = rest.length > 0 ? [...checkTable(findings), ''] : [];
  return {
    title: 'NEW',
    detail: `: ${count(findings.length, 'finding')} in ${count(groups.length, 'workload')}`,
    intro: groups.length === 0 ? [] : table,
    entries: [...shown.map((group) => workloadEntry(group, mentioned)), ...more(rest)],
  };
}

const more = (rest: readonly Group[]): readonly Entry[] =>
  rest.length === 0
    ? []
    : [bullet(`and ${count(rest.length, 'more workload')} (${severityCounts(rest.flat())})`)];

/** How the first run opens: everything would be new, so only the numbers are given. */
export function foundSection(findings: readonly Finding[]): Section {
  return {
    title: 'FOUND',
    detail: `: ${count(findings.length, 'finding')} (${severityCounts(findings)})`,
    intro: findings.length === 0 ? [] : checkTable(findings),
    entries: [],
  };
}

function workloadEntry(group: Group, mentioned: Mentioned): Entry {
  const [worst] = group;
  const pods = Math.max(...group.map((finding) => finding.pods.count));
  const lines = [...bullet(`${place(worst, mentioned)} (${count(pods, 'pod')})`)];
  for (const [index, { severity, check, containers }] of byCheck(group).entries()) {
    const label = severity === 'critical' ? 'CRITICAL' : severity.padEnd(8);
    const where = containers.length === 0 ? '' : ` [${listed(containers.map(quoted), NAMES)}]`;
    lines.push(...paragraph(`${label} ${quoted(check)}${where}`, 2));
    if (index === 0) {
      lines.push(...mentioned.once(worst.message, 4), ...mentioned.once(`Fix: ${worst.remediation}`, 4));
      mentioned.topics.add(worst.check);
    }
  }
  mentioned.workloads.add(workloadRowKey(worst.cluster, worst.workload));
  return lines;
}

/** `payments/Deployment/checkout in prod-eu`. */
const place = ({ cluster, workload }: Pick<Finding, 'cluster' | 'workload'>, { nameOf }: Mentioned): string =>
  `${quoted(workloadName(workload))} in ${quoted(nameOf(cluster))}`;

interface CheckLine {
  readonly check: string;
  readonly severity: Severity;
  readonly containers: readonly string[];
}

function byCheck(findings: readonly Finding[]): readonly CheckLine[] {
  const lines = [...Map.groupBy(findings, (finding) => `${finding.severity} ${finding.check}`).values()];
  return lines.flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const containers = rows.flatMap(({ container }) => (container === null ? [] : [container]));
    return [{ check: first.check, severity: first.severity, containers }];
  });
}

/** One line a check: severity, id, workloads, pods. */
function checkTable(findings: readonly Finding[]): Entry {
  const groups = [...Map.groupBy(findings, (finding) => finding.check)].map(([check, rows]) => ({
    check,
    severity: rows.map(({ severity }) => severity).reduce(worse),
    ...populationOf(rows),
  }));
  groups.sort(
    (a, b) =>
      compareSeverity(a.severity, b.severity) || b.workloads - a.workloads || compareText(a.check, b.check),
  );
  const line = (cells: readonly [string, string, string, string]): string =>
    `  ${cells[0].padEnd(10)}${shortened(cells[1], 34).padEnd(36)}${cells[2].padStart(11)}${cells[3].padStart(11)}`;
  return [
    line(['severity', 'check', 'workloads', 'pods']),
    ...groups.map((group) =>
      line([group.severity, quoted(group.check), thousands(group.workloads), thousands(group.pods)]),
    ),
  ];
}

/** What is worst of all that is open, new or not; what the mail already described is only named. */
export function worstSection(ranked: readonly ListedWorkload[], top: number, mentioned: Mentioned): Section {
  const shown = ranked.slice(0, top);
  if (shown.length > 0 && shown.every((workload) => isMentioned(workload, mentioned))) {
    const which =
      shown.length === 1 ? 'the new one above' : `the ${thousands(shown.length)} worst are new, see above`;
    return untitled([`WORST: ${which}`]);
  }
  return {
    title: 'WORST',
    detail: ranked.length > top ? `: ${thousands(top)} of ${count(ranked.length, 'workload')}` : '',
    intro: [],
    entries: shown.map((workload, index) => rankedEntry(workload, index, mentioned)),
  };
}

const isMentioned = ({ cluster, workload }: ListedWorkload, mentioned: Mentioned): boolean =>
  mentioned.workloads.has(workloadRowKey(cluster, workload));

function rankedEntry(ranked: ListedWorkload, index: number, mentioned: Mentioned): Entry {
  if (isMentioned(ranked, mentioned)) return numbered(index, `${place(ranked, mentioned)}: new, see above`);
  const findings = ranked.findings.toSorted(compareFindings);
  const checks = [...new Set(findings.map((finding) => quoted(finding.check)))];
  const indent = `${index + 1}. `.length;
  return [
    ...numbered(index, `${place(ranked, mentioned)} (${count(ranked.pods, 'pod')})`),
    ...paragraph(`${severityCounts(findings)}: ${listed(checks, WORST_NAMES)}`, indent),
    ...findings.slice(0, 1).flatMap((worst) => mentioned.once(worst.message, indent, worst.check)),
  ];
}

export interface ListOptions {
  readonly top: number;
  readonly mentioned: Mentioned;
}

/** Workloads with the checks that it is about: what is fixed, what is no longer exempt. */
export function listSection(
  title: string,
  groups: readonly Group[],
  { top, mentioned }: ListOptions,
): Section {
  const findings = groups.flat();
  const entries = groups.slice(0, top).map((group) => {
    const checks = byCheck(group).map(({ check }) => quoted(check));
    return bullet(`${place(group[0], mentioned)}: ${listed([...new Set(checks)], NAMES)}`);
  });
  return {
    title,
    detail: `: ${count(findings.length, 'finding')} in ${count(groups.length, 'workload')}`,
    intro: [],
    entries: [...entries, ...more(groups.slice(top))],
  };
}
