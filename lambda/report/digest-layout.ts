import { mailSafe } from './escape.ts';
import { shortened, thousands, wrapped } from './words.ts';

/** Columns of a mail: what every client shows without breaking lines. */
export const COLUMNS = 72;

/** A hostile or verbose sentence must not fill the mail. */
const LONGEST_TEXT = 400;

/** Lines that belong together; the mail is cut only between them. */
export type Entry = readonly string[];

export interface Section {
  /** In capitals; `null` for a part without a heading, which is never counted as left out. */
  readonly title: string | null;
  /** Stands behind the title, with its own separator. */
  readonly detail: string;
  readonly intro: Entry;
  /** One each for a workload, a gap, an exemption: what is counted when the mail must be cut. */
  readonly entries: readonly Entry[];
}

/** A part without a heading. */
export const untitled = (intro: Entry): Section => ({ title: null, detail: '', intro, entries: [] });

/** Text from a cluster as one short line of mail. */
export const quoted = (text: string): string => shortened(mailSafe(text), LONGEST_TEXT);

/** A paragraph over the whole width, indented by `indent` spaces. */
export const paragraph = (text: string, indent = 0): readonly string[] =>
  wrapped(text, COLUMNS, ' '.repeat(indent));

/** The first line after `* `, its continuation below the text. */
export const bullet = (text: string): readonly string[] => wrapped(text, COLUMNS, '* ', '  ');

/** `1. ` with its continuation below the text. */
export function numbered(index: number, text: string): readonly string[] {
  const number = `${index + 1}. `;
  return wrapped(text, COLUMNS, number, ' '.repeat(number.length));
}

/** What to do, set off by an arrow. */
export function remedy(text: string, indent = 2): readonly string[] {
  const space = ' '.repeat(indent);
  return wrapped(text, COLUMNS, `${space}-> `, `${space}   `);
}

/** A stretch of the mail; `section` is set on what counts as an entry of it. */
interface Piece {
  readonly lines: Entry;
  readonly section: string | null;
}

/**
 * Joins the sections, then `footer`, into at most `maxBytes` of UTF-8. When they do not fit, the sections
 * are cut at the end of an entry, and how many entries of which section are missing is said; the footer
 * always stands.
 */
export function layOut(sections: readonly Section[], footer: Entry, maxBytes: number): string {
  const pieces = sections.filter(hasContent).flatMap(piecesOf);
  const room = maxBytes - bytesOf(footer);
  const total = pieces.reduce((bytes, piece) => bytes + bytesOf(piece.lines), 0);
  const kept = total <= room ? pieces.length : piecesWithin(pieces, room - bytesOf(cutNotice(pieces)));
  const lines = pieces.slice(0, kept).flatMap((piece) => piece.lines);
  if (kept < pieces.length) lines.push(...cutNotice(pieces.slice(kept)));
  return [...lines, ...footer].map((line) => `${line.trimEnd()}\n`).join('');
}

const hasContent = ({ intro, entries }: Section): boolean => intro.length + entries.length > 0;

function piecesOf({ title, detail, intro, entries }: Section): readonly Piece[] {
  const head = title === null ? intro : [`${title}${detail}`, ...intro];
  return [
    { lines: head, section: null },
    ...entries.map((lines) => ({ lines, section: title })),
    { lines: [''], section: null },
  ];
}

function piecesWithin(pieces: readonly Piece[], room: number): number {
  let used = 0;
  for (const [index, { lines }] of pieces.entries()) {
    used += bytesOf(lines);
    if (used > room) return index;
  }
  return pieces.length;
}

/** UTF-8 bytes of lines with their line breaks. */
function bytesOf(lines: readonly string[]): number {
  let bytes = 0;
  for (const line of lines) bytes += Buffer.byteLength(line) + 1;
  return bytes;
}

function cutNotice(left: readonly Piece[]): Entry {
  const counts = new Map<string, number>();
  for (const { section } of left) {
    if (section !== null) counts.set(section, (counts.get(section) ?? 0) + 1);
  }
  const what = [...counts].map(([section, entries]) => `${thousands(entries)} under ${section}`);
  return [
    '',
    ...paragraph(`TRUNCATED at the size limit of mails. Left out: ${what.join(', ')}. See the full report.`),
    '',
  ];
}
