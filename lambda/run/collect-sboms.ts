import { AuditorError } from '../errors.ts';
import { DAY } from '../inventory/durations.ts';
import { instantText } from '../inventory/instant.ts';
import { imagesOf } from '../registry/manifest.ts';
import type { Descriptor, ImageRegistry, SbomSink, SbomsToTake } from '../registry/registry.ts';
import { keysOf } from '../sbom/names.ts';
import { SBOM_LIMITS, type SbomPackage } from '../sbom/package.ts';
import { addCollected, type CollectedImage, readCollected } from '../store/sbom/collected.ts';
import { putImageRows } from '../store/sbom/documents.ts';
import { addToIndex, type IndexEntry, partsText, shardOf, shortDigest } from '../store/sbom/index-shards.ts';
import type { ReportStore } from '../store/store.ts';
import { uncovered } from './sbom-coverage.ts';
import { type ReadDocument, readPlace } from './sbom-document.ts';

/** Takes SBOMs while registries are asked, and makes them searchable when the run ends. */
export interface SbomCollector extends SbomSink {
  /** Whether an image has to be collected: it is new, or something of it could not be read the last time. */
  wants(digest: string): boolean;
  /**
   * Writes what was collected into the index; the images count as collected only then.
   * @param signal Ends the writing of the index.
   * @throws AuditorError when the store refused a part; everything else is written
   */
  finish(signal?: AbortSignal): Promise<CollectedSboms>;
}

export interface CollectedSboms {
  /** Images whose SBOMs were collected now. */
  readonly images: number;
  readonly packages: number;
  /** Images that wait for the next run. */
  readonly left: number;
  /** Images among those of now whose packages could not be indexed in time. */
  readonly late: number;
}

export interface CollectLimits {
  /** New images a run, so that the first one ends in time: the others follow in the next runs. */
  readonly images: number;
  /** Packages that wait in memory for the end of the run; about 200 bytes each. */
  readonly packages: number;
}

/** One document may be refused for what it is; a store that refuses so many in a row refuses all of them. */
const MOST_REFUSALS = 3;

/** Of one image: what is read of it waits in memory, whatever the documents of others are. */
const MOST_PACKAGES = 2 * SBOM_LIMITS.packages;

const TOO_MANY_PACKAGES = `Its SBOMs list more than ${MOST_PACKAGES.toLocaleString('en')} packages, and the others were not opened.`;

const LIMITS: CollectLimits = { images: 200, packages: 500_000 };

/**
 * Opens the SBOMs of a store for a run.
 *
 * @param now Epoch milliseconds.
 * @throws ReadError when what was collected before cannot be understood
 */
export async function openSbomCollector(
  store: ReportStore,
  now: number,
  limits: CollectLimits = LIMITS,
): Promise<SbomCollector> {
  const before = await readCollected(store);
  const collected: CollectedImage[] = [];
  const entries: IndexEntry[] = [];
  const begun = new Set<string>();
  let left = 0;
  let failure: AuditorError | null = null;
  let refusedInARow = 0;
  const wants = (digest: string): boolean => !begun.has(digest) && isDue(before.get(digest), now);
  const collect = async (
    digest: string,
    { places, left: unopened }: SbomsToTake,
    registry: ImageRegistry,
  ): Promise<void> => {
    const platforms = await platformsOf(digest, registry);
    const images = new Set([digest, ...(platforms ?? []).map((one) => one.digest)]);
    const documents: ReadDocument[] = [];
    let packages = 0;
    for (const place of places) {
      if (packages > MOST_PACKAGES) break;
      const document = await readPlace(store, place, { images, registry });
      if (document !== null) documents.push(document);
      packages += document?.packages.length ?? 0;
    }
    const notOpened = packages > MOST_PACKAGES ? TOO_MANY_PACKAGES : unopened;
    const listed = documents.map(({ entry, packages }) => ({ digest: entry.digest, packages }));
    if (listed.length > 0) await putImageRows(store, digest, listed);
    for (const { packages } of documents) addEntries(entries, packages, digest);
    collected.push(
      imageOf(digest, documents, { platforms, unopened: notOpened, collectedAt: instantText(now) }),
    );
  };
  return {
    wants,
    async take(digest, found, registry) {
      if (!wants(digest)) return;
      if (
        refusedInARow >= MOST_REFUSALS ||
        begun.size >= limits.images ||
        entries.length >= limits.packages
      ) {
        left++;
        return;
      }
      begun.add(digest);
      try {
        await collect(digest, found, registry);
        refusedInARow = 0;
      } catch (error) {
        // The store refuses: what else the registries say is worth as much without SBOMs.
        if (!(error instanceof AuditorError)) throw error;
        failure ??= error;
        refusedInARow++;
      }
    },
    async finish(signal) {
      const { full, late } = await addToIndex(store, entries, signal);
      const images = collected.map((image) => {
        const short = shortDigest(image.digest);
        return late.has(short) ? notYetIndexed(image) : full.has(short) ? notIndexed(image) : image;
      });
      await addCollected(store, images);
      if (failure !== null) throw failure;
      return { images: images.length, packages: entries.length, left, late: late.size };
    },
  };
}

