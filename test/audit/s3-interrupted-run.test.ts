import { verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openS3 } from '../../lambda/connect/aws/s3-client.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { parseManifest } from '../../lambda/store/manifest.ts';
import { s3Store } from '../../lambda/store/s3-store.ts';
import { PROD } from '../findings/builders.ts';
import { hubCredentials } from '../support/aws-server.ts';
import { every } from '../support/runs.ts';
import { type AnswerPlan, type S3Server, startS3Server } from '../support/s3-server.ts';
import { aSigner } from '../support/signing.ts';
import { deliver, found, recordProblems, runOf, stateOf, told } from './recording.ts';

const OTHER = { ...PROD, name: 'other', arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/other' };
const [second, third, last] = [runOf(8), runOf(9), runOf(15)];
const signer = aSigner();
const now = [found(['old', 'fresh']), found(['quiet'], OTHER)];

type Objects = ReadonlyMap<string, Uint8Array>;

let server: S3Server;
let afterFirst: Objects;

beforeAll(async () => {
  server = await startS3Server();
  await deliver({
    store: open().store,
    run: runOf(1),
    results: [found(['old', 'fixed']), found(['quiet'], OTHER)],
  });
  afterFirst = new Map(server.objects);
});

afterAll(() => server.close());

/** A process with a connection of its own to the bucket. */
function open() {
  const client = openS3({
    region: 'eu-west-1',
    endpoint: server.url,
    credentials: hubCredentials,
    maxAttempts: 1,
  });
  return { store: s3Store({ client, bucket: 'reports' }), close: () => client.destroy() };
}

async function run(options: Omit<Parameters<typeof deliver>[0], 'store'>): Promise<void> {
  const { store, close } = open();
  try {
    await deliver({ ...options, store });
  } catch {
    // It was killed.
  } finally {
    close();
  }
}

/** Whoever asks from the n-th write on is dead; of the n-th itself it is done or not, which the dead cannot know. */
function killedAt(step: number, moment: 'before' | 'after'): AnswerPlan {
  let writes = 0;
  return ({ method }) => {
    if (writes > step) return { kind: 'status', status: 403, code: 'Killed' };
    if (method !== 'PUT' || writes++ < step) return null;
    return { kind: moment === 'before' ? 'status' : 'done-but', status: 403, code: 'Killed' };
  };
}

const content = (objects: Objects): readonly (readonly [string, string])[] =>
  [...objects]
    .map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')] as const)
    .filter(([key]) => !key.includes('/sent/'))
    .sort(([a], [b]) => (a < b ? -1 : 1));

async function undisturbed(): Promise<{ readonly objects: Objects; readonly writes: number }> {
  server.reset(afterFirst);
  await run({ run: second, results: now });
  const writes = server.requests.filter(({ method }) => method === 'PUT').length;
  return { objects: new Map(server.objects), writes };
}

/** Runs with a manifest that names the key and is not signed by it. */
function unsignedIn(objects: Objects): readonly string[] {
  return [...objects].flatMap(([key, bytes]) => {
    if (!key.endsWith('/manifest.json')) return [];
    const signature = objects.get(`${key}.sig`);
    const { signingKey } = parseManifest(Buffer.from(bytes).toString());
    const isSigned = signature !== undefined && verify('sha256', bytes, signer.publicKey, signature);
    return signingKey === null || isSigned ? [] : [key];
  });
}

function* steps(writes: number): Generator<readonly [number, 'before' | 'after']> {
  for (let step = 0; step < writes; step += every(3))
    for (const moment of ['before', 'after'] as const) yield [step, moment];
}

describe('a run whose record is in S3', () => {
  test('a run that is killed before or after any write to S3 and then repeated ends as if nothing had happened', async () => {
    const expected = await undisturbed();
    expect(expected.writes).toBeGreaterThan(12);
    for (const [step, moment] of steps(expected.writes)) {
      server.reset(afterFirst, killedAt(step, moment));
      const mails: Notice[] = [];
      await run({ run: second, results: now, mails, attempt: 'first' });
      server.reset(new Map(server.objects));
      await run({ run: second, results: now, mails, attempt: 'second' });
      const where = `${moment} ${step}`;
      expect({ where, content: content(server.objects) }).toEqual({
        where,
        content: content(expected.objects),
      });
      expect({ where, problems: recordProblems(server.objects) }).toEqual({ where, problems: [] });
      expect({ where, told: mails.at(-1) === undefined ? null : told(mails.at(-1) as Notice) }).toEqual({
        where,
        told: ['gone:fixed', 'new:fresh', 'open:old', 'open:quiet'],
      });
    }
  });

  test('a run that is killed and never repeated leaves nothing untold and a sound chain to the next run', async () => {
    const { writes } = await undisturbed();
    for (const [step, moment] of steps(writes)) {
      server.reset(afterFirst, killedAt(step, moment));
      const mails: Notice[] = [];
      await run({ run: second, results: now, mails, attempt: 'first', signer });
      server.reset(new Map(server.objects));
      await run({ run: third, results: now, mails, signer });
      const where = `${moment} ${step}`;
      expect({ where, problems: recordProblems(server.objects) }).toEqual({ where, problems: [] });
      const isUnfinished = !server.objects.has(`runs/${second.id}/manifest.json`);
      const text = mails.at(-1)?.digest.body.replace(/\s+/g, ' ') ?? '';
      expect({ where, named: text.includes('NOT FINISHED: The earlier run of') }).toEqual({
        where,
        named: isUnfinished && [...server.objects.keys()].some((key) => key.startsWith(`runs/${second.id}/`)),
      });
      expect({ where, unsigned: unsignedIn(server.objects) }).toEqual({ where, unsigned: [] });
      expect({
        where,
        told: mails.some((mail) => told(mail).includes('new:fresh') || mail.digest.body.includes('fresh')),
      }).toEqual({ where, told: true });
      expect({ where, state: await stateOf(open().store) }).toEqual({ where, state: ['fresh', 'old'] });
    }
  });

  test('two runs at once, one of them killed, lose no finding: the run after them knows and tells all', async () => {
    const { writes } = await undisturbed();
    for (const [step, moment] of steps(2 * writes)) {
      server.reset(afterFirst, killedAt(step, moment));
      const mails: Notice[] = [];
      const later = [found(['old', 'fresh', 'newer']), found(['quiet'], OTHER)];
      await Promise.all([
        run({ run: second, results: now, mails, attempt: 'one' }),
        run({ run: third, results: later, mails, attempt: 'two' }),
      ]);
      server.reset(new Map(server.objects));
      await run({ run: last, results: later, mails });
      const where = `${moment} ${step}`;
      expect({ where, problems: recordProblems(server.objects) }).toEqual({ where, problems: [] });
      const text = mails.map((mail) => `${told(mail).join(' ')} ${mail.digest.body}`).join(' ');
      expect({ where, told: [text.includes('fresh'), text.includes('newer')] }).toEqual({
        where,
        told: [true, true],
      });
      expect({ where, state: await stateOf(open().store) }).toEqual({
        where,
        state: ['fresh', 'newer', 'old'],
      });
    }
  });
});
