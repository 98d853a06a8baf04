import * as z from 'zod';
import { AuditorError, ReadError } from '../../errors.ts';
import { jsonLine } from '../../report/rows.ts';
import { gunzipLines, gzipLines } from '../gzip.ts';
import { SBOM_COLLECTED } from '../layout.ts';
import type { ReportStore } from '../store.ts';

const DOCUMENT = z.object({
  /** Of the blob: `sha256:…`. */
  digest: z.string(),
  /** As people name its format. */
  title: z.string(),
  via: z.string(),
  /** The image that it describes: the running one, or one of an index. */
  subject: z.string(),
  packages: z.number().int().nonnegative(),
  /** Why it cannot be searched; `null`: it can. */
  problem: z.string().nullable(),
});

/**
 * Counts up whenever fewer images are searchable than before, so that nothing that an earlier version took for searched stays so: 2 is
 * that a document at an index counts for the platforms that it names, and one that is incomplete by its own words for none.
 */
const RULES = 2;

const ROW = z.object({
  /** Of the image. */
  digest: z.string(),
  /** Whether its documents can answer that a package is not in it. */
  searchable: z.boolean(),
  /** Why not; `null` where it is searchable. */
  reason: z.string().nullable(),
  documents: z.array(DOCUMENT),
  /**
   * The parts of the index that hold its packages, two hexadecimal digits each. Where such a part names the image no more, it was
   * lost or replaced by an older one, and what it does not list proves nothing.
   */
  parts: z
    .string()
    .regex(/^([0-9a-f]{2})*$/)
    .optional(),
  /** By which rules it was decided whether it is searchable. */
  rules: z.literal(RULES).optional().catch(undefined),
  collectedAt: z.string(),
  /** Something could not be read, and is asked for again by the next run. */
  again: z.boolean(),
});

export type CollectedDocument = Readonly<z.infer<typeof DOCUMENT>>;

/** What was collected of one image. */
export type CollectedImage = Omit<Readonly<z.infer<typeof ROW>>, 'documents' | 'parts' | 'rules'> & {
  readonly documents: readonly CollectedDocument[];
  readonly parts: string;
};

/** Of a version that did not note the parts nothing shows that the index still has them; of other rules, that they were enough. */
const withParts = ({ parts, rules, ...row }: z.infer<typeof ROW>): CollectedImage =>
  parts === undefined || rules === undefined
    ? {
        ...row,
        searchable: false,
        reason: row.reason ?? 'Its SBOM was collected by an earlier version; the next run collects it again.',
        parts: '',
        again: true,
      }
    : { ...row, parts };

export type CollectedImages = ReadonlyMap<string, CollectedImage>;

/** Runs that end at the same moment take turns. */
const ATTEMPTS = 20;

/**
 * All images whose SBOMs were collected, by digest.
 * @throws ReadError when the list cannot be understood
 */
export async function readCollected(store: ReportStore): Promise<CollectedImages> {
  const bytes = await store.get(SBOM_COLLECTED);
  return bytes === null ? new Map() : parseCollected(bytes, store.location(SBOM_COLLECTED));
}

async function parseCollected(bytes: Uint8Array, location: string): Promise<Map<string, CollectedImage>> {
  const images = new Map<string, CollectedImage>();
  try {
    for await (const line of gunzipLines(bytes)) {
      if (line === '') continue;
      const row = ROW.parse(JSON.parse(line));
      images.set(row.digest, withParts(row));
    }
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The list of collected SBOMs in ${location} cannot be read.`,
      'Restore an earlier version of the object, or delete the folder sbom/ so that the next run collects them again.',
      error,
    );
  }
  return images;
}

/** Adds or replaces images in the list, whoever else does so at the same time. */
export async function addCollected(store: ReportStore, images: readonly CollectedImage[]): Promise<void> {
  if (images.length === 0) return;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const now = await store.getVersioned(SBOM_COLLECTED);
    const all =
      now === null
        ? new Map<string, CollectedImage>()
        : await parseCollected(now.bytes, store.location(SBOM_COLLECTED));
    for (const image of images) all.set(image.digest, image);
    const rows = [...all.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
    const written = await store.putIf(
      SBOM_COLLECTED,
      [...gzipLines(rows.map((row) => `${jsonLine({ ...row, rules: RULES })}\n`))],
      {
        contentType: 'application/gzip',
        expected: now?.version ?? null,
      },
    );
    if (written !== null) return;
  }
  throw new AuditorError(
    `Other runs kept changing ${store.location(SBOM_COLLECTED)}; run again when fewer of them run at once.`,
  );
}
