import type { EgressAnswer } from '../../egress/answers/answer.ts';
import type { Explanation, HostExplanation } from '../../egress/answers/explain.ts';
import type { ExternalRange } from '../../egress/sets/reach.ts';
import { portsText, rangeText } from '../../egress/sets/words.ts';
import { isObjectName } from '../../fixes/shell.ts';
import type { EgressReport, WorkloadEgress } from '../../questions/report.ts';
import { asCalled, PROGRAM } from '../../report/own-commands.ts';
import { count, thousands, workloadName } from '../../report/words.ts';
import { type Cell, paragraphLines, tableLines } from './columns.ts';
import { block, LABEL, labelled, reachBlock } from './egress-blocks.ts';
import { gapLines } from './egress-gaps.ts';
import { type Canvas, canvasOf, heading } from './page.ts';
import { isEverything, isNothing, reachSummary } from './ranges.ts';
import { routableBlock } from './routable.ts';
import type { Look, Paint } from './style.ts';

/** So many workloads are shown in full, more as a table. */
const IN_FULL = 3;
const MOST_REASONS = 3;
const MOST_EXPLAINED = 60;
/** Of the rules behind one of them. */
const MOST_RULES = 10;

export interface EgressLook extends Look {
  /** Show the policy and rule behind every range. */
  readonly explain: boolean;
}

/** What `egress` prints: a table of workloads, or few of them in full, then what could not be read. */
export function renderEgress({ workloads, gaps }: EgressReport, look: EgressLook): string {
  const canvas = canvasOf(look);
  const inFull = look.explain || workloads.length <= IN_FULL;
  const lines = [
    ...(workloads.length === 0 ? ['No workload was read.'] : []),
    ...(inFull
      ? workloads.flatMap((of) => fullLines(of, look.explain, canvas))
      : listLines(workloads, canvas)),
    ...gapLines(
      gaps.filter(({ gap }) => !isTold(gap.message, workloads)),
      canvas,
    ),
  ];
  return `${lines.join('\n').trimStart()}\n`;
}

/** Whether an open answer says already what could not be read. */
const isTold = (message: string, workloads: readonly WorkloadEgress[]): boolean =>
  openReasons(workloads).some((reason) => reason.includes(message));

const openReasons = (workloads: readonly WorkloadEgress[]): readonly string[] => [
  ...new Set(workloads.flatMap(({ declared }) => ('unknown' in declared ? [declared.unknown] : []))),
];

/** A table for each cluster. */
function listLines(workloads: readonly WorkloadEgress[], canvas: Canvas): readonly string[] {
  const clusters = [...Map.groupBy(workloads, ({ cluster }) => cluster)];
  return [
    ...clusters.flatMap(([cluster, of]) => [
      ...heading('EGRESS', `${cluster}, ${count(of.length, 'workload')}`, canvas),
      ...clusterTable(of, canvas),
      ...unknownLines(of, canvas),
    ]),
    '',
    ...enforcementLines(workloads, canvas),
    ...workloads
      .filter(({ namespace, name }) => isObjectName(namespace) && isObjectName(name))
      .slice(0, 1)
      .flatMap((one) =>
        paragraphLines(
          asCalled(`Details of a workload: ${PROGRAM} egress ${one.namespace}/${one.name} --explain`, canvas),
          { width: canvas.width, indent: 0, paint: canvas.style.dim },
        ),
      ),
  ];
}

function clusterTable(workloads: readonly WorkloadEgress[], { style, width }: Canvas): readonly string[] {
  const head = ['WORKLOAD', 'PODS', 'MAY REACH OUTSIDE', 'ENFORCED', 'POLICIES'].map(
    (text): Cell => ({ text, paint: style.dim }),
  );
  const rows = workloads.map((of): readonly Cell[] => [
    { text: workloadName(of) },
    { text: thousands(of.pods) },
    declaredCell(of, style),
    enforcedCell(of, style),
    { text: of.policies.length === 0 ? '-' : thousands(of.policies.length), paint: style.dim },
  ]);
  const columns = [
    { cut: 'middle' },
    { align: 'right' },
    { cut: 'end' },
    { cut: 'end' },
    { align: 'right' },
  ] as const;
  return tableLines([head, ...rows], { columns, width, indent: 2 });
}

/** What the network plugin makes of it, in a word where it can. */
function enforcedCell(answer: EgressAnswer, style: Canvas['style']): Cell {
  const { declared, enforced } = answer;
  if ('unknown' in enforced) return { text: 'unknown', paint: style.warn };
  const like = likeness(answer);
  if (like !== null) return { text: like, paint: style.dim };
  const wider = 'external' in declared && isEverything(enforced);
  return { text: reachSummary(enforced), paint: wider ? style.bad : style.warn };
}

function declaredCell({ declared }: EgressAnswer, style: Canvas['style']): Cell {
  if ('unknown' in declared) return { text: 'unknown', paint: style.warn };
  return { text: reachSummary(declared), paint: reachPaint(declared, style) };
}

function reachPaint(reach: Parameters<typeof reachSummary>[0], style: Canvas['style']): Paint {
  if (isEverything(reach)) return style.bad;
  return isNothing(reach) ? style.good : (text) => text;
}

