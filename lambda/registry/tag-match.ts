import type { Read, RunningImage, TagFacts, Unanswered } from '../inventory/images.ts';
import { imagesOf, isIndex } from './manifest.ts';
import type { Manifest } from './registry.ts';

/** What a tag points at, as far as it is known without its manifest. */
export interface TaggedImage {
  readonly digest: string;
  readonly mediaType: string | null;
}

export interface MatchSources {
  /** Of what runs; `null`: the registry does not have it, or does not say. */
  readonly runningType: string | null;
  /** A manifest by its digest: only where the level allows it, else its reason. `null`: it is not there. */
  readonly manifest: (digest: string) => Promise<Read<Manifest | null>>;
  /** Why the digest of what runs says nothing where the registry does not have it; `null`: it is of this repository. */
  readonly elsewhere: Unanswered | null;
}

/**
 * Compares what a tag points at with what runs. An index and an image in it are the same image; an index that differs
 * from another, and an image from another, are not, whatever they have in common.
 */
export async function matchOf(
  tagged: TaggedImage,
  running: Exclude<RunningImage, { readonly form: 'none' }>,
  { runningType, manifest, elsewhere }: MatchSources,
): Promise<Read<TagFacts>> {
  const { digest } = tagged;
  const answer = (match: Exclude<TagFacts['match'], 'gone'>) => ({ value: { digest, match } });
  if (running.form === 'config-id') {
    const configs = await configsOf(digest, manifest);
    if (!('value' in configs)) return configs;
    return answer(configs.value.includes(running.digest) ? 'config' : 'other');
  }
  if (digest === running.digest) return answer('same');
  const indexes = { tag: typeOf(tagged.mediaType), running: typeOf(runningType) };
  if (indexes.tag === indexes.running && indexes.tag !== 'unknown') return answer('other');
  if (indexes.tag !== 'image') {
    const inTag = await holds(digest, running.digest, manifest);
    if (!('value' in inTag)) return inTag;
    if (inTag.value) return answer('child');
  }
  if (indexes.running === 'index') {
    const inRunning = await holds(running.digest, digest, manifest);
    if (!('value' in inRunning)) return inRunning;
    if (inRunning.value) return answer('parent');
  }
  return runningType === null && elsewhere !== null ? elsewhere : answer('other');
}

const typeOf = (mediaType: string | null): 'index' | 'image' | 'unknown' =>
  mediaType === null ? 'unknown' : isIndex(mediaType) ? 'index' : 'image';

async function holds(
  index: string,
  child: string,
  manifest: MatchSources['manifest'],
): Promise<Read<boolean>> {
  const read = await manifest(index);
  if (!('value' in read)) return read;
  return { value: read.value?.manifests.some(({ digest }) => digest === child) ?? false };
}

/** Of an image its configuration, of an index those of its images. */
async function configsOf(
  digest: string,
  manifest: MatchSources['manifest'],
): Promise<Read<readonly string[]>> {
  const read = await manifest(digest);
  if (!('value' in read)) return read;
  if (read.value === null) return { value: [] };
  if (read.value.config !== null) return { value: [read.value.config.digest] };
  const found: string[] = [];
  for (const child of imagesOf(read.value)) {
    const image = await manifest(child.digest);
    if (!('value' in image)) return image;
    if (image.value?.config) found.push(image.value.config.digest);
  }
  return { value: found };
}
