import { apartFindings } from '../../findings/apart.ts';
import type { FoldedCause } from '../../findings/fold-causes.ts';
import type { RunResult } from '../../findings/run-result.ts';
import { compareText } from '../../inventory/workload.ts';
import { clusterRowKey, workloadsOf } from '../../report/order.ts';
import { populationOf } from '../../report/population.ts';
import { count, severityCounts, thousands, workloadName } from '../../report/words.ts';
import { compareSeverity, worse } from '../../severity.ts';
import { type Cell, tableLines } from './columns.ts';
import { newsOfManaged } from './last-screen.ts';
import { heading, type RunCanvas } from './page.ts';
import type { View } from './view.ts';

const MOST_NAMESPACES = 20;

/** Labels are eight columns wide and stand behind two. */
const INDENT = 12;

/** A line for each namespace: how many causes are behind how many of its findings. */
export function namespaceLines(
  causes: readonly FoldedCause[],
  { all }: Pick<View, 'all'>,
  canvas: RunCanvas,
): readonly string[] {
  const { style, width, nameOf } = canvas;
  const findings = causes.flatMap((cause) =>
    cause.findings.map((finding) => ({ finding, cause: cause.cause.id })),
  );
  const groups = [
    ...Map.groupBy(
      findings,
      ({ finding }) => `${clusterRowKey(finding.cluster)}\n${finding.workload.namespace}`,
    ).values(),
  ]
    .map((rows) => ({
      rows: rows.map(({ finding }) => finding),
      causes: new Set(rows.map(({ cause }) => cause)).size,
      severity: rows.map(({ finding }) => finding.severity).reduce(worse),
    }))
    .sort(
      (a, b) =>
        compareSeverity(a.severity, b.severity) ||
        b.rows.length - a.rows.length ||
        compareText(a.rows[0]?.workload.namespace ?? '', b.rows[0]?.workload.namespace ?? ''),
    );
  const several = new Set(causes.map(({ cluster }) => clusterRowKey(cluster))).size > 1;
  const shown = all ? groups : groups.slice(0, MOST_NAMESPACES);
  const rows = shown.map((group): readonly Cell[] => {
    const [first] = group.rows;
    return [
      ...(several && first !== undefined ? [{ text: nameOf(first.cluster), paint: style.dim }] : []),
      { text: first?.workload.namespace || '(none)', paint: style.bold },
      { text: count(populationOf(group.rows).workloads, 'workload') },
      { text: count(group.causes, 'cause') },
      { text: severityCounts(group.rows), paint: style.dim },
    ];
  });
  const columns = [
    ...(several ? [{ cut: 'middle' } as const] : []),
    { cut: 'middle' } as const,
    { align: 'right' } as const,
    { align: 'right' } as const,
    { cut: 'end' } as const,
  ];
  const lines = tableLines(rows, { columns, width: width - INDENT, indent: 0 });
  const rest = groups.length - shown.length;
  return [
    ...heading('NAMESPACES', groups.length === 0 ? 'none' : thousands(groups.length), canvas),
    ...shown.map(({ severity }, index) => `  ${style.label(severity)}  ${lines[index]}`),
    ...(rest > 0 ? [style.dim(`${' '.repeat(INDENT)}and ${count(rest, 'more namespace')}: --all`)] : []),
  ];
}

/** What stands apart, a line for each workload. */
export function managedList(run: RunResult, canvas: RunCanvas): readonly string[] {
  const { style, width, nameOf } = canvas;
  const findings = run.clusters.flatMap(apartFindings);
  const groups = [...workloadsOf(findings)];
  const rows = groups.flatMap((group): readonly (readonly Cell[])[] => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      [
        { text: nameOf(first.cluster), paint: style.dim },
        { text: workloadName(first.workload), paint: style.bold },
        { text: first.managedBy ?? '', paint: style.dim },
        { text: severityCounts(group) },
      ],
    ];
  });
  const remark =
    groups.length === 0 ? 'none' : `${count(findings.length, 'finding')}${newsOfManaged(run)}; not ranked`;
  const columns = [{ cut: 'middle' }, { cut: 'middle' }, { cut: 'end' }, {}] as const;
  return [...heading('MANAGED', remark, canvas), ...tableLines(rows, { columns, width, indent: 2 })];
}
