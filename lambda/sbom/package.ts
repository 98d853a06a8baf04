/** A package as a document lists it. */
export interface SbomPackage {
  /** As the document writes it; may hold a group or a scope. */
  readonly name: string;
  readonly version: string | null;
  /** As the document writes it. */
  readonly purl: string | null;
  /** Of the purl, in lower case; `null` without one that can be read. */
  readonly type: string | null;
  readonly namespace: string | null;
  /** Its name by the purl. */
  readonly purlName: string | null;
  /** The source package of a distribution's package, where its purl names one. */
  readonly upstream: string | null;
}

const SBOM_FORMATS = ['spdx-2', 'spdx-3', 'cyclonedx'] as const;
export type SbomFormat = (typeof SBOM_FORMATS)[number];

/** Why a document cannot be searched, or not all of it. */
export type SbomProblem =
  | 'too-large'
  | 'too-deep'
  | 'too-many-packages'
  | 'not-json'
  | 'duplicate-key'
  | 'unknown-format'
  | 'unknown-version'
  | 'malformed'
  | 'incomplete'
  | 'no-packages';

/** What a document says of the image that it describes, as far as it does. */
export interface Described {
  /** `sha256:…`, of images or of indexes. */
  readonly digests: readonly string[];
  /** Such as `arm64`. */
  readonly architectures: readonly string[];
}

/** What one document says. */
export interface SbomReading {
  /** `null` where it is none that is known. */
  readonly format: SbomFormat | null;
  /** As people name it: `CycloneDX 1.6`, `SPDX tag-value`. */
  readonly title: string;
  /** What could be read, also where there is a problem. */
  readonly packages: readonly SbomPackage[];
  readonly describes: Described;
  /** The digests (`sha256:…`) that its statement is about; `null` where no statement is around it. */
  readonly subjects: readonly string[] | null;
  /** A document with a problem cannot answer that a package is not in the image; `null`: it can be searched. */
  readonly problem: { readonly kind: SbomProblem; readonly message: string } | null;
}

/**
 * Bounds on documents, which anybody who can push an image writes. A real document of 466 packages has 600 kB
 * (`npm sbom`, SPDX); the largest images have some ten thousand packages.
 */
export const SBOM_LIMITS = {
  bytes: 64 << 20,
  packages: 100_000,
  /** Objects and lists inside of each other. CycloneDX nests components; tools write fewer than ten levels. */
  depth: 200,
  /** UTF-16 units of a name, version or purl. */
  text: 4096,
  /** Envelopes around a document: bundle, DSSE, statement. */
  envelopes: 4,
} as const;
