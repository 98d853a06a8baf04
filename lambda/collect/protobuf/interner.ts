import { type Reader, skipBytes } from './wire.ts';

/** Reads text that comes again and again (namespaces, nodes, images) and keeps one copy of it. */
export interface Interner {
  text(reader: Reader, tag: number): string;
}

/** A power of two: enough for the nodes and namespaces of a large cluster, and bounded. */
const SLOTS = 1 << 14;
/** Longer text is compared by the engine, which is faster than a loop over bytes from about here on. */
const SHORT = 24;

export function createInterner(): Interner {
  const slots = new Array<string>(SLOTS).fill('');
  return {
    text(reader, tag) {
      const start = skipBytes(reader, tag);
      const { bytes, at: end } = reader;
      const slot = sampleHash(bytes, start, end) & (SLOTS - 1);
      const known = slots[slot] as string;
      if (end - start <= SHORT && equalsAscii(known, { bytes, start, end })) return known;
      const text = bytes.toString('utf8', start, end);
      if (text === known) return known;
      slots[slot] = text;
      return text;
    },
  };
}

/** A hash of at most 24 bytes, spread over the range; equality is always tested apart. */
export function sampleHash(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  const step = Math.max(1, Math.ceil(hash / 24));
  for (let at = start; at < end; at += step) {
    hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}

/** Only ASCII can match: a byte above 127 never equals the UTF-16 unit that it would decode to. */
function equalsAscii(text: string, range: { bytes: Uint8Array; start: number; end: number }): boolean {
  const { bytes, start, end } = range;
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) {
    const byte = bytes[start + index] as number;
    if (byte > 127 || byte !== text.charCodeAt(index)) return false;
  }
  return true;
}
