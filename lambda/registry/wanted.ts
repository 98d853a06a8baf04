import {
  type ImageInUse,
  imageKey,
  type RunningImage,
  runningImage,
  type Unanswered,
} from '../inventory/images.ts';
import { type PlacedImage, placeOf } from './place.ts';

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
    found.set(key, { key, image: one.image, placed, running, digest });
  }
  return [...found.values()];
}

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
