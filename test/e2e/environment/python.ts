import { join } from 'node:path';
import { cached, runBuildStep, versionOf } from './build-cache.ts';

export interface PythonPackages {
  /** First part of the folder's name. */
  readonly name: string;
  /** Path of a file with pinned and hashed requirements. */
  readonly requirements: string;
  /** What they are, for the person who waits: `the AWS test server`. */
  readonly what: string;
}

/** The folder of a virtual environment with these packages in it, made once. */
export async function ensurePython({ name, requirements, what }: PythonPackages): Promise<string> {
  const python = await versionOf('python3', '--version');
  if (python === undefined) {
    throw new Error(`There is no Python for ${what}: install python3, 3.11 or later.`);
  }
  return cached({
    name,
    files: [requirements],
    inputs: [python],
    announcement: `Installing ${what}, which takes less than two minutes.`,
    make: async (folder) => {
      const whenItFails = `Installing ${what} failed. Check that the Python package index is reachable.`;
      await runBuildStep(['python3', '-m', 'venv', folder], { whenItFails });
      const pip = [join(folder, 'bin', 'python'), '-m', 'pip', '--disable-pip-version-check'];
      await runBuildStep([...pip, 'install', '--quiet', '--require-hashes', '-r', requirements], {
        whenItFails,
      });
    },
  });
}
