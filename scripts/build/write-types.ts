import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ENTRY = 'lib/index.d.ts';

/** Writes the declarations that `lib/index.ts` exports, and of the others only what these refer to. */
export async function writeTypes(outdir: string): Promise<void> {
  const all = await mkdtemp(join(tmpdir(), 'types-'));
  try {
    const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
    await promisify(execFile)(tsc, ['-p', join(ROOT, 'tsconfig.package.json'), '--outDir', all], {
      cwd: ROOT,
    });
    for (const file of await reachable(join(all, ENTRY))) {
      const target = join(outdir, relative(all, file));
      await mkdir(dirname(target), { recursive: true });
      await cp(file, target);
    }
  } finally {
    await rm(all, { recursive: true });
  }
}

async function reachable(entry: string): Promise<ReadonlySet<string>> {
  const found = new Set([entry]);
  for (const file of found) {
    const text = await readFile(file, 'utf8');
    for (const [, path = ''] of text.matchAll(/from '(\.[^']+)\.ts'/g)) {
      found.add(`${resolve(dirname(file), path)}.d.ts`);
    }
  }
  return found;
}
