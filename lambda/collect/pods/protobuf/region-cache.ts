import { sampleHash } from './interner.ts';
import type { Reader } from './wire.ts';

/**
 * Remembers what some bytes were decoded to, so that the same bytes in the next pod need no decoding.
 * Lists come ordered by name, so replicas follow each other and a small cache finds nearly all of them.
 */
export interface RegionCache<T> {
  /**
   * What comes from `start` on, if it is what was found or kept last: the fields with one tag, which none with
   * this tag follows. The reader is then behind them.
   */
  again(reader: Reader, start: number): T | undefined;
  find(bytes: Buffer, start: number, end: number): T | undefined;
  keep(bytes: Buffer, start: number, end: number, value: T): T;
}

/** A power of two. */
const SLOTS = 256;
/** Bytes; more is hardly ever there, and would be much to keep. */
const LARGEST = 1 << 14;

interface Slot<T> {
  readonly bytes: Buffer;
  readonly value: T;
}

export function createRegionCache<T>(): RegionCache<T> {
  const slots = new Array<Slot<T> | undefined>(SLOTS).fill(undefined);
  let last: Slot<T> | undefined;
  return {
    again(reader, start) {
      if (last === undefined) return undefined;
      const { bytes } = reader;
      const end = start + last.bytes.length;
      if (end > reader.end || last.bytes.compare(bytes, start, end) !== 0) return undefined;
      if (end < reader.end && bytes[end] === bytes[start]) return undefined;
      reader.at = end;
      return last.value;
    },
    find(bytes, start, end) {
      const slot = slots[sampleHash(bytes, start, end) & (SLOTS - 1)];
      if (slot === undefined || slot.bytes.length !== end - start) return undefined;
      if (slot.bytes.compare(bytes, start, end) !== 0) return undefined;
      last = slot;
      return slot.value;
    },
    keep(bytes, start, end, value) {
      if (end - start > LARGEST) return value;
      // A copy: a view would keep the whole page.
      last = { bytes: Buffer.from(bytes.subarray(start, end)), value };
      slots[sampleHash(bytes, start, end) & (SLOTS - 1)] = last;
      return value;
    },
  };
}
