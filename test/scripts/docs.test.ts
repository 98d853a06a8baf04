import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { GENERATED } from '../../scripts/docs/generated.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test.each(GENERATED.map(({ path, text }) => [path, text] as const))(
  '%s is what follows from the code; if not, run: npm run docs',
  (path, text) => {
    expect(read(path)).toBe(text());
  },
);
