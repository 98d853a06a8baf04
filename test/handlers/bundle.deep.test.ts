import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';

const run = promisify(execFile);
const HANDLERS = ['scheduled-audit', 'discover-clusters', 'audit-cluster', 'send-digest'];
const FOLDER = fileURLToPath(new URL('../../lambda/handlers/', import.meta.url));

/** SPEC §11. */
const LARGEST = 2.5 * 1000 * 1000;

let folder: string;
const sizes = new Map<string, number>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundles-'));
  for (const name of HANDLERS) {
    const { metafile } = await build({
      entryPoints: [join(FOLDER, `${name}.ts`)],
      outfile: join(folder, `${name}.mjs`),
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      mainFields: ['module', 'main'],
      metafile: true,
      logLevel: 'error',
      // Some dependencies are CommonJS and call require at run time.
      banner: {
        js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
      },
    });
    for (const { bytes } of Object.values(metafile.outputs)) sizes.set(name, bytes);
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(HANDLERS)('the bundle of %s', (name) => {
  test('the bundle is small enough for a fast cold start', () => {
    expect(sizes.get(name)).toBeLessThanOrEqual(LARGEST);
  });

  test('the bundle loads on the Node.js of Lambda by itself, and holds the handler', async () => {
    const url = pathToFileURL(join(folder, `${name}.mjs`)).href;
    const program = `const { handler } = await import(${JSON.stringify(url)}); console.log(process.version, typeof handler);`;
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', program], {
      cwd: folder,
    });
    expect([stdout.replace(/^v24\.\S+/, 'v24').trim(), stderr]).toEqual(['v24 function', '']);
  });
});
