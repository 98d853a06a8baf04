import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { AuditorError } from '../errors.ts';
import type { Chunks, ReportStore, StoredObject } from './store.ts';

/** Keeps reports in a folder, made when the first object is stored. */
export function folderStore(folder: string): ReportStore {
  const root = resolve(folder);
  return {
    put: (key, chunks) => putFile(root, key, chunks),
    get: (key) => getFile(root, key),
    location: (key) => join(folder, ...segments(key)),
  };
}

/** Writes beside the target and renames, so that an interrupted run leaves no half a report behind. */
async function putFile(root: string, key: string, chunks: Chunks): Promise<StoredObject> {
  const file = pathOf(root, key);
  const temporary = join(dirname(file), `.${basename(file).slice(0, 100)}.${randomUUID()}.tmp`);
  try {
    await mkdir(dirname(file), { recursive: true });
    const written = await writeFileChunks(temporary, chunks);
    await rename(temporary, file);
    return { key, ...written };
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw isSystemError(error) ? storeError(file, error) : error;
  }
}

async function writeFileChunks(file: string, chunks: Chunks): Promise<Omit<StoredObject, 'key'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  // `wx`: never follows or overwrites what somebody else put there.
  const handle = await open(file, 'wx');
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      await handle.writeFile(chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { bytes, sha256: hash.digest('hex') };
}

async function getFile(root: string, key: string): Promise<Uint8Array | null> {
  const file = pathOf(root, key);
  try {
    return await readFile(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT') return null;
    throw storeError(file, error);
  }
}

/** The file of a key, inside the root whatever the key says. */
function pathOf(root: string, key: string): string {
  const file = join(root, ...segments(key));
  const inside = root.endsWith(sep) ? root : root + sep;
  if (!file.startsWith(inside)) throw badKey(key);
  return file;
}

/** Keys are made by `report/layout.ts`; anything that it cannot make is refused. */
function segments(key: string): readonly string[] {
  const parts = key.split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..' || /[\\:\p{Cc}]/u.test(part));
  if (bad) throw badKey(key);
  return parts;
}

const badKey = (key: string): AuditorError =>
  new AuditorError(`The key ${JSON.stringify(key)} does not name a file inside the report folder.`);

/** By its shape, not its class: errors of the file system may come from another realm. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'code' in error && 'syscall' in error;

const WHY: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied; choose a folder that you may write',
  EPERM: 'permission is denied; choose a folder that you may write',
  EROFS: 'the file system is read-only; choose another folder',
  ENOSPC: 'the disk is full; free some space or choose another folder',
  ENOTDIR: 'a part of its path is a file; choose another folder',
  EEXIST: 'a part of its path is a file; choose another folder',
  EISDIR: 'it is a folder; move it away or choose another folder',
};

const storeError = (file: string, { code = 'unknown', message }: NodeJS.ErrnoException): AuditorError =>
  new AuditorError(`The report ${file} cannot be stored or read: ${WHY[code] ?? message}.`);
