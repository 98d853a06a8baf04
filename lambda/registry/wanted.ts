import {
  type ImageInUse,
  imageKey,
  type RunningImage,
  runningImage,
  type Unanswered,
} from '../inventory/images.ts';
import { type PlacedImage, placeOf, registryName } from './place.ts';

/** An image that is asked about. */
export interface Wanted {
  readonly key: string;
  readonly image: string;
  readonly placed: PlacedImage;
  readonly running: RunningImage;
  /**
   * The digest of what runs: what the node reports, else the one that the pod names. `null`: it is not known, or only that of
   * the image's configuration.
   */
  readonly digest: string | null;
  /** The repository whose digest the node reports, where it is not the one that the pod names. */
  readonly elsewhere: string | null;
}

/** Each distinct image once; what is no reference is left out, as no registry can be asked about it. */
export function wantedImages(images: Iterable<ImageInUse>): readonly Wanted[] {
  const found = new Map<string, Wanted>();
  for (const one of images) {
    const key = imageKey(one);
    const placed = found.has(key) ? null : placeOf(one.image);
    if (placed === null) continue;
    const running = runningImage(one.imageId);
    const digest = running.form === 'repo-digest' ? running.digest : placed.digest;
    const elsewhere = running.form === 'repo-digest' ? elsewhereOf(placed, one.imageId) : null;
    found.set(key, { key, image: one.image, placed, running, digest, elsewhere });
  }
  return [...found.values()];
}

/**
 * Nodes report the first of the digests that they have for an image, whichever repository it is of: containerd,
 * internal/cri/server/container_status.go (`repoDigests[0]`).
 */
function elsewhereOf({ place, repository }: PlacedImage, imageId: string | null): string | null {
  const text = (imageId ?? '').replace(/^docker(?:-pullable)?:\/\//, '');
  const other = placeOf(text);
  if (other === null) return null;
  const isSame = registryName(other.place) === registryName(place) && other.repository === repository;
  return isSame ? null : text.slice(0, text.lastIndexOf('@'));
}

/** Why a tag cannot be compared with a digest of another repository; `null`: it is of the same one. */
export const otherRepository = ({ image, elsewhere }: Wanted): Unanswered | null =>
  elsewhere === null
    ? null
    : {
        reason: 'not-in-registry',
        message: `The node knows what runs of ${image} by its digest in ${elsewhere}, which the repository of its tag does not have: whether the tag has moved on is not known.`,
        remedy: 'Name the image by digest, or pull it on a node that does not have the other one.',
      };

/** Why what runs cannot be looked up. */
export const noDigest = ({ image, running }: Wanted): Unanswered =>
  running.form === 'none'
    ? {
        reason: 'field-missing',
        message: `The status of a pod does not say which digest of ${image} runs.`,
        remedy: 'Audit it again when its containers have started, or name the image by digest.',
      }
    : {
        reason: 'no-digest',
        message: `The node knows ${image} only by the digest of its configuration (${running.digest.slice(0, 19)}…), by which no registry can be asked, as where an image was imported and not pulled.`,
        remedy: 'Pull the image from a registry, or name it by digest.',
      };

/** The digests and tags to ask of each repository. */
export interface RepositoryQuestion {
  readonly name: string;
  readonly images: readonly Wanted[];
  readonly digests: ReadonlySet<string>;
  readonly tags: ReadonlySet<string>;
}

export function byRepository(images: readonly Wanted[]): readonly RepositoryQuestion[] {
  return [...Map.groupBy(images, ({ placed }) => placed.repository)].map(([name, of]) => ({
    name,
    images: of,
    digests: new Set(of.flatMap(({ digest }) => digest ?? [])),
    tags: new Set(of.flatMap(({ placed }) => placed.tag ?? [])),
  }));
}
