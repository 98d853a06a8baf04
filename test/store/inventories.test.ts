import { describe, expect, test } from '@jest/globals';
import { gzipLines } from '../../lambda/store/gzip.ts';
import { inventoryRowsIn, latestInventories } from '../../lambda/store/inventories.ts';
import { inventoryKey, latestKey, stateKey } from '../../lambda/store/layout.ts';
import type { ReportStore } from '../../lambda/store/store.ts';
import { memoryStore } from './memory-store.ts';

const cluster = (name: string) => ({
  name,
  arn: `arn:aws:eks:eu-west-1:111122223333:cluster/${name}`,
  accountId: '111122223333',
  region: 'eu-west-1',
});
const runOf = (day: string) => ({
  id: `${day.replaceAll('-', '')}T060000Z-aaaaaaaa`,
  startedAt: `${day}T06:00:00.000Z`,
});
const [OLD, LAST] = [runOf('2026-02-28'), runOf('2026-03-01')];
const JSON_TYPE = { contentType: 'application/json' };

const listPods = (
  store: ReportStore,
  run: typeof LAST,
  name: string,
  shard: { index: number; count: number } | null = null,
) =>
  store.put(
    inventoryKey(run, cluster(name), shard),
    [...gzipLines([`{"pod":"${name} ${run.id}"}\n`])],
    JSON_TYPE,
  );

async function aStore(
  store: ReportStore,
  {
    targets,
    gone = [],
    states = [],
  }: { targets: readonly string[]; gone?: readonly string[]; states?: readonly string[] },
): Promise<ReportStore> {
  const summary = {
    run: LAST,
    clusters: targets.map((name) => ({ cluster: cluster(name), outcome: 'audited' })),
    ...(gone.length === 0 ? {} : { gone: gone.map((name) => ({ cluster: cluster(name) })) }),
  };
  await store.put(latestKey('summary.json'), [Buffer.from(JSON.stringify(summary))], JSON_TYPE);
  for (const name of states) await store.put(stateKey(cluster(name)), [Buffer.from('')], JSON_TYPE);
  return store;
}

const found = async (store: ReportStore) =>
  (await latestInventories(store)).clusters.map(({ cluster: { name }, date, current, keys }) => ({
    name,
    date,
    current,
    keys: keys.length,
  }));

describe('the latest inventories of a store', () => {
  test('the inventory of the last run is taken, and not one of an earlier day', async () => {
    const store = await aStore(memoryStore(), { targets: ['a'], states: ['a'] });
    await listPods(store, OLD, 'a');
    await listPods(store, LAST, 'a');
    expect(await found(store)).toEqual([{ name: 'a', date: '2026-03-01', current: true, keys: 1 }]);
  });

  test('a cluster that the last run could not read is known by the run before it, and said to be so', async () => {
    const store = await aStore(memoryStore(), { targets: ['a'] });
    await listPods(store, OLD, 'a');
    expect(await found(store)).toEqual([{ name: 'a', date: '2026-02-28', current: false, keys: 1 }]);
  });

  test('a cluster whose pods no run has listed is not forgotten', async () => {
    const store = await aStore(memoryStore(), { targets: ['a'] });
    expect(await found(store)).toEqual([{ name: 'a', date: null, current: false, keys: 0 }]);
  });

  test('a cluster that runs of its own look at belongs to the store, one that is gone does not', async () => {
    const store = await aStore(memoryStore(), {
      targets: ['a'],
      gone: ['gone'],
      states: ['a', 'other', 'gone'],
    });
    for (const name of ['a', 'other', 'gone']) await listPods(store, name === 'a' ? LAST : OLD, name);
    expect(await found(store)).toEqual([
      { name: 'a', date: '2026-03-01', current: true, keys: 1 },
      { name: 'other', date: '2026-02-28', current: false, keys: 1 },
    ]);
  });

  test('a cluster that is read in parts is current only with all of them', async () => {
    const store = await aStore(memoryStore(), { targets: ['a', 'b'] });
    for (const index of [0, 1]) await listPods(store, LAST, 'a', { index, count: 2 });
    await listPods(store, LAST, 'b', { index: 1, count: 2 });
    expect(await found(store)).toEqual([
      { name: 'a', date: '2026-03-01', current: true, keys: 2 },
      { name: 'b', date: '2026-03-01', current: false, keys: 1 },
    ]);
  });

  test('a store without a run, or with a summary that is none, is an error', async () => {
    await expect(latestInventories(memoryStore())).rejects.toThrow('There is no complete run in this store');
    const store = memoryStore();
    await store.put(latestKey('summary.json'), [Buffer.from('{}')], JSON_TYPE);
    await expect(latestInventories(store)).rejects.toThrow('The summary of the last run in memory://');
  });

  test('an inventory that is cut off is an error, and no short list', async () => {
    const store = memoryStore();
    const [bytes] = [...gzipLines(['{"pod":"a"}\n'])];
    await store.put('inventory/x', [(bytes ?? Buffer.alloc(0)).subarray(0, 15)], JSON_TYPE);
    const read = async () => {
      for await (const row of inventoryRowsIn(store, 'inventory/x')) expect(row.pod).toBe('a');
    };
    await expect(read()).rejects.toThrow('The inventory in memory://inventory/x cannot be read.');
  });
});
