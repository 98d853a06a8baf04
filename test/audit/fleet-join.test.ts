import { describe, expect, test } from '@jest/globals';
import { configHash } from '../../lambda/config/hash.ts';
import type { AwsAccess } from '../../lambda/connect/aws/access.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { joinFleet } from '../../lambda/fleet/join.ts';
import { FLEET_ITEM, type FleetPlan, planFleet, readPlan } from '../../lambda/fleet/plan.ts';
import { resultKey, storeResult } from '../../lambda/fleet/results.ts';
import type { Notice } from '../../lambda/notify/notifier.ts';
import { completeRun } from '../../lambda/run/complete-run.ts';
import { parseClusterManifest } from '../../lambda/store/cluster-manifest.ts';
import { stateKey } from '../../lambda/store/layout.ts';
import { noteKey } from '../../lambda/store/run-notes.ts';
import { readState } from '../../lambda/store/state.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { endPlaces, identityOf, join, targetOf } from './fleet-run.ts';
import { config, found, runOf, told } from './recording.ts';

const { now, ...run } = runOf(8);

const plan: FleetPlan = {
  run,
  config: configHash(config),
  shards: {},
  targets: ['good', 'lost', 'torn'].map((name) => targetOf(name)),
  gaps: [
    {
      cluster: identityOf('creating'),
      scope: 'cluster',
      reason: 'unreachable',
      message: 'The cluster creating is CREATING.',
      remedy: 'Wait for it.',
    },
  ],
  excluded: [],
};

async function withResults(): Promise<MemoryStore> {
  const before = memoryStore();
  await storeResult(
    before,
    { run, shard: null },
    { result: found(['cart'], identityOf('good')), inventory: null, shortfalls: [] },
  );
  const torn = resultKey(run, { cluster: identityOf('torn'), shard: null });
  return memoryStore({ objects: new Map([...before.objects, [torn, Buffer.from('x')]]) });
}

test('exemptions that owners request by annotation are kept in the join', async () => {
  const store = memoryStore();
  const result = found(['cart', 'erp'], identityOf('good'));
  const [cart] = result.findings;
  if (cart === undefined) throw new Error('no finding');
  const { cluster, workload, check } = cart;
  const asked = { check, cluster, workload, container: null };
  const terms = { reason: 'vendor image', owner: 'erp-team@example.com', expires: '2027-03-31' };
  const withAsked = { ...result, askedExemptions: [{ ...asked, ...terms }] };
  await storeResult(store, { run, shard: null }, { result: withAsked, inventory: null, shortfalls: [] });
  const joined = await joinFleet({ ...plan, targets: [targetOf('good')], gaps: [] }, { store, config, now });
  expect(joined.run.clusters[0]?.findings.map(({ status, exemption }) => [status, exemption])).toEqual([
    ['exempt', terms],
    ['new', null],
  ]);
});

describe('joining the results of a fleet', () => {
  test('the join names each cluster without a sound result as not audited, with the reason', async () => {
    const store = await withResults();
    const { run: joined } = await joinFleet(plan, { store, config, now });
    const outcomes = joined.clusters.map(({ cluster, outcome, notEvaluated }: ClusterResult) => [
      cluster.name,
      outcome,
      notEvaluated[0]?.reason ?? null,
    ]);
    expect(outcomes).toEqual([
      ['good', 'audited', null],
      ['lost', 'failed', 'not-finished'],
      ['torn', 'failed', 'malformed-object'],
      ['creating', 'failed', 'unreachable'],
    ]);
  });

  test('a note that several parts of a cluster share is listed once', async () => {
    const store = await withResults();
    const mails: Notice[] = [];
    for (const attempt of ['one', 'two']) {
      await completeRun(() => joinFleet(plan, { store, config, now }), {
        store,
        run,
        once: true,
        attempt,
        notifiers: [{ name: 'sns', notify: async (notice) => void mails.push(notice) }],
      });
    }
    expect(mails.map(told)).toEqual([['new:cart']]);
    const [mail] = mails;
    expect(mail?.digest.subject).toContain('3 of 4 clusters not audited');
    expect(mail?.digest.body.replace(/\s+/g, ' ')).toContain(
      'lost (111122223333, eu-west-1): audit not finished The function that audits this cluster ended without a result',
    );
  });
});

