import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FAMILIES } from './mutations.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const tests = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.test.ts'),
);

/** How often a text is in a file of the egress engine. */
const occurrences = (file: string, text: string): number =>
  readFileSync(join(ROOT, 'lambda/egress', file), 'utf8').split(text).length - 1;

describe('the list of mutations', () => {
  test.each(FAMILIES.flatMap(({ mutations }) => mutations))(
    'the line that "$name" breaks is in $file exactly once',
    ({ file, find, replace }) => {
      expect(occurrences(file, find)).toBe(1);
      expect(replace).not.toBe(find);
    },
  );

  test.each(FAMILIES.flatMap(({ tests: patterns }) => patterns))(
    'a test file matches %s, which must notice a mutation',
    (pattern) => {
      expect(tests.filter((path) => join(ROOT, 'test', path).includes(pattern)).length).toBeGreaterThan(0);
    },
  );
});
