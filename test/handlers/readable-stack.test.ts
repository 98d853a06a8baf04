import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { readableStack } from '../../lambda/handlers/readable-stack.ts';

let folder: string;
/** Of an error that line 3 of source.ts makes, as Node.js tells it from the bundle. */
let stack: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'readable-stack-'));
  const source = join(folder, 'source.ts');
  writeFileSync(source, 'const reason: string = "why";\n\nexport const make = () => new Error(reason);\n');
  const outfile = join(folder, 'index.mjs');
  await build({ entryPoints: [source], outfile, bundle: true, minify: true, sourcemap: true, format: 'esm' });
  const column = readFileSync(outfile, 'utf8').indexOf('new Error') + 1;
  stack = `Error: why\n    at r (${pathToFileURL(outfile).href}:1:${column})\n    at async node:internal/modules/run_main:1:2`;
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a stack', () => {
  test('a stack trace names the lines of the sources', () => {
    const [message, place, rest] = readableStack(stack).split('\n');
    expect(message).toBe('Error: why');
    expect(place).toMatch(/^ {4}at r \(.*source\.ts:3:27\)$/);
    expect(rest).toBe('    at async node:internal/modules/run_main:1:2');
  });

  test('a stack trace stays as it is where the source map is missing or cannot be read', () => {
    const elsewhere = stack.replace('index.mjs', 'other.mjs');
    expect(readableStack(elsewhere)).toBe(elsewhere);
    writeFileSync(join(folder, 'broken.mjs.map'), '{');
    const broken = stack.replace('index.mjs', 'broken.mjs');
    expect(readableStack(broken)).toBe(broken);
  });
});
