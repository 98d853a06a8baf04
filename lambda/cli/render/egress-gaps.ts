import type { EgressReport } from '../../questions/report.ts';
import { asCalled } from '../../report/own-commands.ts';
import { count } from '../../report/words.ts';
import { paragraphLines } from './columns.ts';
import { type Canvas, heading } from './page.ts';

const MOST_GAPS = 20;

/** What could not be read of which cluster, so that answers may be missing. */
export function gapLines(gaps: EgressReport['gaps'], canvas: Canvas): readonly string[] {
  if (gaps.length === 0) return [];
  const { style, width } = canvas;
  const shown = gaps.slice(0, MOST_GAPS);
  const rest = gaps.length - shown.length;
  return [
    ...heading('NOT READ', 'answers may be missing', canvas),
    ...shown.flatMap(({ cluster, gap }) => [
      ...paragraphLines(`${cluster.name}: ${gap.message}`, { width, indent: 2, paint: style.warn }),
      ...paragraphLines(asCalled(gap.remedy, canvas), { width, indent: 4, lead: '→ ', paint: style.accent }),
    ]),
    ...(rest > 0 ? [style.dim(`  and ${count(rest, 'more gap')}: -o json`)] : []),
  ];
}
