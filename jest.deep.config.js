import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import unit from './jest.config.js';

/**
 * The unit tests that go deeper when there is time (properties over many cases, faults at every request): each test
 * file that asks `test/support/runs.ts` how far to go.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), 'test');
const deep = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.ts'))
  .filter((path) => readFileSync(join(root, path), 'utf8').includes('/support/runs.ts'));

process.env['TEST_DEPTH'] = 'deep';

export default { ...unit, testMatch: deep.map((path) => `<rootDir>/test/${path}`) };
