import type { ClusterResult } from '../findings/run-result.ts';
import { bullet, type Entry, paragraph, quoted, remedy, type Section, untitled } from './digest-layout.ts';
import { type GapCluster, type GapGroup, groupGaps, unexplained } from './gaps.ts';
import { coverageOf } from './summary.ts';
import {
  clusterName,
  count,
  listed,
  type NameOf,
  reasonWords,
  shortNames,
  thousands,
  UNVERIFIED,
} from './words.ts';

/** Names that a list in the mail spells out before it counts the rest. */
const NAMES = 5;

/** What is missing from the run: first in the mail, so that no reader takes silence for a pass. */
export function coverageSections(clusters: readonly ClusterResult[], top: number): readonly Section[] {
  const failed = clusters.filter((result) => result.outcome === 'failed');
  const audited = clusters.filter((result) => result.outcome === 'audited');
  const missing = failed.length > 0 || !coverageOf(audited).complete;
  const unverified = clusters.filter((result) => result.unverified !== undefined);
  if (!missing && unverified.length === 0) return [];
  const nameOf = shortNames(clusters.map(({ cluster }) => cluster));
  return [
    untitled(missing ? headline(failed.length, audited) : []),
    {
      title: 'NOT AUDITED',
      detail: `: ${count(failed.length, 'cluster')}`,
      intro: [],
      entries: [
        ...gapEntries(failed, { top, missing: 'clusters', nameOf }),
        ...unexplained(failed).map(withoutReason),
      ],
    },
    {
      title: 'NOT EVALUATED',
      detail: ' in the audited clusters',
      intro: [],
      entries: gapEntries(audited, { top, missing: 'checks', nameOf }),
    },
    { title: 'SERVER NOT VERIFIED', detail: '', intro: [], entries: unverified.map(unverifiedEntry) },
  ];
}

function headline(failed: number, audited: readonly ClusterResult[]): Entry {
  const total = failed + audited.length;
  if (audited.length === 0) return nothingAudited(total);
  const sentences: string[] = [];
  if (failed > 0) sentences.push(`${thousands(failed)} of ${count(total, 'cluster')} could not be audited.`);
  const { decided, total: due } = coverageOf(audited);
  if (decided < due) {
    const where = failed > 0 ? 'In the others, ' : '';
    sentences.push(`${where}${thousands(due - decided)} of ${count(due, 'verdict')} could not be decided.`);
  }
  return paragraph(`INCOMPLETE. ${sentences.join(' ')} Not evaluated is not passed.`);
}

function nothingAudited(total: number): Entry {
  const what =
    total === 0
      ? 'NOTHING WAS AUDITED. No cluster was found. Check the clusters, accounts and regions of the configuration.'
      : `NOTHING WAS AUDITED. ${total === 1 ? 'The only cluster' : `None of ${count(total, 'cluster')}`} could be read.`;
  return paragraph(`${what} This mail says nothing about their state: not evaluated is not passed.`);
}

interface GapOptions {
  readonly top: number;
  /** Where clusters are missing, all checks are, which needs no list. */
  readonly missing: 'clusters' | 'checks';
  readonly nameOf: NameOf;
}

/** One entry a reason and remedy; the smallest are counted. */
function gapEntries(results: readonly ClusterResult[], options: GapOptions): readonly Entry[] {
  const { top } = options;
  const groups = groupGaps(results);
  const entries = groups.slice(0, top).map((group) => gapEntry(group, options));
  const rest = groups.slice(top);
  if (rest.length === 0) return entries;
  const rows = rest.reduce((sum, group) => sum + group.rows, 0);
  const reasons = listed([...new Set(rest.map((group) => reasonWords(group.reason)))], NAMES);
  return [
    ...entries,
    bullet(`and ${count(rest.length, 'more cause')} (${reasons}) behind ${count(rows, 'verdict')}`),
  ];
}

function gapEntry(group: GapGroup, { missing, nameOf }: GapOptions): Entry {
  const [message = '', ...others] = group.messages;
  const alike = others.length === 0 ? '' : ` (${thousands(others.length)} more like it)`;
  return [
    ...bullet(`${reasonWords(group.reason)}, ${gapPlaces(group.clusters, nameOf)}`),
    ...paragraph(`${quoted(message)}${alike}`, 2),
    ...(missing === 'checks' ? affected(group) : []),
    ...remedy(quoted(group.remediation)),
  ];
}

/** One cluster with its account and region, several by name. */
function gapPlaces(clusters: readonly GapCluster[], nameOf: NameOf): string {
  const [only, ...others] = clusters;
  if (only !== undefined && others.length === 0) {
    const name = quoted(clusterName(only.cluster));
    return only.workloads === null ? name : `${count(only.workloads, 'workload')} in ${name}`;
  }
  const total = clusters.length > NAMES ? `${count(clusters.length, 'cluster')}: ` : '';
  const places = clusters.map(({ cluster, workloads }) => {
    const name = quoted(nameOf(cluster));
    return workloads === null ? name : `${name} (${count(workloads, 'workload')})`;
  });
  return `${total}${listed(places, NAMES)}`;
}

const affected = ({ checks }: GapGroup): Entry =>
  paragraph(`Affects ${count(checks.length, 'check')}: ${listed(checks.map(quoted), NAMES)}.`, 2);

const withoutReason = ({ cluster }: ClusterResult): Entry => [
  ...bullet(`no reason given, ${quoted(clusterName(cluster))}`),
  ...remedy('Run the audit of this cluster with --verbose.'),
];

const unverifiedEntry = ({ cluster, unverified = 'plain-http' }: ClusterResult): Entry => [
  ...bullet(`${quoted(clusterName(cluster))}: ${UNVERIFIED[unverified].what}`),
  ...remedy(UNVERIFIED[unverified].remedy),
];
