import { constants, crc32, deflateRawSync } from 'node:zlib';

/** What is compressed at once: little enough to be no burden, much enough to cost nothing. */
const PIECE_BYTES = 256 * 1024;

/** How far back deflate looks (RFC 1951 §2). */
const WINDOW_BYTES = 32 * 1024;

/** Magic, deflate, no flags, no time, unknown system (RFC 1952 §2.3): the same bytes on every machine. */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);

/**
 * Compresses bytes as they come into one gzip member, since browsers refuse files of several (Compression Standard,
 * "gzip": input after the end is an error). Each piece ends with a flush and takes the end of the one before as its
 * dictionary, so that all of them are one stream of deflate.
 */
export function* gzipOnce(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield HEADER;
  let sum = 0;
  let size = 0;
  let before: Uint8Array = new Uint8Array();
  for (const piece of inPieces(chunks, PIECE_BYTES)) {
    sum = crc32(piece, sum);
    size += piece.byteLength;
    yield compressed(piece, before, constants.Z_SYNC_FLUSH);
    before = piece.subarray(-WINDOW_BYTES);
  }
  yield compressed(new Uint8Array(), before, constants.Z_FINISH);
  const foot = Buffer.alloc(8);
  foot.writeUInt32LE(sum, 0);
  foot.writeUInt32LE(size % 2 ** 32, 4);
  yield foot;
}

const compressed = (bytes: Uint8Array, before: Uint8Array, finishFlush: number): Uint8Array =>
  deflateRawSync(bytes, {
    level: 6,
    finishFlush,
    ...(before.byteLength === 0 ? {} : { dictionary: before }),
  });

/** Bytes as base64, in pieces of text that can be joined as they are. */
export function* base64Of(chunks: Iterable<Uint8Array>): Generator<string> {
  // A multiple of three bytes has no padding.
  for (const piece of inPieces(chunks, 3 * 32 * 1024))
    yield Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('base64');
}

/** The same bytes in pieces of exactly `bytes`, but for the last; each may be kept. */
function* inPieces(chunks: Iterable<Uint8Array>, bytes: number): Generator<Uint8Array> {
  let piece = Buffer.allocUnsafeSlow(bytes);
  let filled = 0;
  for (const chunk of chunks) {
    for (let from = 0; from < chunk.byteLength; ) {
      const part = chunk.subarray(from, from + bytes - filled);
      piece.set(part, filled);
      filled += part.byteLength;
      from += part.byteLength;
      if (filled < bytes) continue;
      yield piece;
      piece = Buffer.allocUnsafeSlow(bytes);
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