describe('a cluster in parts', () => {
  const split: FleetPlan = {
    ...plan,
    shards: { [identityOf('good').arn]: 3 },
    targets: [targetOf('good')],
    gaps: [],
  };
  const stored = { key: 'inventory/x', bytes: 1, sha256: 'a'.repeat(64) };
  const storePart = (store: MemoryStore, index: number, workload: string) =>
    storeResult(
      store,
      { run, shard: { index, count: 3 } },
      {
        result: found([workload], identityOf('good')),
        inventory: { ...stored, key: `inventory/${index}` },
        shortfalls: [],
      },
    );

  test('a cluster in parts is one item for each part and one cluster in the run', async () => {
    const store = memoryStore();
    await store.put(noteKey(run.id, 'discovery.json'), [Buffer.from(JSON.stringify(split))], {
      contentType: 'application/json',
    });
    const { items, itemsKey } = await planFleet({
      store,
      config,
      access: {} as AwsAccess,
      run,
      start: 'manual',
    });
    const written = JSON.parse(Buffer.from(store.objects.get(itemsKey) ?? []).toString()).map(
      (item: unknown) => FLEET_ITEM.parse(item),
    );
    expect([items, written.map(({ shard }: { shard: unknown }) => shard)]).toEqual([
      3,
      [0, 1, 2].map((index) => ({ index, count: 3 })),
    ]);
    for (const [index, name] of ['cart', 'shop', 'till'].entries()) await storePart(store, index, name);
    const { run: joined, stored: inventories } = await joinFleet(split, { store, config, now });
    expect(joined.clusters.map(({ outcome, findings }) => [outcome, findings.length])).toEqual([
      ['audited', 3],
    ]);
    expect(inventories.map(({ key }) => key)).toEqual([
      `runs/${run.id}/clusters/account=111122223333/region=eu-west-1/cluster=good/cluster-manifest.json`,
    ]);
    const list = parseClusterManifest(store.objects.get(inventories[0]?.key ?? '') ?? Buffer.alloc(0));
    expect(list.map(({ key }) => key).filter((key) => key.startsWith('inventory/'))).toEqual([
      'inventory/0',
      'inventory/1',
      'inventory/2',
    ]);
  });

  test('a cluster with a missing part is incomplete, and the part is named', async () => {
    const store = memoryStore();
    await storePart(store, 0, 'cart');
    await storePart(store, 2, 'till');
    const { run: joined } = await joinFleet(split, { store, config, now });
    const [cluster] = joined.clusters;
    expect([cluster?.outcome, cluster?.findings.length]).toEqual(['audited', 2]);
    expect(cluster?.notEvaluated[0]).toMatchObject({ reason: 'not-finished', workload: null });
    expect(cluster?.notEvaluated[0]?.message).toMatch(
      /^The function that audits part 2 of 3 of this cluster ended/,
    );
  });

  test('the findings of a missing part stay in the state that the next run compares with', async () => {
    const store = memoryStore();
    for (const [index, name] of ['cart', 'shop', 'till'].entries()) await storePart(store, index, name);
    await join({ store, plan: split, now });
    await endPlaces({ store, plan: split, now });
    const { now: later, ...next } = runOf(9);
    const again = { ...split, run: next };
    for (const index of [0, 2]) {
      await storeResult(
        store,
        { run: next, shard: { index, count: 3 } },
        { result: found([], identityOf('good')), inventory: null, shortfalls: [] },
      );
    }
    await join({ store, plan: again, now: later });
    await endPlaces({ store, plan: again, now: later });
    const state = await readState(store, stateKey(identityOf('good')));
    expect(state?.run).toBe(next.id);
    expect(state?.findings.map(({ workload, status }) => `${status} ${workload.name}`).sort()).toEqual([
      'open cart',
      'open shop',
      'open till',
    ]);
  });
});

