import { createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openKmsKey } from '../../lambda/connect/aws/kms-sign.ts';
import { type Verification, verifyRecords } from '../../lambda/history/verify/verify.ts';
import { DAY } from '../../lambda/inventory/durations.ts';
import { historyBelow, storeBelow } from '../../lambda/store/below-prefix.ts';
import { ROW_FOLDERS } from '../../lambda/store/layout.ts';
import { s3History } from '../../lambda/store/s3-history.ts';
import { s3Store } from '../../lambda/store/s3-store.ts';
import type { Signer } from '../../lambda/store/signing.ts';
import { anchorOf, FIRST, forger, record, SECOND, TAMPERINGS, type Writable } from '../history/a-history.ts';
import { type AwsServices, startAwsServices } from './environment/aws-services.ts';
import { openProcesses, type Processes } from './environment/processes.ts';
import { runCli } from './support/run-cli.ts';

const BUCKET = 'evidence';
const NOW = Date.parse('2026-03-23T09:00:00Z');

let processes: Processes;
let aws: AwsServices;
let client: S3Client;
let signer: Signer & { close(): void };
let key: KeyObject;

beforeAll(async () => {
  processes = await openProcesses();
  aws = await startAwsServices(processes);
  const credentials = await aws.assumeRole('arn:aws:iam::111122223333:role/auditor');
  client = new S3Client({ region: aws.region, endpoint: aws.url, credentials });
  await client.send(
    new CreateBucketCommand({
      Bucket: BUCKET,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  await client.send(
    new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const Rules = [
    {
      ID: 'expire-runs',
      Status: 'Enabled' as const,
      Filter: { Prefix: '' },
      Expiration: { Days: 400 },
      NoncurrentVersionExpiration: { NoncurrentDays: 400 },
    },
  ];
  await client.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket: BUCKET, LifecycleConfiguration: { Rules } }),
  );
  const { KeyMetadata } = await kms<{ KeyMetadata: { Arn: string } }>('CreateKey', {
    KeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
  });
  const keyArn = KeyMetadata.Arn;
  const { PublicKey } = await kms<{ PublicKey: string }>('GetPublicKey', { KeyId: keyArn });
  key = createPublicKey({ key: Buffer.from(PublicKey, 'base64'), format: 'der', type: 'spki' });
  const opened = openKmsKey({ keyArn, endpoint: aws.url, credentials: client.config.credentials });
  signer = { keyArn, sign: (digest) => opened.sign(digest), close: () => opened.close() };
});

afterAll(async () => {
  signer?.close();
  client?.destroy();
  await processes?.stop();
});

async function kms<Answer>(action: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${action}` };
  const { status, body: text } = await aws.request({ service: 'kms', headers, body: JSON.stringify(body) });
  if (status !== 200) throw new Error(`KMS answered ${status} to ${action}: ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as Answer;
}

/** A part of the bucket, as whoever can write it sees it. */
const writable = (prefix: string): Writable => {
  const store = storeBelow(s3Store({ client, bucket: BUCKET }), prefix);
  return {
    keys: async () => {
      const found: string[] = [];
      for await (const one of store.list('')) found.push(one);
      return found;
    },
    get: async (path) => (await store.get(path)) ?? Buffer.alloc(0),
    put: async (path, content) => {
      await client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key: `${prefix}${path}`, Body: Buffer.from(content) }),
      );
    },
    delete: async (path) => {
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: `${prefix}${path}` }));
    },
  };
};

const storeOf = (prefix: string) => storeBelow(s3Store({ client, bucket: BUCKET }), prefix);

const verify = (prefix: string, expected: readonly string[], now = NOW): Promise<Verification> =>
  verifyRecords({
    store: storeOf(prefix),
    history: historyBelow(s3History({ client, bucket: BUCKET }), prefix),
    runs: 'all',
    from: null,
    expected,
    keys: [key],
    now,
  });

const doubts = ({ points }: Verification): readonly string[] =>
  points.flatMap(({ point, outcome, message }) =>
    outcome === 'pass' ? [] : [`${point} ${outcome}: ${message}`],
  );

/** Without any version, as if it had never been. */
async function removeForGood(prefix: string): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await client.send(
    new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix: prefix }),
  );
  for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key, VersionId }));
  }
}

