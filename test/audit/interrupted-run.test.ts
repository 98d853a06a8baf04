import { describe, expect, test } from '@jest/globals';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { readTrend } from '../../lambda/run/trend.ts';
import { sha256Of } from '../../lambda/store/manifest.ts';
import { aFinding, aResult, PROD } from '../findings/builders.ts';
import { failingAt, type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { every } from '../support/runs.ts';
import { deliver, found, recordProblems, runOf, stateOf, told } from './recording.ts';

const OTHER = { ...PROD, name: 'other', arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/other' };
const first = runOf(1);
const second = runOf(8);

/** A store in which the first run has found `old` and `fixed`. */
async function afterFirstRun(): Promise<MemoryStore> {
  const store = memoryStore();
  await deliver({ store, run: first, results: [found(['old', 'fixed']), found(['quiet'], OTHER)] });
  return store;
}

const now = [found(['old', 'fresh']), found(['quiet'], OTHER)];

/** Everything but who has made it. */
const content = ({ objects }: MemoryStore): ReadonlyMap<string, string> =>
  new Map(
    [...objects]
      .map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')] as const)
      .filter(([key]) => !key.includes('/sent/'))
      .sort(),
  );

async function undisturbed(): Promise<{ store: MemoryStore; mails: Notice[] }> {
  const store = memoryStore({ objects: (await afterFirstRun()).objects });
  const mails: Notice[] = [];
  await deliver({ store, run: second, results: now, mails });
  return { store, mails };
}

describe('a run', () => {
  test('an undisturbed run notifies of new and of gone findings, and leaves a sound record', async () => {
    const { store, mails } = await undisturbed();
    expect(mails.map(told)).toEqual([['gone:fixed', 'new:fresh', 'open:old', 'open:quiet']]);
    expect(await stateOf(store)).toEqual(['fresh', 'old']);
    expect(recordProblems(store.objects)).toEqual([]);
    expect((await readTrend(store)).map(({ run }) => run)).toEqual([first.id, second.id]);
  });

  test('the mail of a run names its manifest, and so does what other targets get', async () => {
    const { store, mails } = await undisturbed();
    const [mail] = mails;
    const sha256 = sha256Of(store.objects.get(`runs/${second.id}/manifest.json`) ?? '');
    expect(mail?.anchor).toEqual({ run: second.id, sequence: 2, sha256 });
    expect(mail?.digest.body.trimEnd().split('\n').at(-1)).toBe(sha256);
    const stored = Buffer.from(store.objects.get(`runs/${second.id}/digest.txt`) ?? []).toString();
    expect(stored).not.toContain(sha256);
  });

  test('a complete run that is delivered again changes nothing and notifies no one', async () => {
    const { store, mails } = await undisturbed();
    const writes = store.order.length;
    const again = await deliver({ store, run: second, results: [found([])], mails, attempt: 'second' });
    expect([again.outcome, mails.length, store.order.length]).toEqual(['done-before', 1, writes]);
  });
});

describe('a run that is interrupted', () => {
  test('a run that is interrupted before any of its writes and then repeated ends as if nothing had happened', async () => {
    const expected = await undisturbed();
    const writes = expected.store.order.length;
    expect(writes).toBeGreaterThan(12);
    for (let failAt = 0; failAt < writes; failAt += every(3)) {
      const broken = memoryStore({
        objects: (await afterFirstRun()).objects,
        beforeWrite: failingAt(failAt),
      });
      const mails: Notice[] = [];
      const first = { store: broken, run: second, results: now, mails, attempt: 'first' };
      const interrupted = await deliver(first).catch(() => ({ outcome: 'interrupted' }));
      expect(['interrupted', 'undelivered']).toContain(interrupted.outcome);

      const store = memoryStore({ objects: broken.objects });
      await deliver({ store, run: second, results: now, mails, attempt: 'second' });
      expect({ failAt, content: content(store) }).toEqual({ failAt, content: content(expected.store) });
      // Told by the first attempt already only where that broke off before it could say so.
      expect(mails.length).toBeLessThanOrEqual(2);
      expect(new Set(mails.map(({ digest }) => digest.body)).size).toBe(1);
      expect(mails.at(-1)?.digest).toEqual(expected.mails[0]?.digest);
    }
  });

  test('a run that is interrupted twice, anywhere, ends as if nothing had happened', async () => {
    const expected = await undisturbed();
    for (let failAt = 0; failAt < expected.store.order.length; failAt += 2 * every(3)) {
      let objects = (await afterFirstRun()).objects;
      for (const at of [failAt, 3]) {
        const broken = memoryStore({ objects, beforeWrite: failingAt(at) });
        await deliver({ store: broken, run: second, results: now, attempt: `${at}` }).catch(() => {});
        objects = broken.objects;
      }
      const store = memoryStore({ objects });
      await deliver({ store, run: second, results: now, attempt: 'last' });
      expect({ failAt, content: content(store) }).toEqual({ failAt, content: content(expected.store) });
    }
  });

  test('a repeated run that finds something else keeps its first decision in all its parts', async () => {
    const { store: whole } = await undisturbed();
    for (let failAt = 0; failAt < whole.order.length; failAt += every(3)) {
      const broken = memoryStore({
        objects: (await afterFirstRun()).objects,
        beforeWrite: failingAt(failAt),
      });
      const mails: Notice[] = [];
      await deliver({ store: broken, run: second, results: now, mails, attempt: 'first' }).catch(() => {});
      const store = memoryStore({ objects: broken.objects });
      await deliver({ store, run: second, results: [found(['later'])], mails, attempt: 'second' });
      const decided = broken.objects.has(`runs/${second.id}/conclusion.ndjson.gz`);
      expect(recordProblems(store.objects)).toEqual([]);
      expect(await stateOf(store)).toEqual(decided ? ['fresh', 'old'] : ['later']);
      expect(mails.length).toBeGreaterThan(0);
      for (const news of mails.map(told)) {
        expect(news.includes('new:fresh')).toBe(decided);
        expect(news.includes('new:later')).toBe(!decided);
      }
    }
  });

  test('a run that is repeated after its decision does not read the clusters again', async () => {
    const store = await afterFirstRun();
    const failed = deliver({ store, run: second, results: now, tell: () => Promise.reject(new Error('no')) });
    expect((await failed).outcome).toBe('undelivered');
    const results = () => Promise.reject(new Error('a cluster was read'));
    expect((await deliver({ store, run: second, results, attempt: 'second' })).outcome).toBe('done');
  });

  test('a run that is repeated after another run keeps the chain of manifests', async () => {
    const { store: whole } = await undisturbed();
    for (let failAt = 0; failAt < whole.order.length; failAt += every(3)) {
      const broken = memoryStore({
        objects: (await afterFirstRun()).objects,
        beforeWrite: failingAt(failAt),
      });
      await deliver({ store: broken, run: second, results: now, attempt: 'first' }).catch(() => {});
      const store = memoryStore({ objects: broken.objects });
      const mails: Notice[] = [];
      const results = [found(['old', 'fresh', 'newer']), found(['quiet'], OTHER)];
      await deliver({ store, run: runOf(9), results, mails });
      await deliver({ store, run: second, results, mails, attempt: 'second' });
      expect({ failAt, problems: recordProblems(store.objects) }).toEqual({ failAt, problems: [] });
      expect(await stateOf(store)).toEqual(['fresh', 'newer', 'old']);
      const lines = mails.flatMap(told);
      expect([lines.includes('new:newer'), lines.includes('new:fresh') || failAt > 11]).toEqual([true, true]);
    }
  });

  test('a run interrupted between a notification and its marker notifies again, with the same run, rather than never', async () => {
    const store = await afterFirstRun();
    const mails: Notice[] = [];
    const crash = async (notice: Notice): Promise<void> => {
      mails.push(notice);
      throw new Error('killed');
    };
    // As after a kill: nobody gets to say that it failed.
    const silent = memoryStore({
      objects: store.objects,
      beforeWrite: (key) => {
        if (key.includes('/sent/') && mails.length > 0) throw new Error('killed');
      },
    });
    await deliver({ store: silent, run: second, results: now, tell: crash, attempt: 'first' });
    const repeated = memoryStore({ objects: silent.objects });
    const outcome = await deliver({ store: repeated, run: second, results: [], mails, attempt: 'second' });
    expect(outcome.outcome).toBe('done');
    expect(mails.map(({ run }) => run.run.id)).toEqual([second.id, second.id]);
    expect(mails[1]?.digest).toEqual(mails[0]?.digest);
  });

  test('a run with a failed notification keeps its reports and states, and repeats the notification the next time', async () => {
    const store = await afterFirstRun();
    const tell = async (): Promise<void> => {
      throw new Error('no permission');
    };
    const failed = await deliver({ store, run: second, results: now, tell });
    expect(failed).toMatchObject({ outcome: 'undelivered', deliveries: [{ outcome: 'failed' }] });
    expect(await stateOf(store)).toEqual(['fresh', 'old']);
    const mails: Notice[] = [];
    const healed = await deliver({ store, run: second, results: [found([])], mails, attempt: 'second' });
    expect([healed.outcome, ...mails.map(told)]).toEqual([
      'done',
      ['gone:fixed', 'new:fresh', 'open:old', 'open:quiet'],
    ]);
  });
});

describe('a cluster that could not be read this time', () => {
  test('a cluster that could not be read keeps its state, and its findings stay open', async () => {
    const store = await afterFirstRun();
    const failed = aResult({ outcome: 'failed', findings: [aFinding()].slice(1) });
    const mails: Notice[] = [];
    await deliver({ store, run: second, results: [failed, found(['quiet'], OTHER)], mails });
    expect(mails.map(told)).toEqual([['open:fixed', 'open:old', 'open:quiet']]);
    expect(await stateOf(store)).toEqual(['fixed', 'old']);
  });
});
