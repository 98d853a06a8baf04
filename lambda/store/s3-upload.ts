import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { AbortMultipartUploadCommand, type PutObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { Chunks, ContentOptions, StoredObject } from './store.ts';

/**
 * Parts of a multipart upload. S3 takes at least 5 MiB, and at most 10,000 parts
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html), which makes 80 GiB.
 */
const PART_BYTES = 8 * 1024 * 1024;

export interface UploadTarget {
  readonly client: S3Client;
  readonly bucket: string;
  readonly key: string;
  /** ARN of a KMS key; `null`: the encryption that the bucket gives by default. */
  readonly kmsKeyArn: string | null;
}

export type Condition = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>;

/**
 * Stores an object, at most one part of it in memory: small ones with one request, others as a multipart
 * upload that is aborted when anything fails, so that no part is left to be paid for. S3 checks each request
 * against its SHA-256.
 *
 * Nothing is visible before the last request has succeeded.
 */
export async function upload(
  { client, bucket, key, kmsKeyArn }: UploadTarget,
  chunks: Chunks,
  { contentType, contentEncoding, condition }: ContentOptions & { readonly condition: Condition },
): Promise<StoredObject> {
  requireUploadId(client);
  const object = { Bucket: bucket, Key: key };
  const whole = createHash('sha256');
  let bytes = 0;
  async function* measured(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      whole.update(chunk);
      bytes += chunk.byteLength;
      yield chunk;
    }
  }
  const sending = new Upload({
    client,
    params: {
      ...object,
      Body: Readable.from(measured()),
      ChecksumAlgorithm: 'SHA256',
      ContentType: contentType,
      ...(contentEncoding === undefined ? {} : { ContentEncoding: contentEncoding }),
      ...(kmsKeyArn === null
        ? {}
        : { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyArn, BucketKeyEnabled: true }),
      // The library sends it with the request that makes the object visible.
      ...condition,
    },
    partSize: PART_BYTES,
    // One after the other: more at once would be as many parts in memory.
    queueSize: 1,
    // Aborted below: where that fails too, the library reports it instead of what went wrong first.
    leavePartsOnError: true,
  });
  try {
    await sending.done();
  } catch (error) {
    const { uploadId } = sending;
    if (uploadId !== undefined) {
      const abort = new AbortMultipartUploadCommand({ ...object, UploadId: uploadId });
      await client.send(abort).catch(() => undefined);
    }
    throw error;
  }
  return { key, bytes, sha256: whole.digest('hex') };
}

/**
 * Without an id the library would send each part as a separate object under the same key. S3 always gives one;
 * a store that is only like S3 might not.
 */
function requireUploadId(client: S3Client): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (commandName === 'CreateMultipartUploadCommand' && !hasUploadId(result.output)) {
          throw new Error('S3 began a multipart upload without an id');
        }
        return result;
      },
    { step: 'initialize', name: 'uploadId', override: true },
  );
}

const hasUploadId = (output: object): boolean => 'UploadId' in output && output.UploadId !== undefined;
