import type { GapClass, NotEvaluated } from '../../findings/not-evaluated.ts';
import { gapOf } from '../../findings/not-evaluated.ts';
import type { ClusterResult, RunResult } from '../../findings/run-result.ts';
import { type GapGroup, groupGaps, unexplained } from '../../report/gaps.ts';
import { clusterRowKey, sortedClusters } from '../../report/order.ts';
import { asCalled, isEksName, PROGRAM } from '../../report/own-commands.ts';
import { clusterName, count, listed, reasonWords, thousands } from '../../report/words.ts';
import { type LabelledLine, labelledLines } from './labelled-lines.ts';
import type { RunCanvas } from './page.ts';

const MOST = 3;
const NAMES = 3;

/** What one remedy decides. */
interface ShortGap {
  readonly groups: readonly [GapGroup, ...GapGroup[]];
  readonly remedy: string;
  /** It was decided before. */
  readonly lost: boolean;
}

/**
 * What could not be decided, by remedy: what was decided before comes first, and what nothing can decide is one line
 * for all.
 */
export function shortGapLines(run: RunResult, canvas: RunCanvas): readonly string[] {
  const clusters = sortedClusters(run);
  const open = [...gapsOf(clusters, 'lost', canvas), ...gapsOf(clusters, 'fixable', canvas)];
  const rest = open.slice(MOST);
  const lines: readonly LabelledLine[] = [
    ...unexplained(clusters).map(({ cluster }) => ({
      text: `not audited, no reason given: ${clusterName(cluster)}`,
      paint: canvas.style.warn,
    })),
    ...open.slice(0, MOST).flatMap((one) => entryLines(one, run, canvas)),
    ...(rest.length === 0
      ? []
      : [{ text: `and ${count(rest.length, 'more reason')}: --all`, paint: canvas.style.dim }]),
    ...knownLines(
      clusters.flatMap(({ notEvaluated }) => notEvaluated),
      canvas,
    ),
  ];
  return lines.length === 0 ? [] : ['', ...labelledLines('NOT EVALUATED', lines, canvas)];
}

function gapsOf(
  clusters: readonly ClusterResult[],
  wanted: GapClass,
  canvas: RunCanvas,
): readonly ShortGap[] {
  const groups = groupGaps(
    clusters.map((result) => ({
      ...result,
      notEvaluated: result.notEvaluated.filter((row) => gapOf(row) === wanted),
    })),
  );
  const byRemedy = new Map<string, ShortGap>();
  for (const group of groups) {
    const remedy = remedyOf(group, canvas);
    const key = `${group.reason}\n${remedy}`;
    const known = byRemedy.get(key);
    byRemedy.set(key, {
      groups: known === undefined ? [group] : [...known.groups, group],
      remedy,
      lost: wanted === 'lost',
    });
  }
  return [...byRemedy.values()];
}

function entryLines(
  { groups, remedy, lost }: ShortGap,
  { clusters }: RunResult,
  canvas: RunCanvas,
): readonly LabelledLine[] {
  const { nameOf, style } = canvas;
  const [first] = groups;
  const isFailed = first.clusters.every(({ cluster }) =>
    clusters.some(
      (result) => result.outcome === 'failed' && clusterRowKey(result.cluster) === clusterRowKey(cluster),
    ),
  );
  const checks = [...new Set(groups.flatMap((group) => group.checks))];
  const what = isFailed
    ? 'everything'
    : checks.length === 1
      ? (checks[0] ?? '')
      : count(checks.length, 'check');
  const places = first.clusters.map(({ cluster, workloads }) =>
    workloads === null ? nameOf(cluster) : `${nameOf(cluster)} (${count(workloads, 'workload')})`,
  );
  const others = first.reason === 'forbidden' ? 0 : first.messages.length - 1;
  const alike = others === 0 ? '' : ` And ${thousands(others)} more like it.`;
  const before = lost ? 'decided before: ' : '';
  return [
    {
      text: `${before}${what} in ${listed(places, NAMES)}: ${reasonWords(first.reason)}. ${messageOf(first)}${alike}`,
      lines: alike === '' ? 2 : 3,
      paint: style.warn,
    },
    { text: `→ ${asCalled(remedy, canvas)}`, lines: 2, paint: style.accent },
  ];
}

/** Of what is refused the server's own words say it once more. */
const messageOf = ({ reason, messages: [message = ''] }: GapGroup): string =>
  reason === 'forbidden' ? (message.split(': ', 1)[0] ?? message) : message;

/** Remedies of rights that a cluster grants. */
const OF_CLUSTER = /ClusterRole|^Grant list/;

/** For rights there is a command that prints all of them; it is shorter than what one of them is. */
function remedyOf({ reason, clusters, remediation }: GapGroup, { kubectl }: RunCanvas): string {
  if (reason !== 'forbidden' || !OF_CLUSTER.test(remediation)) return remediation;
  const named = clusters.map(({ cluster: { name } }) => name).find(isEksName);
  // What only a context names has no name in EKS; its own rights can be checked.
  const [first] = clusters;
  if (named === undefined || first === undefined) {
    const flags = first === undefined ? '' : (kubectl?.(first.cluster) ?? '');
    return `${PROGRAM} access check${flags} says what to grant.`;
  }
  const others = clusters.length === 1 ? '' : `, and so for the other${clusters.length === 2 ? '' : 's'}`;
  return `${PROGRAM} access --cluster ${named} prints what to grant${others}.`;
}

function knownLines(rows: readonly NotEvaluated[], { style }: RunCanvas): readonly LabelledLine[] {
  const known = rows.filter((row) => gapOf(row) === 'known');
  if (known.length === 0) return [];
  const reasons = [...new Set(known.map(({ reason }) => reasonWords(reason)))];
  return [
    {
      text: `${count(known.length, 'verdict')} that no setting decides: ${listed(reasons, NAMES)}`,
      paint: style.dim,
    },
  ];
}
