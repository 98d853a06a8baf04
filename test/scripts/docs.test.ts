import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { GENERATED } from '../../scripts/docs/generated.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test.each(GENERATED.map(({ path, text }) => [path, text] as const))(
  '%s is what follows from the code; if not, run: npm run docs',
  (path, text) => {
    expect(read(path)).toBe(text());
  },
);

describe('the decisions', () => {
  const folder = new URL('../../docs/decisions/', import.meta.url);
  const files = readdirSync(folder).sort();

  test('have a number each, in order and without a gap', () => {
    const numbers = files.map((file) => Number(file.slice(0, 4)));
    expect(numbers).toEqual(files.map((_, index) => index + 1));
  });

  test.each(files)('%s begins with its number and its title', (file) => {
    const first = readFileSync(new URL(file, folder), 'utf8').split('\n', 1)[0];
    expect(first).toMatch(new RegExp(`^# ${file.slice(0, 4)}: [A-Z].*[^.]$`));
  });
});
