/** Numbers and texts as bytes, one after the other: a fraction of what they take as objects. */
export interface ByteWriter {
  bytes: Uint8Array;
  size: number;
  /** The last text. */
  before: string;
}

export interface ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  /** The last text, in UTF-16 units. */
  readonly before: number[];
}

/** Enough for a number of 53 bits. */
const LONGEST = 8;

export const newWriter = (): ByteWriter => ({ bytes: new Uint8Array(1 << 10), size: 0, before: '' });

export function restartWriter(writer: ByteWriter): void {
  writer.size = 0;
  writer.before = '';
}

export const newReader = (bytes: Uint8Array, at: number): ByteReader => ({ bytes, at, before: [] });

/**
 * Seven bits a byte, the lowest first; the high bit says that more follow.
 * @param value a safe integer from 0 on
 */
export function writeNumber(to: ByteWriter, value: number): void {
  if (to.size + LONGEST > to.bytes.length) grow(to);
  let rest = value;
  // Most numbers have fewer bits than what the engine can shift.
  while (rest > 0x7fff_ffff) {
    to.bytes[to.size++] = (rest % 0x80) + 0x80;
    rest = Math.floor(rest / 0x80);
  }
  while (rest > 0x7f) {
    to.bytes[to.size++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  to.bytes[to.size++] = rest;
}

export function readNumber(from: ByteReader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 0x80) {
    const byte = from.bytes[from.at++] as number;
    if (byte < 0x80) return value + byte * scale;
    value += (byte - 0x80) * scale;
  }
}

/** A whole number of either sign: 0, -1, 1, -2, … are written as 0, 1, 2, 3, … */
export function writeSigned(to: ByteWriter, value: number): void {
  writeNumber(to, value < 0 ? -2 * value - 1 : 2 * value);
}

export function readSigned(from: ByteReader): number {
  const value = readNumber(from);
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

/**
 * Writes where a text goes on differently than the one before: names of replicas differ at the end. UTF-16
 * units rather than UTF-8, which cannot tell all texts apart that JSON can hold.
 */
export function writeText(to: ByteWriter, text: string): void {
  const { before } = to;
  const most = Math.min(text.length, before.length);
  let same = 0;
  while (same < most && text.charCodeAt(same) === before.charCodeAt(same)) same++;
  writeNumber(to, same);
  writeNumber(to, text.length - same);
  for (let index = same; index < text.length; index++) writeNumber(to, text.charCodeAt(index));
  to.before = text;
}

export function readText(from: ByteReader): string {
  const { before } = from;
  const same = readNumber(from);
  before.length = same + readNumber(from);
  for (let index = same; index < before.length; index++) before[index] = readNumber(from);
  return textOf(before);
}

/** More arguments than this may be too many for one call. */
const MOST_ARGUMENTS = 1 << 10;

function textOf(units: readonly number[]): string {
  if (units.length <= MOST_ARGUMENTS) return String.fromCharCode(...units);
  let text = '';
  for (let at = 0; at < units.length; at += MOST_ARGUMENTS) {
    text += String.fromCharCode(...units.slice(at, at + MOST_ARGUMENTS));
  }
  return text;
}

function grow(to: ByteWriter): void {
  const larger = new Uint8Array(to.bytes.length * 2);
  larger.set(to.bytes);
  to.bytes = larger;
}
