import type { SbomPlace, Unanswered } from '../inventory/images.ts';

/** https://github.com/opencontainers/image-spec/blob/main/descriptor.md */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  /** Never to be trusted in a list of referrers: some registries give the media type of the empty configuration. */
  readonly artifactType: string | null;
  readonly annotations: Readonly<Record<string, string>>;
  readonly platform: { readonly os: string; readonly architecture: string } | null;
  /** Listed and not to be had, as of ECR's archive. */
  readonly archived?: boolean;
}

/** A manifest or an index; what it does not have is `null` or empty. */
export interface Manifest {
  /** Of its bytes, computed here. */
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly config: Descriptor | null;
  readonly layers: readonly Descriptor[];
  /** Of an index. */
  readonly manifests: readonly Descriptor[];
  readonly subject: string | null;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * One repository of a registry, ECR or any other, as far as pulling goes. All of them throw a ReadError where the
 * registry does not answer the question: `forbidden` names the action and the repository, `out-of-time` that the
 * run has no time or no requests left.
 */
export interface ImageRegistry {
  /** As image references name it, such as `111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/app`. */
  readonly repository: string;
  /** @param reference a digest or a tag. @returns `null`: the registry does not have it */
  manifest(reference: string): Promise<Manifest | null>;
  /**
   * The bytes of a blob, whose digest was compared.
   * @throws ReadError also `too-large` for one of more bytes, and `not-in-registry` for one that is not there
   */
  blob(digest: string, limits: { readonly mostBytes: number }): Promise<Uint8Array>;
  /** What refers to a digest. @returns `null`: the registry has no such list; the fallback tag may then have it */
  referrers(digest: string): Promise<readonly Descriptor[] | null>;
}

/** What was found of the SBOMs of an image. */
export interface FoundSboms {
  readonly places: readonly SbomPlace[];
  /** Why there may be others; `null`: all places were looked at. */
  readonly left: Unanswered | null;
}

export interface SbomsToTake extends Pick<FoundSboms, 'places'> {
  /** Why there may be others that were not looked at, as a sentence. */
  readonly left: string | null;
}

/** Takes the SBOMs of an image while its registry is asked, at the level `sbom-collect`. */
export interface SbomSink {
  /**
   * Called once for each distinct running digest with at least one place. What fails is its own matter: that there is
   * an SBOM stays true where its document cannot be had.
   * @param digest of what runs; the subject of a place is it or a child of its index
   */
  take(digest: string, found: SbomsToTake, registry: ImageRegistry): Promise<void>;
}
