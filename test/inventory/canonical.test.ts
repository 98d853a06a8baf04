import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalText } from '../../lambda/inventory/canonical.ts';

type Data = string | number | boolean | null | readonly Data[] | { readonly [name: string]: Data };

const text = (data: Data): string => canonicalText<Data>(data);
const anyData = fc.jsonValue({ maxDepth: 4 }).map((value) => normal(value));

/** JSON has no negative zero. */
const normal = (value: unknown): Data => JSON.parse(JSON.stringify(value)) as Data;

/** The same data with the fields of all records in another order. */
function reversed(data: Data): Data {
  if (typeof data !== 'object' || data === null) return data;
  if (Array.isArray(data)) return data.map(reversed);
  return Object.fromEntries(
    Object.entries(data)
      .reverse()
      .map(([name, value]) => [name, reversed(value)]),
  );
}

const isEqual = (one: unknown, other: unknown): boolean => {
  try {
    expect(one).toStrictEqual(other);
    return true;
  } catch {
    return false;
  }
};

describe('the canonical text of data', () => {
  test('the canonical text of data is the same whatever the order of fields', () => {
    fc.assert(fc.property(anyData, (data) => expect(text(reversed(data))).toBe(text(data))));
  });

  test('the canonical text is the same for equal data only', () => {
    fc.assert(
      fc.property(anyData, anyData, (one, other) =>
        expect(text(one) === text(other)).toBe(isEqual(one, other)),
      ),
    );
  });

  test.each<[Data, Data]>([
    ['1', 1],
    ['null', null],
    [['a', 'b'], ['ab']],
    [[['a'], 'b'], [['a', 'b']]],
    [{ a: 'b' }, ['a', 'b']],
    [{ a: '1:b' }, { a: '1', b: '' }],
    [{}, []],
    [{ a: null }, {}],
    ['1:a', 'a'],
  ])('canonical text distinguishes %j from %j', (one, other) => {
    expect(text(one)).not.toBe(text(other));
  });

  test('the canonical text treats an undefined field as absent', () => {
    expect(canonicalText<{ a?: string; b: string }>({ a: undefined, b: 'x' } as { b: string })).toBe(
      canonicalText({ b: 'x' }),
    );
  });

  test('the types refuse data that is not plain', () => {
    // @ts-expect-error a Map has contents that are no fields
    canonicalText({ labels: new Map([['a', 'b']]) });
    // @ts-expect-error and so has a Date
    canonicalText({ at: new Date(0) });
    // @ts-expect-error and a function
    canonicalText({ of: () => 1 });
    expect(canonicalText({ labels: { a: 'b' } })).toBe(canonicalText({ labels: { a: 'b' } }));
  });
});
