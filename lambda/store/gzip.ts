import { Readable } from 'node:stream';
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';

/** Bytes that are gathered before they are compressed. */
export const MEMBER_BYTES = 1 << 20;

/** Byte 9 of a gzip header names the operating system; 255 is unknown (RFC 1952 §2.3). */
const OS_BYTE = 9;

/** Gzip members made before, to stand in a file as they are. */
export type GzipMembers = readonly Uint8Array[];

/**
 * Compresses lines; each piece is a separate gzip member, and members that follow each other are one
 * gzip file (RFC 1952 §2.2). There is neither a time nor a machine in the header, so that equal lines
 * give equal bytes.
 */
export function* gzipLines(lines: Iterable<string | GzipMembers>): Generator<Uint8Array> {
  const member = startMember();
  let empty = true;
  for (const line of lines) {
    if (typeof line === 'string') {
      member.add(line);
      if (member.size() < MEMBER_BYTES) continue;
      yield member.take();
    } else {
      if (member.size() > 0) yield member.take();
      yield* line;
    }
    empty = false;
  }
  if (empty || member.size() > 0) yield member.take();
}

/**
 * The lines of a gzip file, without their ends, as they are unpacked: the text of a large cluster is longer
 * than any string (512 MiB) and need never be whole.
 * @throws Error when the file is damaged or cut off
 */
export async function* gunzipLines(bytes: Uint8Array): AsyncGenerator<string> {
  const unpacked = Readable.from([bytes]).pipe(createGunzip({ chunkSize: MEMBER_BYTES }));
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of unpacked as AsyncIterable<Buffer>) {
    const text = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let to = text.indexOf(NEWLINE); to >= 0; to = text.indexOf(NEWLINE, from)) {
      yield text.toString('utf8', from, to);
      from = to + 1;
    }
    rest = text.subarray(from);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

const NEWLINE = 0x0a;

/** Compressed bytes up to which a file is unpacked at once, and what may come of them. */
const SMALL_BYTES = 1 << 18;
const MOST_UNPACKED = 1 << 24;

/**
 * As {@link gunzipLines}, but at once and without waiting for each line, which is most of the time of a small file.
 *
 * @returns `null` for a file that is too large for that, or damaged: {@link gunzipLines} says which
 */
function gunzipSmall(bytes: Uint8Array): readonly string[] | null {
  if (bytes.length > SMALL_BYTES) return null;
  try {
    const lines = gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED }).toString('utf8').split('\n');
    if (lines.at(-1) === '') lines.pop();
    return lines;
  } catch {
    return null;
  }
}

/** The lines of a gzip file whose first one says what the others are. */
export async function headedLines(bytes: Uint8Array): Promise<{
  readonly first: string;
  readonly lines: Iterable<string> | AsyncIterable<string>;
}> {
  const small = gunzipSmall(bytes);
  if (small !== null) return { first: small[0] ?? '', lines: small.slice(1) };
  const lines = gunzipLines(bytes);
  const { done, value } = await lines.next();
  return { first: done ? '' : value, lines };
}

/** Text that becomes one gzip member. */
export interface GzipMember {
  /** @param end what follows it; joined to it, the line would be copied once more */
  add(text: string, end?: string): void;
  /** Bytes that were added. */
  size(): number;
  /** Compresses what was added, and starts again. */
  take(): Uint8Array;
}

/**
 * Gathers text as bytes: as strings, thousands of lines would live until they are joined, and be moved by
 * the collector.
 */
export function startMember(): GzipMember {
  let bytes: Buffer = Buffer.alloc(0);
  let size = 0;
  return {
    add(text, end = '') {
      // No UTF-16 unit takes more than three bytes of UTF-8.
      const most = size + (text.length + end.length) * 3;
      if (most > bytes.length) bytes = grown(bytes, most);
      size += bytes.write(text, size, 'utf8');
      if (end !== '') size += bytes.write(end, size, 'utf8');
    },
    size: () => size,
    take() {
      const member = gzipBytes(bytes.subarray(0, size));
      size = 0;
      return member;
    },
  };
}

function grown(bytes: Buffer, size: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(
    Math.max(size, Math.min(bytes.length * 2, 2 * MEMBER_BYTES), 1 << 14),
  );
  bytes.copy(larger);
  return larger;
}

/**
 * A quarter of the time of the default level for an eighth more bytes: rows repeat so much that the first
 * levels find nearly all of it.
 */
const LEVEL = 3;

/** Any bytes as one gzip member; equal ones are equal. */
export function gzipBytes(bytes: Uint8Array): Uint8Array {
  // Node sets no time (RFC 1952: MTIME 0, none available) when it compresses a buffer.
  const member = gzipSync(bytes, { level: LEVEL });
  member[OS_BYTE] = 255;
  return member;
}
