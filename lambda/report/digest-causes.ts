import type { Finding } from '../findings/finding.ts';
import { compareCauses, foldCauses } from '../findings/fold-causes.ts';
import { compareClusters } from '../findings/order.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import {
  acrossClusters,
  type CauseGroup,
  type CauseOptions,
  firstSeenOf,
  label,
  once,
  ownerTexts,
  story,
  titleOf,
  whatOf,
  worstOf,
} from './digest-cause-groups.ts';
import { bullet, type Entry, paragraph, quoted, type Section } from './digest-layout.ts';
import { sinceText } from './digest-time.ts';
import { workloadsOf } from './order.ts';
import { populationOf } from './population.ts';
import { count, listed, severityCounts, workloadName } from './words.ts';

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
  const { findings } = group;
  const since = sinceText(firstSeenOf(findings), options.now).slice(2);
  const facts = [...whatOf(group), ...(since === '' ? [] : [since]), ...ownerTexts(group, options)];
  for (const { cause } of group.causes) options.said.add(cause.id);
  return [
    ...bullet(`${label(group.severity)} ${titleOf(group, options)}`),
    ...(facts.length === 0 ? [] : paragraph(facts.join(', '), 2)),
    ...said(group, options),
  ];
}

/** What it is, in a sentence: the story where there is one. */
export function said(group: CauseGroup, options: CauseOptions): Entry {
  const told = story(group, 2, options);
  return told.length > 0 ? told : once(worstOf(group.findings).message, 2, options);
}

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
