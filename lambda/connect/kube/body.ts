import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { ReadError } from '../../errors.ts';

const unzip = promisify(gunzip);

/** Memory that one body after the other is read into, by who is done with the last before asking for the next. */
export interface BodyBuffer {
  bytes: Buffer;
}

/** Grows to the largest body that was read. */
export function bodyBuffer(): BodyBuffer {
  return { bytes: Buffer.alloc(0) };
}

export interface ExchangeOptions {
  readonly server: string;
  /** Ends the exchange, with its reason as the error. */
  readonly signal: AbortSignal;
  /** Of the body: bytes, decompressed. */
  readonly limit: number;
  /** @defaultValue memory of its own */
  readonly into?: BodyBuffer | undefined;
}

/** An answer that was read to its end. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Decompressed. */
  readonly body: Buffer;
}

/**
 * Sends a request and reads the answer to its end.
 * @throws ReadError when the body is larger than the limit, and what undici throws
 */
export async function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  options: ExchangeOptions,
): Promise<Answer> {
  const answer = await receive(dispatcher, request, options);
  const encoding = String(answer.headers['content-encoding'] ?? 'identity').toLowerCase();
  if (encoding === 'identity') return answer;
  const { server, limit } = options;
  // The pieces in which it comes are joined: larger ones than 16 KiB take a fifth less time.
  const unzipped = { maxOutputLength: limit, chunkSize: UNZIPPED_PIECE };
  if (encoding === 'gzip') return { ...answer, body: await unzip(answer.body, unzipped) };
  throw new ReadError(
    'server-error',
    `The API server ${server} answered in the encoding "${encoding}", which was not requested.`,
    'Look for a proxy between here and the API server that changes its answers.',
  );
}

const UNZIPPED_PIECE = 1 << 20;

/**
 * Parts are copied as they come from the connection: kept until the end, the collector has to move them, and a
 * stream between takes a sixth more time for every byte.
 */
function receive(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { server, signal, limit, into = bodyBuffer() }: ExchangeOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null;
    let head: Omit<Answer, 'body'> = { statusCode: 0, headers: {} };
    let size = 0;
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', end);
      reject(error);
      controller?.abort(error);
    };
    const end = (): void => fail(signal.reason as Error);
    signal.addEventListener('abort', end);
    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        if (signal.aborted) end();
      },
      onResponseStart(_, statusCode, headers) {
        head = { statusCode, headers };
      },
      onResponseData(_, part) {
        const start = size;
        size += part.length;
        if (size > limit) {
          fail(tooLarge(server, limit));
          return;
        }
        if (size > into.bytes.length) grow(into, { start, size });
        part.copy(into.bytes, start);
      },
      onResponseEnd() {
        signal.removeEventListener('abort', end);
        resolve({ ...head, body: into.bytes.subarray(0, size) });
      },
      onResponseError(_, error) {
        signal.removeEventListener('abort', end);
        reject(error);
      },
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
