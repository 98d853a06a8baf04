import { createPublicKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Outcome, PointName } from '../../lambda/history/verify/point.ts';
import { type VerifyOptions, verifyRecords } from '../../lambda/history/verify/verify.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { runFolder } from '../../lambda/store/layout.ts';
import { sha256Of } from '../../lambda/store/manifest.ts';
import { deliver, found, runOf } from '../audit/recording.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { aSigner } from '../support/signing.ts';
import {
  anchorOf,
  FIRST,
  forger,
  KEY,
  LAST,
  NOW,
  RUNS,
  record,
  SECOND,
  SIGNER,
  TAMPERINGS,
  type Tampering,
  type Writable,
} from './a-history.ts';

const recorded = memoryStore();
const mails = await record(recorded);
const EXPECTED = [anchorOf(mails)];

/** The same store after somebody was at it. */
async function tampered(tamper: (store: Writable) => Promise<void>): Promise<MemoryStore> {
  const objects = new Map(recorded.objects);
  await tamper({
    keys: async () => [...objects.keys()],
    get: async (key) => objects.get(key) ?? Buffer.alloc(0),
    put: async (key, content) => void objects.set(key, Buffer.from(content)),
    delete: async (key) => void objects.delete(key),
  });
  return memoryStore({ objects });
}

const verify = (store: MemoryStore, options: Partial<VerifyOptions> = {}) =>
  verifyRecords({
    store,
    history: null,
    runs: 'all',
    from: null,
    expected: EXPECTED,
    keys: [KEY],
    now: NOW,
    ...options,
  });

/** Points that are no pass. */
const doubts = async (
  store: MemoryStore,
  options?: Partial<VerifyOptions>,
): Promise<readonly (readonly [PointName, Outcome])[]> =>
  (await verify(store, options)).points
    .filter(({ outcome }) => outcome !== 'pass')
    .map(({ point, outcome }) => [point, outcome] as const);

describe('records that nobody has touched', () => {
  test('every point passes with the key and the hash of the newest mail', async () => {
    const { outcome, points, runs } = await verify(recorded);
    expect(points.filter((one) => one.outcome !== 'pass')).toEqual([]);
    expect([outcome, runs]).toEqual(['pass', RUNS.map(({ id }) => id)]);
    expect(new Set(points.map(({ point }) => point))).toEqual(
      new Set(['objects', 'added', 'signature', 'sequence', 'beginning', 'end']),
    );
  });

  test('without a key and without a hash from elsewhere what they would prove is not verifiable', async () => {
    expect(await doubts(recorded, { keys: [], expected: [] })).toEqual([
      ['signature', 'not verifiable'],
      ['end', 'not verifiable'],
    ]);
  });

  test('an older hash proves the records up to it, and no later ones', async () => {
    const { outcome, points } = await verify(recorded, { expected: [mails[1]?.anchor?.sha256 ?? ''] });
    expect(outcome).toBe('not verifiable');
    expect(points.at(-1)?.message).toBe(
      `The hash that was given proves the records up to run ${SECOND}, and not 2 later ones.`,
    );
  });

  test('runs without a key are not verifiable by a signature, and never pass', async () => {
    const store = memoryStore();
    const anchor = anchorOf(await record(store, { signer: null }));
    expect(await doubts(store, { expected: [anchor] })).toEqual([['signature', 'not verifiable']]);
  });

  test('one run is verified alone, with the chain of all', async () => {
    const { runs, outcome } = await verify(recorded, { runs: [SECOND] });
    expect([runs, outcome]).toEqual([[SECOND], 'pass']);
    expect((await verify(recorded, { runs: 'newest' })).runs).toEqual([LAST]);
    await expect(verify(recorded, { runs: ['none'] })).rejects.toThrow('There is no record of a run none.');
  });

  test('an empty store proves nothing', async () => {
    const { outcome, points } = await verify(memoryStore(), { expected: [] });
    expect([outcome, points.map(({ point }) => point)]).toEqual(['not verifiable', ['objects', 'end']]);
    expect(points[0]?.message).toBe('There is no record of a run here, so nothing was verified.');
    expect((await verify(memoryStore())).outcome).toBe('fail');
  });

  test('a run that did not end is no record, and keeps all of it from passing', async () => {
    const store = await tampered((objects) =>
      objects.put('runs/20260323T060000Z-aaaaaaaa/conclusion.ndjson.gz', ''),
    );
    expect(await doubts(store)).toEqual([['added', 'not verifiable']]);
    expect(await doubts(store, { runs: 'newest' })).toEqual([]);
  });

  test('a list of pods that an interrupted delivery has left is no failure, and no pass', async () => {
    const key = `inventory/account=1/region=r/cluster=c/date=2026-03-08/${SECOND}.ndjson.gz`;
    expect(await doubts(await tampered((objects) => objects.put(key, '')))).toEqual([
      ['added', 'not verifiable'],
    ]);
  });
});

