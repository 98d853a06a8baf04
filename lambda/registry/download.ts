import { createHash } from 'node:crypto';
import { httpsGet, TooLarge, type WebAnswer } from '../connect/oci/https-get.ts';
import { wordsOf } from '../connect/text.ts';
import { ReadError } from '../errors.ts';

export interface DownloadOptions {
  /** What the bytes must have. */
  readonly digest: string;
  readonly mostBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** The repository, for sentences. */
  readonly of: string;
}

/**
 * Fetches a blob from where it is stored and compares its digest.
 * @throws ReadError
 */
export async function download(
  url: string,
  { digest, mostBytes, signal, of }: DownloadOptions,
): Promise<Uint8Array> {
  const what = `${of}@${digest}`;
  let answer: WebAnswer;
  try {
    answer = await httpsGet({ url: new URL(url), mostBytes, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof TooLarge ? tooLarge(what, mostBytes) : failed(what, wordsOf(error, 200));
  }
  if (answer.status === 404) throw notThere(what);
  if (answer.status !== 200) throw failed(what, `HTTP status ${answer.status}`);
  return verified(answer.body, digest, what);
}

/** @throws ReadError for bytes of another digest */
export function verified(bytes: Uint8Array, digest: string, what: string): Uint8Array {
  const [algorithm = 'sha256', hex] = digest.split(':');
  if (createHash(algorithm).update(bytes).digest('hex') === hex) return bytes;
  throw new ReadError(
    'malformed-object',
    `The bytes of ${what} do not have this digest.`,
    'Look for a proxy between here and the registry.',
  );
}

export const notThere = (what: string): ReadError =>
  new ReadError(
    'not-in-registry',
    `The registry does not have ${what}.`,
    'Push it again, or replace what runs by an image that the registry has.',
  );

const tooLarge = (what: string, mostBytes: number): ReadError =>
  new ReadError(
    'too-large',
    `${what} has more than ${mostBytes} bytes, and was not read.`,
    'Look at it yourself, if it matters.',
  );

const failed = (what: string, why: string): ReadError =>
  new ReadError('server-error', `${what} could not be fetched (${why}).`, 'Run again later.');
