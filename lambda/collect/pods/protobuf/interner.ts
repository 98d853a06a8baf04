import { type Reader, skipBytes } from './wire.ts';

/** Reads text that comes again and again (namespaces, nodes, images) and keeps one copy of it. */
export interface Interner {
  /** @param likely what was read last in this place: if it is short and comes again, it need not be looked for */
  text(reader: Reader, tag: number, likely?: string): string;
}

/** Longer text is compared by the engine, which is faster than a loop over bytes from about here on. */
const SHORT = 48;
/** Longer text is not kept: there is no bound to how much of it there is. */
const LONGEST = 512;

/** @param slots a power of two, which bounds what is kept */
export function createInterner(slots: number): Interner {
  const kept = new Array<string>(slots).fill('');
  return {
    text(reader, tag, likely = '') {
      const start = skipBytes(reader, tag);
      const { bytes, at: end } = reader;
      const short = end - start <= SHORT;
      if (short && equalsAscii(likely, bytes, start, end)) return likely;
      if (end - start > LONGEST) return bytes.toString('utf8', start, end);
      const slot = sampleHash(bytes, start, end) & (slots - 1);
      const known = kept[slot] as string;
      if (short && equalsAscii(known, bytes, start, end)) return known;
      const text = bytes.toString('utf8', start, end);
      if (text === known) return known;
      kept[slot] = text;
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
function equalsAscii(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let index = 0; index < text.length; index++) {
    const byte = bytes[start + index] as number;
    if (byte > 127 || byte !== text.charCodeAt(index)) return false;
  }
  return true;
}
