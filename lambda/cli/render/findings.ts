import type { CheckInfo } from '../../checks/check.ts';
import type { Finding } from '../../findings/finding.ts';
import { isActive } from '../../findings/identity.ts';
import type { RunResult } from '../../findings/run-result.ts';
import { compareText } from '../../inventory/workload.ts';
import { terminalSafe } from '../../report/escape.ts';
import type { ListedWorkload } from '../../report/listed-workload.ts';
import { clusterRowKey, sortedFindings } from '../../report/order.ts';
import { populationOf } from '../../report/population.ts';
import { count, severityCounts, thousands, workloadName } from '../../report/words.ts';
import { compareSeverity, SEVERITIES, type Severity } from '../../severity.ts';
import { type Cell, nameLines, paragraphLines, shortenTo, tableLines } from './columns.ts';
import { labelledLines } from './labelled-lines.ts';
import { type Canvas, heading, type RunCanvas } from './page.ts';
import type { View } from './view.ts';

const MOST_WORKLOADS = 10;
const MOST_CLUSTERS = 4;
const BAR = 10;
const SHORT: Readonly<Record<Severity, string>> = {
  critical: 'CRIT',
  high: 'HIGH',
  medium: 'MED',
  low: 'LOW',
};

/** Labels are eight columns wide and stand behind two. */
const INDENT = 12;

/** The workloads to look at first, with the worst that is wrong with each. */
export function worstLines(
  ranked: readonly ListedWorkload[],
  { all }: Pick<View, 'all'>,
  canvas: RunCanvas,
): readonly string[] {
  if (ranked.length === 0) return heading('WORST WORKLOADS', 'none', canvas);
  const shown = all ? ranked : ranked.slice(0, MOST_WORKLOADS);
  const severalClusters = new Set(ranked.map(({ cluster }) => clusterRowKey(cluster))).size > 1;
  const table = worstTable(shown, severalClusters, canvas);
  const why = shown.map((workload) => whyLines(workload, canvas));
  const rest = ranked.length - shown.length;
  return [
    ...heading('WORST WORKLOADS', rest > 0 ? `${shown.length} of ${thousands(ranked.length)}` : '', canvas),
    ...table.slice(0, 1),
    ...table.slice(1).flatMap((line, index) => [line, ...(why[index] ?? [])]),
  ];
}

function worstTable(
  ranked: readonly ListedWorkload[],
  severalClusters: boolean,
  { style, width, nameOf }: RunCanvas,
): readonly string[] {
  const head = [
    '',
    'WORKLOAD',
    ...(severalClusters ? ['CLUSTER'] : []),
    'PODS',
    ...SEVERITIES.map((of) => SHORT[of]),
  ];
  const rows = ranked.map(({ cluster, workload, pods, findings }, index): readonly Cell[] => [
    { text: String(index + 1), paint: style.dim },
    { text: workloadName(workload), paint: style.bold },
    ...(severalClusters ? [{ text: nameOf(cluster) }] : []),
    { text: thousands(pods) },
    ...SEVERITIES.map((severity) => tally(findings, severity)),
  ]);
  const columns = [
    { align: 'right' },
    { cut: 'middle' },
    ...(severalClusters ? [{ cut: 'middle' } as const] : []),
    ...Array.from({ length: SEVERITIES.length + 1 }, () => ({ align: 'right' }) as const),
  ] as const;
  const headCells = head.map((text): Cell => ({ text, paint: style.dim }));
  return tableLines([headCells, ...rows], { columns, width, indent: 2 });

  function tally(findings: readonly Finding[], severity: Severity): Cell {
    const found = findings.filter((finding) => finding.severity === severity).length;
    return found === 0
      ? { text: '·', paint: style.dim }
      : { text: thousands(found), paint: style.severity[severity] };
  }
}

/** The ids of what fails, the worst first. */
function whyLines({ findings }: ListedWorkload, { style, width }: Canvas): readonly string[] {
  const ordered = findings.toSorted((a, b) => compareSeverity(a.severity, b.severity));
  const checks = [...new Set(ordered.map(({ check }) => check))];
  return nameLines(checks, { width, indent: 6, lines: 1, paint: style.dim });
}

export type CheckTitle = Pick<CheckInfo, 'id' | 'title'>;

