import { compareAscii, compareNumbers, type VersionScheme } from './scheme.ts';

/**
 * A part of a version: a number or a qualifier; or a list, which begins at each hyphen and wherever digits and letters
 * meet, and counts less than what stands before it.
 */
type Item = { readonly number: string } | { readonly qualifier: string } | readonly Item[];

/**
 * As Maven 3.9 orders versions, which departs from its own specification where a qualifier follows a dot
 * (https://maven.apache.org/pom.html#version-order-specification); the results were compared with its library.
 */
export const MAVEN: VersionScheme = {
  compare: (version, asked) =>
    isVersion(version) && isVersion(asked) ? compareLists(itemsOf(version), itemsOf(asked)) : null,
};

/** Maven orders every text; what was never filled in (`${revision}`) means nothing. */
const isVersion = (text: string): boolean => /^[\w.+-]+$/.test(text) && /\d/.test(text);

/** The qualifiers with an order of their own; all others come after them. */
const QUALIFIERS = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const RELEASE = QUALIFIERS.indexOf('');
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['cr', 'rc'],
]);
/** Only where a number follows at once. */
const SHORT: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

/** A number or a word, and the separator behind it; an empty one where two separators meet. */
const PARTS = /(?<number>\d+)(?<afterNumber>[.-]?)|(?<word>[^\d.-]+)(?<afterWord>[.-]?)|(?<empty>[.-])/g;

function itemsOf(version: string): readonly Item[] {
  const text = version.trim().toLowerCase();
  const root: Item[] = [];
  const lists: Item[][] = [root];
  let list = root;
  const begin = (): void => {
    const inner: Item[] = [];
    list.push(inner);
    lists.push(inner);
    list = inner;
  };
  for (const match of text.matchAll(PARTS)) {
    const { number, word, afterNumber, afterWord, empty } = match.groups ?? {};
    const after = afterNumber ?? afterWord ?? empty ?? '';
    const atEnd = match.index + match[0].length === text.length && after === '';
    const digitFollows = word !== undefined && after === '' && !atEnd;
    // A word after a dot belongs to the list of the numbers before it only where a separator follows.
    if (word !== undefined && after === '' && list.length > 0) begin();
    list.push(
      word === undefined ? { number: number ?? '0' } : { qualifier: qualifierOf(word, digitFollows) },
    );
    if (after === '-' || (after === '' && !atEnd)) begin();
  }
  for (const one of lists.toReversed()) normalize(one);
  return root;
}

function qualifierOf(word: string, digitFollows: boolean): string {
  const known = (digitFollows ? SHORT.get(word) : undefined) ?? word;
  return ALIASES.get(known) ?? known;
}

/** Removes what means nothing at the end of a list, and before the lists at its end. */
function normalize(list: Item[]): void {
  for (let at = list.length - 1; at >= 0; at--) {
    const item = list[at];
    if (item === undefined) return;
    if (meansNothing(item)) list.splice(at, 1);
    else if (!isList(item)) return;
  }
}

const isList = (item: Item): item is readonly Item[] => Array.isArray(item);

function meansNothing(item: Item): boolean {
  if (isList(item)) return item.length === 0;
  return 'number' in item ? /^0*$/.test(item.number) : item.qualifier === '';
}

function compareLists(a: readonly Item[], b: readonly Item[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const [one, other] = [a[at], b[at]];
    const difference = one === undefined ? -withNothing(other) : compareItems(one, other);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Numbers are newer than lists, and lists newer than qualifiers. */
const kindOf = (item: Item): number => (isList(item) ? 1 : 'number' in item ? 2 : 0);

function compareItems(a: Item, b: Item | undefined): number {
  if (b === undefined) return withNothing(a);
  if (isList(a) && isList(b)) return compareLists(a, b);
  if (!isList(a) && !isList(b)) {
    if ('number' in a && 'number' in b) return compareNumbers(a.number, b.number);
    if ('qualifier' in a && 'qualifier' in b) return compareQualifiers(a.qualifier, b.qualifier);
  }
  return kindOf(a) - kindOf(b);
}

function withNothing(item: Item | undefined): number {
  if (item === undefined || meansNothing(item)) return 0;
  if (isList(item)) {
    return item.reduce((difference, one) => (difference === 0 ? withNothing(one) : difference), 0);
  }
  return 'number' in item ? 1 : rankOf(item.qualifier) - RELEASE;
}

function compareQualifiers(a: string, b: string): number {
  const ranks = [rankOf(a), rankOf(b)] as const;
  return ranks[0] - ranks[1] || (ranks[0] === QUALIFIERS.length ? compareAscii(a, b) : 0);
}

function rankOf(qualifier: string): number {
  const rank = QUALIFIERS.indexOf(qualifier);
  return rank < 0 ? QUALIFIERS.length : rank;
}
