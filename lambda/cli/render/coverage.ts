import type { ClusterResult, RunResult } from '../../findings/run-result.ts';
import { terminalSafe } from '../../report/escape.ts';
import { type GapGroup, groupGaps, unexplained } from '../../report/gaps.ts';
import { clusterRowKey, sortedClusters } from '../../report/order.ts';
import { asCalled } from '../../report/own-commands.ts';
import { coverageOf, isComplete } from '../../report/summary.ts';
import {
  clusterName,
  count,
  excludedPods,
  listed,
  reasonWords,
  thousands,
  UNVERIFIED,
} from '../../report/words.ts';
import { type Cell, paragraphLines, shortenTo, tableLines } from './columns.ts';
import { bar, type Canvas, heading, percentOf, type RunCanvas } from './page.ts';

const MOST_CLUSTERS = 12;
const MOST_CAUSES = 6;
const MOST_NOTES = 5;
const NAMES = 4;
const BAR = 24;

/** What was audited and what was not: the first thing that is shown. */
export function coverageLines(run: RunResult, canvas: RunCanvas): readonly string[] {
  const clusters = sortedClusters(run);
  if (clusters.length === 0)
    return [...heading('COVERAGE', '', canvas), '  No cluster was found, so nothing was audited.'];
  // What is missing stands first, since the list may be cut.
  const ordered = clusters.toSorted((a, b) => Number(isComplete(a)) - Number(isComplete(b)));
  const shown = ordered.slice(0, MOST_CLUSTERS);
  const rest = ordered.slice(MOST_CLUSTERS);
  return [
    ...heading('COVERAGE', '', canvas),
    totalLine(clusters, canvas),
    ...clusterTable(shown, canvas),
    ...(rest.length === 0 ? [] : [canvas.style.dim(`     and ${restOf(rest)}`)]),
    ...excludedLines(clusters, canvas),
  ];
}

/** What the configuration leaves out is no verdict, and must not look like one. */
function excludedLines(clusters: readonly ClusterResult[], { style, width }: Canvas): readonly string[] {
  const excluded = excludedPods(clusters);
  if (excluded === '') return [];
  return paragraphLines(terminalSafe(`not judged: ${excluded}`), { width, indent: 2, paint: style.dim });
}

function restOf(rest: readonly ClusterResult[]): string {
  const complete = rest.filter(isComplete).length;
  const open = rest.length - complete;
  return open === 0
    ? `${count(complete, 'more cluster')}, every check decided`
    : `${count(rest.length, 'more cluster')}, ${thousands(open)} of them incomplete: -o json`;
}

function totalLine(clusters: readonly ClusterResult[], { style, width }: Canvas): string {
  const { decided, total, complete } = coverageOf(clusters);
  const failed = clusters.filter(({ outcome }) => outcome === 'failed').length;
  const missing = failed === 0 ? '' : `, ${count(failed, 'cluster')} not audited`;
  const { full, empty } = bar(complete ? 1 : Math.min(decided, total - 1), complete ? 1 : total, BAR);
  const paint = complete ? style.good : style.warn;
  const share = complete ? '100 %' : percentOf(Math.min(decided, total - 1), total);
  const text = shortenTo(`of ${count(total, 'verdict')} decided${missing}`, width - BAR - share.length - 5);
  return `  ${paint(full)}${style.dim(empty)}  ${paint(share)} ${text}`;
}

function clusterTable(
  results: readonly ClusterResult[],
  { style, width, nameOf }: RunCanvas,
): readonly string[] {
  const head = ['', 'CLUSTER', 'REGION', 'PODS', 'WORKLOADS', 'NODES', ''].map(
    (text): Cell => ({ text, paint: style.dim }),
  );
  const rows = results.map((result): readonly Cell[] => {
    const { cluster, totals, outcome } = result;
    const numbers = [totals.pods, totals.workloads, totals.nodes];
    return [
      mark(result),
      { text: nameOf(cluster), paint: style.bold },
      { text: cluster.region ?? '-' },
      ...numbers.map((value): Cell => ({ text: outcome === 'failed' ? '-' : thousands(value) })),
      state(result),
    ];
  });
  const columns = [
    {},
    { cut: 'middle' },
    { cut: 'end' },
    { align: 'right' },
    { align: 'right' },
    { align: 'right' },
    { cut: 'end' },
  ] as const;
  return tableLines([head, ...rows], { columns, width, indent: 2 });

  function mark(result: ClusterResult): Cell {
    if (result.outcome === 'failed') return { text: '✗', paint: style.bad };
    return isComplete(result) ? { text: '✓', paint: style.good } : { text: '◐', paint: style.warn };
  }

  function state(result: ClusterResult): Cell {
    if (result.outcome === 'failed') {
      const reasons = [...new Set(result.notEvaluated.map(({ reason }) => reasonWords(reason)))];
      return {
        text: `not audited: ${reasons.length === 0 ? 'no reason given' : listed(reasons, 2)}`,
        paint: style.bad,
      };
    }
    if (result.totals.pods === 0) return { text: 'no pods', paint: style.warn };
    const { decided, total } = coverageOf([result]);
    return isComplete(result)
      ? { text: 'every check decided', paint: style.good }
      : { text: `${thousands(total - decided)} not evaluated`, paint: style.warn };
  }
}