describe('records in a bucket, signed by KMS', () => {
  test('every point passes where nothing was touched', async () => {
    const anchor = anchorOf(await record(storeOf('clean/'), { signer }));
    expect(doubts(await verify('clean/', [anchor]))).toEqual([]);
  });

  test('the command verifies a part of a bucket by its address, with the public key in a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'evidence-'));
    try {
      const file = join(folder, 'signing-key.pem');
      writeFileSync(file, key.export({ type: 'spki', format: 'pem' }));
      const { code, stdout, stderr } = await runCli(
        ['verify', '--all', '--store', `s3://${BUCKET}/clean`, '--key', file],
        aws.environmentFor(await aws.assumeRole('arn:aws:iam::111122223333:role/auditor')),
      );
      expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
      expect(stdout).toMatch(/^pass +manifests are signed$/m);
      expect(stdout).toMatch(/^pass +no object was replaced or deleted$/m);
      expect(stdout).toContain('The newest run cannot be proved');
      expect(stdout).toContain('note: The newest manifest is not locked');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each(TAMPERINGS)(
    '$name: found, although the bucket keeps versions',
    async ({ tamper, point, message, name }) => {
      const prefix = `${name.replaceAll(' ', '-')}/`;
      const anchor = anchorOf(await record(storeOf(prefix), { signer }));
      await tamper(writable(prefix));
      const verification = await verify(prefix, [anchor]);
      expect(verification.outcome).toBe('fail');
      const failed = verification.points.filter(({ outcome }) => outcome === 'fail');
      // Where the bucket remembers, it also says when.
      const said = point === 'beginning' ? /it was deleted on .*0 days after it was written/ : message;
      expect(failed.find((one) => one.point === point)?.message).toMatch(said);
    },
  );

  test('the whole history is rewritten by whoever can write the bucket: found by key and anchor', async () => {
    const anchor = anchorOf(await record(storeOf('before/'), { signer }));
    await record(storeOf('rewritten/'), {
      signer: { ...forger(), keyArn: signer.keyArn },
      names: 'zyxwvuts',
    });
    const verification = await verify('rewritten/', [anchor]);
    expect(doubts(verification).filter((line) => line.startsWith('signature fail'))).toHaveLength(4);
    expect(doubts(verification).at(-1)).toMatch(/^end fail: No record has the manifest/);
  });

  test('an object that was replaced and put back shows by its versions', async () => {
    const anchor = anchorOf(await record(storeOf('restored/'), { signer }));
    const bucket = writable('restored/');
    const path = `runs/${SECOND}/findings.csv`;
    const before = await bucket.get(path);
    await bucket.put(path, 'nothing to see');
    await bucket.put(path, before);
    expect(doubts(await verify('restored/', [anchor]))).toEqual([
      expect.stringMatching(
        /^versions fail: 1 trace of changes: runs\/.*findings\.csv had another content since/,
      ),
    ]);
  });

  test('runs that are older than the lifecycle rule may be gone, and the rule is named', async () => {
    const anchor = anchorOf(await record(storeOf('expired/'), { signer }));
    for (const folder of [`runs/${FIRST}/`, ...ROW_FOLDERS]) {
      for (const path of await writable('expired/').keys()) {
        if (path.startsWith(folder) && path.includes(FIRST)) await removeForGood(`expired/${path}`);
      }
    }
    const [early, late] = [
      await verify('expired/', [anchor]),
      await verify('expired/', [anchor], NOW + 800 * DAY),
    ];
    expect(doubts(early)).toEqual([
      expect.stringMatching(/^beginning fail: .* nor any version of it, which no lifecycle rule explains\.$/),
    ]);
    expect(doubts(late)).toEqual([]);
    expect(late.points.find(({ point }) => point === 'beginning')?.message).toBe(
      'Earlier runs ended by the lifecycle rule expire-runs after 400 days.',
    );
  });

  test('a key that is disabled signs nothing, and says so', async () => {
    const { KeyMetadata } = await kms<{ KeyMetadata: { Arn: string; KeyId: string } }>('CreateKey', {
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
    });
    // KMS answers without a body.
    await kms('DisableKey', { KeyId: KeyMetadata.KeyId });
    const opened = openKmsKey({
      keyArn: KeyMetadata.Arn,
      endpoint: aws.url,
      credentials: client.config.credentials,
    });
    await expect(opened.sign(Buffer.alloc(32))).rejects.toMatchObject({ remedy: 'Enable the key.' });
    opened.close();
  });
});
