import { temporaryFile } from './temporary-file.ts';

/** Bytes that are made now and stored later; only the first of them stay in memory. */
export interface Overflow {
  append(bytes: Uint8Array): void;
  /** Bytes so far. */
  size(): number;
  /** All bytes so far, as often as they are asked for, until it is closed. */
  chunks(): Iterable<Uint8Array>;
  /** Forgets all bytes; nothing may be added afterwards. */
  close(): void;
}

/** 17,000 pods of an inventory; most clusters are smaller, and never make a file. */
const HELD_BYTES = 1 << 20;

/**
 * Gathers bytes in memory, and moves them to a temporary file whenever there are many. Where no file can be made,
 * or the disk is full, they stay in memory: that costs memory, but no bytes.
 *
 * @param open Makes the file.
 */
export function overflow(open = temporaryFile): Overflow {
  let file: ReturnType<typeof open> | null = null;
  let refused = false;
  /** What follows the bytes in the file. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let size = 0;

  const spill = (): void => {
    try {
      file ??= open();
      file.append(held);
    } catch {
      refused = true;
      return;
    }
    held = [];
    heldBytes = 0;
  };

  return {
    append(bytes) {
      held.push(bytes);
      size += bytes.byteLength;
      heldBytes += bytes.byteLength;
      if (heldBytes > HELD_BYTES && !refused) spill();
    },
    size: () => size,
    chunks() {
      const [stored, rest] = [file?.chunks() ?? [], [...held]];
      return {
        *[Symbol.iterator]() {
          yield* stored;
          yield* rest;
        },
      };
    },
    close() {
      file?.close();
      held = [];
    },
  };
}
