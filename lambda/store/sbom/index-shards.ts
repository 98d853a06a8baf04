import { createHash } from 'node:crypto';
import * as z from 'zod';
import { AuditorError, ReadError } from '../../errors.ts';
import { inParallel } from '../../in-parallel.ts';
import { jsonLine } from '../../report/rows.ts';
import { gunzipLines, gzipLines } from '../gzip.ts';
import { sbomIndexKey } from '../layout.ts';
import type { ReportStore } from '../store.ts';

const ROW = z.object({
  name: z.string(),
  version: z.string().nullable(),
  purl: z.string().nullable(),
  /** See {@link shortDigest}. */
  images: z.array(z.string()),
});

/** A package, and the images that have it. */
export type IndexRow = Omit<Readonly<z.infer<typeof ROW>>, 'images'> & { readonly images: readonly string[] };

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

/**
 * So many bytes of rows has a part of the index at most, ten times what 10,000 images of 400 packages need. Names can be chosen to
 * meet in one part: whoever does that may fill it, but must not bring a run to its end.
 */
export const SHARD_BYTES = 32 << 20;

const ATTEMPTS = 20;
const AT_ONCE = 4;

/** The rows of one part of the index. @throws ReadError when it cannot be understood */
export async function readShard(store: ReportStore, shard: number): Promise<readonly IndexRow[]> {
  const key = sbomIndexKey(shard);
  const bytes = await store.get(key);
  if (bytes === null) return [];
  const rows: IndexRow[] = [];
  for await (const row of rowsIn(bytes, store.location(key))) rows.push(row);
  return rows;
}

async function* rowsIn(bytes: Uint8Array, location: string): AsyncGenerator<IndexRow> {
  try {
    for await (const line of gunzipLines(bytes)) if (line !== '') yield ROW.parse(JSON.parse(line));
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The index of packages in ${location} cannot be read.`,
      'Restore an earlier version of the object, or delete the folder sbom/ so that the next run collects the SBOMs again.',
      error,
    );
  }
}

/**
 * Adds packages to the index; each part is read and written once, whoever else does so at the same time. Adding the same
 * again changes nothing.
 *
 * @returns the images of which something did not fit: what is not in the index must not look like what they do not have
 */
export async function addToIndex(
  store: ReportStore,
  entries: Iterable<IndexEntry>,
): Promise<ReadonlySet<string>> {
  const byShard = new Map<number, IndexEntry[]>();
  for (const entry of entries) {
    const shard = shardOf(entry.key);
    const there = byShard.get(shard);
    if (there === undefined) byShard.set(shard, [entry]);
    else there.push(entry);
  }
  const left = await inParallel([...byShard], AT_ONCE, ([shard, added]) => updateShard(store, shard, added));
  return new Set(left.flatMap((images) => [...images]));
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
      for await (const row of rowsIn(now.bytes, store.location(key))) packages.keep(row);
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

/** The packages of one part of the index while it is written anew. */
function openPackages() {
  const rows = new Map<string, { readonly row: Omit<IndexRow, 'images'>; readonly images: Set<string> }>();
  let bytes = 0;
  let changed = false;
  const at = (row: Omit<IndexRow, 'images'>) => {
    const id = JSON.stringify([row.name, row.version, row.purl]);
    const there = rows.get(id);
    if (there !== undefined) return there;
    const { name, version, purl } = row;
    const made = { row: { name, version, purl }, images: new Set<string>() };
    rows.set(id, made);
    bytes += id.length + 50;
    return made;
  };
  return {
    keep(row: IndexRow): void {
      const { images } = at(row);
      for (const image of row.images) images.add(image);
      bytes += row.images.length * 19;
    },
    /** @returns `false` when there is no room */
    add({ name, version, purl, image }: IndexEntry): boolean {
      if (bytes >= SHARD_BYTES) return false;
      const { images } = at({ name, version, purl });
      if (images.has(image)) return true;
      images.add(image);
      bytes += 19;
      changed = true;
      return true;
    },
    changed: (): boolean => changed,
    *lines(): Generator<string> {
      const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
      for (const [, { row, images }] of sorted) yield `${jsonLine({ ...row, images: [...images].sort() })}\n`;
    },
  };
}