/** An SBOM may be attached later to an image that has none, or none that can be searched. */
const ASK_AGAIN = 7 * DAY;

const isDue = (image: CollectedImage | undefined, now: number): boolean =>
  image === undefined ||
  image.again ||
  (!image.searchable && now - Date.parse(image.collectedAt) >= ASK_AGAIN);

/** The images of an index that nodes can run; empty for an image that is none, `null` where this is not known. */
async function platformsOf(digest: string, registry: ImageRegistry): Promise<readonly Descriptor[] | null> {
  try {
    const manifest = await registry.manifest(digest);
    return manifest === null ? null : imagesOf(manifest);
  } catch (error) {
    if (error instanceof AuditorError) return null;
    throw error;
  }
}

function imageOf(
  digest: string,
  documents: readonly ReadDocument[],
  {
    platforms,
    unopened,
    collectedAt,
  }: {
    readonly platforms: readonly Descriptor[] | null;
    readonly unopened: string | null;
    readonly collectedAt: string;
  },
): CollectedImage {
  const reason = reasonOf(digest, documents, platforms) ?? unopened;
  return {
    digest,
    searchable: reason === null,
    reason,
    documents: documents.map(({ entry }) => entry),
    parts: partsText(documents.flatMap(({ packages }) => packages.flatMap(keysOf)).map(shardOf)),
    collectedAt,
    again: platforms === null || documents.some(({ unread }) => unread),
  };
}

/** One document that cannot be searched may be the one that lists the package: the others do not stand for it. */
function reasonOf(
  digest: string,
  documents: readonly ReadDocument[],
  platforms: readonly Descriptor[] | null,
): string | null {
  if (documents.length === 0) return 'An attestation was found that holds no SBOM.';
  const bad = documents.find(({ entry }) => entry.problem !== null)?.entry;
  if (bad !== undefined) return `An SBOM was found that cannot be searched: ${bad.problem}.`;
  return uncovered(
    digest,
    documents.map(({ about }) => about),
    platforms,
  );
}

function addEntries(entries: IndexEntry[], packages: readonly SbomPackage[], digest: string): void {
  const image = shortDigest(digest);
  for (const one of packages) {
    const { name, version, purl } = one;
    for (const key of keysOf(one)) entries.push({ key, name, version, purl, image });
  }
}

const notYetIndexed = (image: CollectedImage): CollectedImage => ({
  ...image,
  searchable: false,
  reason: 'The run had no time to index its packages; the next one does it.',
  again: true,
});

const notIndexed = (image: CollectedImage): CollectedImage => ({
  ...image,
  searchable: false,
  reason: 'The index has no room for all of its packages.',
});
