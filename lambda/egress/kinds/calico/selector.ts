import { spend } from '../../../work.ts';
import {
  allOf,
  anyOf,
  type Expression,
  has,
  isIn,
  type LabelTest,
  not,
  TRUE,
  withValue,
} from './expression.ts';

/**
 * Calico's selector language: libcalico-go/lib/selector/tokenizer/tokenizer.go and
 * parser/parser.go (projectcalico/calico);
 * https://docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors
 */

/** What the words of a selector mean in its place. */
export interface SelectorPlace {
  /** Put before every label key, e.g. `pcns.` for labels of the namespace. */
  readonly prefix: string;
  readonly all: Expression;
  /** Null where `global()` is refused. */
  readonly global: Expression | null;
}

/** A selector over the labels of endpoints and network sets themselves. */
export const OWN_LABELS: SelectorPlace = { prefix: '', all: TRUE, global: null };

type Token =
  | { readonly is: 'label' | 'string' | 'has'; readonly text: string }
  | { readonly is: Sign | Operator | 'all()' | 'global()' };

const SIGNS = ['==', '!=', '!', '&&', '||', '(', ')', '{', '}', ','] as const;
type Sign = (typeof SIGNS)[number];

/** `MaxLabelLength`. */
const LONGEST_KEY = 512;
/** Deeper parentheses do not occur in real policies, and must not exhaust the stack. */
const DEEPEST = 100;

/** Half a megabyte of alternatives is understood. */
const STEPS_FOR_EACH_CHARACTER = 3;

// Words are ended by a character that no key can hold. "We allow 'not in' or 'notin'."
const KEY = /[a-zA-Z0-9_./-]+/y;
const HAS = /has\([ \t]*([a-zA-Z0-9_./-]+)[ \t]*\)/y;
const ALL = /all\([ \t]*\)/y;
const GLOBAL = /global\([ \t]*\)/y;
const OPERATORS = [
  ['contains', /contains(?![a-zA-Z0-9_./-])/y],
  ['starts with', /starts[ \t]*with(?![ \t]*[a-zA-Z0-9_./-])/y],
  ['ends with', /ends[ \t]*with(?![ \t]*[a-zA-Z0-9_./-])/y],
  ['not in', /not[ \t]*in(?![ \t]*[a-zA-Z0-9_./-])/y],
  ['in', /in(?![a-zA-Z0-9_./-])/y],
] as const;
type Operator = (typeof OPERATORS)[number][0];

/**
 * @returns null if Calico would refuse the text; an empty selector is `all()`
 */
export function parseSelector(text: string, place: SelectorPlace): Expression | null {
  // Before anything is read: a text of a megabyte is too much by itself.
  spend(STEPS_FOR_EACH_CHARACTER * text.length);
  const tokens = tokenize(text);
  if (tokens === null) return null;
  if (tokens.length === 0) return place.all;
  const reader: Reader = { tokens, place, next: 0, depth: 0 };
  const expression = parseAny(reader);
  return reader.next === tokens.length ? expression : null;
}

interface Read {
  readonly token: Token;
  readonly length: number;
}

function tokenize(text: string): readonly Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (true) {
    // Only these two are white space to Calico; a line break is refused.
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    if (at === text.length) return tokens;
    const read = readSign(text, at) ?? readQuoted(text, at) ?? readWord(text, at, tokens.at(-1));
    if (read === null) return null;
    tokens.push(read.token);
    at += read.length;
  }
}

function readSign(text: string, at: number): Read | null {
  const sign = SIGNS.find((candidate) => text.startsWith(candidate, at));
  return sign === undefined ? null : { token: { is: sign }, length: sign.length };
}

/** "String literals are more permissive but they do not support escape characters." */
function readQuoted(text: string, at: number): Read | null {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") return null;
  const end = text.indexOf(quote, at + 1);
  if (end < 0) return null;
  return { token: { is: 'string', text: text.slice(at + 1, end) }, length: end + 1 - at };
}

function readWord(text: string, at: number, before: Token | undefined): Read | null {
  if (before?.is === 'label') {
    for (const [operator, pattern] of OPERATORS) {
      const found = match(pattern, text, at);
      if (found !== null) return { token: { is: operator }, length: found[0].length };
    }
    return null;
  }
  const call = ['has(', 'all(', 'global('].find((start) => text.startsWith(start, at));
  if (call !== undefined) return readCall(text, at);
  const key = match(KEY, text, at)?.[0] ?? null;
  return key === null || key.length > LONGEST_KEY
    ? null
    : { token: { is: 'label', text: key }, length: key.length };
}

