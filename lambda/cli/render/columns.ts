import cliTruncate from 'cli-truncate';
import { wrapAnsi } from 'fast-wrap-ansi';
import stringWidth from 'string-width';
import { terminalSafe } from '../../report/escape.ts';
import { wholeCommands } from '../../report/whole-commands.ts';
import type { Paint } from './style.ts';

export interface Column {
  readonly align?: 'left' | 'right';
  /** Where to cut when there is too little room; a column without it keeps its width. */
  readonly cut?: 'end' | 'middle';
}

/** Text of a table; it is made safe here, so that no caller can forget. */
export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
}

export interface ColumnLayout {
  readonly columns: readonly Column[];
  /** Of the terminal. */
  readonly width: number;
  readonly indent: number;
}

const GAP = 2;
const NARROWEST = 8;

/** Lays rows out in columns that fit the width; where they do not, the widest that may be cut give way. */
export function tableLines(rows: readonly (readonly Cell[])[], layout: ColumnLayout): readonly string[] {
  const safe = rows.map((row) => row.map((cell) => ({ ...cell, text: terminalSafe(cell.text) })));
  const widths = fitted(safe, layout);
  return safe.map((row) => {
    const cells = row.map((cell, index) => field(cell, layout.columns[index] ?? {}, widths[index] ?? 0));
    return `${' '.repeat(layout.indent)}${cells.join(' '.repeat(GAP))}`.trimEnd();
  });
}

function fitted(
  rows: readonly (readonly Cell[])[],
  { columns, width, indent }: ColumnLayout,
): readonly number[] {
  const widths = columns.map((_, index) =>
    Math.max(0, ...rows.map((row) => stringWidth(row[index]?.text ?? ''))),
  );
  let excess = indent + widths.reduce((sum, each) => sum + each, 0) + GAP * (columns.length - 1) - width;
  while (excess > 0) {
    const [widest, next] = cuttable(columns, widths);
    if (widest === undefined || widest.width <= NARROWEST) break;
    const by = Math.min(excess, Math.max(1, widest.width - Math.max(next?.width ?? 0, NARROWEST)));
    widths[widest.index] = widest.width - by;
    excess -= by;
  }
  return widths;
}

const cuttable = (
  columns: readonly Column[],
  widths: readonly number[],
): readonly { readonly index: number; readonly width: number }[] =>
  widths
    .map((width, index) => ({ index, width }))
    .filter(({ index }) => columns[index]?.cut !== undefined)
    .sort((a, b) => b.width - a.width);

function field({ text, paint = (plain) => plain }: Cell, { align, cut }: Column, width: number): string {
  const short = cut === undefined ? text : shortenTo(text, width, cut);
  const padding = ' '.repeat(Math.max(0, width - stringWidth(short)));
  // An empty cell gets no colour codes: they would keep the blanks at the end of a line.
  const painted = short === '' ? '' : paint(short);
  return align === 'right' ? `${padding}${painted}` : `${painted}${padding}`;
}

/** At most `width` columns, with `…` where something was cut. */
export const shortenTo = (text: string, width: number, position: 'end' | 'middle' = 'end'): string =>
  cliTruncate(text, Math.max(1, width), { position });

export interface ParagraphLayout {
  readonly width: number;
  readonly indent: number;
  /** Lines at most; what is over is cut with `…`. */
  readonly lines?: number;
  /** Stands in front of the first line; the others begin below the text. Made safe, too. */
  readonly lead?: string;
  readonly paint?: Paint;
}

/** Hostile text as a paragraph: made safe, wrapped, and cut after some lines. Commands stay whole. */
export function paragraphLines(text: string, layout: ParagraphLayout): readonly string[] {
  const { width, indent, lines = 3, paint = (plain) => plain } = layout;
  const lead = terminalSafe(layout.lead ?? '');
  const room = Math.max(20, width - indent - stringWidth(lead));
  const whole = wholeCommands(terminalSafe(text), room);
  const wrapped = wrapAnsi(whole.text, room, { hard: true }).split('\n');
  const kept = wrapped.slice(0, lines);
  if (kept.length < wrapped.length) kept[lines - 1] = shortenTo(`${kept[lines - 1]} ${wrapped[lines]}`, room);
  const start = ' '.repeat(indent);
  const hang = ' '.repeat(indent + stringWidth(lead));
  return kept
    .map(whole.restore)
    .map((line, index) => (index === 0 ? `${start}${paint(lead)}${paint(line)}` : `${hang}${paint(line)}`));
}

/**
 * Names in a list of at most `lines` lines, with the count of those that did not fit: a reader sees how
 * much is hidden.
 */
export function nameLines(names: readonly string[], layout: ParagraphLayout): readonly string[] {
  const { width, indent, lines = 2, lead = '' } = layout;
  const line = width - indent - stringWidth(terminalSafe(lead));
  const safe = names.map((name) => shortenTo(terminalSafe(name), Math.max(20, line - 4), 'middle'));
  const room = (line - 4) * lines;
  let shown = 0;
  let used = 0;
  for (const name of safe) {
    used += stringWidth(name) + 2;
    if (used > room && shown > 0) break;
    shown++;
  }
  const rest = safe.length - shown;
  const text = `${safe.slice(0, shown).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return paragraphLines(text, { ...layout, lines: lines + 1 });
}

/** Names in one line of at most `width` columns, made safe, with the count of those that did not fit. */
export function namesIn(names: readonly string[], width: number): string {
  const safe = names.map(terminalSafe);
  const rest = (shown: number): string => (shown === safe.length ? '' : ` and ${safe.length - shown} more`);
  let shown = safe.length;
  while (shown > 1 && stringWidth(`${safe.slice(0, shown).join(', ')}${rest(shown)}`) > width) {
    // Long lists are halved first: there may be thousands of names.
    shown = shown > 64 ? Math.ceil(shown / 2) : shown - 1;
  }
  const end = rest(shown);
  return `${shortenTo(safe.slice(0, shown).join(', '), width - end.length, 'middle')}${end}`;
}
