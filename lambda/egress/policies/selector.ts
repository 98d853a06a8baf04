import type { Labels } from '../../inventory/names.ts';
import { isUnknownValue, PERHAPS } from '../../inventory/unknown-labels.ts';
import { spend } from '../../work.ts';
import { type Fields, field, isFields, isUnset, quote, unknownFields } from './shape.ts';

/** A label that every match must carry: with one of `values`, or with any if `values` is null. */
export interface Anchor {
  readonly key: string;
  readonly values: readonly string[] | null;
}

/** Decides by labels. Each selector language builds one; the index and the engine know only this. */
export interface Selector {
  /** null: it cannot be known, since a part of the selector was not understood. */
  matches(labels: Labels): boolean | null;
  /** Whether it definitely matches whatever the labels are. */
  readonly everything: boolean;
  /** Every label key that the selector reads. */
  readonly keys: readonly string[];
  /** Any of these suffices to find all possible matches by index; none: it must be tried everywhere. */
  readonly anchors: readonly Anchor[];
}

export const MATCH_ALL: Selector = { matches: () => true, everything: true, keys: [], anchors: [] };

/** The selector where it says no, unknown where it says yes. */
export const uncertain = (selector: Selector): Selector => ({
  ...selector,
  everything: false,
  matches: (labels) => (selector.matches(labels) === false ? false : null),
});

interface Requirement {
  readonly matches: (labels: Labels) => boolean | null;
  readonly keys: readonly string[];
  readonly anchors: readonly Anchor[];
}

/**
 * Reads a `metav1.LabelSelector`; unset or empty selects everything, its parts are ANDed.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 * and k8s.io/apimachinery/pkg/labels/selector.go (`Requirement.Matches`).
 *
 * @param uncertainties receives a sentence part for everything that was not understood
 */
export function parseLabelSelector(value: unknown, path: string, uncertainties: string[]): Selector {
  if (isUnset(value)) return MATCH_ALL;
  if (!isFields(value)) {
    uncertainties.push(`${path} is ${quote(value)} and not a label selector`);
    return uncertain(MATCH_ALL);
  }
  const requirements = [
    ...unknownFields(value, ['matchLabels', 'matchExpressions']).map((name) => {
      uncertainties.push(`${path} has the unknown field ${quote(name)}`);
      return UNKNOWN;
    }),
    ...parseMatchLabels(field(value, 'matchLabels'), `${path}.matchLabels`, uncertainties),
    ...parseMatchExpressions(field(value, 'matchExpressions'), `${path}.matchExpressions`, uncertainties),
  ];
  return requirements.length === 0 ? MATCH_ALL : allOf(requirements);
}

/** A part that was not understood: it may match or not. */
const UNKNOWN: Requirement = { matches: () => null, keys: [], anchors: [] };

/** Matches what all of them match; with none of them, see {@link MATCH_ALL}. */
export function allOf(requirements: readonly Requirement[]): Selector {
  return {
    everything: false,
    keys: [...new Set(requirements.flatMap(({ keys }) => keys))],
    anchors: requirements.flatMap(({ anchors }) => anchors),
    // One part that says no decides, however little the others are understood.
    matches(labels) {
      let result: boolean | null = true;
      for (const requirement of requirements) {
        const matched = requirement.matches(labels);
        if (matched === false) return false;
        if (matched === null) result = null;
      }
      return result;
    },
  };
}

/** It is read, put into indexes by its label, and asked of every pod. */
const STEPS_FOR_EACH_REQUIREMENT = 100;

function parseMatchLabels(value: unknown, path: string, uncertainties: string[]): readonly Requirement[] {
  if (isUnset(value)) return [];
  if (!isFields(value)) {
    uncertainties.push(`${path} is ${quote(value)} and not a map of labels`);
    return [UNKNOWN];
  }
  const entries = Object.entries(value);
  spend(STEPS_FOR_EACH_REQUIREMENT * entries.length);
  return entries.map(([key, wanted]) => {
    if (typeof wanted === 'string') return isIn(key, [wanted]);
    uncertainties.push(`${path}[${quote(key)}] is ${quote(wanted)} and not a string`);
    return UNKNOWN;
  });
}

function parseMatchExpressions(
  value: unknown,
  path: string,
  uncertainties: string[],
): readonly Requirement[] {
  if (isUnset(value)) return [];
  if (!Array.isArray(value)) {
    uncertainties.push(`${path} is ${quote(value)} and not a list`);
    return [UNKNOWN];
  }
  spend(STEPS_FOR_EACH_REQUIREMENT * value.length);
  return value.map((expression: unknown, index) => {
    const requirement = isFields(expression) ? parseExpression(expression) : null;
    if (requirement !== null) return requirement;
    uncertainties.push(`${path}[${index}] is ${quote(expression)} and not a label requirement`);
    return UNKNOWN;
  });
}

/** Rules of validity: `ValidateLabelSelectorRequirement`, k8s.io/apimachinery/pkg/apis/meta/v1/validation. */
function parseExpression(expression: Fields): Requirement | null {
  const key = field(expression, 'key');
  const operator = field(expression, 'operator');
  const values = field(expression, 'values') ?? [];
  if (unknownFields(expression, ['key', 'operator', 'values']).length > 0) return null;
  if (typeof key !== 'string' || !isStrings(values)) return null;
  if (operator === 'In') return values.length === 0 ? null : isIn(key, values);
  if (operator === 'NotIn') return values.length === 0 ? null : isNotIn(key, values);
  if (values.length > 0) return null;
  if (operator === 'Exists') return exists(key);
  return operator === 'DoesNotExist' ? doesNotExist(key) : null;
}

const isStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/** Own keys only, so that a label named `constructor` is not found on every object. */
const labelOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

function isIn(key: string, values: readonly string[]): Requirement {
  const accepted = new Set(values);
  return {
    keys: [key],
    anchors: [{ key, values: [...accepted] }],
    matches(labels) {
      const value = labelOf(labels, key);
      if (isUnknownValue(value)) return null;
      return value !== undefined && accepted.has(value);
    },
  };
}

/** A missing key matches: NotIn excludes values, it does not require the label. */
function isNotIn(key: string, values: readonly string[]): Requirement {
  const refused = new Set(values);
  return {
    keys: [key],
    anchors: [],
    matches(labels) {
      const value = labelOf(labels, key);
      if (isUnknownValue(value)) return null;
      return value === undefined || !refused.has(value);
    },
  };
}

const exists = (key: string): Requirement => ({
  keys: [key],
  anchors: [{ key, values: null }],
  matches: (labels) => isThere(labels, key),
});

const doesNotExist = (key: string): Requirement => ({
  keys: [key],
  anchors: [],
  matches(labels) {
    const there = isThere(labels, key);
    return there === null ? null : !there;
  },
});

/** @returns null where a controller may add it */
function isThere(labels: Labels, key: string): boolean | null {
  const value = labelOf(labels, key);
  return value === PERHAPS ? null : value !== undefined;
}
