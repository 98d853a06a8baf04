import type { PortSet } from './port-set.ts';

/** Destinations by name: a rule's host pattern with its ports. */
export interface HostMatch {
  /** As in the policy. */
  readonly host: string;
  readonly ports: PortSet;
  /** What `*` stands for in the kind's own syntax. */
  readonly wildcard: Wildcard;
}

/**
 * What `*` stands for. `labels`: any characters, dots included. `label`: any characters but the dot, except
 * that a leading `**.` stands for any names below, as Cilium has it. `dots`: as `labels`, and each dot of the
 * pattern stands for any one character, as in a regular expression.
 */
export type Wildcard = 'label' | 'labels' | 'dots';

/**
 * A character that must stand there; a wildcard, which may also stand for nothing; or exactly one character,
 * whichever it is.
 */
type Token = string | { readonly any: 'label' | 'labels' | 'one' };

/**
 * Whether the pattern admits the domain itself or some name below it; the domain may be a pattern, too, with
 * `*` for characters of one label: whether the two meet in some name. Names are compared without case and
 * without a final dot (RFC 4343; RFC 1034 §3.1), and have no empty labels.
 */
export function admitsUnder(
  { host, wildcard }: Pick<HostMatch, 'host' | 'wildcard'>,
  domain: string,
): boolean {
  const pattern = normalName(host);
  const name = normalName(domain);
  if (wildcard !== 'dots') {
    if (!pattern.includes('*') && !name.includes('*')) {
      return pattern === name || pattern.endsWith(`.${name}`);
    }
    if (!endsFit(pattern, name)) return false;
  }
  const own = tokens(pattern, wildcard);
  const other = tokens(name, 'label');
  return meet(own, other) || meet(own, [{ any: 'labels' }, '.', ...other]);
}

/** Names and patterns that mean the same are equal texts: without case and without a final dot. */
export const normalName = (name: string): string =>
  (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();

/** Whether some name is admitted by both patterns. */
export const haveCommonName = (
  a: Pick<HostMatch, 'host' | 'wildcard'>,
  b: Pick<HostMatch, 'host' | 'wildcard'>,
): boolean => meet(tokens(normalName(a.host), a.wildcard), tokens(normalName(b.host), b.wildcard));

/** Whether the pattern admits this very name. */
export function admitsName({ host, wildcard }: Pick<HostMatch, 'host' | 'wildcard'>, name: string): boolean {
  return meet(tokens(normalName(host), wildcard), [...normalName(name)]);
}

/** What stands after the last wildcards must agree; most pairs do not get further. */
function endsFit(a: string, b: string): boolean {
  const [endOfA, endOfB] = [afterWildcards(a), afterWildcards(b)];
  return endOfA.endsWith(endOfB) || endOfB.endsWith(endOfA);
}

const afterWildcards = (pattern: string): string => pattern.slice(pattern.lastIndexOf('*') + 1);

function tokens(pattern: string, wildcard: Wildcard): readonly Token[] {
  const deep = wildcard === 'label' ? (/^\*{2,}(?=\.)/.exec(pattern)?.[0].length ?? 0) : 0;
  const rest = [...pattern.slice(deep)].map((character): Token => {
    if (character === '*') return { any: wildcard === 'label' ? 'label' : 'labels' };
    return character === '.' && wildcard === 'dots' ? { any: 'one' } : character;
  });
  return deep > 0 ? [{ any: 'labels' }, ...rest] : rest;
}

/** Positions in both patterns, and whether a label begins there, so that it may not end. */
type Place = readonly [number, number, boolean];

/**
 * Whether some name without empty labels is read to the end by both. Goes through pairs of positions, of
 * which there are few, and not by regular expressions: `*a*a*a*…` must not take for ever.
 */
function meet(a: readonly Token[], b: readonly Token[]): boolean {
  const seen = new Set<number>();
  const open: Place[] = [[0, 0, true]];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const [i, j, edge] = place;
    const key = (i * (b.length + 1) + j) * 2 + Number(edge);
    if (seen.has(key)) continue;
    seen.add(key);
    if (i === a.length && j === b.length && !edge) return true;
    open.push(...stepsFrom(place, a[i], b[j]));
  }
  return false;
}

function stepsFrom([i, j, edge]: Place, one: Token | undefined, other: Token | undefined): readonly Place[] {
  const past: Place[] = [];
  if (maySkip(one)) past.push([i + 1, j, edge]);
  if (maySkip(other)) past.push([i, j + 1, edge]);
  if (one === undefined || other === undefined) return past;
  const character = typeof one === 'string' ? one : typeof other === 'string' ? other : ANY_LETTER;
  const isRead = reads(one, character) && reads(other, character) && !(character === '.' && edge);
  if (!isRead) return past;
  return [...past, [maySkip(one) ? i : i + 1, maySkip(other) ? j : j + 1, character === '.']];
}

/** Between two wildcards: whatever may follow a dot may follow a letter, too. */
const ANY_LETTER = 'a';

const maySkip = (token: Token | undefined): boolean => typeof token === 'object' && token.any !== 'one';

const reads = (token: Token, character: string): boolean =>
  typeof token === 'object' ? token.any !== 'label' || character !== '.' : token === character;
