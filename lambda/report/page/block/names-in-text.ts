/** The names that texts about a finding repeat. */
export interface RepeatedNames {
  readonly namespace: string;
  readonly name: string;
  readonly container: string | null;
}

const [VERBATIM, NAME, NAMESPACE, CONTAINER] = ['\u0000', '\u0001', '\u0002', '\u0003'];

/** Texts that hold one of these stay as they are, and say so by the first. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the marks themselves.
const MARKS = /[\u0000-\u0003]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the marks themselves.
const NAMED = /[\u0001-\u0003]/g;

/** Shorter names are in words that mean something else. */
const SHORTEST = 3;

/**
 * A text with a mark in place of each name of its finding, so that thousands of texts that differ by their names only are
 * one.
 */
export function withoutNames(text: string, { namespace, name, container }: RepeatedNames): string {
  if (MARKS.test(text)) return `${VERBATIM}${text}`;
  return marked(marked(marked(text, name, NAME), namespace, NAMESPACE), container ?? '', CONTAINER);
}

const marked = (text: string, name: string, mark: string): string =>
  name.length < SHORTEST || !text.includes(name) ? text : text.replaceAll(name, () => mark);

/** What {@link withoutNames} was given. */
export function withNames(text: string, { namespace, name, container }: RepeatedNames): string {
  if (text.startsWith(VERBATIM)) return text.slice(1);
  return text.replace(NAMED, (mark) =>
    mark === NAME ? name : mark === NAMESPACE ? namespace : (container ?? ''),
  );
}
