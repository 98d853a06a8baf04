import { AuditorError, ReadError } from '../errors.ts';
import { DAY } from '../inventory/durations.ts';
import type { SbomPlace } from '../inventory/images.ts';
import { instantText } from '../inventory/instant.ts';
import { imagesOf } from '../registry/manifest.ts';
import type { ImageRegistry, SbomSink, SbomsToTake } from '../registry/registry.ts';
import { keysOf } from '../sbom/names.ts';
import { SBOM_LIMITS, type SbomPackage, type SbomReading } from '../sbom/package.ts';
import { readSbom } from '../sbom/read-sbom.ts';
import {
  addCollected,
  type CollectedDocument,
  type CollectedImage,
  readCollected,
} from '../store/sbom/collected.ts';
import { putDocument, putImageRows } from '../store/sbom/documents.ts';
import { addToIndex, type IndexEntry, partsText, shardOf, shortDigest } from '../store/sbom/index-shards.ts';
import type { ReportStore } from '../store/store.ts';

/** Takes SBOMs while registries are asked, and makes them searchable when the run ends. */
export interface SbomCollector extends SbomSink {
  /** Whether an image has to be collected: it is new, or something of it could not be read the last time. */
  wants(digest: string): boolean;
  /**
   * Writes what was collected into the index; the images count as collected only then.
   * @throws AuditorError when the store refused a part; everything else is written
   */
  finish(): Promise<CollectedSboms>;
}

export interface CollectedSboms {
  /** Images whose SBOMs were collected now. */
  readonly images: number;
  readonly packages: number;
  /** Images that wait for the next run. */
  readonly left: number;
}

export interface CollectLimits {
  /** New images a run, so that the first one ends in time: the others follow in the next runs. */
  readonly images: number;
  /** Packages that wait in memory for the end of the run; about 200 bytes each. */
  readonly packages: number;
}

/** One document may be refused for what it is; a store that refuses so many in a row refuses all of them. */
const MOST_REFUSALS = 3;

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
    const documents: ReadDocument[] = [];
    for (const place of places) {
      const document = await readPlace(store, place, { digest, registry });
      if (document !== null) documents.push(document);
    }
    const platforms = documents.length === 0 ? [] : await platformsOf(digest, registry);
    const listed = documents.map(({ entry, packages }) => ({ digest: entry.digest, packages }));
    if (listed.length > 0) await putImageRows(store, digest, listed);
    for (const { packages } of documents) addEntries(entries, packages, digest);
    collected.push(imageOf(digest, documents, { platforms, unopened, collectedAt: instantText(now) }));
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
    async finish() {
      const unindexed = await addToIndex(store, entries);
      const images = collected.map((image) =>
        unindexed.has(shortDigest(image.digest)) ? notIndexed(image) : image,
      );
      await addCollected(store, images);
      if (failure !== null) throw failure;
      return { images: images.length, packages: entries.length, left };
    },
  };
}

/** An SBOM may be attached later to an image that has none, or none that can be searched. */
const ASK_AGAIN = 7 * DAY;

const isDue = (image: CollectedImage | undefined, now: number): boolean =>
  image === undefined ||
  image.again ||
  (!image.searchable && now - Date.parse(image.collectedAt) >= ASK_AGAIN);

interface ReadDocument {
  readonly entry: CollectedDocument;
  readonly packages: readonly SbomPackage[];
  /** The registry did not give it; the next run asks again. */
  readonly unread: boolean;
}

interface Asked {
  readonly digest: string;
  readonly registry: ImageRegistry;
}

/** @returns `null` when it is no SBOM after all, such as provenance in an attestation that does not say what it is */
async function readPlace(store: ReportStore, place: SbomPlace, asked: Asked): Promise<ReadDocument | null> {
  const { blob, via, subject, format } = place;
  const entry = { digest: blob.digest, via, subject };
  try {
    const bytes = await asked.registry.blob(blob.digest, { mostBytes: SBOM_LIMITS.bytes });
    const reading = readSbom(bytes);
    if (format === 'unknown' && isNoSbom(reading)) return null;
    await putDocument(store, blob.digest, bytes);
    const problem = problemOf(reading, place, asked.digest);
    const { title, packages } = reading;
    return {
      entry: { ...entry, title, packages: packages.length, problem },
      // What a statement says of another image says nothing of this one.
      packages: isAbout(reading, place, asked.digest) ? packages : [],
      unread: false,
    };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return {
      entry: {
        ...entry,
        title: 'a document',
        packages: 0,
        problem: `it could not be read: ${error.message}`,
      },
      packages: [],
      unread: true,
    };
  }
}

const isNoSbom = ({ format, packages, problem }: SbomReading): boolean =>
  format === null && packages.length === 0 && problem?.kind === 'unknown-format';

const isAbout = ({ subjects }: SbomReading, { subject }: SbomPlace, digest: string): boolean =>
  subjects === null || subjects.includes(subject) || subjects.includes(digest);

function problemOf(reading: SbomReading, place: SbomPlace, digest: string): string | null {
  if (!isAbout(reading, place, digest)) return 'its statement is about another image';
  return reading.problem?.message ?? null;
}

/** The images of an index that nodes can run; empty for an image that is none, `null` where this is not known. */
async function platformsOf(digest: string, registry: ImageRegistry): Promise<readonly string[] | null> {
  try {
    const manifest = await registry.manifest(digest);
    return manifest === null ? null : imagesOf(manifest).map((image) => image.digest);
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
    readonly platforms: readonly string[] | null;
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
  platforms: readonly string[] | null,
): string | null {
  if (documents.length === 0) return 'An attestation was found that holds no SBOM.';
  const bad = documents.find(({ entry }) => entry.problem !== null)?.entry;
  if (bad !== undefined) return `An SBOM was found that cannot be searched: ${bad.problem}.`;
  if (documents.some(({ entry }) => entry.subject === digest)) return null;
  if (platforms === null) return 'Which platforms the image has could not be read.';
  if (platforms.length === 0) return 'The image names no platform that a node can run.';
  const covered = new Set(documents.map(({ entry }) => entry.subject));
  const missing = platforms.filter((platform) => !covered.has(platform)).length;
  return missing === 0 ? null : `${missing} of its ${platforms.length} platforms have no SBOM.`;
}

function addEntries(entries: IndexEntry[], packages: readonly SbomPackage[], digest: string): void {
  const image = shortDigest(digest);
  for (const one of packages) {
    const { name, version, purl } = one;
    for (const key of keysOf(one)) entries.push({ key, name, version, purl, image });
  }
}

const notIndexed = (image: CollectedImage): CollectedImage => ({
  ...image,
  searchable: false,
  reason: 'The index has no room for all of its packages.',
});