/** Active findings by check, the most severe first: what it is, how many, and whose. */
export function findingLines(
  run: RunResult,
  { checks, view: { all } }: { readonly checks: readonly CheckTitle[]; readonly view: Pick<View, 'all'> },
  canvas: RunCanvas,
): readonly string[] {
  const findings = [...sortedFindings(run)];
  const active = findings.filter(isActive);
  const titles = new Map(checks.map(({ id, title }) => [id, title]));
  const groups = [...Map.groupBy(active, ({ severity, check }) => `${severity} ${check}`).values()]
    .flatMap((group) => checkGroup(group, titles))
    .sort((a, b) => compareSeverity(a.severity, b.severity) || compareText(a.check, b.check));
  const compared = run.clusters.some(({ firstRun }) => firstRun !== true);
  const workloads = run.clusters.reduce((sum, { totals }) => sum + totals.workloads, 0);
  const headlines = headlineTable(groups, { total: workloads, compared }, canvas);
  const remark = active.length === 0 ? 'none' : `${thousands(active.length)}: ${severityCounts(active)}`;
  return [
    ...heading('FINDINGS', remark, canvas),
    ...groups.flatMap((group, index) => [
      `  ${canvas.style.label(group.severity)}  ${headlines[index]}`,
      ...paragraphLines(group.title, {
        width: canvas.width,
        indent: INDENT,
        lines: 1,
        paint: canvas.style.dim,
      }),
      ...placeLines(group.findings, all, canvas),
    ]),
  ];
}

interface CheckGroup {
  readonly check: string;
  readonly severity: Severity;
  readonly title: string;
  readonly findings: readonly Finding[];
}

function checkGroup(
  findings: readonly Finding[],
  titles: ReadonlyMap<string, string>,
): readonly CheckGroup[] {
  const [first] = findings;
  if (first === undefined) return [];
  const { check, severity, message } = first;
  return [{ check, severity, title: titles.get(check) ?? message, findings }];
}

/** One line a group: the check, how many of all workloads as a bar and a number, pods, and what is new. */
function headlineTable(
  groups: readonly CheckGroup[],
  { total, compared }: { readonly total: number; readonly compared: boolean },
  canvas: Canvas,
): readonly string[] {
  const { style, width } = canvas;
  const rows = groups.map(({ check, severity, findings }): readonly Cell[] => {
    const { workloads, pods } = populationOf(findings);
    const fresh = findings.filter(({ status }) => status === 'new').length;
    return [
      { text: check, paint: style.bold },
      { text: shareBar(workloads, total), paint: style.severity[severity] },
      { text: count(workloads, 'workload') },
      { text: count(pods, 'pod') },
      { text: compared && fresh > 0 ? `${thousands(fresh)} new` : '', paint: style.accent },
    ];
  });
  const columns = [{ cut: 'end' }, {}, { align: 'right' }, { align: 'right' }, {}] as const;
  return tableLines(rows, { columns, width: width - INDENT, indent: 0 });
}

/** Never empty: one workload of thousands is seen, too. */
function shareBar(part: number, whole: number): string {
  const filled = Math.min(BAR, Math.max(1, Math.round((BAR * part) / Math.max(whole, 1))));
  return '▪'.repeat(filled) + '·'.repeat(BAR - filled);
}

/** Names of the workloads, a list for each cluster. */
function placeLines(
  findings: readonly Finding[],
  all: boolean,
  { style, width, nameOf }: RunCanvas,
): readonly string[] {
  const most = all ? Number.POSITIVE_INFINITY : MOST_CLUSTERS;
  const clusters = [...Map.groupBy(findings, ({ cluster }) => nameOf(cluster))];
  const lines = clusters.slice(0, most).flatMap(([cluster, of]) => {
    const names = [...new Set(of.map(({ workload }) => `${workload.namespace}/${workload.name}`))];
    const lead = `${shortenTo(terminalSafe(cluster), Math.floor(width / 3), 'middle')}: `;
    return nameLines(names, { width, indent: INDENT, lead, ...(all ? { lines: names.length } : {}) });
  });
  const rest = clusters.slice(most);
  if (rest.length === 0) return lines;
  const more = populationOf(rest.flatMap(([, of]) => of)).workloads;
  return [
    ...lines,
    style.dim(
      `${' '.repeat(INDENT)}and ${count(more, 'workload')} in ${count(rest.length, 'more cluster')}: -o json`,
    ),
  ];
}

const CLOSED = ['fixed', 'gone', 'withdrawn'] as const;

/** What is over since the last run, and what an exemption covers. */
export function otherLine({ clusters }: RunResult, canvas: Canvas): readonly string[] {
  const findings = clusters.flatMap((result) => result.findings);
  const of = (status: Finding['status']): number =>
    findings.filter((finding) => finding.status === status).length;
  const parts = [
    ...CLOSED.filter((status) => of(status) > 0).map((status) => `${count(of(status), 'finding')} ${status}`),
    ...(of('exempt') > 0 ? [`${count(of('exempt'), 'finding')} exempt`] : []),
  ];
  return labelledLines('ALSO', parts.length === 0 ? [] : [{ text: parts.join(', ') }], canvas);
}
