import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import unit from './jest.config.js';

/**
 * The tests that take their time: each `*.deep.test.ts`, and each test file that asks `test/support/runs.ts` how far
 * to go (properties over many cases, faults at every request).
 */
const root = join(dirname(fileURLToPath(import.meta.url)), 'test');
const deep = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .filter((path) => path.endsWith('.deep.test.ts') || asksHowFar(join(root, path)));

function asksHowFar(path) {
  return readFileSync(path, 'utf8').includes('/support/runs.ts');
}

process.env['TEST_DEPTH'] = 'deep';

export default {
  ...unit,
  // Against hanging alone, as in the unit tests: some of these try thousands of cases.
  testTimeout: 3_600_000,
  testPathIgnorePatterns: ['/node_modules/', '/test/e2e/'],
  testMatch: deep.map((path) => `<rootDir>/test/${path}`),
};
