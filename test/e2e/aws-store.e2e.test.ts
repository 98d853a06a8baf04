import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { gzipLines } from '../../lambda/store/gzip.ts';
import { s3Store } from '../../lambda/store/s3-store.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { type AwsServices, startAwsServices } from './environment/aws-services.ts';
import { openProcesses, type Processes } from './environment/processes.ts';

const BUCKET = 'reports';
const TEXT = { contentType: 'text/plain; charset=utf-8' };
const MIB = 1024 * 1024;

let processes: Processes;
let aws: AwsServices;
let client: S3Client;
let store: ReportStore;

beforeAll(async () => {
  processes = await openProcesses();
  aws = await startAwsServices(processes);
  client = new S3Client({
    region: aws.region,
    endpoint: aws.url,
    credentials: await aws.assumeRole('arn:aws:iam::111122223333:role/auditor'),
  });
  await client.send(
    new CreateBucketCommand({
      Bucket: BUCKET,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  await client.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  store = s3Store({ client, bucket: BUCKET });
});

afterAll(async () => {
  client?.destroy();
  await processes?.stop();
});

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = async (key: string): Promise<string | null> => {
  const found = await store.get(key);
  return found === null ? null : Buffer.from(found).toString();
};
const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

async function openUploads(): Promise<number> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
  return Uploads.length;
}

async function versionsOf(key: string): Promise<number> {
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: key }));
  return Versions.length;
}

describe('a bucket of reports', () => {
  test('gives back what was put, with its size, hash and type', async () => {
    const stored = await store.put('runs/x/digest.txt', [bytes('hel'), bytes('lo')], TEXT);
    expect(stored).toEqual({ key: 'runs/x/digest.txt', bytes: 5, sha256: sha256(bytes('hello')) });
    expect(await textOf('runs/x/digest.txt')).toBe('hello');
    const head = await client.send(
      new HeadObjectCommand({ Bucket: BUCKET, Key: 'runs/x/digest.txt', ChecksumMode: 'ENABLED' }),
    );
    expect(head.ContentType).toBe(TEXT.contentType);
    expect(head.ChecksumSHA256).toBe(Buffer.from(stored.sha256, 'hex').toString('base64'));
    expect(store.location('runs/x/digest.txt')).toBe('s3://reports/runs/x/digest.txt');
  });

  test('has nothing under a key that was never put, and lists what was', async () => {
    expect(await store.get('runs/none')).toBeNull();
    expect(await store.getVersioned('runs/none')).toBeNull();
    await store.put('list/a=1/x', [], TEXT);
    await store.put('list/b=%2F/y', [], TEXT);
    const keys: string[] = [];
    for await (const key of store.list('list/')) keys.push(key);
    expect(keys.sort()).toEqual(['list/a=1/x', 'list/b=%2F/y']);
  });

  test('stores a large object in parts, whole and with the hash of its bytes', async () => {
    const line = `${'x'.repeat(999)}\n`;
    const chunks = [...gzipLines(Array.from({ length: 3000 }, () => line + Math.random()))];
    async function* large(): AsyncGenerator<Uint8Array> {
      for (let part = 0; part < 5; part++) yield Buffer.alloc(4 * MIB + 1, part);
      yield* chunks;
    }
    const stored = await store.put('inventory/large', large(), { contentType: 'application/gzip' });
    const found = (await store.get('inventory/large')) ?? bytes('');
    expect([found.byteLength, sha256(found)]).toEqual([stored.bytes, stored.sha256]);
    expect(gunzipSync(found.subarray(5 * (4 * MIB + 1))).length).toBeGreaterThan(3_000_000);
    expect(await openUploads()).toBe(0);
  });

  test('an upload leaves nothing behind when its source breaks off, and reports that error', async () => {
    await store.put('inventory/broken', [bytes('old')], TEXT);
    async function* broken(): AsyncGenerator<Uint8Array> {
      for (let part = 0; part < 5; part++) yield Buffer.alloc(4 * MIB);
      throw new Error('the list broke off');
    }
    await expect(store.put('inventory/broken', broken(), TEXT)).rejects.toThrow('the list broke off');
    expect(await textOf('inventory/broken')).toBe('old');
    expect(await openUploads()).toBe(0);
  });

  test('says what failed and what to do when there is no such bucket', async () => {
    const nowhere = s3Store({ client, bucket: 'nowhere' });
    const message = /^s3:PutObject failed for s3:\/\/nowhere\/x \(NoSuchBucket: .*\); create the bucket/;
    await expect(nowhere.put('x', [bytes('x')], TEXT)).rejects.toThrow(message);
    await expect(nowhere.get('x')).rejects.toThrow(/^s3:GetObject failed .*create the bucket/);
  });

  test('encrypts with the key that is given', async () => {
    const kmsKeyArn = 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000';
    const encrypted = s3Store({ client, bucket: BUCKET, kmsKeyArn });
    await encrypted.put('runs/kms', [bytes('x')], TEXT);
    const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'runs/kms' }));
    expect([head.ServerSideEncryption, head.SSEKMSKeyId]).toEqual(['aws:kms', kmsKeyArn]);
  });
});

