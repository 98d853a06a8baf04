import { PERHAPS, SOME_VALUE } from '../../../inventory/unknown-labels.ts';
import { spend } from '../../../work.ts';
import { type Anchor, MATCH_ALL, type Selector, uncertain } from '../../policies/selector.ts';

/**
 * A Calico selector as a formula over labels. Negations stand at the labels only, so it can be taken
 * apart into what it asks of a namespace and what it asks of a pod. Logic is that of Kleene: null is
 * "cannot be known".
 */
export type Expression = Constant | LabelTest | Junction;

interface Constant {
  readonly is: 'constant';
  readonly value: boolean | null;
}

export interface LabelTest {
  readonly is: 'label';
  readonly key: string;
  /** Null where it cannot be known. */
  readonly accepts: (value: string) => boolean | null;
  /** The answer where the label is missing. */
  readonly ifMissing: boolean;
  /** The answer where the label has a value that is not known. @defaultValue it cannot be known */
  readonly ifThere?: boolean;
  /** All values that are accepted, if they are listed. */
  readonly values: readonly string[] | null;
}

interface Junction {
  readonly is: 'all' | 'any';
  readonly parts: readonly Expression[];
}

/** A label's value, undefined where the label is missing, null where that is not known. */
export type Lookup = (key: string) => string | undefined | null;

export const TRUE: Expression = { is: 'constant', value: true };
export const FALSE: Expression = { is: 'constant', value: false };
export const UNKNOWN: Expression = { is: 'constant', value: null };

export const isTrue = (expression: Expression): boolean =>
  expression.is === 'constant' && expression.value === true;
export const isFalse = (expression: Expression): boolean =>
  expression.is === 'constant' && expression.value === false;

export const has = (key: string): LabelTest => ({
  is: 'label',
  key,
  accepts: () => true,
  ifMissing: false,
  ifThere: true,
  values: null,
});

export function isIn(key: string, values: readonly string[]): LabelTest {
  const accepted = new Set(values);
  return {
    is: 'label',
    key,
    accepts: (value) => accepted.has(value),
    ifMissing: false,
    values: [...accepted],
  };
}

/** A label that must be there and have a value of this kind. */
export const withValue = (key: string, accepts: (value: string) => boolean): LabelTest => ({
  is: 'label',
  key,
  accepts,
  ifMissing: false,
  values: null,
});

export function not(expression: Expression): Expression {
  switch (expression.is) {
    case 'constant':
      return expression.value === null ? expression : expression.value ? FALSE : TRUE;
    case 'label':
      return {
        ...expression,
        accepts: (value) => opposite(expression.accepts(value)),
        ifMissing: !expression.ifMissing,
        ...(expression.ifThere === undefined ? {} : { ifThere: !expression.ifThere }),
        values: null,
      };
    default:
      return expression.is === 'all' ? anyOf(expression.parts.map(not)) : allOf(expression.parts.map(not));
  }
}

const opposite = (value: boolean | null): boolean | null => (value === null ? null : !value);

export const allOf = (parts: readonly Expression[]): Expression => join('all', parts);
export const anyOf = (parts: readonly Expression[]): Expression => join('any', parts);

/** A part is copied and compared several times. */
const STEPS_FOR_EACH_PART = 8;

/** One constant decides each junction (false an "all", true an "any") and the other says nothing. */
function join(is: Junction['is'], parts: readonly Expression[]): Expression {
  spend(
    STEPS_FOR_EACH_PART * parts.reduce((sum, part) => sum + ('parts' in part ? part.parts.length : 1), 0),
  );
  const flat = parts.flatMap((part) => (part.is === is ? part.parts : [part]));
  const decides = is === 'all' ? isFalse : isTrue;
  const saysNothing = is === 'all' ? isTrue : isFalse;
  if (flat.some(decides)) return is === 'all' ? FALSE : TRUE;
  const rest = flat.filter((part) => !saysNothing(part));
  const [first, ...others] = rest;
  if (first === undefined) return is === 'all' ? TRUE : FALSE;
  return others.length === 0 ? first : { is, parts: rest };
}

export function evaluate(expression: Expression, lookup: Lookup): boolean | null {
  switch (expression.is) {
    case 'constant':
      return expression.value;
    case 'label': {
      const value = lookup(expression.key);
      if (value === null || value === PERHAPS) return null;
      if (value === SOME_VALUE) return expression.ifThere ?? null;
      return value === undefined ? expression.ifMissing : expression.accepts(value);
    }
    default:
      return evaluateJunction(expression, lookup);
  }
}

function evaluateJunction({ is, parts }: Junction, lookup: Lookup): boolean | null {
  const deciding = is === 'any';
  let result: boolean | null = !deciding;
  for (const part of parts) {
    const value = evaluate(part, lookup);
    if (value === deciding) return deciding;
    if (value === null) result = null;
  }
  return result;
}

function keysOf(expression: Expression): readonly string[] {
  if (expression.is === 'label') return [expression.key];
  return expression.is === 'constant' ? [] : expression.parts.flatMap(keysOf);
}

/** Labels without which the expression is false, each key once; see {@link Selector.anchors}. */
export function anchorsOf(expression: Expression): readonly Anchor[] {
  switch (expression.is) {
    case 'constant':
      return [];
    case 'label':
      return expression.ifMissing ? [] : [{ key: expression.key, values: expression.values }];
    case 'all':
      return oncePerKey(expression.parts.flatMap(anchorsOf));
    default:
      return sharedAnchors(expression.parts.map(anchorsOf));
  }
}

/** Of several for one key any will do; the one with the fewest values finds the fewest. */
function oncePerKey(anchors: readonly Anchor[]): readonly Anchor[] {
  const byKey = new Map<string, Anchor>();
  for (const anchor of anchors) {
    const known = byKey.get(anchor.key);
    if (known === undefined || countOf(anchor) < countOf(known)) byKey.set(anchor.key, anchor);
  }
  return [...byKey.values()];
}

const countOf = ({ values }: Anchor): number => values?.length ?? Number.POSITIVE_INFINITY;

/** Of alternatives, the labels that each of them requires, with all values that any accepts. */
function sharedAnchors(alternatives: readonly (readonly Anchor[])[]): readonly Anchor[] {
  const byKey = Map.groupBy(alternatives.flat(), ({ key }) => key);
  return [...byKey].flatMap(([key, anchors]): readonly Anchor[] => {
    if (anchors.length < alternatives.length) return [];
    const listed = anchors.flatMap(({ values }) => values ?? []);
    return [{ key, values: anchors.some(({ values }) => values === null) ? null : [...new Set(listed)] }];
  });
}

/** The expression for the engine, over labels as they are. */
export function toSelector(expression: Expression): Selector {
  if (isTrue(expression)) return MATCH_ALL;
  if (expression === UNKNOWN) return uncertain(MATCH_ALL);
  return {
    everything: false,
    keys: [...new Set(keysOf(expression))],
    anchors: anchorsOf(expression),
    // Own keys only, so that a label named `constructor` is not found on every object.
    matches: (labels) =>
      evaluate(expression, (key) => (Object.hasOwn(labels, key) ? labels[key] : undefined)),
  };
}
