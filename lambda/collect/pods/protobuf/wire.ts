import { MalformedObject } from '../../fields.ts';

/**
 * The protobuf wire format, as far as Kubernetes uses it, over bytes that nobody vouches for: nothing is
 * read beyond the message at hand, every step moves forward, and what does not fit is an error.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/** A place in a message; `end` is where the message that is being read ends. */
export interface Reader {
  readonly bytes: Buffer;
  at: number;
  end: number;
  /** The high 32 bits of the last varint. */
  high: number;
  /** Where the field that is being read begins: at its tag. */
  tagAt: number;
}

export function readerOf(bytes: Uint8Array): Reader {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes: buffer, at: 0, end: buffer.length, high: 0, tagAt: 0 };
}

export function malformed(reader: Reader, what: string): MalformedObject {
  return new MalformedObject(`its protobuf ${what} (byte ${reader.at})`);
}

/** The next field's number and wire type; callers switch over `tag >>> 3`, the number in the `.proto` file. */
export function readTag(reader: Reader): number {
  const first = reader.bytes[reader.at] as number;
  // Fields 1 to 15 take one byte, those up to 2047 two.
  if (first < 0x80 && first >= 8 && reader.at < reader.end) {
    reader.at++;
    return first;
  }
  const tag = readVarint(reader);
  if (reader.high !== 0 || tag >>> 3 === 0) throw malformed(reader, 'has a field without a number');
  return tag;
}

/** The low 32 bits, unsigned; the high ones are left in `reader.high`. */
function readVarint(reader: Reader): number {
  const { bytes, end } = reader;
  let { at } = reader;
  let low = 0;
  let high = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    if (at >= end) throw malformed(reader, 'ends within a number');
    const byte = bytes[at++] as number;
    const bits = byte & 0x7f;
    if (shift < 28) low |= bits << shift;
    else if (shift === 28) {
      low |= bits << 28;
      high = bits >>> 4;
    } else if (shift < 63) high |= bits << (shift - 32);
    else if (bits > 1) break;
    else high |= bits << 31;
    if (byte < 0x80) {
      reader.at = at;
      reader.high = high;
      return low >>> 0;
    }
  }
  throw malformed(reader, 'has a number of more than 64 bits');
}

function expectWire(reader: Reader, tag: number, wire: number): void {
  if ((tag & 7) !== wire) throw malformed(reader, `has field ${tag >>> 3} in the wrong wire type`);
}

/** Where the value of a length-delimited field ends; `reader.at` is then where it begins. */
function readLength(reader: Reader): number {
  const short = reader.bytes[reader.at] as number;
  let length = short;
  if (short < 0x80 && reader.at < reader.end) reader.at++;
  else {
    length = readVarint(reader);
    if (reader.high !== 0) length = Number.POSITIVE_INFINITY;
  }
  const end = reader.at + length;
  if (end > reader.end) throw malformed(reader, 'ends within a field');
  return end;
}

/** Steps over a field that is not needed, or not known to this reader. */
export function skip(reader: Reader, tag: number): void {
  const wire = tag & 7;
  if (wire === LENGTH_DELIMITED) reader.at = readLength(reader);
  else if (wire === VARINT) readVarint(reader);
  else if (wire === FIXED64) advance(reader, 8);
  else if (wire === FIXED32) advance(reader, 4);
  else if (wire === START_GROUP) skipGroup(reader);
  else throw malformed(reader, `has an unknown wire type ${wire}`);
}

/** Groups may be nested: counted, not recursed into, so that depth costs nothing. */
function skipGroup(reader: Reader): void {
  let depth = 1;
  while (depth > 0) {
    const tag = readTag(reader);
    if ((tag & 7) === START_GROUP) depth++;
    else if ((tag & 7) === END_GROUP) depth--;
    else skip(reader, tag);
  }
}

function advance(reader: Reader, count: number): void {
  if (reader.at + count > reader.end) throw malformed(reader, 'ends within a field');
  reader.at += count;
}

/**
 * Goes into an embedded message: until {@link leave}, the reader ends where that message ends.
 * @returns what `leave` needs to come back.
 */
export function enter(reader: Reader, tag: number): number {
  expectWire(reader, tag, LENGTH_DELIMITED);
  const outer = reader.end;
  reader.end = readLength(reader);
  return outer;
}

export function leave(reader: Reader, outer: number): void {
  reader.at = reader.end;
  reader.end = outer;
}

/** Steps over a length-delimited field and returns where its value began; it ends at `reader.at`. */
export function skipBytes(reader: Reader, tag: number): number {
  expectWire(reader, tag, LENGTH_DELIMITED);
  const end = readLength(reader);
  const start = reader.at;
  reader.at = end;
  return start;
}

export function readText(reader: Reader, tag: number): string {
  const start = skipBytes(reader, tag);
  return reader.bytes.toString('utf8', start, reader.at);
}

export function readBoolean(reader: Reader, tag: number): boolean {
  expectWire(reader, tag, VARINT);
  return readVarint(reader) !== 0 || reader.high !== 0;
}

/** An `int64`; beyond 2^53 rounded to the nearest double, as `JSON.parse` does. */
export function readInt64(reader: Reader, tag: number): number {
  expectWire(reader, tag, VARINT);
  const low = readVarint(reader);
  return (reader.high | 0) * 0x1_0000_0000 + low;
}

/** An `int32`: negative values are sent with all 64 bits, of which the low 32 count. */
export function readInt32(reader: Reader, tag: number): number {
  expectWire(reader, tag, VARINT);
  return readVarint(reader) | 0;
}

/**
 * Reads an embedded message field by field. `readField` is given each tag and says whether it read the
 * field; what it leaves is stepped over.
 */
export function readMessage(reader: Reader, tag: number, readField: (tag: number) => boolean): void {
  const outer = enter(reader, tag);
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (!readField(inner)) skip(reader, inner);
  }
  leave(reader, outer);
}

/** "Must be from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z" (message Timestamp): what JSON can show. */
const EARLIEST = Date.parse('0001-01-01T00:00:00Z');
const LATEST = Date.parse('9999-12-31T23:59:59Z');

/** Time: seconds since the epoch; a zero time is an empty message. Its nanos are not used, as in Go. */
export function readTime(reader: Reader, tag: number): number | null {
  const outer = enter(reader, tag);
  let seconds: number | null = reader.at < reader.end ? 0 : null;
  while (reader.at < reader.end) {
    const inner = readTag(reader);
    if (inner >>> 3 === 1) seconds = readInt64(reader, inner);
    else skip(reader, inner);
  }
  leave(reader, outer);
  if (seconds === null) return null;
  const time = seconds * 1000;
  if (time < EARLIEST || time > LATEST) throw new MalformedObject('a time is out of range');
  return time;
}

/** Ends where the fields with the tag of the one at `start` end; repeated fields are sent together. */
export function endOfRun(reader: Reader, start: number): number {
  reader.at = start;
  const tag = readTag(reader);
  skip(reader, tag);
  for (;;) {
    const end = reader.at;
    if (end >= reader.end) return end;
    if (readTag(reader) !== tag) return end;
    skip(reader, tag);
  }
}
