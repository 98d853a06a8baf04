import { createHash, randomUUID } from 'node:crypto';
import { access, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { AuditorError } from '../errors.ts';
import type { Chunks, ReportStore, StoredObject, VersionedObject } from './store.ts';

/**
 * Keeps reports in a folder, made when the first object is stored.
 *
 * `putIf` never overwrites a file that should not be there. Of two processes that replace the same version
 * in the same instant both may succeed, since a file system has no such condition: keep to one at a time.
 */
export function folderStore(folder: string): ReportStore {
  const root = resolve(folder);
  return {
    put: async (key, chunks) => stored(await putFile(root, key, chunks, replace)),
    get: (key) => getFile(root, key),
    getVersioned: (key) => getVersioned(root, key),
    putIf: (key, chunks, { expected }) =>
      putFile(root, key, chunks, expected === null ? create : replaceVersion(root, key, expected)),
    list: (prefix) => listFiles(root, prefix),
    folders: (prefix) => listFolders(root, prefix),
    location: (key) => join(folder, ...segments(key)),
  };
}

/** Moves a finished file to its place; says whether it did. */
type Move = (temporary: string, file: string) => Promise<boolean>;

const replace: Move = async (temporary, file) => {
  await rename(temporary, file);
  return true;
};

/** A hard link is refused where there is a file. */
const create: Move = async (temporary, file) => {
  try {
    await link(temporary, file);
    return true;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'EEXIST') return false;
    if (!NO_LINKS.has(error.code ?? '')) throw error;
  }
  const taken = await access(file).then(
    () => true,
    () => false,
  );
  return taken ? false : replace(temporary, file);
};

/** What file systems say that know no hard links, such as exFAT. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

const replaceVersion =
  (root: string, key: string, expected: string): Move =>
  async (temporary, file) =>
    (await getVersioned(root, key))?.version === expected && replace(temporary, file);

/** Writes beside the target and moves, so that an interrupted run leaves no half a report behind. */
async function putFile(root: string, key: string, chunks: Chunks, move: Move): Promise<StoredObject | null> {
  const file = pathOf(root, key);
  const temporary = join(dirname(file), `.${basename(file).slice(0, 100)}.${randomUUID()}.tmp`);
  try {
    await mkdir(dirname(file), { recursive: true });
    const written = await writeFileChunks(temporary, chunks);
    return (await move(temporary, file)) ? { key, ...written } : null;
  } catch (error) {
    throw isSystemError(error) ? storeError(file, error) : error;
  } finally {
    // Gone already when it was moved.
    await rm(temporary, { force: true }).catch(() => {});
  }
}

function stored(object: StoredObject | null): StoredObject {
  if (object === null) throw new Error('A file without a condition is always stored.');
  return object;
}

async function getVersioned(root: string, key: string): Promise<VersionedObject | null> {
  const bytes = await getFile(root, key);
  if (bytes === null) return null;
  return { bytes, version: createHash('sha256').update(bytes).digest('hex') };
}

async function* listFiles(root: string, prefix: string): AsyncGenerator<string> {
  const folder = pathOf(root, prefix.replace(/\/$/, ''));
  let entries: Awaited<ReturnType<typeof readFolder>>;
  try {
    entries = await readFolder(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT') return;
    throw storeError(folder, error);
  }
  for (const entry of entries) {
    // Names that begin with a dot are files that are being written.
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    yield relative(root, join(entry.parentPath, entry.name)).split(sep).join('/');
  }
}

async function* listFolders(root: string, prefix: string): AsyncGenerator<string> {
  const folder = pathOf(root, prefix.replace(/\/$/, ''));
  try {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) yield `${prefix}${entry.name}`;
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code !== 'ENOENT') throw storeError(folder, error);
  }
}

const readFolder = (folder: string) => readdir(folder, { recursive: true, withFileTypes: true });

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

/** Keys are made by `store/layout.ts`; anything that it cannot make is refused. */
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
