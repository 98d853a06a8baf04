import type { Labels, PodRecord } from '../../inventory/model.ts';
import { createInterner, type Interner } from './interner.ts';
import { createRegionCache, type RegionCache } from './region-cache.ts';
import type { SpecTemplate } from './template.ts';

/** A controller, with what the specs of its pods were decoded to. */
export interface KnownOwner {
  readonly reference: NonNullable<PodRecord['owner']>;
  readonly templates: SpecTemplate[];
}

/** What is remembered from one pod to the next while a list is read; bounded, whatever the list holds. */
export interface Caches {
  readonly strings: Interner;
  readonly labels: RegionCache<Labels>;
  readonly owners: RegionCache<KnownOwner>;
}

export function createCaches(): Caches {
  return { strings: createInterner(), labels: createRegionCache(), owners: createRegionCache() };
}
