import type { EgressAnswer } from '../../egress/answers/answer.ts';
import { thousands } from '../../report/words.ts';
import { type Cell, paragraphLines, tableLines } from './columns.ts';
import type { Canvas } from './page.ts';
import { isEverything, isNothing, reachLines } from './ranges.ts';
import type { Paint } from './style.ts';

/** Columns in front of a block. */
export const LABEL = 12;
const MOST_RANGES = 20;

/** Lines without indent; the label stands in front of the first. */
export function labelled(label: string, lines: readonly string[], style: Canvas['style']): readonly string[] {
  return lines.map(
    (line, index) => `  ${index === 0 ? style.dim(label.padEnd(LABEL - 2)) : ' '.repeat(LABEL - 2)}${line}`,
  );
}

/** A paragraph beside a label. */
export const block = (text: string, { width }: Canvas, paint: Paint = (plain) => plain): readonly string[] =>
  paragraphLines(text, { width: width - LABEL, indent: 0, lines: 6, paint });

/** One line for each name and range, and a word for nothing and everything. */
export function reachBlock(
  reach: EgressAnswer['declared'] | EgressAnswer['enforced'],
  canvas: Canvas,
): readonly string[] {
  const { style } = canvas;
  if ('unknown' in reach) return block(`unknown: ${reach.unknown}`, canvas, style.warn);
  if (isEverything(reach)) return [style.bad('everything: every address on every port')];
  if (isNothing(reach)) return [style.good('nothing outside the cluster')];
  const lines = reachLines(reach);
  const rows = lines
    .slice(0, MOST_RANGES)
    .map(({ destination, ports }): readonly Cell[] => [
      { text: destination },
      { text: ports, paint: style.accent },
    ]);
  const table = tableLines(rows, {
    columns: [{ cut: 'middle' }, { cut: 'end' }],
    width: canvas.width - LABEL,
    indent: 0,
  });
  return lines.length > MOST_RANGES
    ? [...table, style.dim(`and ${thousands(lines.length - MOST_RANGES)} more: -o json`)]
    : table;
}
