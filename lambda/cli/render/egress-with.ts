import type { Reach, Unknown } from '../../egress/sets/reach.ts';
import type { Change, ChangeReport, WorkloadChange } from '../../questions/change.ts';
import { count, thousands, workloadName } from '../../report/words.ts';
import { type Cell, paragraphLines, tableLines } from './columns.ts';
import { block, labelled, reachBlock } from './egress-blocks.ts';
import { gapLines } from './egress-gaps.ts';
import { type Canvas, canvasOf, heading } from './page.ts';
import { isNothing, reachSummary } from './ranges.ts';
import type { Look } from './style.ts';

/** So many workloads are shown in full, more as a table. */
const IN_FULL = 5;
const MOST_REASONS = 3;

/** What `egress --with` prints: what each workload would lose and gain, and whether that would be enforced. */
export function renderChange(report: ChangeReport, look: Look): string {
  const canvas = canvasOf(look);
  const { workloads, gaps } = report;
  const changed = workloads.filter((of) => of.changed === true);
  const lines = [
    ...appliedLines(report.applied, canvas),
    ...(changed.length <= IN_FULL
      ? changed.flatMap((of) => fullLines(of, canvas))
      : listLines(changed, canvas)),
    ...restLines(workloads, canvas),
    ...gapLines(
      gaps.filter(({ gap }) => !workloads.some((of) => unknownOf(of)?.includes(gap.message))),
      canvas,
    ),
  ];
  return `${lines.join('\n').trimStart()}\n`;
}

function appliedLines(applied: ChangeReport['applied'], canvas: Canvas): readonly string[] {
  const { style, width } = canvas;
  return [
    ...heading('IF APPLIED', '', canvas),
    ...tableLines(
      applied.map(({ cluster, policy, replaces, selects }): readonly Cell[] => [
        { text: policy },
        { text: replaces ? 'replaces the existing one' : 'is new', paint: style.dim },
        selectsCell(selects, style),
        { text: cluster, paint: style.dim },
      ]),
      { columns: [{ cut: 'middle' }, {}, {}, { cut: 'middle' }], width, indent: 2 },
    ),
  ];
}

function selectsCell(selects: number | null, { dim, warn }: Canvas['style']): Cell {
  if (selects === null) return { text: 'which pods it selects is not known', paint: warn };
  if (selects === 0) return { text: 'selects no workload', paint: warn };
  return { text: `selects ${count(selects, 'workload')}`, paint: dim };
}

function fullLines(of: WorkloadChange, canvas: Canvas): readonly string[] {
  const { style } = canvas;
  return [
    ...heading(workloadName(of), `${of.cluster}, ${count(of.pods, 'pod')}`, canvas),
    ...labelled('loses', partBlock(of.declared.lost, canvas), style),
    ...labelled('gains', partBlock(of.declared.gained, canvas), style),
    ...labelled('enforced', enforcedBlock(of, canvas), style),
    ...(of.enforcement.state === 'enforced' || of.enforcement.state === 'none'
      ? []
      : of.enforcement.because
          .slice(0, MOST_REASONS)
          .flatMap((why) => labelled('', block(why, canvas, style.warn), style))),
    ...labelled('reaches', reachBlock(of.declared.after, canvas), style),
  ];
}

const partBlock = (part: Reach | Unknown, canvas: Canvas): readonly string[] =>
  'unknown' in part || !isNothing(part) ? reachBlock(part, canvas) : [canvas.style.dim('nothing')];

/** Whether what policies say would also happen, in a word. */
function enforcedText({ declared, enforced }: WorkloadChange): string {
  if ('unknown' in enforced.after) return 'not known';
  if (isSame(declared, enforced)) return 'as declared';
  return isUnchanged(enforced) ? 'no: nothing would change' : 'otherwise than declared';
}

function enforcedBlock(of: WorkloadChange, canvas: Canvas): readonly string[] {
  const text = enforcedText(of);
  if (text === 'as declared') return [canvas.style.good(text)];
  const { after } = of.enforced;
  if ('unknown' in after) return block(`not known: ${after.unknown}`, canvas, canvas.style.warn);
  return [canvas.style.bad(text), ...reachBlock(after, canvas)];
}

const isUnchanged = ({ lost, gained }: Change<unknown>): boolean =>
  [lost, gained].every((part) => !('unknown' in part) && isNothing(part));

/** Enforced answers know no names, so only ranges are compared. */
const isSame = (a: Change<unknown>, b: Change<unknown>): boolean =>
  JSON.stringify([rangesOf(a.lost), rangesOf(a.gained)]) ===
  JSON.stringify([rangesOf(b.lost), rangesOf(b.gained)]);

const rangesOf = (part: Reach | Unknown) => ('unknown' in part ? part.unknown : part.external);

function listLines(workloads: readonly WorkloadChange[], canvas: Canvas): readonly string[] {
  const { style, width } = canvas;
  const head = ['WORKLOAD', 'PODS', 'LOSES', 'GAINS', 'ENFORCED'].map(
    (text): Cell => ({ text, paint: style.dim }),
  );
  const columns = [
    { cut: 'middle' },
    { align: 'right' },
    { cut: 'end' },
    { cut: 'end' },
    { cut: 'end' },
  ] as const;
  return [...Map.groupBy(workloads, ({ cluster }) => cluster)].flatMap(([cluster, of]) => [
    ...heading('CHANGES', `${cluster}, ${count(of.length, 'workload')}`, canvas),
    ...tableLines(
      [
        head,
        ...of.map((one): readonly Cell[] => [
          { text: workloadName(one) },
          { text: thousands(one.pods) },
          { text: partText(one.declared.lost) },
          { text: partText(one.declared.gained), paint: style.accent },
          { text: enforcedText(one), paint: style.dim },
        ]),
      ],
      { columns, width, indent: 2 },
    ),
  ]);
}

const partText = (part: Reach | Unknown): string => {
  if ('unknown' in part) return 'unknown';
  return isNothing(part) ? '-' : reachSummary(part);
};

/** How many stay as they are, and of whom nothing is known, with each reason once. */
function restLines(workloads: readonly WorkloadChange[], { style, width }: Canvas): readonly string[] {
  const same = workloads.filter(({ changed }) => changed === false).length;
  const open = workloads.filter(({ changed }) => changed === null);
  const reasons = [...new Set(open.flatMap((of) => unknownOf(of) ?? []))];
  return [
    '',
    ...(workloads.length === 0 ? ['No workload was read.'] : []),
    ...(same > 0 ? [style.dim(`${count(same, 'workload')} would not change.`)] : []),
    ...(open.length > 0
      ? paragraphLines(
          `Of ${count(open.length, 'workload')} it is not known: ${reasons.slice(0, MOST_REASONS).join(' ')}`,
          { width, indent: 0, lines: 9, paint: style.warn },
        )
      : []),
  ];
}

const unknownOf = ({ declared: { before, after } }: WorkloadChange): string | undefined =>
  'unknown' in after ? after.unknown : 'unknown' in before ? before.unknown : undefined;
