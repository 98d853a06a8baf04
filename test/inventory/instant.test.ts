import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instantText } from '../../lambda/inventory/instant.ts';

test('times are read as Date writes them, in every supported year', () => {
  const any = fc.integer({ min: -8.64e15, max: 8.64e15 });
  const near = fc.integer({ min: Date.parse('1969-01-01'), max: Date.parse('2100-01-01') });
  fc.assert(
    fc.property(fc.oneof(any, near), (time) => {
      expect(instantText(time)).toBe(new Date(time).toISOString());
    }),
    { numRuns: 2000 },
  );
});

test('a text that is no time is an error', () => {
  for (const time of [Number.NaN, Number.POSITIVE_INFINITY, 9e15]) {
    expect(() => instantText(time)).toThrow(RangeError);
  }
});
