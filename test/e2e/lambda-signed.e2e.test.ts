import { createPublicKey, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunReport } from '../../lambda/handlers/finish.ts';
import { verifyRecords } from '../../lambda/history/verify/verify.ts';
import { linkManifest } from '../../lambda/store/chain.ts';
import { signingBy } from '../../lambda/store/signing.ts';
import { forger, TAMPERINGS, type Tampering, tamperingsOf, type Writable } from '../history/a-history.ts';
import { aRun } from '../report/builders.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { verifyByHand } from '../support/by-hand.ts';
import { type AwsFleet, QUIET, startAwsFleet } from './support/aws-fleet.ts';
import { runCli } from './support/run-cli.ts';
import type { Objects } from './support/run-records.ts';

/**
 * The scheduled function with a signing key in KMS, from the event to what an auditor does with the records: with this program
 * and with OpenSSL alone.
 */
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = Math.floor(Date.now() / 1000) * 1000;
const DAYS = [0, 1, 2, 3] as const;
const at = (day: number): string => new Date(NOW - (4 - day) * DAY).toISOString();

let fleet: AwsFleet;
let folder: string;
let createHandler: typeof import('../../lambda/handlers/scheduled-audit.ts').createHandler;
let keyArn: string;
let key: KeyObject;
let keyFile: string;
let runs: readonly string[];
let anchor: string;
/** As the four runs left them. */
let recorded: Objects;

async function kms<Answer>(action: string, body: object): Promise<Answer> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `TrentService.${action}` };
  const answer = await fleet.environment.aws.request({ service: 'kms', headers, body: JSON.stringify(body) });
  if (answer.status !== 200) throw new Error(`KMS answered ${answer.status} to ${action}: ${answer.body}`);
  return (answer.body === '' ? {} : JSON.parse(answer.body)) as Answer;
}

/** One invocation, as Lambda makes it. */
function invoke(scheduledTime: string): Promise<RunReport> {
  const handler = createHandler({ env: process.env, clock: () => Date.parse(scheduledTime) + 5_000 });
  const context = {
    awsRequestId: 'e2e',
    memoryLimitInMB: '1024',
    getRemainingTimeInMillis: () => 15 * MINUTE,
  };
  return handler({ scheduledTime }, context);
}

/** The hash of the manifest that the newest of the mails names: its last line. */
async function anchorOfMail(): Promise<string> {
  const mails = await fleet.mailbox.receive();
  return mails.at(-1)?.Message.trimEnd().split('\n').at(-1) ?? '';
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signed-'));
  fleet = await startAwsFleet(new Date(NOW));
  const created = await kms<{ KeyMetadata: { Arn: string } }>('CreateKey', {
    KeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
  });
  keyArn = created.KeyMetadata.Arn;
  const { PublicKey } = await kms<{ PublicKey: string }>('GetPublicKey', { KeyId: keyArn });
  key = createPublicKey({ key: Buffer.from(PublicKey, 'base64'), format: 'der', type: 'spki' });
  keyFile = join(folder, 'signing-key.pem');
  writeFileSync(keyFile, key.export({ type: 'spki', format: 'pem' }));
  // The SDK and the loggers take what a function has from its environment.
  Object.assign(process.env, fleet.env, QUIET, { SIGNING_KEY_ARN: keyArn });
  ({ createHandler } = await import('../../lambda/handlers/scheduled-audit.ts'));
  const reports: RunReport[] = [];
  for (const day of DAYS) {
    reports.push(await invoke(at(day)));
    anchor = await anchorOfMail();
  }
  runs = reports.map(({ run }) => run);
  recorded = await fleet.bucket.objects();
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await fleet?.stop();
});

/** The test server knows a key by its id alone where it is switched off. */
const keyId = (): string => keyArn.slice(keyArn.lastIndexOf('/') + 1);

const idsOf = () => runs as readonly [string, string, string, string];

const verifyBucket = (...args: readonly string[]) =>
  runCli(['verify', '--store', 's3://reports', '--key', keyFile, ...args], {
    ...fleet.env,
  });

const writableOf = (store: MemoryStore): Writable => {
  const objects = store.objects as Map<string, Uint8Array>;
  return {
    keys: async () => [...objects.keys()],
    get: async (path) => objects.get(path) ?? Buffer.alloc(0),
    put: async (path, content) => void objects.set(path, Buffer.from(content)),
    delete: async (path) => void objects.delete(path),
  };
};

/** A copy of the bucket in a folder, as `aws s3 sync` makes it. */
function copyOf(objects: ReadonlyMap<string, Uint8Array>): string {
  const copy = mkdtempSync(join(folder, 'copy-'));
  for (const [path, bytes] of objects) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), bytes);
  }
  return copy;
}

