import type { ClusterRecorder } from '../collect/tape/record.ts';
import { ReadError } from '../errors.ts';
import type { ImageInUse, ImagesReading } from '../inventory/images.ts';
import type { CollectedInventory } from '../inventory/inventory.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { type ReadImagesOptions, readImages } from '../registry/read-images.ts';
import { timeLimit } from '../time-limit.ts';
import { remainingMs } from './budget.ts';

/** How registries are asked about the images of one cluster; the time is that of the audit. */
export type AskImages = Omit<ReadImagesOptions, 'signal' | 'now'> & {
  /** Epoch milliseconds. @defaultValue the clock */
  readonly now?: (() => number) | undefined;
  readonly close?: () => void;
};

interface Hooks {
  readonly recorder?: ClusterRecorder | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Adds what registries say of the images that run. @param ask `null`: they are not asked */
export async function withImages(
  inventory: CollectedInventory,
  ask: AskImages | null,
  hooks: Hooks,
): Promise<CollectedInventory> {
  if (ask === null || inventory.content === 'manifests') return inventory;
  return added(inventory, await asked(imagesInUse(inventory.classes), ask, hooks), hooks);
}

/** As {@link withImages}, of what was written down. */
export function added(
  inventory: CollectedInventory,
  images: ImagesReading,
  { recorder }: Hooks,
): CollectedInventory {
  recorder?.images(images);
  return { ...inventory, images };
}

/** Each image of a container that runs; the reading takes each distinct one once. */
function* imagesInUse(classes: readonly PodClass[]): Generator<ImageInUse> {
  for (const { source, spec, population } of classes) {
    if (source === 'template') continue;
    for (const { name, image, imageId } of spec.containers) {
      if (image !== null && population.running.has(name)) yield { image, imageId };
    }
  }
}

/** Asks in half of the time that is left: what was read is still to be judged, and other clusters wait. */
async function asked(
  images: Iterable<ImageInUse>,
  { now = Date.now, close, ...options }: AskImages,
  { signal }: Hooks,
): Promise<ImagesReading> {
  const left = remainingMs(signal);
  const limit = left === null ? null : timeLimit(left / 2, signal, outOfTime());
  try {
    return await readImages(images, {
      ...options,
      now: now(),
      signal: limit?.signal ?? signal,
    });
  } finally {
    limit?.end();
    close?.();
  }
}

const outOfTime = (): ReadError =>
  new ReadError(
    'out-of-time',
    'The run ran out of time before all registries were asked.',
    'Audit each cluster in a separate invocation (deployment.mode: fleet), or give the function more time.',
  );
