import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OutputError } from '../errors.ts';
import { MARKER } from '../report/fix-file.ts';

export interface FileToWrite {
  /** Below the folder, of plain parts. */
  readonly path: string;
  readonly text: string;
}

/**
 * Writes files into a folder, and replaces those that an earlier run wrote there; no other file is touched.
 *
 * @throws OutputError when there is a file that is not ours, before any is written, or when one cannot be written
 */
export async function writeFixes(folder: string, files: readonly FileToWrite[]): Promise<void> {
  for (const { path } of files) {
    const file = join(folder, path);
    if (await inFile(file, () => isOurs(file))) continue;
    throw new OutputError(
      `${file} exists and was not written by the command fixes; move it away, or give another folder to --write.`,
    );
  }
  for (const { path, text } of files) {
    const file = join(folder, path);
    await inFile(file, () => replaceFile(file, text));
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = join(dirname(file), `.${randomUUID()}.tmp`);
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await rename(temporary, file);
  } finally {
    // Gone already when it was moved.
    await rm(temporary, { force: true }).catch(() => {});
  }
}

async function inFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new OutputError(`${file} cannot be written (${error.code}). Give another folder to --write.`, {
      cause: error,
    });
  }
}

/** Whether the file is not there, or begins as ours do. A link may lead anywhere. */
async function isOurs(file: string): Promise<boolean> {
  try {
    if (!(await lstat(file)).isFile()) return false;
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return true;
    throw error;
  }
  return (await readFile(file, 'utf8')).startsWith(`${MARKER}\n`);
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'code' in error && 'syscall' in error;
