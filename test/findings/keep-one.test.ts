import { describe, expect, test } from '@jest/globals';
import { keepOne } from '../../lambda/findings/keep-one.ts';

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
