import { spend } from '../../work.ts';
import { haveCommon, inLabels, isUnder, type LabelPattern } from './label-patterns.ts';
import type { PortSet } from './port-set.ts';

/** Destinations by name: a rule's host pattern with its ports. */
export interface HostMatch {
  /** As in the policy. */
  readonly host: string;
  readonly ports: PortSet;
  /** What `*` matches in the syntax of the kind. */
  readonly wildcard: Wildcard;
}

/**
 * What `*` matches. `labels`: any characters, dots included. `label`: any characters but the dot, except
 * that a leading `**.` matches any names below, as Cilium has it. `dots`: as `labels`, and each dot of the
 * pattern matches any one character, as in a regular expression.
 */
export type Wildcard = 'label' | 'labels' | 'dots';

/**
 * A character that must stand there; a wildcard, which may also stand for nothing; or exactly one character,
 * whichever it is.
 */
type Token = string | { readonly any: 'label' | 'labels' | 'one' };

/** A text that is equal for equal patterns on equal ports. */
export function hostKey({ host, wildcard, ports }: HostMatch): string {
  const text = portKeys.get(ports) ?? ports.join();
  portKeys.set(ports, text);
  return `${wildcard} ${host} ${text}`;
}

/** The hosts of one rule share their ports. */
const portKeys = new WeakMap<PortSet, string>();

/** A pattern that is compared with many others. */
export interface ReadPattern {
  /** In small letters, without a final dot. */
  readonly text: string;
  readonly wildcard: Wildcard;
  /** With what every name ends that it admits. */
  readonly end: string;
  /** Null where wildcards go beyond dots. */
  readonly inLabels: LabelPattern | null;
}

export function readPattern({ host, wildcard }: Pick<HostMatch, 'host' | 'wildcard'>): ReadPattern {
  const text = normalName(host);
  const open = Math.max(text.lastIndexOf('*'), wildcard === 'dots' ? text.lastIndexOf('.') : -1);
  let apart: LabelPattern | null | undefined = wildcard === 'dots' ? null : undefined;
  return {
    text,
    wildcard,
    end: text.slice(open + 1),
    // Most patterns differ from the others in their ends, and are not looked into any further.
    get inLabels() {
      if (apart === undefined) apart = wildcard === 'dots' ? null : inLabels(text, wildcard);
      return apart;
    },
  };
}

/** Whether the ends of two patterns leave it open that both admit some name. */
function endsAgree({ end: a }: ReadPattern, { end: b }: ReadPattern): boolean {
  return a.length >= b.length ? a.endsWith(b) : b.endsWith(a);
}

/** One of domains: `*` matches characters of one label. */
export const readDomain = (domain: string): ReadPattern => readPattern({ host: domain, wildcard: 'label' });

/**
 * Whether the pattern admits the domain itself or some name below it; the domain may be a pattern, too, with
 * `*` for characters of one label: whether the two meet in some name. Names are compared without case and
 * without a final dot (RFC 4343; RFC 1034 §3.1), and have no empty labels.
 */
export function admitsUnder(pattern: ReadPattern, domain: ReadPattern): boolean {
  if (pattern.wildcard !== 'dots' && !pattern.text.includes('*') && !domain.text.includes('*')) {
    return pattern.text === domain.text || pattern.text.endsWith(`.${domain.text}`);
  }
  if (!endsAgree(pattern, domain)) return false;
  if (!pattern.text.includes('*') && !domain.text.includes('*'))
    return dotsAreUnder(pattern.text, domain.text);
  if (pattern.inLabels !== null && domain.inLabels !== null && !domain.inLabels.deep) {
    return isUnder(pattern.inLabels, domain.inLabels, labelsMeet);
  }
  const own = tokens(pattern.text, pattern.wildcard);
  const other = tokens(domain.text, domain.wildcard);
  return meet(own, other) || meet(own, [{ any: 'labels' }, '.', ...other]);
}

/** Of a pattern in which a dot matches any one character: it admits only names of its own length. */
function dotsAreUnder(pattern: string, domain: string): boolean {
  const before = pattern.length - domain.length;
  // Below it there is a label of one character and a dot at least.
  if (before !== 0 && (before < 2 || pattern[before - 1] !== '.')) return false;
  for (let at = domain.length - 1; at >= 0; at -= 1) {
    const character = pattern[before + at];
    if (character !== '.' && character !== domain[at]) return false;
  }
  return true;
}

/** Names and patterns that mean the same are equal texts: without case and without a final dot. */
export const normalName = (name: string): string =>
  (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();

/** Whether some name is admitted by both patterns. */
export const haveCommonName = (
  one: Pick<HostMatch, 'host' | 'wildcard'>,
  other: Pick<HostMatch, 'host' | 'wildcard'>,
): boolean => meetInName(readPattern(one), readPattern(other));

/** The same of patterns that are compared with many others. */
export function meetInName(a: ReadPattern, b: ReadPattern): boolean {
  if (!endsAgree(a, b)) return false;
  return a.inLabels !== null && b.inLabels !== null
    ? haveCommon(a.inLabels, b.inLabels, labelsMeet)
    : meet(tokens(a.text, a.wildcard), tokens(b.text, b.wildcard));
}

/** Whether the pattern admits this very name. */
export function admitsName({ host, wildcard }: Pick<HostMatch, 'host' | 'wildcard'>, name: string): boolean {
  return meet(tokens(normalName(host), wildcard), [...normalName(name)]);
}

const labelsMeet = (a: string, b: string): boolean => meet(tokens(a, 'label'), tokens(b, 'label'));

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
    spend(1);
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
