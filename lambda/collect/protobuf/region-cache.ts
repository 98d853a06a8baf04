import { sampleHash } from './interner.ts';

/**
 * Remembers what some bytes were decoded to, so that the same bytes in the next pod need no decoding.
 * Lists come ordered by name, so replicas follow each other and a small cache finds nearly all of them.
 */
export interface RegionCache<T> {
  find(bytes: Buffer, start: number, end: number): T | undefined;
  keep(bytes: Buffer, start: number, end: number, value: T): T;
}

/** A power of two. */
const SLOTS = 256;

interface Slot<T> {
  readonly bytes: Buffer;
  readonly value: T;
}

export function createRegionCache<T>(): RegionCache<T> {
  const slots = new Array<Slot<T> | undefined>(SLOTS).fill(undefined);
  return {
    find(bytes, start, end) {
      const slot = slots[sampleHash(bytes, start, end) & (SLOTS - 1)];
      if (slot === undefined || slot.bytes.length !== end - start) return undefined;
      return slot.bytes.compare(bytes, start, end) === 0 ? slot.value : undefined;
    },
    keep(bytes, start, end, value) {
      // A copy: a view would keep the whole page.
      const copy = Buffer.from(bytes.subarray(start, end));
      slots[sampleHash(bytes, start, end) & (SLOTS - 1)] = { bytes: copy, value };
      return value;
    },
  };
}
