import { describe, expect, test } from '@jest/globals';
import { keepLast, keepOne } from '../../lambda/findings/keep-one.ts';

const keep = () => keepOne<{ readonly ports: readonly number[] }>(JSON.stringify);

describe('of values that are equal', () => {
  test('one is handed out, and others are themselves', () => {
    const one = keep();
    const first = one({ ports: [80] });
    expect(one({ ports: [80] })).toBe(first);
    expect(one({ ports: [443] })).toEqual({ ports: [443] });
  });

  test('any number that differ may come: what was kept is forgotten, never mixed up', () => {
    const one = keep();
    for (let port = 0; port < 10_000; port++) expect(one({ ports: [port] })).toEqual({ ports: [port] });
    expect(one({ ports: [1] })).toEqual({ ports: [1] });
  });
});

test('of values in a row that are the same, the first is handed out', () => {
  const last = keepLast<{ readonly count: number }>((a, b) => a.count === b.count);
  const first = last({ count: 1 });
  expect(last({ count: 1 })).toBe(first);
  expect(last({ count: 2 })).toEqual({ count: 2 });
  expect(last({ count: 1 })).toEqual(first);
});