describe('records that somebody has tampered with', () => {
  test.each(TAMPERINGS)('$name: found', async ({ tamper, point, message }: Tampering) => {
    const { outcome, points } = await verify(await tampered(tamper));
    expect(outcome).toBe('fail');
    const failed = points.filter((one) => one.outcome === 'fail');
    expect(failed.find((one) => one.point === point)?.message).toMatch(message);
  });

  test('the whole history is rewritten by whoever can write the store: found by the key, and by the hash', async () => {
    const store = memoryStore();
    await record(store, { signer: forger(), names: 'zyxwvuts' });
    expect(await doubts(store)).toEqual([...RUNS.map(() => ['signature', 'fail']), ['end', 'fail']]);
    // Without key and hash it looks like any other history: which is why neither is a pass then.
    expect(await doubts(store, { keys: [], expected: [] })).toEqual([
      ['signature', 'not verifiable'],
      ['end', 'not verifiable'],
    ]);
  });

  test('the history is rewritten without signatures: not verifiable by the key, and found by the hash', async () => {
    const store = memoryStore();
    await record(store, { signer: null, names: 'zyxwvuts' });
    expect(await doubts(store)).toEqual([
      ['signature', 'not verifiable'],
      ['end', 'fail'],
    ]);
  });

  test('the newest run is deleted and the head is left: found without anything from elsewhere', async () => {
    const store = await tampered(async (objects) => {
      for (const key of await objects.keys()) if (key.includes(LAST)) await objects.delete(key);
    });
    expect(await doubts(store, { keys: [], expected: [] })).toContainEqual(['end', 'fail']);
  });

  test('a manifest is edited with its list of hashes: found by its signature, and by the run that continues it', async () => {
    const store = await tampered(async (objects) => {
      const key = `${runFolder(SECOND)}/manifest.json`;
      const text = Buffer.from(await objects.get(key)).toString();
      await objects.put(key, text.replace(/"version":"[^"]*"/, '"version":"9.9.9"'));
    });
    expect(await doubts(store)).toEqual(
      expect.arrayContaining([
        ['objects', 'fail'],
        ['signature', 'fail'],
        ['sequence', 'fail'],
      ]),
    );
  });

  test.each(['manifest.json.sig', 'SHA256SUMS'])(
    '%s is edited, or a signature deleted: found',
    async (name) => {
      const key = `${runFolder(LAST)}/${name}`;
      const edited = await tampered((objects) => objects.put(key, 'x'));
      expect((await verify(edited)).outcome).toBe('fail');
      const deleted = await tampered((objects) => objects.delete(key));
      expect((await verify(deleted)).outcome).toBe(name === 'SHA256SUMS' ? 'pass' : 'fail');
    },
  );

  test('a run without a manifest is not verifiable until a later record names it as unfinished', async () => {
    const store = memoryStore({ objects: recorded.objects });
    const key = 'runs/20260322T050000Z-ffffffff/begun.json';
    await store.put(key, [Buffer.from('{}')], { contentType: 'application/json' });
    expect(await doubts(store)).toEqual([['added', 'not verifiable']]);
    const later: Notice[] = [];
    await deliver({ store, run: runOf(23), results: [found(['q'])], signer: SIGNER, mails: later });
    const named = await verify(store, { expected: [anchorOf(later)] });
    expect(named.outcome).toBe('pass');
    expect(named.points.map(({ message }) => message)).toContain(
      '1 run without a manifest: runs/20260322T050000Z-ffffffff; later records say that they did not finish.',
    );
  });

  test('rows of a run that is named as unfinished are vouched for by nothing, and tables count them', async () => {
    const store = memoryStore({ objects: recorded.objects });
    const begun = 'runs/20260322T050000Z-ffffffff/begun.json';
    await store.put(begun, [Buffer.from('{}')], { contentType: 'application/json' });
    const later: Notice[] = [];
    await deliver({ store, run: runOf(23), results: [found(['q'])], signer: SIGNER, mails: later });
    const rows = 'account=1/region=r/cluster=c/date=2026-03-22/20260322T050000Z-ffffffff.ndjson.gz';
    await store.put(`findings/${rows}`, [Buffer.from('x')], { contentType: 'x' });
    const { outcome, points } = await verify(store, { expected: [anchorOf(later)] });
    expect(outcome).toBe('not verifiable');
    expect(points).toContainEqual({
      point: 'added',
      outcome: 'not verifiable',
      run: null,
      message: `1 object of runs that did not finish: findings/${rows}. No manifest names them, so that anybody who can write the store may have made or changed them, and tables over the rows count them.`,
    });
  });

  test.each(['', 'no manifest', '{}'])(
    'a manifest that is missing while the head holds %j in its place is deleted, not late',
    async (manifest) => {
      const store = await tampered(async (objects) => {
        const key = 'state/manifest-head.json';
        const head = JSON.parse(Buffer.from(await objects.get(key)).toString()) as object;
        await objects.put(key, JSON.stringify({ ...head, pending: { manifest, signature: null } }));
        await objects.delete(`${runFolder(LAST)}/manifest.json`);
      });
      expect(await doubts(store, { expected: [] })).toContainEqual(['end', 'fail']);
    },
  );

  test('a record that is not as it was written names no run as unfinished', async () => {
    const store = memoryStore({ objects: recorded.objects });
    const key = `${runFolder(LAST)}/run.json`;
    const about = JSON.parse(Buffer.from(store.objects.get(key) ?? []).toString()) as object;
    const unfinished = [{ run: '20260322T050000Z-ffffffff', startedAt: '2026-03-22T05:00:00.000Z' }];
    await store.put(key, [Buffer.from(JSON.stringify({ ...about, unfinished }))], { contentType: 'x' });
    await store.put('runs/20260322T050000Z-ffffffff/begun.json', [Buffer.from('{}')], { contentType: 'x' });
    expect(await doubts(store)).toEqual([
      ['objects', 'fail'],
      ['added', 'not verifiable'],
    ]);
  });

  test('an inventory of no run may be left of one that was stopped while it read clusters', async () => {
    const path = 'account=1/region=r/cluster=c/date=2026-03-10/20260310T060000Z-ffffffff.ndjson.gz';
    expect(await doubts(await tampered((objects) => objects.put(`inventory/${path}`, '')))).toEqual([
      ['added', 'not verifiable'],
    ]);
  });

  test('rows of a run that never was are found, since tables over them would count them', async () => {
    const key = 'findings/account=1/region=r/cluster=c/date=2026-03-10/20260310T060000Z-ffffffff.ndjson.gz';
    expect(await doubts(await tampered((objects) => objects.put(key, '')))).toEqual([['added', 'fail']]);
  });

  test('a second run continues the same one: one of them was added', async () => {
    const store = memoryStore();
    await record(store);
    // The head leads to the first run again, and another run is recorded after it.
    const bytes = store.objects.get(`${runFolder(FIRST)}/manifest.json`) ?? Buffer.alloc(0);
    const head = { run: FIRST, sha256: sha256Of(bytes), sequence: 1, previous: null };
    await store.put('state/manifest-head.json', [Buffer.from(JSON.stringify(head))], { contentType: 'x' });
    await deliver({ store, run: runOf(9, 'bbbbbbbb'), results: [found(['q'])], signer: SIGNER });
    expect(await doubts(store, { expected: [] })).toContainEqual(['sequence', 'fail']);
  });

  test('records before a run may be left out on purpose, and then nothing is said of them', async () => {
    const store = await tampered(TAMPERINGS[2]?.tamper ?? (async () => undefined));
    expect(await doubts(store, { from: SECOND })).toEqual([]);
    await expect(verify(store, { from: FIRST })).rejects.toThrow(
      `There is no record of a run ${FIRST} to begin with.`,
    );
  });

  test('a signature by another key than the one that was given is no pass', async () => {
    const { outcome } = await verify(recorded, { keys: [createPublicKey(aSigner().publicKey)] });
    expect(outcome).toBe('fail');
  });
});
