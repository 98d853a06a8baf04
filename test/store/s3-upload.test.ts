import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { openS3 } from '../../lambda/connect/aws/s3-client.ts';
import { s3Store } from '../../lambda/store/s3-store.ts';
import { hubCredentials } from '../support/aws-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { type MultipartOptions, startMultipartServer } from '../support/s3-multipart.ts';

const MIB = 1024 * 1024;
const PART = 8 * MIB;
const GZIP = { contentType: 'application/gzip' };
const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/k';
const cleanups = closedAfterEach();

async function bucket(options: MultipartOptions & { readonly kmsKeyArn?: string } = {}) {
  const server = await startMultipartServer(options);
  const settings = { region: 'eu-west-1', endpoint: server.url, credentials: hubCredentials, maxAttempts: 1 };
  const client = openS3(settings);
  cleanups.push(server.close, () => client.destroy());
  return { server, store: s3Store({ client, bucket: 'reports', kmsKeyArn: options.kmsKeyArn ?? null }) };
}

const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const piecesOf = (content: Buffer, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(content.length / size) }, (_, at) =>
    content.subarray(at * size, (at + 1) * size),
  );

async function* breaking(afterMiB: number): AsyncGenerator<Uint8Array> {
  for (let sent = 0; sent < afterMiB; sent++) yield Buffer.alloc(MIB, sent);
  throw new Error('the list broke off');
}

describe('an object', () => {
  test.each([0, 5, PART])(
    'an object of %i bytes is stored by one request, checked by its hash',
    async (size) => {
      const { store, server } = await bucket();
      const content = randomBytes(size);
      const stored = await store.put('k', piecesOf(content, MIB + 1), GZIP);
      expect(stored).toEqual({ key: 'k', bytes: size, sha256: sha256(content) });
      expect(server.steps).toMatchObject([{ step: 'put', bytes: size, checksum: true }]);
      expect(server.objects.get('k')?.equals(content)).toBe(true);
    },
  );

  test.each([PART + 1, 2 * PART, 3 * PART - 1])(
    'an object of %i bytes is stored in parts, each checked by its hash, and has the hash of the whole',
    async (size) => {
      const { store, server } = await bucket();
      const content = randomBytes(size);
      const stored = await store.put('k', piecesOf(content, 3 * MIB + 7), GZIP);
      expect(stored).toEqual({ key: 'k', bytes: size, sha256: sha256(content) });
      const parts = server.steps.filter(({ step }) => step === 'part');
      expect(parts.map(({ checksum }) => checksum)).toEqual(Array(Math.ceil(size / PART)).fill(true));
      expect(server.objects.get('k')?.equals(content)).toBe(true);
      expect(server.openUploads).toBe(0);
    },
  );

  test('an object is encrypted with the given KMS key, whole and in parts', async () => {
    const { store, server } = await bucket({ kmsKeyArn: KEY_ARN });
    await store.put('small', [Buffer.from('x')], GZIP);
    await store.put('large', [Buffer.alloc(PART + 1)], GZIP);
    const said = server.steps.filter(({ step }) => step === 'put' || step === 'create');
    expect(said.map(({ encryption }) => encryption)).toEqual([KEY_ARN, KEY_ARN]);
  });

  test('an object of any size never takes more memory than two parts', async () => {
    let made = 0;
    let arrived = 0;
    let most = 0;
    const onStep = ({ bytes }: { bytes: number }): void => {
      arrived += bytes;
    };
    const { store } = await bucket({ onStep });
    async function* large(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 64; count++) {
        made += MIB;
        most = Math.max(most, made - arrived);
        yield Buffer.alloc(MIB);
      }
    }
    await store.put('k', large(), GZIP);
    expect(made).toBe(64 * MIB);
    expect(most).toBeLessThanOrEqual(2 * PART);
  });
});

