import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { isConditionFailure, isConflict, isRefused, s3Error } from './s3-errors.ts';
import { readObject } from './s3-read.ts';
import { type Condition, type UploadTarget, upload } from './s3-upload.ts';
import {
  type Chunks,
  type ContentOptions,
  gather,
  isRepeatable,
  type ReportStore,
  type StoredObject,
  type VersionedObject,
} from './store.ts';

export interface S3StoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** ARN of the KMS key for new objects. @defaultValue the default encryption of the bucket */
  readonly kmsKeyArn?: string | null;
}

/** How often a conditional write is sent that met another one of the same key. */
const CONFLICT_ATTEMPTS = 5;

/**
 * Keeps reports in a bucket. Needed: `s3:GetObject`, `s3:PutObject`, `s3:AbortMultipartUpload`, and
 * `s3:ListBucket` of the folders that are read, to tell an object that does not exist from one that is refused.
 */
export function s3Store({ client, bucket, kmsKeyArn = null }: S3StoreOptions): ReportStore {
  const location = (key: string): string => `s3://${bucket}/${key}`;
  const target = (key: string): UploadTarget => ({ client, bucket, key, kmsKeyArn });
  const exists = async (key: string): Promise<boolean> => {
    try {
      // In the order of UTF-8 bytes a key precedes all longer ones that begin with it.
      const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key, MaxKeys: 1 }));
      return page.Contents?.[0]?.Key === key;
    } catch (error) {
      throw s3Error(error, 's3:ListBucket', location(key));
    }
  };
  const getVersioned = async (key: string): Promise<VersionedObject | null> => {
    const read = (): Promise<VersionedObject | null> => readObject(client, { Bucket: bucket, Key: key });
    try {
      return await read().catch(async (error: unknown) => {
        if (!isRefused(error)) throw error;
        // For an object that does not exist S3 answers 403 unless the bucket may be listed, whatever the prefix. So
        // absent is only what a permitted listing of this very key does not show.
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html ("Permissions")
        // Again where it is there: another run may have just made it.
        return (await exists(key)) ? await read() : null;
      });
    } catch (error) {
      throw s3Error(error, 's3:GetObject', location(key));
    }
  };
  return {
    location,
    getVersioned,
    get: async (key) => (await getVersioned(key))?.bytes ?? null,
    async put(key, chunks, options) {
      const source = watched(chunks);
      try {
        return await upload(target(key), source.chunks, { ...options, condition: {} });
      } catch (error) {
        throw source.failed() ? error : s3Error(error, 's3:PutObject', location(key));
      }
    },
    async putIf(key, chunks, { expected, ...options }) {
      const condition: Condition = expected === null ? { IfNoneMatch: '*' } : { IfMatch: expected };
      // It may have to be sent twice, so pieces that can only be made once are kept.
      const pieces = isRepeatable(chunks) ? chunks : [await gather(chunks)];
      try {
        return await uploadIf(target(key), pieces, { ...options, condition });
      } catch (error) {
        if (!isConditionFailure(error)) throw s3Error(error, 's3:PutObject', location(key));
        // The SDK repeats a request whose answer was lost, and is then refused because of itself.
        const there = await getVersioned(key);
        const own = describe(key, pieces);
        return there !== null && describe(key, [there.bytes]).sha256 === own.sha256 ? own : null;
      }
    },
    async *list(prefix) {
      try {
        for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
          for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
        }
      } catch (error) {
        throw s3Error(error, 's3:ListBucket', location(prefix));
      }
    },
    async *folders(prefix) {
      const input = { Bucket: bucket, Prefix: prefix, Delimiter: '/' };
      try {
        for await (const page of paginateListObjectsV2({ client }, input)) {
          for (const { Prefix } of page.CommonPrefixes ?? []) {
            if (Prefix !== undefined) yield Prefix.replace(/\/$/, '');
          }
        }
      } catch (error) {
        throw s3Error(error, 's3:ListBucket', location(prefix));
      }
    },
  };
}

/**
 * Sends a conditional write again that met another one of the same key (409): it says nothing about who
 * was first. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html#conditional-error-response
 */
async function uploadIf(
  target: UploadTarget,
  pieces: Iterable<Uint8Array>,
  options: ContentOptions & { readonly condition: Condition },
): Promise<StoredObject> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await upload(target, pieces, options);
    } catch (error) {
      if (!isConflict(error) || attempt >= CONFLICT_ATTEMPTS) throw error;
      await sleep(100 * 2 ** attempt * Math.random());
    }
  }
}

function describe(key: string, pieces: Iterable<Uint8Array>): StoredObject {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const piece of pieces) {
    hash.update(piece);
    bytes += piece.byteLength;
  }
  return { key, bytes, sha256: hash.digest('hex') };
}

/** Tells a failure of whoever makes the pieces, which is theirs to explain, from one of S3. */
function watched(chunks: Chunks): { readonly chunks: Chunks; readonly failed: () => boolean } {
  let failed = false;
  async function* passing(): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      failed = true;
      throw error;
    }
  }
  return { chunks: passing(), failed: () => failed };
}