describe('a conditional write', () => {
  const put = (key: string, text: string, expected: string | null) =>
    store.putIf(key, [bytes(text)], { ...TEXT, expected });

  test('makes an object once', async () => {
    expect(await put('once', 'first', null)).toMatchObject({ bytes: 5 });
    expect(await put('once', 'second', null)).toBeNull();
    expect(await textOf('once')).toBe('first');
    expect(await versionsOf('once')).toBe(1);
  });

  test('replaces exactly the version that was read', async () => {
    await put('state', 'one', null);
    const one = await store.getVersioned('state');
    expect(await put('state', 'two', one?.version ?? null)).not.toBeNull();
    expect(await put('state', 'three', one?.version ?? null)).toBeNull();
    expect(await textOf('state')).toBe('two');
  });

  test('of a version that is gone stores nothing', async () => {
    expect(await put('never', 'x', '"0123456789abcdef0123456789abcdef"')).toBeNull();
    expect(await store.get('never')).toBeNull();
  });

  test('that is refused because of itself, its answer having been lost, has succeeded', async () => {
    await put('lost', 'mine', null);
    expect(await put('lost', 'mine', null)).toMatchObject({ sha256: sha256(bytes('mine')) });
  });

  test('a refused upload reads its pieces again instead of holding them', async () => {
    let times = 0;
    const pieces = {
      *[Symbol.iterator]() {
        times += 1;
        yield bytes('a');
        yield bytes('b');
      },
    };
    const own = { bytes: 2, sha256: sha256(bytes('ab')) };
    expect(await store.putIf('again', pieces, { ...TEXT, expected: null })).toMatchObject(own);
    const before = times;
    expect(await store.putIf('again', pieces, { ...TEXT, expected: null })).toMatchObject(own);
    expect(times).toBeGreaterThan(before + 1);
  });

  test('holds for many at once: one succeeds', async () => {
    const attempts = await Promise.all(
      Array.from({ length: 8 }, (_, index) => put('race', `${index}`, null)),
    );
    expect(attempts.filter((stored) => stored !== null)).toHaveLength(1);
  });

  test('holds for an object in parts', async () => {
    const large = Array.from({ length: 3 }, () => Buffer.alloc(4 * MIB, 1));
    expect(await store.putIf('parts', large, { ...TEXT, expected: null })).toMatchObject({ bytes: 12 * MIB });
    const other = Array.from({ length: 3 }, () => Buffer.alloc(4 * MIB, 2));
    expect(await store.putIf('parts', other, { ...TEXT, expected: null })).toBeNull();
    expect((await store.get('parts'))?.[0]).toBe(1);
    expect(await openUploads()).toBe(0);
  });
});
