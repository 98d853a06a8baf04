import type { PortSet } from './port-set.ts';

/** Destinations by name: a rule's host pattern with its ports. */
export interface HostMatch {
  /** As in the policy. */
  readonly host: string;
  readonly ports: PortSet;
  /** What `*` stands for in the kind's own syntax. */
  readonly wildcard: Wildcard;
}

/** `label`: any characters but the dot. `labels`: any characters, dots included. */
export type Wildcard = 'label' | 'labels';

/** A character that must stand there, or a wildcard. */
type Token = string | { readonly any: Wildcard };

/**
 * Whether the pattern admits the domain itself or some name below it. Names are compared without
 * case and without a final dot (RFC 4343; RFC 1034 §3.1).
 */
export function admitsUnder({ host, wildcard }: HostMatch, domain: string): boolean {
  const pattern = tokens(host, wildcard);
  const name = normalName(domain);
  // Some text leads to each position in the pattern, so a name below the domain fits if
  // ".domain" can be read to the end from any of them.
  const everywhere = pattern.map((_, position) => position);
  return readable(pattern, name, [0]) || readable(pattern, `.${name}`, everywhere);
}

/** Names and patterns that mean the same are equal texts: without case and without a final dot. */
export const normalName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** Whether the pattern admits this very name. */
export function admitsName({ host, wildcard }: Pick<HostMatch, 'host' | 'wildcard'>, name: string): boolean {
  return readable(tokens(host, wildcard), normalName(name), [0]);
}

const tokens = (pattern: string, wildcard: Wildcard): readonly Token[] =>
  [...normalName(pattern)].map((character) => (character === '*' ? { any: wildcard } : character));

/**
 * Whether the text can be read to the end of the pattern from one of the positions. A set of
 * positions and not a regular expression: `*a*a*a*…` must not take for ever.
 */
function readable(pattern: readonly Token[], text: string, from: readonly number[]): boolean {
  let positions = pastWildcards(pattern, from);
  for (const character of text) {
    positions = pastWildcards(
      pattern,
      [...positions].flatMap((position) => step(pattern[position], position, character)),
    );
  }
  return positions.has(pattern.length);
}

function step(token: Token | undefined, position: number, character: string): readonly number[] {
  if (typeof token === 'object') return token.any === 'labels' || character !== '.' ? [position] : [];
  return token === character ? [position + 1] : [];
}

/** A wildcard may stand for nothing. */
function pastWildcards(pattern: readonly Token[], from: readonly number[]): ReadonlySet<number> {
  const positions = new Set(from);
  // A set visits what is added to it on the way.
  for (const position of positions) if (typeof pattern[position] === 'object') positions.add(position + 1);
  return positions;
}
