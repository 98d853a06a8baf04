import stringWidth from 'string-width';
import { terminalSafe } from '../../report/escape.ts';
import { paragraphLines, shortenTo } from './columns.ts';
import type { Canvas } from './page.ts';
import type { Paint } from './style.ts';

/** Labels of the last screen are as wide as `NOT EVALUATED`. */
export const LABEL = 15;

/** A line of the last screen; its text is made safe and cut. */
export interface LabelledLine {
  readonly text: string;
  readonly paint?: Paint;
  /** At the right end, never cut; made safe, too. */
  readonly end?: string;
  /** Lines at most; those after the first are indented by `hang`. @defaultValue 1 */
  readonly lines?: number;
  readonly hang?: number;
}

/** Lines behind a label that is shown once; nothing where there is no line. */
export function labelledLines(
  label: string,
  lines: readonly LabelledLine[],
  { style, width }: Canvas,
): readonly string[] {
  const texts = lines.flatMap((line) =>
    line.lines === undefined ? [cutLine(line)] : wrappedLines(line, line.lines),
  );
  return texts.map((text, index) => {
    const head = index === 0 ? style.bold(label.padEnd(LABEL)) : ' '.repeat(LABEL);
    return `${head}${text}`.trimEnd();
  });

  function cutLine({ text, paint = plain, end = '' }: LabelledLine): string {
    const last = terminalSafe(end);
    const room = width - LABEL - (last === '' ? 0 : stringWidth(last) + 2);
    const shown = shortenTo(terminalSafe(text), room, last === '' ? 'end' : 'middle');
    if (last === '') return paint(shown);
    const gap = ' '.repeat(Math.max(2, width - LABEL - stringWidth(shown) - stringWidth(last)));
    return `${paint(shown)}${gap}${last}`;
  }

  function wrappedLines({ text, paint = plain, hang = 0 }: LabelledLine, most: number): readonly string[] {
    return paragraphLines(text, { width: width - LABEL, indent: hang, lines: most, paint });
  }
}

const plain: Paint = (text) => text;
