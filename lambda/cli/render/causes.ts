import { CAUSE_WORDS } from '../../findings/cause-words.ts';
import { type FoldedCause, type ToldCause, tellOnce } from '../../findings/fold-causes.ts';
import { workloadKey } from '../../inventory/workload.ts';
import { causeText, objectText, whatText } from '../../report/cause-words.ts';
import { storyText, storyWords } from '../../report/image-story.ts';
import { populationOf } from '../../report/population.ts';
import { resolvedText } from '../../report/resolved.ts';
import { count, listed, severityCounts, thousands, workloadName } from '../../report/words.ts';
import { SEVERITIES, type Severity } from '../../severity.ts';
import { type Cell, namesIn, paragraphLines, tableLines } from './columns.ts';
import { heading, type RunCanvas } from './page.ts';
import type { View } from './view.ts';

/** How many of each severity are shown before the rest is counted. */
const MOST: Readonly<Record<Severity, number>> = { critical: 10, high: 10, medium: 4, low: 2 };
/** Labels are eight columns wide and stand behind two. */
const INDENT = 12;

/** How causes are ordered, for people (see `compareCauses`). */
const ORDER = 'worst first: severity, drift, new, findings removed, pods, age';

/** What to change, by severity: a line for each cause, and a line for the workloads where its name does not say them. */
export function causeLines(
  causes: readonly FoldedCause[],
  { all, now }: Pick<View, 'all'> & { readonly now: string },
  canvas: RunCanvas,
): readonly string[] {
  const remark = causes.length === 0 ? 'none' : `${thousands(causes.length)}, ${ORDER}`;
  const told = tellOnce(causes);
  const groups = SEVERITIES.map((severity) => {
    const of = told.filter((cause) => cause.severity === severity);
    const most = all ? of.length : MOST[severity];
    return { shown: of.slice(0, most), rest: of.slice(most) };
  });
  const [head, ...rows] = causeRows(
    groups.flatMap(({ shown }) => shown),
    canvas,
  );
  let next = 0;
  return [
    ...heading('CAUSES', remark, canvas),
    ...(head === undefined ? [] : [`${' '.repeat(INDENT)}${head}`]),
    ...groups.flatMap(({ shown, rest }) => [
      ...shown.flatMap((cause) => [
        `  ${canvas.style.label(cause.severity)}  ${rows[next++]}`,
        ...writtenLines(cause, now, canvas),
        ...workloadLines(cause, canvas),
      ]),
      ...restLines(rest, canvas),
    ]),
  ];
}

function causeRows(causes: readonly ToldCause[], canvas: RunCanvas): readonly string[] {
  const { style, width, nameOf } = canvas;
  const several = new Set(causes.map(({ cluster }) => nameOf(cluster))).size > 1;
  const rows = causes.map((one): readonly Cell[] => [
    ...(several ? [{ text: nameOf(one.cluster), paint: style.dim }] : []),
    { text: toldObject(one), paint: style.bold },
    { text: shortText(one) },
    { text: thousands(one.findings.length), paint: style.dim },
    { text: newText(one), paint: style.accent },
  ]);
  const columns = [
    ...(several ? [{ cut: 'middle' } as const] : []),
    { cut: 'middle' } as const,
    { cut: 'end' } as const,
    { align: 'right' } as const,
    {},
  ];
  const head = [...(several ? ['CLUSTER'] : []), 'OBJECT', 'WHAT IS WRONG', 'FINDINGS'].map(
    (text): Cell => ({ text, paint: style.dim }),
  );
  return tableLines(causes.length === 0 ? [] : [head, ...rows], {
    columns,
    width: width - INDENT,
    indent: 0,
  });
}

/** `14 findings in 3 workloads`, `5 of 7 findings` where a change leaves some. */
export function resolvesText({ findings, resolves, workloads }: FoldedCause): string {
  const found = resolvedText(findings.length, resolves);
  return workloads === 1 ? found : `${found} in ${count(workloads, 'workload')}`;
}

const newText = ({ fresh, findings }: FoldedCause): string =>
  fresh === 0 ? '' : fresh === findings.length ? 'new' : `${thousands(fresh)} new`;

/** The workload, where several causes of it are told as one story. */
const toldObject = ({ cause, parts, findings: [{ workload }] }: ToldCause): string =>
  parts.length > 1 ? workloadName(workload) : objectText(cause);

/** What was measured, and a story, take lines of their own. */
function shortText(one: ToldCause): string {
  if (one.parts.length > 1) return storyWords(one.parts);
  return one.written !== null && one.cause.kind === 'drifted' ? CAUSE_WORDS.drifted : whatText(one);
}

/** `payments/Deployment/checkout: image out of date`; not yet safe for a terminal. */
export const toldText = (one: ToldCause): string =>
  one.parts.length > 1 ? `${toldObject(one)}: ${storyWords(one.parts)}` : causeText(one);

/** Below what was changed, in full: the first thing to know of a container that is not its image any more. */
function writtenLines(cause: ToldCause, now: string, { style, width }: RunCanvas): readonly string[] {
  // One cause alone has a name that says it.
  const story = cause.parts.length > 1 ? storyText(cause.parts, now) : '';
  if (story !== '') return paragraphLines(story, { width, indent: INDENT, lines: 4, paint: style.dim });
  if (cause.cause.kind !== 'drifted' || cause.written === null) return [];
  return paragraphLines(whatText(cause), { width, indent: INDENT, lines: 2, paint: style.dim });
}

function workloadLines(cause: ToldCause, { style, width }: RunCanvas): readonly string[] {
  const { object } = cause.cause;
  const workloads = new Map(cause.findings.map(({ workload }) => [workloadKey(workload), workload]));
  const isNamed =
    object.namespace !== null &&
    workloads.size === 1 &&
    workloads.has(workloadKey({ namespace: object.namespace, kind: object.kind, name: object.name }));
  if (isNamed || cause.parts.length > 1) return [];
  const names = namesIn([...workloads.values()].map(workloadName), width - INDENT);
  return [`${' '.repeat(INDENT)}${style.dim(names)}`];
}

function restLines(rest: readonly FoldedCause[], { style, width }: RunCanvas): readonly string[] {
  if (rest.length === 0) return [];
  const kinds = [...Map.groupBy(rest, ({ cause }) => cause.kind)]
    .filter(([kind]) => kind !== 'unknown')
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([kind, of]) => `${thousands(of.length)} ${CAUSE_WORDS[kind]}`);
  return paragraphLines(
    `and ${thousands(rest.length)} more ${rest[0]?.severity}${kinds.length === 0 ? '' : `: ${listed(kinds, 4)}`}`,
    {
      width,
      indent: INDENT,
      lines: 2,
      paint: style.dim,
    },
  );
}

/** `76 causes (6 critical, 19 high) in 41 workloads`. */
export function causesInWords(causes: readonly FoldedCause[]): string {
  if (causes.length === 0) return 'no open finding';
  const { workloads } = populationOf(causes.flatMap(({ findings }) => findings));
  return `${count(causes.length, 'cause')} (${severityCounts(causes)}) in ${count(workloads, 'workload')}`;
}
