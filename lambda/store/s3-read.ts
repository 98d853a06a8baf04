import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isMissing } from './s3-errors.ts';
import type { VersionedObject } from './store.ts';

/** How often an object is asked for whose body did not arrive whole. */
const BODY_ATTEMPTS = 4;

/** For all of one body, however slowly it comes; its largest objects have some 100 MB. */
const BODY_MS = 120_000;

/**
 * Reads a whole object. The SDK repeats a request only until its headers have arrived: the body is a stream, which may
 * be cut, fall silent or not match its checksum afterwards. Then the object is asked for again, as a whole.
 *
 * @returns `null` when there is no such object
 * @throws what the SDK says, after {@link BODY_ATTEMPTS} bodies that did not arrive whole
 */
export async function readObject(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
): Promise<VersionedObject | null> {
  for (let attempt = 1; ; attempt++) {
    const body = await openBody(client, object);
    if (body === null) return null;
    try {
      return { bytes: await body.bytes(), version: body.version };
    } catch (error) {
      if (attempt >= BODY_ATTEMPTS) throw error;
      await sleep(50 * 2 ** attempt * Math.random());
    }
  }
}

interface OpenBody {
  readonly version: string;
  bytes(): Promise<Uint8Array>;
}

async function openBody(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
): Promise<OpenBody | null> {
  try {
    const { Body, ETag, ContentLength } = await client.send(
      new GetObjectCommand({ ...object, ChecksumMode: 'ENABLED' }),
      { abortSignal: AbortSignal.timeout(BODY_MS) },
    );
    if (Body === undefined || ETag === undefined) throw new Error('the answer has no body or no ETag');
    return {
      version: ETag,
      async bytes() {
        const bytes = await Body.transformToByteArray();
        if (ContentLength === undefined || bytes.byteLength === ContentLength) return bytes;
        throw new Error(`${bytes.byteLength} of ${ContentLength} bytes arrived`);
      },
    };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
