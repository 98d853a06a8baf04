import type { Destination } from '../../egress/answers/destination.ts';
import type { Extent } from '../../egress/answers/toward-destination.ts';
import { isNothing, subtract } from '../../egress/sets/address-set.ts';
import { PUBLIC_SPACE } from '../../egress/sets/public-space.ts';
import type { DestinationReport, Verdict, WorkloadDestination } from '../../questions/destination.ts';
import { count, thousands, workloadName } from '../../report/words.ts';
import { type Cell, paragraphLines, tableLines } from './columns.ts';
import { gapLines } from './egress-gaps.ts';
import { type Canvas, canvasOf, heading } from './page.ts';
import type { Look } from './style.ts';

/** What `egress --to` prints: who can reach the destination, who cannot, and of whom it is not known. */
export function renderDestination(
  { workloads, gaps }: DestinationReport,
  destination: Destination,
  look: Look,
): string {
  const canvas = canvasOf(look);
  const lines = [
    ...(workloads.length === 0 ? ['No workload was read.'] : []),
    ...VERDICTS.flatMap((verdict) => verdictLines(workloads, { verdict, destination }, canvas)),
    ...insideLines(destination, canvas),
    ...gapLines(
      gaps.filter(({ gap }) => !isTold(gap.message, workloads)),
      canvas,
    ),
  ];
  return `${lines.join('\n').trimStart()}\n`;
}

/** What rules say of pods is no answer here, and private addresses may be those of pods. */
function insideLines({ addresses }: Destination, { style, width }: Canvas): readonly string[] {
  if (addresses === null || isNothing(subtract(addresses, PUBLIC_SPACE))) return [];
  const text =
    'Judged as a destination outside the cluster: rules that select pods or services do not count, and may open it if it is one of them.';
  return ['', ...paragraphLines(text, { width, indent: 0, paint: style.warn })];
}

const isTold = (message: string, workloads: readonly WorkloadDestination[]): boolean =>
  workloads.some(({ because }) => because.some((reason) => reason.includes(message)));

const MOST_REASONS = 5;

const VERDICTS: readonly Verdict[] = ['can', 'perhaps', 'unknown', 'cannot'];

const TITLES: Readonly<Record<Verdict, string>> = {
  can: 'CAN REACH IT',
  perhaps: 'PERHAPS',
  unknown: 'NOT KNOWN',
  cannot: 'CANNOT',
};

/** A table for each cluster. */
function verdictLines(
  workloads: readonly WorkloadDestination[],
  { verdict, destination }: { readonly verdict: Verdict; readonly destination: Destination },
  canvas: Canvas,
): readonly string[] {
  const clusters = Map.groupBy(
    workloads.filter((of) => of.verdict === verdict),
    ({ cluster }) => cluster,
  );
  return [...clusters].flatMap(([cluster, of]) => [
    ...heading(
      `${TITLES[verdict]}: ${destination.text}`,
      `${cluster}, ${count(of.length, 'workload')}`,
      canvas,
    ),
    ...(verdict === 'perhaps' ? perhapsLines(destination, canvas) : []),
    ...tableOf(of, canvas),
  ]);
}

/** Why the answer is perhaps, which no rule says. */
function perhapsLines({ name }: Destination, { style, width }: Canvas): readonly string[] {
  const why =
    name === null
      ? 'By a host rule, if one of its names has this address.'
      : 'By address, if the name resolves to an allowed address; names are not looked up.';
  return paragraphLines(why, { width, indent: 2, paint: style.warn });
}

/** Workloads for which the same rules decide stand together, with these below. */
function tableOf(workloads: readonly WorkloadDestination[], { style, width }: Canvas): readonly string[] {
  const groups = [...Map.groupBy(workloads, ({ because }) => JSON.stringify(because)).values()];
  const head = ['WORKLOAD', 'PODS', 'DECLARED', 'ENFORCED'].map((text): Cell => ({ text, paint: style.dim }));
  const rows = groups
    .flat()
    .map((of): readonly Cell[] => [
      { text: workloadName(of) },
      { text: thousands(of.pods) },
      extentCell(of.declared, style),
      extentCell(of.enforced, style),
    ]);
  const columns = [{ cut: 'middle' }, { align: 'right' }, {}, {}] as const;
  const [first = '', ...lines] = tableLines([head, ...rows], { columns, width, indent: 2 });
  let shown = 0;
  return [
    first,
    ...groups.flatMap((group) => {
      const from = shown;
      shown += group.length;
      return [...lines.slice(from, shown), ...reasonLines(group[0]?.because ?? [], { style, width })];
    }),
  ];
}

function reasonLines(because: readonly string[], { style, width }: Pick<Canvas, 'style' | 'width'>) {
  const rest = because.length - MOST_REASONS;
  return [
    ...because
      .slice(0, MOST_REASONS)
      .flatMap((reason) =>
        paragraphLines(reason, { width, indent: 4, lead: '→ ', lines: 6, paint: style.dim }),
      ),
    ...(rest > 0 ? [style.dim(`    and ${count(rest, 'more reason')}: -o json`)] : []),
  ];
}

const EXTENTS: Readonly<Record<Extent, string>> = {
  all: 'open',
  part: 'part of it',
  perhaps: 'perhaps',
  unknown: 'unknown',
  none: 'closed',
};

function extentCell(extent: Extent, { bad, good, warn }: Canvas['style']): Cell {
  const paint = extent === 'none' ? good : extent === 'all' || extent === 'part' ? bad : warn;
  return { text: EXTENTS[extent], paint };
}
