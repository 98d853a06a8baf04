import type { ClusterIdentity } from '../inventory/names.ts';
import { compareText, compareWorkloads } from '../inventory/workload.ts';
import { parsePurl } from '../sbom/purl.ts';
import { keyOfQuery, type Match, matchPackage, type PackageQuery } from '../sbom/query.ts';
import { inventoryRowsIn, type LatestInventory, latestInventories } from '../store/inventories.ts';
import { sbomIndexKey } from '../store/layout.ts';
import { type CollectedImages, readCollected } from '../store/sbom/collected.ts';
import { hasPart, type IndexRow, readShard, shardOf, shortDigest } from '../store/sbom/index-shards.ts';
import type { ReportStore } from '../store/store.ts';
import { gatherImages, type ImageUse, type RunningImageUses } from './running-images.ts';

/** A package that was found in a workload that runs. */
export interface FoundUse {
  readonly package: {
    readonly name: string;
    readonly version: string | null;
    readonly purl: string | null;
  };
  /** `unknown`: its version or its type cannot be compared, so that people have to look. */
  readonly match: Exclude<Match, 'no'>;
  readonly image: string;
  readonly digest: string;
  readonly use: ImageUse;
}

/** An image of which nobody can say that a package is not in it. */
export interface UnsearchableImage {
  readonly image: string;
  readonly digest: string | null;
  /** A sentence. */
  readonly reason: string;
  readonly uses: readonly ImageUse[];
}

/** What a search found, and what it could not know. */
export interface PackageAnswer {
  readonly found: readonly FoundUse[];
  /** Distinct images that run. */
  readonly images: number;
  readonly unsearchable: readonly UnsearchableImage[];
  /** When the last run began. */
  readonly asOf: string;
  /** Clusters whose pods are not those of the last run. */
  readonly stale: readonly StaleCluster[];
}

export interface StaleCluster {
  readonly cluster: ClusterIdentity;
  /** The day on which its pods were listed; `null`: never. */
  readonly date: string | null;
}

/**
 * Which running workloads contain a package, by the SBOMs of a store: one part of the index, and the latest inventory of
 * each cluster.
 *
 * @throws ReadError when there is no run in the store, or a part of it cannot be understood
 */
export async function findPackage(store: ReportStore, query: PackageQuery): Promise<PackageAnswer> {
  const shard = shardOf(keyOfQuery(query));
  // The list first: what a run adds meanwhile is in the index before it is in the list.
  const [latest, collected] = await Promise.all([latestInventories(store), readCollected(store)]);
  const rows = await readShard(store, shard);
  const part: SearchedPart = {
    shard,
    location: store.location(sbomIndexKey(shard)),
    listed: new Set(rows.flatMap((row) => row.images)),
  };
  const images = await imagesOf(store, latest.clusters);
  const byShort = new Map<string, RunningImageUses>();
  for (const image of images) if (image.digest !== null) byShort.set(shortDigest(image.digest), image);
  const found = rows.flatMap((row) => usesOf(row, query, byShort));
  return {
    found: withoutRepeats(found).toSorted(compareFound),
    images: images.length,
    unsearchable: images
      .flatMap((image) => unsearchable(image, collected, part))
      .toSorted((a, b) => compareText(a.image, b.image) || compareText(a.digest, b.digest)),
    asOf: latest.run.startedAt,
    stale: latest.clusters.flatMap(({ cluster, current, date }) => (current ? [] : [{ cluster, date }])),
  };
}

async function imagesOf(
  store: ReportStore,
  clusters: readonly LatestInventory[],
): Promise<readonly RunningImageUses[]> {
  const images = gatherImages();
  for (const { cluster, keys } of clusters) {
    for (const key of keys) {
      for await (const row of inventoryRowsIn(store, key)) images.add(cluster, row);
    }
  }
  return images.all();
}

function usesOf(
  { name, version, purl, images }: IndexRow,
  query: PackageQuery,
  byShort: ReadonlyMap<string, RunningImageUses>,
): readonly FoundUse[] {
  const parsed = purl === null ? null : parsePurl(purl);
  const match = matchPackage(query, {
    name,
    version,
    type: parsed?.type ?? null,
    namespace: parsed?.namespace ?? null,
    purlName: parsed?.name ?? null,
    upstream: parsed?.upstream ?? null,
  });
  if (match === 'no') return [];
  return images.flatMap((short) => {
    const running = byShort.get(short);
    if (running === undefined || running.digest === null) return [];
    const { image, digest } = running;
    return running.uses.map((use) => ({ package: { name, version, purl }, match, image, digest, use }));
  });
}

/** The part of the index that has the answer. */
interface SearchedPart {
  readonly shard: number;
  readonly location: string;
  /** Short digests of the images that it names. */
  readonly listed: ReadonlySet<string>;
}

function unsearchable(
  running: RunningImageUses,
  collected: CollectedImages,
  part: SearchedPart,
): readonly UnsearchableImage[] {
  const { image, digest, uses } = running;
  const reason = reasonOf(running, collected, part);
  return reason === null ? [] : [{ image, digest, reason, uses }];
}

/** Why nothing can be said of an image; `null`: what is not found is not in it. */
function reasonOf(
  { digest, form }: RunningImageUses,
  collected: CollectedImages,
  { shard, location, listed }: SearchedPart,
): string | null {
  if (digest === null) return 'The node does not say which image it runs.';
  // As of an image that was imported: no registry has an SBOM by it, whatever may be attached to the image.
  if (form === 'config-id') return 'The node knows it only by the digest of its configuration.';
  const known = collected.get(digest);
  if (known === undefined) return 'No SBOM was collected.';
  if (!known.searchable) return known.reason ?? 'Its SBOM cannot be searched.';
  if (!hasPart(known.parts, shard) || listed.has(shortDigest(digest))) return null;
  return `Its packages are missing from ${location}: restore an earlier version of that object, or delete the folder sbom/ so that the next run collects the SBOMs again.`;
}

/** Two documents about one image, or one document twice, list the same package. */
function withoutRepeats(found: readonly FoundUse[]): readonly FoundUse[] {
  const seen = new Map<ImageUse, Set<string>>();
  return found.filter(({ package: { name, version, purl }, use }) => {
    const parsed = purl === null ? null : parsePurl(purl);
    const id = JSON.stringify(
      parsed === null ? [name, version] : [parsed.type, parsed.namespace, parsed.name, version],
    );
    const before = seen.get(use) ?? new Set();
    seen.set(use, before);
    if (before.has(id)) return false;
    before.add(id);
    return true;
  });
}

const compareFound = (a: FoundUse, b: FoundUse): number =>
  compareText(a.package.name, b.package.name) ||
  compareText(a.package.version, b.package.version) ||
  compareText(a.image, b.image) ||
  compareText(a.digest, b.digest) ||
  compareText(a.use.cluster.name, b.use.cluster.name) ||
  compareText(a.use.cluster.arn, b.use.cluster.arn) ||
  compareWorkloads(a.use.workload, b.use.workload);
