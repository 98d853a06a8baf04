import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

test('style and script of the page are built from what is in the folder client now', () => {
  const tsx = `${ROOT}node_modules/.bin/tsx`;
  expect(() =>
    execFileSync(tsx, ['scripts/write-page.ts', '--check'], { cwd: ROOT, stdio: 'pipe' }),
  ).not.toThrow();
});
