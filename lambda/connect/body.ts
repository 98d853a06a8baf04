import { finished } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { ReadError } from '../errors.ts';

const unzip = promisify(gunzip);

/** Memory that one body after the other is read into, by who is done with the last before asking for the next. */
export interface BodyBuffer {
  bytes: Buffer;
}

/** Grows to the largest body that was read. */
export function bodyBuffer(): BodyBuffer {
  return { bytes: Buffer.alloc(0) };
}

export interface BodyOptions {
  readonly server: string;
  /** Bytes, decompressed. */
  readonly limit: number;
  /** @defaultValue memory of its own */
  readonly into?: BodyBuffer | undefined;
}

/**
 * Reads a body to its end and decompresses it. Parts are copied as they come: kept until the end, the
 * collector has to move them, which for large lists takes more time than receiving them.
 * @throws ReadError when it is larger than the limit
 */
export async function readBody(response: Dispatcher.ResponseData, options: BodyOptions): Promise<Buffer> {
  const { server, limit } = options;
  const body = await receive(response, options);
  const encoding = String(response.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') return body;
  if (encoding === 'gzip') return unzip(body, { maxOutputLength: limit });
  throw new ReadError(
    'server-error',
    `The API server ${server} answered in the encoding "${encoding}", which was not asked for.`,
    'Look for a proxy between here and the API server that changes its answers.',
  );
}

function receive({ body }: Dispatcher.ResponseData, options: BodyOptions): Promise<Buffer> {
  const { server, limit, into = bodyBuffer() } = options;
  let size = 0;
  return new Promise((resolve, reject) => {
    body.on('data', (part: Buffer) => {
      const start = size;
      size += part.length;
      if (size > limit) {
        reject(tooLarge(server, limit));
        body.destroy();
        return;
      }
      if (size > into.bytes.length) grow(into, { start, size });
      part.copy(into.bytes, start);
    });
    finished(body, { writable: false }, (error) => {
      if (error) reject(error);
      else resolve(into.bytes.subarray(0, size));
    });
  });
}

const SMALLEST = 64 * 1024;

function grow(into: BodyBuffer, { start, size }: { start: number; size: number }): void {
  const bytes = Buffer.allocUnsafeSlow(Math.max(size, start * 2, SMALLEST));
  into.bytes.copy(bytes, 0, 0, start);
  into.bytes = bytes;
}

function tooLarge(server: string, limit: number): ReadError {
  return new ReadError(
    'too-large',
    `The API server ${server} sent an answer of more than ${Math.floor(limit / (1024 * 1024))} MiB.`,
    'Look for objects of unusual size, such as annotations of several megabytes.',
  );
}
