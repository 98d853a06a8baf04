import { describe, expect, test } from '@jest/globals';
import { keepOne, keepRecent } from '../../lambda/inventory/keep-one.ts';

const keep = () => keepOne<{ readonly ports: readonly number[] }>(JSON.stringify);

describe('of values that are equal', () => {
  test('one of several equal values is kept, and different values stay themselves', () => {
    const one = keep();
    const first = one({ ports: [80] });
    expect(one({ ports: [80] })).toBe(first);
    expect(one({ ports: [443] })).toEqual({ ports: [443] });
  });

  test('the cache may forget any number of different values, and never mixes them up', () => {
    const one = keep();
    for (let port = 0; port < 10_000; port++) expect(one({ ports: [port] })).toEqual({ ports: [port] });
    expect(one({ ports: [1] })).toEqual({ ports: [1] });
  });
});

describe('where hardly any value is equal to another', () => {
  const values = (count: number) => Array.from({ length: count }, (_, port) => ({ ports: [port] }));

  test('the search stops where hardly any value repeats, and each value is kept as it is', () => {
    let asked = 0;
    const one = keepOne<{ readonly ports: readonly number[] }>((value) => {
      asked++;
      return JSON.stringify(value);
    });
    for (const value of values(20_000)) expect(one(value)).toBe(value);
    expect(asked).toBeLessThan(5_000);
  });

  test('a repeated value is still found where hardly any other repeats', () => {
    const one = keep();
    for (const value of values(20_000)) {
      one(value);
      one({ ports: [...value.ports] });
    }
    const last = one({ ports: [1] });
    expect(one({ ports: [1] })).toBe(last);
  });
});

describe('of the last few values', () => {
  const value = (count: number) => ({ count });
  const recent = () => keepRecent<{ readonly count: number }>((a, b) => a.count === b.count);

  test('equal values among the last few are kept as one', () => {
    const one = recent();
    const [first, second] = [one(value(1)), one(value(2))];
    expect([one(value(1)), one(value(2))]).toEqual([first, second]);
    expect(one(value(1))).toBe(first);
    expect(one(value(2))).toBe(second);
  });

  test('the oldest values are forgotten, never mixed up', () => {
    const one = recent();
    const first = one(value(0));
    for (let count = 1; count < 100; count++) expect(one(value(count))).toEqual({ count });
    expect(one(value(0))).toEqual(first);
    expect(one(value(0))).not.toBe(first);
  });
});