/** Why verdicts are open and what to do about it, one entry a cause. */
export function gapLines(run: RunResult, canvas: RunCanvas): readonly string[] {
  const clusters = sortedClusters(run);
  const groups = groupGaps(clusters);
  const silent = unexplained(clusters);
  const failed = new Set(
    clusters.filter(({ outcome }) => outcome === 'failed').map(({ cluster }) => clusterRowKey(cluster)),
  );
  if (groups.length + silent.length === 0) return [];
  const rest = groups.slice(MOST_CAUSES);
  const restRows = rest.reduce((sum, group) => sum + group.rows, 0);
  return [
    ...heading('NOT EVALUATED', 'not evaluated is not passed', canvas),
    ...groups.slice(0, MOST_CAUSES).flatMap((group) => gapEntry(group, failed, canvas)),
    ...silent.flatMap(({ cluster }) =>
      paragraphLines(`not audited, no reason given: ${clusterName(cluster)}`, {
        width: canvas.width,
        indent: 2,
      }),
    ),
    ...(rest.length === 0
      ? []
      : [
          canvas.style.dim(
            `  and ${count(rest.length, 'more cause')} behind ${count(restRows, 'verdict')}: -o json`,
          ),
        ]),
  ];
}

/** Where whole clusters are missing every check is, which needs no list. */
function gapEntry(group: GapGroup, failed: ReadonlySet<string>, canvas: RunCanvas): readonly string[] {
  const { style, width, nameOf } = canvas;
  const everyCheck = group.clusters.every(({ cluster }) => failed.has(clusterRowKey(cluster)));
  const checks = everyCheck ? 'every check' : listed(group.checks, NAMES);
  const [message = '', ...others] = group.messages;
  const places = group.clusters.map(({ cluster, workloads }) =>
    workloads === null ? nameOf(cluster) : `${nameOf(cluster)} (${count(workloads, 'workload')})`,
  );
  return [
    ...paragraphLines(`${reasonWords(group.reason)}: ${listed(places, NAMES)}`, {
      width,
      indent: 2,
      lead: '◐ ',
      paint: style.warn,
    }),
    ...paragraphLines(checks, { width, indent: 4, paint: style.dim }),
    ...paragraphLines(message, { width, indent: 4 }),
    ...(others.length === 0 ? [] : [style.dim(`    and ${thousands(others.length)} more like it`)]),
    ...paragraphLines(asCalled(group.remediation, canvas), {
      width,
      indent: 4,
      lead: '→ ',
      paint: style.accent,
    }),
  ];
}

/** What several clusters have in common is said once. */
function notesOnce(run: RunResult, { nameOf }: RunCanvas): readonly string[] {
  const clusters = sortedClusters(run);
  const of = Map.groupBy(
    clusters.flatMap(({ cluster, notes }) => notes.map((note) => ({ note, name: nameOf(cluster) }))),
    ({ note }) => note,
  );
  return [...of].map(([note, places]) => {
    const all = places.length === clusters.length && places.length > 1;
    return `${
      all
        ? 'Every cluster'
        : listed(
            places.map(({ name }) => name),
            NAMES,
          )
    }: ${note}`;
  });
}

/** What must be known to read the results right. */
export function noteLines(run: RunResult, canvas: RunCanvas): readonly string[] {
  const unverified = sortedClusters(run).flatMap(({ cluster, unverified: why }) =>
    why === undefined ? [] : [`${canvas.nameOf(cluster)}: ${UNVERIFIED[why].what} ${UNVERIFIED[why].remedy}`],
  );
  const others = notesOnce(run, canvas);
  const notes = [...unverified, ...others];
  if (notes.length === 0) return [];
  const rest = notes.length - MOST_NOTES;
  return [
    ...heading('NOTES', '', canvas),
    ...notes.slice(0, MOST_NOTES).flatMap((note) => paragraphLines(note, { width: canvas.width, indent: 2 })),
    ...(rest > 0 ? [canvas.style.dim(`  and ${count(rest, 'more note')}: -o json`)] : []),
  ];
}