describe('an upload in parts that', () => {
  test('a multipart upload that loses its source is aborted, leaves the old object, and fails with the error of the source', async () => {
    const { store, server } = await bucket({ existing: ['k'] });
    await expect(store.put('k', breaking(20), GZIP)).rejects.toThrow(/^the list broke off$/);
    expect(server.steps.at(-1)?.step).toBe('abort');
    expect([server.openUploads, String(server.objects.get('k'))]).toEqual([0, 'old']);
  });

  test('a multipart upload that loses its source and cannot be aborted fails with the error of the source', async () => {
    const { store } = await bucket({ refuse: (step) => (step === 'abort' ? 403 : null) });
    await expect(store.put('k', breaking(20), GZIP)).rejects.toThrow(/^the list broke off$/);
  });

  test('a multipart upload with a refused part is aborted and fails with the refusal, even where the abort fails too', async () => {
    const refuse = (step: string, index: number): number | null =>
      (step === 'part' && index === 1) || step === 'abort' ? 400 : null;
    const { store, server } = await bucket({ refuse });
    await expect(store.put('k', [Buffer.alloc(3 * PART)], GZIP)).rejects.toThrow(
      /^s3:PutObject failed for s3:\/\/reports\/k \(Refused: part as planned\)/,
    );
    expect(server.steps.map(({ step }) => step)).toEqual(['create', 'part', 'part', 'abort']);
    expect(server.objects.size).toBe(0);
  });

  test('a multipart upload with a refused part closes its source, which may hold a file', async () => {
    let ended = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(MIB);
      } finally {
        ended = true;
      }
    }
    const { store } = await bucket({ refuse: (step) => (step === 'part' ? 400 : null) });
    await expect(store.put('k', source(), GZIP)).rejects.toThrow(/part as planned/);
    expect(ended).toBe(true);
  });

  test('a multipart upload without an upload id sends no part, which would be an object', async () => {
    const { store, server } = await bucket({ withoutIds: true, existing: ['k'] });
    await expect(store.put('k', [Buffer.alloc(2 * PART)], GZIP)).rejects.toThrow(/without an id/);
    expect(server.steps.map(({ step }) => step)).toEqual(['create']);
  });

  test('a multipart upload that cannot be completed is aborted', async () => {
    const { store, server } = await bucket({ refuse: (step) => (step === 'complete' ? 400 : null) });
    await expect(store.put('k', [Buffer.alloc(PART + 1)], GZIP)).rejects.toThrow(/complete as planned/);
    expect([server.openUploads, server.objects.size]).toEqual([0, 0]);
  });
});

describe('a conditional object in parts', () => {
  const large = [Buffer.alloc(PART + 1, 1)];

  test('a conditional multipart upload becomes visible at its completion, which carries the condition', async () => {
    const { store, server } = await bucket();
    expect(await store.putIf('k', large, { ...GZIP, expected: null })).toMatchObject({ bytes: PART + 1 });
    expect(server.steps.filter(({ conditional }) => conditional).map(({ step }) => step)).toEqual([
      'complete',
    ]);
  });

  test('a conditional multipart upload is aborted where the condition fails, and the other object stays', async () => {
    const { store, server } = await bucket({ existing: ['k'] });
    expect(await store.putIf('k', large, { ...GZIP, expected: null })).toBeNull();
    expect(server.steps.at(-1)?.step).toBe('abort');
    expect([server.openUploads, String(server.objects.get('k'))]).toEqual([0, 'old']);
  });

  test('a conditional multipart upload is sent again where another write was under way', async () => {
    const { store, server } = await bucket({
      refuse: (step, index) => (step === 'complete' && index === 0 ? 409 : null),
    });
    expect(await store.putIf('k', large, { ...GZIP, expected: null })).toMatchObject({ bytes: PART + 1 });
    expect(server.steps.filter(({ step }) => step === 'create').length).toBe(2);
    expect(server.openUploads).toBe(0);
  });
});
