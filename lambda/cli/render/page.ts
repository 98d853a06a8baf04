import stringWidth from 'string-width';
import { terminalSafe } from '../../report/escape.ts';
import type { NameOf } from '../../report/words.ts';
import { shortenTo } from './columns.ts';
import { type Look, type Style, styleOf } from './style.ts';

/** What every part of a page is drawn with. */
export interface Canvas extends Look {
  readonly style: Style;
}

/** Of a page about several clusters, of which some may share a name. */
export interface RunCanvas extends Canvas {
  readonly nameOf: NameOf;
}

export const canvasOf = (look: Look): Canvas => ({ ...look, style: styleOf(look) });

/** A heading with a remark behind it and a rule over the rest of the width. */
export function heading(title: string, remark: string, { style, width }: Canvas): readonly string[] {
  const name = shortenTo(terminalSafe(title), Math.floor(width / 2), 'middle');
  const aside = remark === '' ? '' : shortenTo(terminalSafe(remark), width - stringWidth(name) - 6);
  const text = aside === '' ? name : `${name}  ${aside}`;
  const rule = '─'.repeat(Math.max(0, width - stringWidth(text) - 2));
  return ['', `${style.bold(name)}${aside === '' ? '' : `  ${style.dim(aside)}`}  ${style.dim(rule)}`];
}

/** Share in whole percent; what is not everything never shows as 100. */
export function percentOf(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const share = Math.floor((100 * part) / whole);
  return `${share} %`;
}

/** A bar of `width` columns, full only when `part` is everything. */
export function bar(
  part: number,
  whole: number,
  width: number,
): { readonly full: string; readonly empty: string } {
  const filled = whole === 0 ? 0 : Math.floor((width * part) / whole);
  return { full: '━'.repeat(filled), empty: '╌'.repeat(width - filled) };
}
