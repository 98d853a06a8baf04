import type { GapReason } from './gap.ts';

/** Why something is not known: a sentence about it, and what to do. */
export interface Unanswered {
  readonly reason: GapReason;
  /** A sentence. */
  readonly message: string;
  /** A sentence. */
  readonly remedy: string;
}

/** What a registry answered, or why it did not: never an empty value in the place of an answer. */
export type Read<T> = { readonly value: T } | Unanswered;

export const isAnswered = <T>(read: Read<T>): read is { readonly value: T } => 'value' in read;

/** How much of registries is read, as `images.registry` says; each includes those before it. */
export const REGISTRY_LEVELS = ['metadata', 'sbom-presence', 'sbom-collect'] as const;
export type RegistryLevel = (typeof REGISTRY_LEVELS)[number];

/** Whether what is read at `least` is read at this level. */
export const reaches = (level: RegistryLevel, least: RegistryLevel): boolean =>
  REGISTRY_LEVELS.indexOf(level) >= REGISTRY_LEVELS.indexOf(least);

/**
 * What `imageID` says of a running image. `repo-digest`: what its reference resolved to when it was pulled, of a
 * multi-architecture image the index (containerd#12787). `config-id`: a bare digest, which is that of the image's
 * configuration and which no registry has an image by; so containerd says of images without a repository digest.
 */
export type RunningImage =
  | { readonly form: 'repo-digest' | 'config-id'; readonly digest: string }
  | { readonly form: 'none'; readonly digest: null };

/** What its repository lets happen to the tag that a pod names. */
export interface RepositoryFacts {
  /** `unknown`: the registry has a setting that this version does not know, or none at all. */
  readonly tags: 'mutable' | 'immutable' | 'unknown';
  /** As the registry says, such as `IMMUTABLE_WITH_EXCLUSION`. */
  readonly setting: string;
}

/**
 * What a tag points at now, beside what runs: `same` digest; `child`: what runs is in the index of the tag; `parent`:
 * what the tag points at is in the index that runs; `config`: what runs is the configuration of the tag's image or of
 * one in its index; `other`: none of these. The digest is `null` where the tag is gone.
 */
export type TagFacts =
  | { readonly digest: string; readonly match: 'same' | 'child' | 'parent' | 'config' | 'other' }
  | { readonly digest: null; readonly match: 'gone' };

/** What was scanned, and when. */
export interface ScanFacts {
  /** As ECR or Inspector says, such as `COMPLETE` or `SCAN_ELIGIBILITY_EXPIRED`; `NONE`: no scan is known. */
  readonly state: string;
  /** Epoch milliseconds; `null`: no scan was completed, or it is not said when. */
  readonly completedAt: number | null;
  readonly source: 'basic' | 'inspector';
  /** Why it is not known whether Inspector has scanned the image since. */
  readonly unsure?: Unanswered;
}

/** By which of the four ways an SBOM was found: OCI referrers, BuildKit's index, the fallback tag, tags of cosign. */
export type SbomVia = 'referrer' | 'buildkit' | 'tag' | 'cosign-tag';

/** How the document of an SBOM is written, as far as its manifest says; nothing was opened. */
export type SbomFormat =
  | 'spdx-json'
  | 'cyclonedx-json'
  /** Found, and not searchable: XML, tag-value, syft's own. */
  | 'other'
  /** An attestation whose manifest does not name its predicate: only its document says whether it is an SBOM. */
  | 'unknown';

/** Where an SBOM of an image is. */
export interface SbomPlace {
  readonly format: SbomFormat;
  readonly via: SbomVia;
  /** The image that it describes: the running one, or a child of its index. */
  readonly subject: string;
  /** The manifest that holds it. */
  readonly manifest: string;
  /** The blob with the document, bare or in an envelope as its media type says. */
  readonly blob: { readonly digest: string; readonly mediaType: string; readonly size: number };
}

/** What is known of one image as pods name it and nodes run it. What a level does not ask for is absent. */
export interface ImageFacts {
  readonly running: RunningImage;
  readonly repository: Read<RepositoryFacts>;
  /** Whether a pull-through cache fills its repository: times are then those of the cache, and its tags may lag. */
  readonly cached: Read<boolean>;
  /** Absent where the pod names no tag, or a digest beside it: what it points at does not matter then. */
  readonly tag?: Read<TagFacts>;
  /** When what runs was pushed, epoch milliseconds; of a cache when it was filled. */
  readonly pushedAt: Read<number>;
  readonly scan?: Read<ScanFacts>;
  /** From level `sbom-presence`: where there is an SBOM of what runs; empty: all places were read, and none has one. */
  readonly sbom?: Read<readonly SbomPlace[]>;
  /** At level `sbom-collect`: the user that the image's own configuration names; empty is root. */
  readonly user?: Read<string>;
}

/** By {@link imageKey}: never by pod. */
export type ImageFactsByKey = ReadonlyMap<string, ImageFacts>;

/** What was read of the registries of a cluster's images. */
export interface ImagesReading {
  readonly level: RegistryLevel;
  readonly facts: ImageFactsByKey;
}

/** An image as one or more containers of a cluster run it. */
export interface ImageInUse {
  readonly image: string;
  readonly imageId: string | null;
}

export const imageKey = ({ image, imageId }: ImageInUse): string => `${image} ${imageId ?? ''}`;

const DIGEST = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;

/** Reads `status.containerStatuses[].imageID`. Docker's prefix `docker-pullable://` is of nodes before Kubernetes 1.24. */
export function runningImage(imageId: string | null): RunningImage {
  const text = (imageId ?? '').replace(/^docker(?:-pullable)?:\/\//, '');
  const at = text.lastIndexOf('@');
  const digest = at < 0 ? text : text.slice(at + 1);
  if (!DIGEST.test(digest)) return { form: 'none', digest: null };
  return { form: at < 0 ? 'config-id' : 'repo-digest', digest };
}
