import type { Dirent, Stats } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';

/** A text to be read, or why it cannot be. */
export interface Source {
  /** As the user wrote it, or below the folder that the user named. */
  readonly name: string;
  /** The path; `-` for standard input. */
  readonly file: string;
  /** Asked for once, when it is the source's turn, so that one file at a time is in memory. */
  readonly read: () => Promise<Uint8Array>;
}

export interface SnapshotIo {
  readonly stdin: AsyncIterable<Uint8Array | string>;
}

const MANIFEST = /\.(?:ya?ml|json)$/i;
/** Folders that never hold what was applied to a cluster, but plenty of YAML. */
const NOT_MANIFESTS = new Set(['.git', 'node_modules']);

/**
 * Finds what the paths mean: files as they are, folders with every `*.yaml`, `*.yml` and `*.json` below
 * them in the order of their names, `-` for standard input. Each file once, whatever links lead to it.
 * @throws UsageError for a path that does not exist and for a folder without manifests
 */
export async function findSources(paths: readonly string[], io: SnapshotIo): Promise<readonly Source[]> {
  const sources: Source[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    if (path !== '-') sources.push(...(await sourcesAt(path, seen)));
    else if (!seen.has('-'))
      sources.push({ name: 'standard input', file: '-', read: () => readAll(io.stdin) });
    if (path === '-') seen.add('-');
  }
  return sources;
}

async function sourcesAt(path: string, seen: Set<string>): Promise<readonly Source[]> {
  const found = await statOf(path);
  if (found === null) throw new UsageError(`There is no file or folder "${path}".`);
  if (!found.isDirectory()) return (await isNew(path, seen)) ? [fileSource(path)] : [];
  const before = seen.size;
  const sources = await walk(path, seen);
  // Everything below may have been read already by way of another path.
  if (sources.length === 0 && !(await holdsSeen(path, seen, before))) {
    throw new UsageError(`The folder "${path}" holds no *.yaml, *.yml or *.json file.`);
  }
  return sources;
}

async function holdsSeen(path: string, seen: ReadonlySet<string>, before: number): Promise<boolean> {
  const real = await realpath(path);
  return [...seen].slice(0, before).some((name) => name === real || name.startsWith(join(real, '/')));
}

async function walk(folder: string, seen: Set<string>): Promise<readonly Source[]> {
  if (!(await isNew(folder, seen))) return [];
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    return [{ name: folder, file: folder, read: () => Promise.reject(error) }];
  }
  const sources: Source[] = [];
  for (const { name } of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, name);
    // Follows links, as folders mounted from a ConfigMap and repositories of manifests use them.
    const found = await statOf(path);
    if (found?.isDirectory() && !NOT_MANIFESTS.has(name)) sources.push(...(await walk(path, seen)));
    else if (MANIFEST.test(name) && (found === null || (found.isFile() && (await isNew(path, seen))))) {
      sources.push(fileSource(path));
    }
  }
  return sources;
}

function fileSource(path: string): Source {
  return { name: path, file: path, read: () => readFile(path) };
}

/** @returns `null` when nothing is there, or a link leads nowhere. */
async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch {
    return null;
  }
}

/** Links may lead to what was read already, or in a circle. Pipes have no real path: `<(kubectl get …)`. */
async function isNew(path: string, seen: Set<string>): Promise<boolean> {
  const real = await realpath(path).catch(() => path);
  if (seen.has(real)) return false;
  seen.add(real);
  return true;
}

async function readAll(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}
