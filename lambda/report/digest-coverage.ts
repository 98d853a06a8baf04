import { gapOf } from '../findings/not-evaluated.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { bullet, type Entry, paragraph, quoted, remedy, type Section, untitled } from './digest-layout.ts';
import { day, isSince, sinceText } from './digest-time.ts';
import { concernsCluster, type GapCluster, type GapGroup, groupGaps, unexplained } from './gaps.ts';
import { clusterName, count, listed, type NameOf, reasonWords, thousands, UNVERIFIED } from './words.ts';

/** Gaps of whole clusters that stand before what to fix first, in the first mail. */
const BRIEF = 2;

/** Names that a list in the mail spells out before it counts the rest. */
const NAMES = 5;

export interface CoverageOptions {
  readonly top: number;
  readonly nameOf: NameOf;
  /** RFC 3339: the start of the run. */
  readonly now: string;
  /** Nothing was ever decided, so that what to do first goes before what is missing of single workloads. */
  readonly firstRun?: boolean;
}

/**
 * What is missing and was not before, or concerns a whole cluster: first in the mail, with the command that helps, so that
 * no reader takes silence for a pass.
 */
export function coverageSections(
  clusters: readonly ClusterResult[],
  options: CoverageOptions,
): readonly Section[] {
  const failed = clusters.filter(({ outcome }) => outcome === 'failed');
  const audited = clusters.filter(({ outcome }) => outcome === 'audited');
  const never = withGap(failed, 'fixable');
  const mute = unexplained(failed);
  return [
    {
      title: 'LOST COVERAGE',
      detail: ', decided before and not any more',
      intro: [],
      entries: gapEntries(withGap(clusters, 'lost'), options),
    },
    {
      title: 'NOT AUDITED',
      detail: `: ${count(new Set([...never, ...mute].map(({ cluster }) => cluster)).size, 'cluster')}`,
      intro: [],
      entries: [...gapEntries(never, options), ...mute.map(withoutReason)],
    },
    {
      title: 'NOT EVALUATED',
      detail: ', and can be fixed',
      intro: [],
      entries: options.firstRun === true ? briefEntries(audited, options) : freshEntries(audited, options),
    },
    {
      title: 'SERVER NOT VERIFIED',
      detail: '',
      intro: [],
      entries: clusters.filter(({ unverified }) => unverified !== undefined).map(unverifiedEntry),
    },
  ];
}

/**
 * In a first run, in which everything is missing for the first time: what keeps checks of whole clusters from being
 * decided, with the command that helps, and nothing else before what to fix first.
 */
function briefEntries(audited: readonly ClusterResult[], options: CoverageOptions): readonly Entry[] {
  const groups = freshGroups(audited, options).filter(concernsCluster);
  return [...groups.slice(0, BRIEF).map((group) => standingEntry(group, options)), ...restOf(groups, BRIEF)];
}

/** The other gaps of a first run, in full. */
export function otherGapsSection(clusters: readonly ClusterResult[], options: CoverageOptions): Section {
  const { firstRun = false, top } = options;
  const audited = clusters.filter(({ outcome }) => outcome === 'audited');
  const groups = firstRun ? freshGroups(audited, options).filter((group) => !concernsCluster(group)) : [];
  return {
    title: 'SINGLE WORKLOADS NOT EVALUATED',
    detail: ', and can be fixed',
    intro: [],
    entries: [...groups.slice(0, top).map((group) => gapEntry(group, options)), ...restOf(groups, top)],
  };
}

const freshGroups = (audited: readonly ClusterResult[], { now }: CoverageOptions): readonly GapGroup[] =>
  groupGaps(fresh(withGap(audited, 'fixable'), now));

const freshEntries = (audited: readonly ClusterResult[], options: CoverageOptions): readonly Entry[] =>
  gapEntries(fresh(withGap(audited, 'fixable'), options.now), options);

/** What earlier mails have said in full: fixable gaps that are still there, and known ones, each in a line or two. */
export function standingSections(
  clusters: readonly ClusterResult[],
  options: CoverageOptions,
): readonly Section[] {
  const { now, top } = options;
  const audited = clusters.filter(({ outcome }) => outcome === 'audited');
  const groups = groupGaps(standing(withGap(audited, 'fixable'), now));
  const known = knownLine(clusters, now);
  return [
    {
      title: 'STILL NOT EVALUATED',
      detail: ', and can be fixed',
      intro: [],
      entries: [
        ...groups.slice(0, top).map((group) => standingEntry(group, options)),
        ...restOf(groups, top),
      ],
    },
    untitled(known === null ? [] : paragraph(`KNOWN GAPS: ${known}. They need no action, and are no pass.`)),
  ];
}

/** `43 verdicts in 2 clusters (not supported on this platform), unchanged since 9 Nov`; `null`: there is none. */
function knownLine(clusters: readonly ClusterResult[], now: string): string | null {
  const known = withGap(clusters, 'known');
  const rows = known.flatMap(({ notEvaluated }) => notEvaluated);
  if (rows.length === 0) return null;
  const reasons = [...new Set(rows.map(({ reason }) => reasonWords(reason)))].sort();
  const before = rows.flatMap(({ since }) => (isSince(since, now) ? since : []));
  const places = known.length === 1 ? '' : ` in ${count(known.length, 'cluster')}`;
  return `${count(rows.length, 'verdict')}${places} (${listed(reasons, NAMES)})${unchanged(before, rows.length, now)}`;
}

