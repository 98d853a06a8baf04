import { createHash } from 'node:crypto';
import { AuditorError, ReadError } from '../../errors.ts';
import { inParallel } from '../../in-parallel.ts';
import { jsonLine } from '../../report/rows.ts';
import { gunzipLines, gzipLines } from '../gzip.ts';
import { sbomIndexKey } from '../layout.ts';
import type { ReportStore } from '../store.ts';

/** A package, and the images that have it. */
export interface IndexRow {
  readonly name: string;
  readonly version: string | null;
  readonly purl: string | null;
  /** See {@link shortDigest}. */
  readonly images: readonly string[];
}

/** A package of one image, under the key by which it is looked for. */
export interface IndexEntry extends Omit<IndexRow, 'images'> {
  readonly key: string;
  readonly image: string;
}

/**
 * The first 64 bits of a digest are enough to tell thousands of images apart, and most of the index is digests. Two
 * that share them would only be listed together.
 */
export const shortDigest = (digest: string): string => digest.slice(digest.indexOf(':') + 1).slice(0, 16);

/** Where a package is in the index. @returns 0 to 255 */
export const shardOf = (key: string): number => createHash('sha256').update(key, 'utf8').digest()[0] ?? 0;

/** How a list of parts is written: two hexadecimal digits each, in their order. */
export const partsText = (shards: Iterable<number>): string =>
  [...new Set(shards)]
    .sort((a, b) => a - b)
    .map(partText)
    .join('');

/** Whether a list that {@link partsText} wrote has a part. */
export const hasPart = (parts: string, shard: number): boolean =>
  new RegExp(`^(..)*${partText(shard)}`).test(parts);

const partText = (shard: number): string => shard.toString(16).padStart(2, '0');

/**
 * So many bytes of rows has a part of the index at most, ten times what 10,000 images of 400 packages need. Names can be chosen to
 * meet in one part: whoever does that may fill it, but must not bring a run to its end.
 */
export const SHARD_BYTES = 32 << 20;

/** By {@link shortDigest}. */
export interface NotIndexed {
  /** There was no room for some of their packages. */
  readonly full: ReadonlySet<string>;
  /** There was no time for some of their packages. */
  readonly late: ReadonlySet<string>;
}

const ATTEMPTS = 20;
const AT_ONCE = 4;

/** The rows of one part of the index. @throws ReadError when it cannot be understood */
export async function readShard(store: ReportStore, shard: number): Promise<readonly IndexRow[]> {
  const key = sbomIndexKey(shard);
  const bytes = await store.get(key);
  if (bytes === null) return [];
  const rows: IndexRow[] = [];
  await eachLine(bytes, store.location(key), (line) => rows.push(rowOf(JSON.parse(line))));
  return rows;
}

async function eachLine(bytes: Uint8Array, location: string, take: (line: string) => void): Promise<void> {
  try {
    for await (const line of gunzipLines(bytes)) if (line !== '') take(line);
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The index of packages in ${location} cannot be read.`,
      'Restore an earlier version of the object, or delete the folder sbom/ so that the next run collects the SBOMs again.',
      error,
    );
  }
}

/** By hand: a schema takes four times as long for thousands of rows. */
function rowOf(value: Partial<Record<keyof IndexRow, unknown>> | null): IndexRow {
  const { name, version, purl, images } = value ?? {};
  if (typeof name !== 'string' || !isTextOrNull(version) || !isTextOrNull(purl) || !isTexts(images)) {
    throw new Error('a row of the index has another shape');
  }
  return { name, version, purl, images };
}

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/**
 * Adds packages to the index; each part is read and written once, whoever else does so at the same time. Adding the same
 * again changes nothing.
 *
 * @param signal Ends it between two parts; what was written by then stays.
 * @returns the images of which something is missing: what is not in the index must not look like what they do not have
 */
export async function addToIndex(
  store: ReportStore,
  entries: Iterable<IndexEntry>,
  signal?: AbortSignal,
): Promise<NotIndexed> {
  const byShard = new Map<number, IndexEntry[]>();
  for (const entry of entries) {
    const shard = shardOf(entry.key);
    const there = byShard.get(shard);
    if (there === undefined) byShard.set(shard, [entry]);
    else there.push(entry);
  }
  const full = new Set<string>();
  const late = new Set<string>();
  await inParallel([...byShard], AT_ONCE, async ([shard, added]) => {
    if (signal?.aborted) for (const { image } of added) late.add(image);
    else for (const image of await updateShard(store, shard, added)) full.add(image);
  });
  return { full, late };
}

async function updateShard(
  store: ReportStore,
  shard: number,
  added: readonly IndexEntry[],
): Promise<ReadonlySet<string>> {
  const key = sbomIndexKey(shard);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const now = await store.getVersioned(key);
    const packages = openPackages();
    if (now !== null) {
      await eachLine(now.bytes, store.location(key), packages.keep);
    }
    const left = new Set(added.filter((entry) => !packages.add(entry)).map(({ image }) => image));
    if (!packages.changed()) return left;
    const written = await store.putIf(key, [...gzipLines(packages.lines())], {
      contentType: 'application/gzip',
      expected: now?.version ?? null,
    });
    if (written !== null) return left;
  }
  throw new AuditorError(
    `Other runs kept changing ${store.location(key)}; run again when fewer of them run at once.`,
  );
}

/** The line of a package ends so; what is before names the package. */
const IMAGES = ',"images":[';
const END = ']}';

/**
 * The packages of one part of the index while it is written anew. Lines are kept as they are, and images put in at their end:
 * parsing and writing millions of rows for a few new images would take ten times as long.
 */
function openPackages() {
  const lines = new Map<string, string>();
  let bytes = 0;
  let changed = false;
  return {
    /** @throws Error when it is no line of the index */
    keep(line: string): void {
      const at = line.lastIndexOf(IMAGES);
      if (at < 0 || !line.startsWith('{"name":') || !line.endsWith(END))
        throw new Error('no row of the index');
      lines.set(line.slice(0, at), line);
      bytes += line.length;
    },
    /** @returns `false` when there is no room */
    add({ name, version, purl, image }: IndexEntry): boolean {
      const row = jsonLine({ name, version, purl }).slice(0, -1);
      const there = lines.get(row);
      if (there?.includes(`"${image}"`, row.length) === true) return true;
      const now =
        there === undefined ? `${row}${IMAGES}"${image}"${END}` : `${there.slice(0, -2)},"${image}"${END}`;
      bytes += now.length - (there?.length ?? 0);
      if (bytes > SHARD_BYTES) {
        bytes -= now.length - (there?.length ?? 0);
        return false;
      }
      lines.set(row, now);
      changed = true;
      return true;
    },
    changed: (): boolean => changed,
    *lines(): Generator<string> {
      for (const [, line] of [...lines].sort(([a], [b]) => (a < b ? -1 : 1))) yield `${line}\n`;
    },
  };
}
