import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
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
  target: UploadTarget,
  chunks: Chunks,
  options: ContentOptions & { readonly condition: Condition },
): Promise<StoredObject> {
  const { key } = target;
  const whole = createHash('sha256');
  let bytes = 0;
  let multipart: Multipart | null = null;
  try {
    for await (const { body, last } of parts(chunks)) {
      whole.update(body);
      bytes += body.byteLength;
      if (last && multipart === null) {
        await putWhole(target, body, options);
      } else {
        multipart ??= await beginMultipart(target, options);
        await multipart.add(body);
        if (last) await multipart.complete(options.condition);
      }
    }
  } catch (error) {
    // What went wrong first is what is told.
    await multipart?.abort().catch(() => undefined);
    throw error;
  }
  return { key, bytes, sha256: whole.digest('hex') };
}

interface Part {
  readonly body: Uint8Array;
  readonly last: boolean;
}

/** Cuts pieces of any size into parts; there is always a last one, be it empty. */
async function* parts(chunks: Chunks): AsyncGenerator<Part> {
  let pending: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    while (size + rest.byteLength > PART_BYTES) {
      const room = PART_BYTES - size;
      yield { body: Buffer.concat([...pending, rest.subarray(0, room)]), last: false };
      rest = rest.subarray(room);
      pending = [];
      size = 0;
    }
    pending.push(rest);
    size += rest.byteLength;
  }
  yield { body: Buffer.concat(pending), last: true };
}

const sha256Base64 = (body: Uint8Array): string => createHash('sha256').update(body).digest('base64');

const encryption = ({ kmsKeyArn }: UploadTarget) =>
  kmsKeyArn === null
    ? {}
    : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: kmsKeyArn, BucketKeyEnabled: true };

const content = ({ contentType, contentEncoding }: ContentOptions) => ({
  ContentType: contentType,
  ...(contentEncoding === undefined ? {} : { ContentEncoding: contentEncoding }),
});

async function putWhole(
  target: UploadTarget,
  body: Uint8Array,
  options: ContentOptions & { readonly condition: Condition },
): Promise<void> {
  const { client, bucket, key } = target;
  await client.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentLength: body.byteLength,
      ChecksumAlgorithm: 'SHA256',
      ChecksumSHA256: sha256Base64(body),
      ...content(options),
      ...encryption(target),
      ...options.condition,
    }),
  );
}

interface Multipart {
  add(body: Uint8Array): Promise<void>;
  complete(condition: Condition): Promise<void>;
  abort(): Promise<void>;
}

async function beginMultipart(target: UploadTarget, options: ContentOptions): Promise<Multipart> {
  const { client, bucket, key } = target;
  const object = { Bucket: bucket, Key: key };
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({
      ...object,
      ...content(options),
      ...encryption(target),
      ChecksumAlgorithm: 'SHA256',
    }),
  );
  if (UploadId === undefined) throw new Error('S3 began a multipart upload without an id');
  const done: CompletedPart[] = [];
  return {
    async add(body) {
      const PartNumber = done.length + 1;
      const ChecksumSHA256 = sha256Base64(body);
      const part = { ...object, UploadId, PartNumber, Body: body, ContentLength: body.byteLength };
      const { ETag } = await client.send(new UploadPartCommand({ ...part, ChecksumSHA256 }));
      done.push({ PartNumber, ChecksumSHA256, ...(ETag === undefined ? {} : { ETag }) });
    },
    async complete(condition) {
      const MultipartUpload = { Parts: done };
      await client.send(
        new CompleteMultipartUploadCommand({ ...object, UploadId, MultipartUpload, ...condition }),
      );
    },
    async abort() {
      await client.send(new AbortMultipartUploadCommand({ ...object, UploadId }));
    },
  };
}