describe('a result', () => {
  test('a result that is delivered twice is used once: the first one counts', async () => {
    const store = memoryStore();
    const first = { result: found(['cart'], identityOf('good')), inventory: null, shortfalls: [] };
    await storeResult(store, { run, shard: null }, first);
    const second = { result: found(['other'], identityOf('good')), inventory: null, shortfalls: [] };
    expect(await storeResult(store, { run, shard: null }, second)).toMatchObject(first);
  });
});

describe('a plan', () => {
  const planned = async () => {
    const key = noteKey(run.id, 'discovery.json');
    return memoryStore({ objects: new Map([[key, Buffer.from(JSON.stringify(plan))]]) });
  };
  /** Whoever asks AWS has not noticed that there is a plan already. */
  const access = {} as AwsAccess;

  test('an existing plan is used without asking AWS again', async () => {
    const store = await planned();
    const made = await planFleet({ store, config, access, run, start: 'manual' });
    expect(made).toEqual({ plan, itemsKey: `runs/${run.id}/targets.json`, items: 3 });
    const items = JSON.parse(Buffer.from(store.objects.get(made.itemsKey) ?? []).toString());
    expect(items.map((item: unknown) => FLEET_ITEM.parse(item))).toEqual(
      plan.targets.map((target) => ({ run, config: plan.config, target, shard: null, clusters: 3 })),
    );
  });

  test('a plan without clusters is an empty list', async () => {
    const store = await planned();
    const key = noteKey(run.id, 'discovery.json');
    const empty = memoryStore({
      objects: new Map([...store.objects, [key, Buffer.from(JSON.stringify({ ...plan, targets: [] }))]]),
    });
    const { itemsKey } = await planFleet({ store: empty, config, access, run, start: 'manual' });
    expect(JSON.parse(Buffer.from(empty.objects.get(itemsKey) ?? []).toString())).toEqual([]);
  });

  test('a damaged plan is an error and not an empty fleet', async () => {
    const key = noteKey(run.id, 'discovery.json');
    const store = memoryStore({ objects: new Map([[key, Buffer.from('{"run":{}')]]) });
    await expect(readPlan(store, run.id)).rejects.toThrow(
      /^The list of clusters in memory:.* cannot be read/,
    );
    const other = { run: { ...run, id: 7 }, targets: [] };
    const changed = memoryStore({ objects: new Map([[key, Buffer.from(JSON.stringify(other))]]) });
    await expect(readPlan(changed, run.id)).rejects.toThrow(
      'cannot be read: id must be a text, not the number 7.',
    );
  });

  test.each([
    [null],
    [{}],
    [{ run, config: 'c', target: {} }],
    [{ run: { id: '' }, config: 'c', target: targetOf('x'), shard: null }],
    [{ run, config: 'c', target: targetOf('x'), shard: { index: 0, count: 1 } }],
  ])('the value %j is refused as an item of the plan', (value) => {
    expect(() => FLEET_ITEM.parse(value)).toThrow();
  });
});

test('a configuration that changed before the end of the run is said in the mail: the record names one of the two', async () => {
  const other = { ...config, digest: { ...config.digest, top: config.digest.top + 1 } };
  const mails: Notice[] = [];
  await join({ store: await withResults(), plan, config: other, now, mails });
  await join({ store: await withResults(), plan, config, now, mails });
  const [changed, same] = mails.map(({ digest }) => digest.body.replaceAll(/\s+/g, ' '));
  expect(changed).toMatch(/RECORD NOT COMPLETE: 1 part missing .* the configuration: It changed while/);
  expect(same).not.toContain('RECORD NOT COMPLETE');
});
