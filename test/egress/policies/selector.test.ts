import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseLabelSelector } from '../../../lambda/egress/policies/selector.ts';
import { createSelectorIndex } from '../../../lambda/egress/policies/selector-index.ts';
import type { Labels } from '../../../lambda/inventory/names.ts';
import { selects } from '../brute-force.ts';
import { labels, selector } from '../support/arbitraries.ts';

const parse = (value: unknown) => {
  const uncertainties: string[] = [];
  return { selector: parseLabelSelector(value, 'spec.podSelector', uncertainties), uncertainties };
};

const matches = (value: unknown, on: Labels) => parse(value).selector.matches(on);
const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 ? { values } : {}) }],
});

describe('label selectors', () => {
  it.each([[undefined], [null], [{}], [{ matchLabels: {}, matchExpressions: [] }], [{ matchLabels: null }]])(
    '%j selects everything',
    (value) => {
      expect(matches(value, {})).toBe(true);
      expect(parse(value).selector.everything).toBe(true);
    },
  );

  it('a missing key satisfies NotIn and DoesNotExist, and neither In nor Exists', () => {
    expect(matches(expression('app', 'NotIn', 'a'), {})).toBe(true);
    expect(matches(expression('app', 'DoesNotExist'), {})).toBe(true);
    expect(matches(expression('app', 'In', 'a'), {})).toBe(false);
    expect(matches(expression('app', 'Exists'), {})).toBe(false);
  });

  it('an empty value is a value', () => {
    expect(matches(expression('app', 'Exists'), { app: '' })).toBe(true);
    expect(matches({ matchLabels: { app: '' } }, { app: '' })).toBe(true);
    expect(matches({ matchLabels: { app: '' } }, {})).toBe(false);
  });

  it('names that every object inherits are no labels', () => {
    expect(matches(expression('constructor', 'Exists'), {})).toBe(false);
    expect(matches(expression('toString', 'DoesNotExist'), {})).toBe(true);
    expect(matches(expression('__proto__', 'Exists'), {})).toBe(false);
  });

  it('all parts of a label selector must match', () => {
    const both = { matchLabels: { app: 'a' }, ...expression('tier', 'NotIn', 'b') };
    expect(matches(both, { app: 'a', tier: 'c' })).toBe(true);
    expect(matches(both, { app: 'a', tier: 'b' })).toBe(false);
    expect(matches(both, { app: 'b' })).toBe(false);
  });

  it('label selectors agree with the plain evaluation, and know which keys they read', () => {
    fc.assert(
      fc.property(selector, labels, labels, (value, on, more) => {
        const parsed = parse(value);
        expect(parsed.uncertainties).toEqual([]);
        expect(parsed.selector.matches(on)).toBe(selects(value, on));
        const read = Object.entries({ ...more, ...on }).filter(([key]) => parsed.selector.keys.includes(key));
        expect(parsed.selector.matches(Object.fromEntries(read))).toBe(
          parsed.selector.matches({ ...more, ...on }),
        );
      }),
    );
  });

  it.each([
    ['a selector that is no object', 'app=a'],
    ['a list', []],
    ['an unknown field', { matchFields: [] }],
    ['labels that are no map', { matchLabels: ['app'] }],
    ['a label that is no string', { matchLabels: { app: 1 } }],
    ['expressions that are no list', { matchExpressions: {} }],
    ['an expression that is no object', { matchExpressions: ['app'] }],
    ['an unknown operator', expression('app', 'Gt', '1')],
    ['In without values', expression('app', 'In')],
    ['NotIn without values', expression('app', 'NotIn')],
    ['Exists with values', expression('app', 'Exists', 'a')],
    ['values that are no strings', { matchExpressions: [{ key: 'app', operator: 'In', values: [1] }] }],
    ['a missing key', { matchExpressions: [{ operator: 'Exists' }] }],
    [
      'an unknown field of an expression',
      { matchExpressions: [{ key: 'a', operator: 'Exists', not: true }] },
    ],
  ])('a label selector with %s is unknown, and the reason says so', (_, value) => {
    expect(matches(value, { app: 'a' })).toBeNull();
    expect(parse(value).uncertainties).toHaveLength(1);
    expect(parse(value).selector.everything).toBe(false);
  });

  it('a part that says no decides, whatever the rest means', () => {
    const value = { matchLabels: { app: 'a', tier: 5 } };
    expect(matches(value, { app: 'b' })).toBe(false);
    expect(matches(value, { app: 'a' })).toBeNull();
  });
});

describe('the selector index', () => {
  it('the selector index finds what trying every selector would find', () => {
    const broken = fc.constantFrom<unknown>(
      'oops',
      { matchLabels: { app: 1 } },
      { matchLabels: { app: 'a', tier: [] } },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: selector }, broken)), labels, (values, on) => {
        const items = values.map((value, id) => ({ id, selector: parse(value).selector }));
        const index = createSelectorIndex(items, (item) => item.selector);
        const found = [...index.always.map((item) => ({ item, definite: true })), ...index.find(on)];
        const expected = items.flatMap((item) => {
          const matched = item.selector.matches(on);
          return matched === false ? [] : [[item.id, matched === true]];
        });
        expect(found.map(({ item, definite }) => [item.id, definite]).sort()).toEqual(expected.sort());
      }),
    );
  });
});
