import { jsonLine } from '../../report/rows.ts';
import type { SbomPackage } from '../../sbom/package.ts';
import { type GzipMembers, gzipBytes, gzipLines } from '../gzip.ts';
import { sbomDocumentKey, sbomImageKey } from '../layout.ts';
import type { ReportStore } from '../store.ts';

/** A package of an image as Athena reads it; see `lib/constructs/report-columns.ts`. */
export interface SbomRow {
  /** Of the image. */
  readonly digest: string;
  readonly purl: string | null;
  readonly type: string | null;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  /** The digest of the document that lists it. */
  readonly document: string;
}

const GZIP = { contentType: 'application/gzip' };

/** Keeps a document as it was found; one that is there already is left. @param digest of its bytes, `sha256:…` */
export async function putDocument(store: ReportStore, digest: string, bytes: Uint8Array): Promise<void> {
  await store.putIf(sbomDocumentKey(digest), [gzipBytes(bytes)], { ...GZIP, expected: null });
}

/** Keeps the packages of an image, in the place of what was there. */
export async function putImageRows(
  store: ReportStore,
  digest: string,
  documents: readonly { readonly digest: string; readonly packages: readonly SbomPackage[] }[],
): Promise<void> {
  await store.put(sbomImageKey(digest), gzipLines(linesOf(digest, documents)), GZIP);
}

function* linesOf(
  digest: string,
  documents: readonly { readonly digest: string; readonly packages: readonly SbomPackage[] }[],
): Generator<string | GzipMembers> {
  for (const document of documents) {
    for (const { name, version, purl, type, namespace, purlName } of document.packages) {
      const row: SbomRow = {
        digest,
        purl,
        type,
        namespace,
        name: purlName ?? name,
        version,
        document: document.digest,
      };
      yield `${jsonLine(row)}\n`;
    }
  }
}
