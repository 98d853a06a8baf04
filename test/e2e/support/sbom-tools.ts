import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cached } from '../environment/build-cache.ts';
import { ensurePython } from '../environment/python.ts';

const run = promisify(execFile);

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL('../python-sbom/requirements.txt', import.meta.url));

/** What npm lists of this project, in one of its formats. */
export async function npmSbom(format: 'spdx' | 'cyclonedx'): Promise<string> {
  const args = ['sbom', '--sbom-format', format, '--package-lock-only'];
  return (await run('npm', args, { cwd: ROOT, maxBuffer: 64 << 20 })).stdout;
}

/** What cyclonedx-py lists of the Python environment that it is installed in; kept with it, since it takes seconds. */
export async function pythonSbom(): Promise<string> {
  const python = join(await ensurePythonSbom(), 'bin', 'python');
  const folder = await cached({
    name: 'python-sbom-document',
    files: [REQUIREMENTS],
    announcement: 'Listing the packages of cyclonedx-py, which takes some seconds.',
    make: async (folder) => {
      const args = ['-m', 'cyclonedx_py', 'environment', '--output-format', 'JSON'];
      const { stdout } = await run(python, args, { maxBuffer: 64 << 20 });
      await writeFile(join(folder, 'sbom.json'), stdout);
    },
  });
  return readFile(join(folder, 'sbom.json'), 'utf8');
}

/** The folder of a virtual environment with cyclonedx-py in it. */
const ensurePythonSbom = (): Promise<string> =>
  ensurePython({ name: 'python-sbom', requirements: REQUIREMENTS, what: 'cyclonedx-py' });
