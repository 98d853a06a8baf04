import type { Labels } from '../../../inventory/names.ts';
import type { PodRecord } from '../../../inventory/pod.ts';
import { createInterner, type Interner } from './interner.ts';
import { createRegionCache, type RegionCache } from './region-cache.ts';

/** What is remembered from one pod to the next while a list is read; bounded, whatever the list holds. */
export interface Caches {
  readonly strings: Interner;
  /** Apart from other text, which comes in such numbers that it would push them out. */
  readonly nodes: Interner;
  /** The ids of images, which are long: replicas have the same. */
  readonly images: RegionCache<string>;
  readonly labels: RegionCache<Labels>;
  readonly owners: RegionCache<NonNullable<PodRecord['owner']>>;
}

/**
 * Slots for text: for namespaces and images of a large cluster, and several times as many as it has nodes, so
 * that few share one.
 */
export const FOR_LIST = { strings: 1 << 14, nodes: 1 << 16 };
/** A pod that is read alone has nothing to find again but the names of its containers. */
export const FOR_ONE = { strings: 1 << 4, nodes: 1 };

export function createCaches(slots: typeof FOR_LIST): Caches {
  return {
    strings: createInterner(slots.strings),
    nodes: createInterner(slots.nodes),
    images: createRegionCache(),
    labels: createRegionCache(),
    owners: createRegionCache(),
  };
}