/** `3 known gaps since 9 Feb`, `3 known gaps, 1 of them new`, for a mail of three lines; `null`: there is none. */
export function knownShort(clusters: readonly ClusterResult[], now: string): string | null {
  const rows = withGap(clusters, 'known').flatMap(({ notEvaluated }) => notEvaluated);
  const before = rows.flatMap(({ since }) => (isSince(since, now) ? since : []));
  if (rows.length === 0) return null;
  return `${count(rows.length, 'known gap')}${unchanged(before, rows.length, now).replace(', unchanged', '')}`;
}

/** Times are UTC and sort as text. */
function unchanged(before: readonly string[], rows: number, now: string): string {
  const [last] = before.toSorted().reverse();
  if (last === undefined) return '';
  return before.length < rows
    ? `, ${thousands(rows - before.length)} of them new`
    : `, unchanged since ${day(last, now)}`;
}

export type Wanted = 'lost' | 'fixable' | 'known';

/** The clusters with the rows of one class; those without are left out. */
export const withGap = (clusters: readonly ClusterResult[], wanted: Wanted): readonly ClusterResult[] =>
  filtered(clusters, (row) => gapOf(row) === wanted);

const fresh = (clusters: readonly ClusterResult[], now: string): readonly ClusterResult[] =>
  filtered(clusters, ({ since }) => !isSince(since, now));

const standing = (clusters: readonly ClusterResult[], now: string): readonly ClusterResult[] =>
  filtered(clusters, ({ since }) => isSince(since, now));

function filtered(
  clusters: readonly ClusterResult[],
  keep: (row: ClusterResult['notEvaluated'][number]) => boolean,
): readonly ClusterResult[] {
  return clusters
    .map((result) => ({ ...result, notEvaluated: result.notEvaluated.filter(keep) }))
    .filter(({ notEvaluated }) => notEvaluated.length > 0);
}

/** One entry a reason and remedy; the smallest are counted. */
function gapEntries(results: readonly ClusterResult[], options: CoverageOptions): readonly Entry[] {
  const groups = groupGaps(results);
  const { top } = options;
  return [...groups.slice(0, top).map((group) => gapEntry(group, options)), ...restOf(groups, top)];
}

function restOf(groups: readonly GapGroup[], top: number): readonly Entry[] {
  const rest = groups.slice(top);
  if (rest.length === 0) return [];
  const rows = rest.reduce((sum, group) => sum + group.rows, 0);
  const reasons = listed([...new Set(rest.map((group) => reasonWords(group.reason)))], NAMES);
  return [bullet(`and ${count(rest.length, 'more reason')} (${reasons}) behind ${count(rows, 'verdict')}`)];
}

function gapEntry(group: GapGroup, { nameOf, now }: CoverageOptions): Entry {
  const [message = '', ...others] = group.messages;
  const alike = others.length === 0 ? '' : ` (${thousands(others.length)} more like it)`;
  const places = gapPlaces(group.clusters, nameOf);
  return [
    ...bullet(`${places}: ${reasonWords(group.reason)}${sinceText(group.since, now)}`),
    ...paragraph(`${quoted(message)}${alike}`, 2),
    ...affected(group),
    ...remedy(quoted(group.remediation)),
  ];
}

const standingEntry = (group: GapGroup, { nameOf, now }: CoverageOptions): Entry => [
  ...bullet(
    `${gapPlaces(group.clusters, nameOf)}: ${reasonWords(group.reason)}${sinceText(group.since, now)}, ${count(group.checks.length, 'check')}`,
  ),
  ...remedy(quoted(group.remediation)),
];

/** One cluster with its account and region, several by name. */
export function gapPlaces(clusters: readonly GapCluster[], nameOf: NameOf): string {
  const [first, ...others] = clusters;
  if (first !== undefined && others.length === 0) {
    const name = quoted(clusterName(first.cluster));
    return first.workloads === null ? name : `${count(first.workloads, 'workload')} in ${name}`;
  }
  const total = clusters.length > NAMES ? `${count(clusters.length, 'cluster')}, ` : '';
  const places = clusters.map(({ cluster, workloads }) => {
    const name = quoted(nameOf(cluster));
    return workloads === null ? name : `${name} (${count(workloads, 'workload')})`;
  });
  return `${total}${listed(places, NAMES)}`;
}

/** Where nothing of a cluster could be read, all checks are missing, which needs no list. */
const affected = ({ checks, audited }: GapGroup): Entry =>
  audited
    ? paragraph(`Affects ${count(checks.length, 'check')}: ${listed(checks.map(quoted), NAMES)}.`, 2)
    : [];

const withoutReason = ({ cluster }: ClusterResult): Entry => [
  ...bullet(`${quoted(clusterName(cluster))}: no reason given`),
  ...remedy('Run the audit of this cluster with --verbose.'),
];

const unverifiedEntry = ({ cluster, unverified = 'plain-http' }: ClusterResult): Entry => [
  ...bullet(`${quoted(clusterName(cluster))}: ${UNVERIFIED[unverified].what}`),
  ...remedy(UNVERIFIED[unverified].remedy),
];
