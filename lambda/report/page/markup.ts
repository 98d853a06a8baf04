import { htmlSafe } from '../escape.ts';

/** Text that is HTML already; only {@link html} and {@link joined} make it, so that whatever else is written is escaped. */
export interface Markup {
  readonly [MARKUP]: string;
}

const MARKUP = Symbol('markup');

type Part = Markup | string | number | readonly Markup[] | null;

/** HTML with whatever is put into it escaped, unless it is {@link Markup}; `null` is left out. */
export function html(pieces: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let text = pieces[0] ?? '';
  for (const [index, part] of parts.entries()) text += `${written(part)}${pieces[index + 1] ?? ''}`;
  return { [MARKUP]: text };
}

export const NOTHING: Markup = html``;

/** The text of the markup. */
export const textOf = (markup: Markup): string => markup[MARKUP];

/** One after the other, with `between` in the gaps. */
export const joined = (parts: readonly Markup[], between = ''): Markup => ({
  [MARKUP]: parts.map(textOf).join(between),
});

function written(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return htmlSafe(part);
  if (typeof part === 'number') return String(part);
  return MARKUP in part ? part[MARKUP] : part.map(textOf).join('');
}

/** Only for what this program itself has written: text from anywhere else must go through {@link html}. */
export const ownText = (text: string): Markup => ({ [MARKUP]: text });