const verifyCopy = (objects: ReadonlyMap<string, Uint8Array>) =>
  verifyRecords({
    store: memoryStore({ objects }),
    history: null,
    runs: 'all',
    from: null,
    expected: [anchor],
    keys: [key],
    now: NOW,
  });

/** Whoever can write the bucket, and holds another key, makes another history with the numbers and times of this one. */
async function rewritten(): Promise<ReadonlyMap<string, Uint8Array>> {
  const store = memoryStore();
  for (const id of runs) {
    const base = aRun();
    const object = await store.put(`runs/${id}/summary.json`, [Buffer.from('{}')], { contentType: 'x' });
    await linkManifest(
      store,
      { ...base, run: { ...base.run, id } },
      {
        objects: [object],
        tool: { version: base.run.version, bundleSha256: null },
        signing: signingBy({ ...forger(), keyArn }, []),
      },
    );
  }
  return store.objects;
}

describe('four scheduled runs with a signing key', () => {
  test('each leaves a signature beside its manifest, and the mail names the hash of the newest', () => {
    for (const run of runs) expect(recorded.has(`runs/${run}/manifest.json.sig`)).toBe(true);
    expect(anchor).toMatch(/^[0-9a-f]{64}$/);
  });

  test('verify passes every point of the bucket with the public key and the hash of the mail', async () => {
    const { code, stdout, stderr } = await verifyBucket('--all', '--expect', anchor);
    expect({ code, stderr, doubts: stdout.match(/^(?:fail|not verifiable) .*$/gm) }).toEqual({
      code: 0,
      stderr: '',
      doubts: null,
    });
    expect(stdout).toContain('4 records without a hole: record 1');
  });

  test('OpenSSL and sha256sum alone verify a copy of the bucket by the commands of the docs', () => {
    const { code, output } = verifyByHand({
      folder: copyOf(recorded),
      run: runs.at(-1) ?? '',
      key: keyFile,
      expected: anchor,
    });
    expect([code, output.match(/Verified OK/g)?.length]).toEqual([0, 4]);
  });

  const NAMES = TAMPERINGS.map(({ name }, index) => ({ name, index }));
  test.each(NAMES)('$name: found, with this program and by hand', async ({ name, index }) => {
    const { tamper, point, message } = tamperingsOf(idsOf())[index] as Tampering;
    const store = memoryStore({ objects: recorded });
    await tamper(writableOf(store));
    const verification = await verifyCopy(store.objects);
    const failed = verification.points.filter(({ outcome }) => outcome === 'fail');
    expect({ name, outcome: verification.outcome }).toEqual({ name, outcome: 'fail' });
    expect(failed.find((one) => one.point === point)?.message).toMatch(message);
    const byHand = verifyByHand({
      folder: copyOf(store.objects),
      run: (name.includes('newest') ? runs.at(-2) : runs.at(-1)) ?? '',
      key: keyFile,
      expected: anchor,
    });
    expect({ name, code: byHand.code === 0 }).toEqual({ name, code: false });
    expect(byHand.output).toMatch(/FAILED|added: |No such file/);
  });

  test('a whole history that is rewritten is found by key and hash, with this program and by hand', async () => {
    const objects = await rewritten();
    const { points } = await verifyCopy(objects);
    const failed = points.filter(({ outcome }) => outcome === 'fail').map(({ point }) => point);
    expect([...new Set(failed)].sort()).toEqual(['end', 'signature']);
    const byHand = verifyByHand({
      folder: copyOf(objects),
      run: runs.at(-1) ?? '',
      key: keyFile,
      expected: anchor,
    });
    expect(byHand.output).toMatch(/FAILED/);
  });
});

describe('a scheduled run whose key is refused', () => {
  test('it is recorded and mailed all the same, the mail says why it is not signed, and its repetition signs it', async () => {
    await kms('DisableKey', { KeyId: keyId() });
    await expect(invoke(at(4))).rejects.toThrow(
      /its record in .* is not complete: the signature of the manifest: kms:Sign .* Enable the key\./,
    );
    const mails = await fleet.mailbox.receive();
    expect(mails).toHaveLength(1);
    const text = mails[0]?.Message.replace(/\s+/g, ' ') ?? '';
    expect(text).toMatch(/the signature of the manifest/);
    expect(text).toMatch(/kms:Sign/);
    const expected = text.trim().split(' ').at(-1) ?? '';
    const unsigned = await verifyBucket('--expect', expected);
    expect(unsigned.code).toBe(1);
    expect(unsigned.stdout.replace(/\s+/g, ' ')).toMatch(/manifest\.json\.sig is gone, or was never written/);

    await kms('EnableKey', { KeyId: keyId() });
    expect((await invoke(at(4))).outcome).toBe('done');
    expect(await fleet.mailbox.receive()).toHaveLength(0);
    expect((await verifyBucket('--all', '--expect', expected)).code).toBe(0);
  });
});
