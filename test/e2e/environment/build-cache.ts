import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Something that is built once and kept outside the tree. */
export interface Build {
  /** First part of the folder's name. */
  readonly name: string;
  /** Files and texts that decide what the result is. */
  readonly files: readonly string[];
  readonly inputs?: readonly string[];
  /** Says what will be made and how long it takes, for the person who waits. */
  readonly announcement: string;
  /** Makes the result in the given, empty folder. */
  make(folder: string): Promise<void>;
}

/**
 * The folder with the result of a build, made now when it is not there yet. An interrupted build
 * leaves nothing that a later run would take for a result: the folder gets its name at the end.
 */
export async function cached(build: Build): Promise<string> {
  const folder = join(cacheRoot(), `${build.name}-${await fingerprint(build)}`);
  if (await exists(folder)) {
    return folder;
  }
  process.stderr.write(`${build.announcement}\n`);
  const startedAt = Date.now();
  const partial = `${folder}.partial-${process.pid}`;
  await mkdir(partial, { recursive: true });
  try {
    await build.make(partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    // Another run may have finished the same build meanwhile.
    if (!(await exists(folder))) {
      throw error;
    }
  }
  process.stderr.write(`  done in ${Math.round((Date.now() - startedAt) / 1000)} s: ${folder}\n`);
  return folder;
}

/**
 * Runs a program of a build, at low priority.
 *
 * @throws one sentence with `whenItFails` and the end of the program's output.
 */
export async function runBuildStep(
  command: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>> | undefined;
    readonly whenItFails: string;
  },
): Promise<void> {
  try {
    const env = { ...process.env, ...options.env };
    await run('nice', [...command], { cwd: options.cwd, env, maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const output = (error as { stderr?: string }).stderr ?? String(error);
    throw new Error(`${options.whenItFails}\n${output.trimEnd().split('\n').slice(-15).join('\n')}`);
  }
}

/** What a program prints about itself; undefined when it is not installed. */
export async function versionOf(command: string, flag: string): Promise<string | undefined> {
  return run(command, [flag]).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function cacheRoot(): string {
  const base = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(base, 'eks-drift-auditor', 'e2e');
}

async function fingerprint(build: Build): Promise<string> {
  const hash = createHash('sha256');
  for (const file of build.files) {
    hash.update(await readFile(file)).update('\0');
  }
  for (const input of [...(build.inputs ?? []), process.platform, process.arch]) {
    hash.update(input).update('\0');
  }
  return hash.digest('hex').slice(0, 16);
}
