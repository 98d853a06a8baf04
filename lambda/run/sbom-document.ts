import { ReadError } from '../errors.ts';
import type { SbomPlace } from '../inventory/images.ts';
import type { ImageRegistry } from '../registry/registry.ts';
import { SBOM_LIMITS, type SbomPackage, type SbomReading } from '../sbom/package.ts';
import { readSbom } from '../sbom/read-sbom.ts';
import type { CollectedDocument } from '../store/sbom/collected.ts';
import { putDocument } from '../store/sbom/documents.ts';
import type { ReportStore } from '../store/store.ts';
import type { CoveringDocument } from './sbom-coverage.ts';

/** A document that was found, with what could be read of it. */
export interface ReadDocument {
  readonly entry: CollectedDocument;
  readonly packages: readonly SbomPackage[];
  readonly about: CoveringDocument;
  /** The registry did not give it; the next run asks again. */
  readonly unread: boolean;
}

interface Asked {
  /** What runs, and the images of its index. */
  readonly images: ReadonlySet<string>;
  readonly registry: ImageRegistry;
}

/**
 * Opens a document, and keeps it as it is.
 * @returns `null` when it is no SBOM after all, such as provenance in an attestation that does not say what it is
 */
export async function readPlace(
  store: ReportStore,
  place: SbomPlace,
  asked: Asked,
): Promise<ReadDocument | null> {
  const { blob, via, subject, format } = place;
  const entry = { digest: blob.digest, via, subject };
  try {
    const bytes = await asked.registry.blob(blob.digest, { mostBytes: SBOM_LIMITS.bytes });
    const reading = readSbom(bytes);
    if (format === 'unknown' && isNoSbom(reading)) return null;
    await putDocument(store, blob.digest, bytes);
    const problem = problemOf(reading, place, asked.images);
    const { title, packages, subjects, describes } = reading;
    return {
      about: { subject, subjects, describes },
      entry: { ...entry, title, packages: packages.length, problem },
      // What a statement says of another image says nothing of this one.
      packages: isAbout(reading, place, asked.images) ? packages : [],
      unread: false,
    };
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return {
      about: { subject, subjects: null, describes: { digests: [], architectures: [] } },
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

const isAbout = ({ subjects }: SbomReading, { subject }: SbomPlace, images: ReadonlySet<string>): boolean =>
  subjects === null || subjects.some((one) => one === subject || images.has(one));

function problemOf(reading: SbomReading, place: SbomPlace, images: ReadonlySet<string>): string | null {
  if (!isAbout(reading, place, images)) return 'its statement is about another image';
  return reading.problem?.message ?? null;
}