/** Why answers are open, each reason once. */
function unknownLines(workloads: readonly WorkloadEgress[], { style, width }: Canvas): readonly string[] {
  const reasons = openReasons(workloads);
  const rest = reasons.length - MOST_REASONS;
  return [
    ...reasons
      .slice(0, MOST_REASONS)
      .flatMap((reason) =>
        paragraphLines(`unknown: ${reason}`, { width, indent: 2, lines: 6, paint: style.warn }),
      ),
    ...(rest > 0 ? [style.dim(`  and ${count(rest, 'more reason')}: -o json`)] : []),
  ];
}

/** Declared is what policies say; a reader must not take it for what happens. */
function enforcementLines(workloads: readonly WorkloadEgress[], { style, width }: Canvas): readonly string[] {
  const open = workloads.filter(({ declared, enforced }) => 'external' in declared && 'unknown' in enforced);
  if (open.length === 0) return [];
  const reasons = new Set(open.flatMap(({ enforced }) => ('unknown' in enforced ? [enforced.unknown] : [])));
  const whose = open.length === workloads.length ? '' : ` for ${count(open.length, 'workload')}`;
  const text = `This is what policies declare. What is enforced is not known${whose}: ${[...reasons].slice(0, MOST_REASONS).join(' ')}`;
  return paragraphLines(text, { width, indent: 0, lines: 6, paint: style.warn });
}

function fullLines(of: WorkloadEgress, explain: boolean, canvas: Canvas): readonly string[] {
  const { style } = canvas;
  const like = likeness(of);
  return [
    ...heading(workloadName(of), `${of.cluster}, ${count(of.pods, 'pod')}`, canvas),
    ...labelled('declared', reachBlock(of.declared, canvas), style),
    ...labelled('enforced', like === null ? reachBlock(of.enforced, canvas) : [style.dim(like)], style),
    ...effectiveLines(of, canvas),
    ...labelled('routable', routableBlock(of.routable, canvas), style),
    ...labelled('policies', policyBlock(of, canvas), style),
    ...of.notes.flatMap((note) => labelled('note', block(note, canvas), style)),
    ...(explain ? of.explanations.flatMap((set, index) => explanationLines(set, index, of, canvas)) : []),
  ];
}

/** What checks judge, where it is not what is enforced: of what is not known, what is reached in any case and at most. */
function effectiveLines({ effective }: EgressAnswer, canvas: Canvas): readonly string[] {
  const { style } = canvas;
  const { basis, definite } = effective;
  if (basis === 'enforced') return [];
  if (basis === 'declared') {
    return labelled('effective', [style.dim('as declared: nothing is applied yet')], style);
  }
  return labelled(
    'effective',
    [
      ...block('not known; checks decide only if every possible result agrees', canvas, style.warn),
      ...(definite === undefined ? [] : [style.dim('in any case'), ...reachBlock(definite, canvas)]),
      style.dim('at most'),
      ...reachBlock(effective, canvas),
    ],
    style,
  );
}

/** How far what is enforced is what is declared, in words; null: it is something else. */
function likeness({ declared, enforced }: EgressAnswer): string | null {
  if ('unknown' in declared || 'unknown' in enforced) return null;
  const text = (ranges: readonly ExternalRange[]): string => JSON.stringify(ranges);
  if (text(declared.external) === text(enforced.external)) return 'as declared';
  const ofFamily = (isV6: boolean) => declared.external.filter(({ from }) => from.includes(':') === isV6);
  // Pods have addresses of one family, most of the time.
  if (enforced.external.length === 0) return null;
  if (text(ofFamily(false)) === text(enforced.external)) return 'as declared, over IPv4';
  return text(ofFamily(true)) === text(enforced.external) ? 'as declared, over IPv6' : null;
}

function policyBlock({ policies }: WorkloadEgress, canvas: Canvas): readonly string[] {
  if (policies.length === 0) return [canvas.style.dim('none selects its pods')];
  return policies.flatMap((policy) => block(policy, canvas));
}

/** The rule behind every range; a workload whose pods differ in labels has a list for each set of policies. */
function explanationLines(
  set: WorkloadEgress['explanations'][number],
  index: number,
  { explanations }: WorkloadEgress,
  canvas: Canvas,
): readonly string[] {
  const { style } = canvas;
  const title = explanations.length === 1 ? 'why' : `why, ${index + 1}/${explanations.length}`;
  if (set.length === 0) return labelled(title, block('No rule opens anything.', canvas), style);
  const lines = set
    .slice(0, MOST_EXPLAINED)
    .flatMap((one) => [
      ...block(openedText(one), canvas),
      ...one.because
        .slice(0, MOST_RULES)
        .flatMap((reason) =>
          paragraphLines(reason, { width: canvas.width - LABEL, indent: 2, paint: style.dim }),
        ),
      ...(one.because.length > MOST_RULES
        ? [style.dim(`  and ${thousands(one.because.length - MOST_RULES)} more rules: -o json`)]
        : []),
    ]);
  const rest = set.length - MOST_EXPLAINED;
  return labelled(
    title,
    rest > 0 ? [...lines, style.dim(`and ${thousands(rest)} more: -o json`)] : lines,
    style,
  );
}

const openedText = (one: HostExplanation | Explanation): string =>
  'host' in one
    ? `${one.host.host}  ${portsText(one.host.ports)}`
    : `${rangeText(one.external)}  ${portsText(one.external.ports)}`;
