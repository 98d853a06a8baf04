import { randomBytes } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import { clientConfig } from '../../lambda/connect/aws/client.ts';
import { s3Store } from '../../lambda/store/s3-store.ts';
import { hubCredentials } from '../support/aws-server.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { withPatience } from '../support/patience.ts';
import { type AnswerPlan, startS3Server } from '../support/s3-server.ts';

const KEY = 'state/account=1/region=r/cluster=c/state.json.gz';
const content = randomBytes(200_000);
const cleanups = closedAfterEach();

async function bucket(plan: AnswerPlan, silence: { readonly silenceMs?: number } = {}) {
  const server = await startS3Server({ objects: new Map([[KEY, content]]), plan });
  const settings = { region: 'eu-west-1', endpoint: server.url, credentials: hubCredentials, ...silence };
  const client = new S3Client(clientConfig(settings));
  cleanups.push(server.close, () => client.destroy());
  return { server, store: s3Store({ client, bucket: 'reports' }) };
}

describe('an object whose body', () => {
  for (const kind of ['cut', 'stall'] as const) {
    test(`an object whose body does not arrive whole (${kind}) is read again`, () =>
      withPatience(async (silenceMs) => {
        const { store, server } = await bucket(({ index }) => (index < 2 ? { kind } : null), { silenceMs });
        expect((await store.get(KEY))?.length).toBe(content.length);
        expect(server.requests.length).toBe(3);
      }));

    test(`an object whose body never arrives whole (${kind}) is given up after a few attempts, in one sentence`, () =>
      withPatience(async (silenceMs) => {
        const { store, server } = await bucket(() => ({ kind }), { silenceMs });
        await expect(store.get(KEY)).rejects.toThrow(
          /^s3:GetObject failed for s3:\/\/reports\/state\/.*; run again later\.$/,
        );
        expect(server.requests.length).toBe(4);
      }));
  }
});

describe('a request that', () => {
  test('a request that is never answered is cancelled and sent again', () =>
    withPatience(async (silenceMs) => {
      const { store, server } = await bucket(({ index }) => (index === 0 ? { kind: 'stall' } : null), {
        silenceMs,
      });
      await store.put('runs/r/digest.txt', [Buffer.from('text')], { contentType: 'text/plain' });
      expect(server.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
    }));
});

/** What S3 answers for an object that does not exist where listing is allowed by prefix alone, and where GET is denied. */
const DENIED = { kind: 'status', status: 403, code: 'AccessDenied' } as const;
const ABSENT = 'state/account=1/region=r/cluster=d/state.json.gz';

describe('an object that S3 refuses to give', () => {
  test('a denied object does not exist when a listing of exactly its key is permitted and shows none', async () => {
    const { store, server } = await bucket(({ key }) => (key === ABSENT ? DENIED : null));
    expect(await store.get(ABSENT)).toBeNull();
    expect(server.requests.map(({ prefix }) => prefix)).toEqual([null, ABSENT]);
  });

  test('a denied object does not exist when only longer keys begin with its own', async () => {
    const short = KEY.slice(0, -3);
    const { store } = await bucket(({ key }) => (key === short ? DENIED : null));
    expect(await store.get(short)).toBeNull();
  });

  test('a denied object is refused when the listing shows it', async () => {
    const { store } = await bucket(({ key }) => (key === KEY ? DENIED : null));
    await expect(store.get(KEY)).rejects.toThrow(/^s3:GetObject failed .*AccessDenied.*allow it in the IAM/);
  });

  test('a denied object is refused when the listing is denied as well, with the name of the denied action', async () => {
    const { store } = await bucket(() => DENIED);
    await expect(store.get(ABSENT)).rejects.toThrow(/^s3:ListBucket failed .*cluster=d.*AccessDenied/);
  });

  test('a denied object is read where another run has just created it', async () => {
    const { store } = await bucket(({ index }) => (index === 0 ? DENIED : null));
    expect((await store.get(KEY))?.length).toBe(content.length);
  });
});

describe('a bucket of another region', () => {
  const other = { 'x-amz-bucket-region': 'eu-central-1' };
  const malformed = "The authorization header is malformed; the region 'eu-west-1' is wrong; expecting";

  test.each([
    { status: 301, code: 'PermanentRedirect', headers: other },
    { status: 400, code: 'AuthorizationHeaderMalformed', headers: other },
    { status: 400, code: 'AuthorizationHeaderMalformed', message: `${malformed} 'eu-central-1'` },
  ])('a bucket of another region is named with its region ($status $code)', async (refusal) => {
    const { store } = await bucket(() => ({ kind: 'status', ...refusal }));
    await expect(store.get(KEY)).rejects.toThrow(
      /^s3:GetObject failed .*; the bucket is in eu-central-1: give --region eu-central-1 or set AWS_REGION\.$/,
    );
  });
});

describe('a signature that S3 refuses', () => {
  test.each(['RequestTimeTooSkewed', 'RequestExpired'])(
    'a signature that S3 refuses by the time is reported as a wrong clock (%s)',
    async (code) => {
      const { store } = await bucket(() => ({ kind: 'status', status: 403, code }));
      await expect(store.get(KEY)).rejects.toThrow(/; set the clock of this machine, .*\.$/);
    },
  );

  test('a signature that S3 refuses for another cause is not blamed on the IAM policy', async () => {
    const { store } = await bucket(() => ({ kind: 'status', status: 403, code: 'SignatureDoesNotMatch' }));
    await expect(store.get(KEY)).rejects.toThrow(/; check the secret access key, and the clock .*\.$/);
  });
});

test('the folders right below a prefix are named by S3, each once, without a request for what is in them', async () => {
  const { store, server } = await bucket(() => null);
  for (const key of ['runs/a/x', 'runs/a/y', 'runs/b/deep/z', 'runs/lock.json'])
    await store.put(key, [Buffer.from('x')], { contentType: 'text/plain' });
  const before = server.requests.length;
  const found: string[] = [];
  for await (const folder of store.folders('runs/')) found.push(folder);
  expect(found).toEqual(['runs/a', 'runs/b']);
  expect(server.requests.length - before).toBe(1);
});