function readCall(text: string, at: number): Read | null {
  const found = match(HAS, text, at);
  if (found !== null) {
    const key = found[1] ?? '';
    return key.length > LONGEST_KEY ? null : { token: { is: 'has', text: key }, length: found[0].length };
  }
  const all = match(ALL, text, at);
  if (all !== null) return { token: { is: 'all()' }, length: all[0].length };
  const global = match(GLOBAL, text, at);
  return global === null ? null : { token: { is: 'global()' }, length: global[0].length };
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

interface Reader {
  readonly tokens: readonly Token[];
  readonly place: SelectorPlace;
  next: number;
  depth: number;
}

/** Takes the next token if it is this one. */
function take(reader: Reader, is: Token['is']): boolean {
  if (reader.tokens[reader.next]?.is !== is) return false;
  reader.next += 1;
  return true;
}

function takeText(reader: Reader, is: 'label' | 'string' | 'has'): string | null {
  const token = reader.tokens[reader.next];
  if (token === undefined || token.is !== is || !('text' in token)) return null;
  reader.next += 1;
  return token.text;
}

/** "The '||' operator has the lowest precedence so we start with that." */
function parseAny(reader: Reader): Expression | null {
  return parseJoined(reader, '||', (inner) => parseJoined(inner, '&&', parseOperation, allOf), anyOf);
}

function parseJoined(
  reader: Reader,
  sign: '||' | '&&',
  parsePart: (reader: Reader) => Expression | null,
  joinParts: (parts: readonly Expression[]) => Expression,
): Expression | null {
  const parts: Expression[] = [];
  do {
    const part = parsePart(reader);
    if (part === null) return null;
    parts.push(part);
  } while (take(reader, sign));
  return joinParts(parts);
}

function parseOperation(reader: Reader): Expression | null {
  let negated = false;
  while (take(reader, '!')) negated = !negated;
  const operand = parseOperand(reader);
  return operand !== null && negated ? not(operand) : operand;
}

function parseOperand(reader: Reader): Expression | null {
  const { prefix, all, global } = reader.place;
  if (take(reader, 'all()')) return all;
  if (take(reader, 'global()')) return global;
  if (take(reader, '(')) return parseGroup(reader);
  const required = takeText(reader, 'has');
  if (required !== null) return has(prefix + required);
  const key = takeText(reader, 'label');
  return key === null ? null : parseComparison(reader, prefix + key);
}

function parseGroup(reader: Reader): Expression | null {
  if (reader.depth >= DEEPEST) return null;
  reader.depth += 1;
  const inner = parseAny(reader);
  reader.depth -= 1;
  return take(reader, ')') ? inner : null;
}

/** `!=` and `not in` hold for a missing label too. */
function parseComparison(reader: Reader, key: string): Expression | null {
  if (take(reader, 'in')) return parseSet(reader, key);
  if (take(reader, 'not in')) return negation(parseSet(reader, key));
  if (take(reader, '==')) return withString(reader, (text) => isIn(key, [text]));
  if (take(reader, '!=')) return negation(withString(reader, (text) => isIn(key, [text])));
  if (take(reader, 'contains')) {
    return withString(reader, (text) => withValue(key, (value) => value.includes(text)));
  }
  if (take(reader, 'starts with')) {
    return withString(reader, (text) => withValue(key, (value) => value.startsWith(text)));
  }
  if (take(reader, 'ends with')) {
    return withString(reader, (text) => withValue(key, (value) => value.endsWith(text)));
  }
  return null;
}

const negation = (expression: Expression | null): Expression | null =>
  expression === null ? null : not(expression);

function withString(reader: Reader, build: (text: string) => LabelTest): LabelTest | null {
  const text = takeText(reader, 'string');
  return text === null ? null : build(text);
}

/** The set may be empty, and its last string may be followed by a comma. */
function parseSet(reader: Reader, key: string): LabelTest | null {
  if (!take(reader, '{')) return null;
  const values: string[] = [];
  for (let text = takeText(reader, 'string'); text !== null; text = takeText(reader, 'string')) {
    values.push(text);
    if (!take(reader, ',')) break;
  }
  return take(reader, '}') ? isIn(key, values) : null;
}
