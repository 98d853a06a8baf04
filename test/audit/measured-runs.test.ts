import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import { joinShards } from '../../lambda/fleet/join-shards.ts';
import { readResult, storeResult } from '../../lambda/fleet/results.ts';
import type { CompletedRun } from '../../lambda/run/complete-run.ts';
import { layersKey, stateKey } from '../../lambda/store/layout.ts';
import { PROD } from '../findings/builders.ts';
import { failingAt, type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { drifted, keptLayers, MIB, measured, measuring, STARTED, type Written } from './measured-runs.ts';
import { deliver, linesOf, recordProblems, runOf } from './recording.ts';

const KEY = layersKey(stateKey(PROD));

interface Told {
  readonly findings: readonly Finding[];
  readonly outcome: CompletedRun['outcome'];
  readonly shortfalls: readonly string[];
}

/** A run of a day of March that finds these containers. */
async function run(
  store: MemoryStore,
  day: number,
  found: readonly Written[] | ClusterResult,
  { once = true }: { readonly once?: boolean } = {},
): Promise<Told> {
  const identity = runOf(day);
  const result = 'findings' in found ? found : measured(identity.now, found);
  const done = await deliver({ store, run: identity, results: [result], config: measuring, once });
  if (done.outcome === 'done-before') return { findings: [], outcome: done.outcome, shortfalls: [] };
  const { run: recorded, shortfalls } = done.recorded;
  return {
    findings: drifted(recorded.clusters.flatMap(({ findings }) => findings)),
    outcome: done.outcome,
    shortfalls: shortfalls.map(({ part, problem }) => `${part}: ${problem}`),
  };
}

const growth = ({ findings: [finding] }: Told) => {
  const { grownBytes, grownInodes, grownSince, aboveBaseSince } = finding?.evidence ?? {};
  return { grownBytes, grownInodes, grownSince, aboveBaseSince };
};

const NONE = {
  grownBytes: undefined,
  grownInodes: undefined,
  grownSince: undefined,
  aboveBaseSince: undefined,
};

const at = (day: number): string => new Date(runOf(day).now).toISOString();

describe('layers that are measured from run to run', () => {
  test('a layer that was no finding is known when it becomes one, with the run that first saw it written to', async () => {
    const store = memoryStore();
    expect((await run(store, 1, [{ bytes: 8192, inodes: 5 }])).findings).toEqual([]);
    expect((await run(store, 8, [{ bytes: MIB }])).findings).toEqual([]);
    expect((await run(store, 15, [{ bytes: 9 * MIB, inodes: 60 }])).findings).toEqual([]);
    const found = await run(store, 22, [{ bytes: 48 * MIB, inodes: 412 }]);
    expect(growth(found)).toEqual({
      grownBytes: 39 * MIB,
      grownInodes: 352,
      grownSince: at(15),
      aboveBaseSince: at(8),
    });
    expect(found.findings[0]?.message).toBe(
      'Container app wrote 48 MiB since 20 Feb (39 MiB since 15 Mar). The limit is 10 MiB.',
    );
  });

  test('the file says of every layer what it holds, since when, and what it held before', async () => {
    const store = memoryStore();
    await run(store, 1, [{ bytes: MIB }]);
    await run(store, 8, [{ bytes: 2 * MIB, inodes: 60 }]);
    expect(await keptLayers(store)).toEqual({
      header: { layersVersion: 1, run: runOf(8).id, at: at(8) },
      rows: [
        {
          workload: { namespace: 'shop', kind: 'StatefulSet', name: 'cart' },
          container: 'app',
          pod: 'cart-0',
          startedAt: '2026-02-20T09:30:00.000Z',
          sampledAt: '2026-03-08T05:59:58.000Z',
          bytes: 2 * MIB,
          inodes: 60,
          at: at(8),
          aboveBaseSince: at(1),
          before: { at: at(1), bytes: MIB, inodes: 40 },
        },
      ],
    });
  });

  test('a container that was started anew did not grow, nor did a replica of the same start', async () => {
    const store = memoryStore();
    await run(store, 1, [{ bytes: MIB }, { pod: '1', bytes: 40 * MIB }]);
    const startedAt = STARTED + 60_000;
    const anew = await run(store, 8, [
      { bytes: 50 * MIB, startedAt },
      { pod: '1', bytes: 1024 },
    ]);
    expect(anew.findings).toHaveLength(1);
    expect(growth(anew)).toEqual(NONE);
    const other = await run(store, 15, [
      { bytes: 1024, startedAt: STARTED + 120_000 },
      { pod: '2', bytes: 60 * MIB },
    ]);
    expect(growth(other)).toEqual(NONE);
  });

  test('a container that could not be measured once is still known', async () => {
    const store = memoryStore();
    await run(store, 1, [{ bytes: MIB }]);
    await run(store, 8, [{ bytes: null }]);
    expect(growth(await run(store, 15, [{ bytes: 20 * MIB }]))).toMatchObject({
      grownBytes: 19 * MIB,
      grownSince: at(1),
      aboveBaseSince: at(1),
    });
  });

  test('a container that is gone is forgotten, where all that run were measured', async () => {
    const store = memoryStore();
    await run(store, 1, [{ bytes: MIB }, { pod: '1', bytes: MIB }, { name: 'erp', bytes: MIB }]);
    await run(store, 8, [{ bytes: MIB }]);
    expect((await keptLayers(store))?.rows.map(({ pod }) => pod)).toEqual(['cart-0']);
  });

  test('a run that does not measure leaves what is known as it is', async () => {
    const store = memoryStore();
    await run(store, 1, [{ bytes: MIB }]);
    const { layers: _, ...unmeasured } = measured(runOf(8).now, [{ bytes: MIB }]);
    await run(store, 8, unmeasured);
    expect(growth(await run(store, 15, [{ bytes: 20 * MIB }]))).toMatchObject({ grownSince: at(1) });
  });

  test('the order in which workloads and pods are read is irrelevant', async () => {
    const names = ['cart', 'billing', 'zoo', 'api'];
    const first = names.map((name): Written => ({ name, bytes: MIB }));
    const [forth, back] = [memoryStore(), memoryStore()];
    await run(forth, 1, first);
    await run(back, 1, first.toReversed());
    expect(back.objects.get(KEY)).toEqual(forth.objects.get(KEY));
    const second = names.map((name, index): Written => ({ name, bytes: (20 + index) * MIB }));
    const told = await run(forth, 8, second);
    const grown = told.findings.map(({ workload, evidence }) => [workload.name, evidence['grownBytes']]);
    expect(Object.fromEntries(grown)).toEqual({
      cart: 19 * MIB,
      billing: 20 * MIB,
      zoo: 21 * MIB,
      api: 22 * MIB,
    });
  });
});

describe('a run that is repeated', () => {
  test('a run that is repeated by hand does not take itself for the last one', async () => {
    const store = memoryStore();
    await run(store, 1, [{ bytes: MIB }]);
    const found = [{ bytes: 20 * MIB }];
    const once = growth(await run(store, 8, found, { once: false }));
    expect(once).toMatchObject({ grownBytes: 19 * MIB, grownSince: at(1) });
    expect(growth(await run(store, 8, found, { once: false }))).toEqual(once);
  });

  test('a first run that is repeated by hand has nothing to compare with', async () => {
    const store = memoryStore();
    await run(store, 1, [{ bytes: 20 * MIB }], { once: false });
    expect(growth(await run(store, 1, [{ bytes: 20 * MIB }], { once: false }))).toEqual(NONE);
  });

  test('a run that is interrupted before any of its writes ends with the layers and the growth of an undisturbed one', async () => {
    const before = memoryStore();
    await run(before, 1, [{ bytes: MIB }]);
    const expected = memoryStore({ objects: before.objects });
    const undisturbed = await run(expected, 8, [{ bytes: 20 * MIB }]);
    const writes = expected.order.length;
    const after: unknown[] = [];
    for (let failAt = 0; failAt < writes; failAt++) {
      const broken = memoryStore({ objects: before.objects, beforeWrite: failingAt(failAt) });
      await run(broken, 8, [{ bytes: 20 * MIB }]).catch(() => {});
      const store = memoryStore({ objects: broken.objects });
      await run(store, 8, [{ bytes: 20 * MIB }]);
      expect({ failAt, kept: await keptLayers(store) }).toEqual({ failAt, kept: await keptLayers(expected) });
      expect(recordProblems(store.objects)).toEqual([]);
      const next = await run(store, 15, [{ bytes: 21 * MIB }]);
      after.push(growth(next));
    }
    expect(growth(undisturbed)).toMatchObject({ grownBytes: 19 * MIB });
    for (const grown of after) {
      expect(grown).toMatchObject({ grownBytes: MIB, grownSince: at(8), aboveBaseSince: at(1) });
    }
  });

  test('a run that ends after a later one does not put back what that one measured', async () => {
    const store = memoryStore();
    await run(store, 15, [{ bytes: 3 * MIB }]);
    const late = await run(store, 8, [{ bytes: 20 * MIB }]);
    expect(growth(late)).toEqual(NONE);
    expect((await keptLayers(store))?.header).toMatchObject({ run: runOf(15).id });
  });
});

describe('a file of layers that cannot be used', () => {
  const afterFirst = async (): Promise<MemoryStore> => {
    const store = memoryStore();
    await run(store, 1, [{ bytes: MIB }]);
    return store;
  };
  const found = [{ bytes: 20 * MIB }];

  test.each([
    ['is damaged', Buffer.from('x')],
    ['is empty', gzipSync('')],
    [
      'has a row that is none',
      gzipSync(`{"layersVersion":1,"run":"${runOf(1).id}","at":"${at(1)}"}\n{"pod":1}\n`),
    ],
  ])('a file that %s costs growth, is said, and is written anew', async (_, content) => {
    const before = await afterFirst();
    const store = memoryStore({ objects: new Map([...before.objects, [KEY, content]]) });
    const told = await run(store, 8, found);
    expect(told.findings).toHaveLength(1);
    expect(growth(told)).toEqual(NONE);
    expect(told.shortfalls.join()).toContain('the measured layers of cluster prod: The layers that the last');
    expect(growth(await run(store, 15, [{ bytes: 21 * MIB }]))).toMatchObject({ grownBytes: MIB });
  });

  test('a file that was deleted costs growth', async () => {
    const { objects } = await afterFirst();
    const store = memoryStore({ objects: new Map([...objects].filter(([key]) => key !== KEY)) });
    const told = await run(store, 8, found);
    expect([told.outcome, growth(told), told.shortfalls]).toEqual(['done', NONE, []]);
  });

  test('a file of a later version is neither read nor overwritten', async () => {
    const later = gzipSync(`{"layersVersion":2,"run":"a","at":"${at(1)}"}\n`);
    const { objects } = await afterFirst();
    const store = memoryStore({ objects: new Map([...objects, [KEY, later]]) });
    const told = await run(store, 8, found);
    expect(growth(told)).toEqual(NONE);
    expect(told.shortfalls.join()).toContain('were written by a later version of the program');
    expect(store.objects.get(KEY)).toEqual(later);
  });

  test.each(['read', 'write'] as const)('a refusal to %s it costs growth, and no finding', async (what) => {
    const refuse = (key: string): void => {
      if (key === KEY) throw new AuditorError('AccessDenied.');
    };
    const { objects } = await afterFirst();
    const store = memoryStore({
      objects,
      ...(what === 'read' ? { beforeRead: refuse } : { beforeWrite: refuse }),
    });
    const told = await run(store, 8, found);
    expect(told.findings).toHaveLength(1);
    expect(told.outcome).toBe('unrecorded');
    expect(told.shortfalls).toContain('the measured layers of cluster prod: AccessDenied.');
    expect(linesOf(store.objects.get(stateKey(PROD)))[0]).toMatchObject({ run: runOf(8).id });
  });
});

describe('whose layers they are', () => {
  test('a cluster that took the place of another one has grown from nothing', async () => {
    const created = (result: ClusterResult, createdAt: string): ClusterResult => ({
      ...result,
      cluster: { ...result.cluster, createdAt },
    });
    const store = memoryStore();
    await run(store, 1, created(measured(runOf(1).now, [{ bytes: MIB }]), '2025-01-01T00:00:00.000Z'));
    const anew = created(measured(runOf(8).now, [{ bytes: 20 * MIB }]), '2026-03-02T00:00:00.000Z');
    expect(growth(await run(store, 8, anew))).toEqual(NONE);
    expect((await keptLayers(store))?.rows).toMatchObject([{ before: null, aboveBaseSince: at(8) }]);
  });

  test('clusters of one name without an ARN keep their own files', async () => {
    const of = (uid: string) => ({ ...PROD, arn: null, accountId: null, region: null, uid });
    const store = memoryStore();
    const bytes = { a: MIB, b: 2 * MIB };
    const results = (['a', 'b'] as const).map((uid) =>
      measured(runOf(1).now, [{ bytes: bytes[uid] }], of(uid)),
    );
    await deliver({ store, run: runOf(1), results, config: measuring });
    for (const uid of ['a', 'b'] as const) {
      expect((await keptLayers(store, of(uid)))?.rows).toMatchObject([{ bytes: bytes[uid] }]);
    }
  });
});

describe('layers of a fleet', () => {
  const names = ['cart', 'api', 'zoo', 'billing'];
  const shard = (index: number) => ({ index, count: 2 });

  /** Two parts, each audited and stored by a function of its own, and joined by a third. */
  async function joined(
    store: MemoryStore,
    day: number,
    written: readonly Written[],
  ): Promise<ClusterResult> {
    const { now, ...identity } = runOf(day);
    const parts = [0, 1].map((index) => ({
      index,
      result: measured(
        now,
        written.filter((_, at) => at % 2 === index),
      ),
    }));
    for (const { index, result } of parts) {
      await storeResult(
        store,
        { run: identity, shard: shard(index) },
        { result, inventory: null, shortfalls: [] },
      );
    }
    const read = await Promise.all(
      parts.map(({ index }) => readResult(store, identity, { cluster: PROD, shard: shard(index) })),
    );
    const [first, ...others] = read.flatMap((found) => found?.result ?? []);
    if (first === undefined) throw new Error('no part was stored');
    expect(first.layers).toMatchObject({ packed: [], stored: [expect.stringContaining('layers-shard-')] });
    return joinShards([first, ...others]);
  }

  test('the layers of parts become one file, by which the next run tells growth', async () => {
    const store = memoryStore();
    const first = names.map((name): Written => ({ name, bytes: MIB }));
    await run(store, 1, await joined(store, 1, first));
    const whole = memoryStore();
    await run(whole, 1, first);
    expect(store.objects.get(KEY)).toEqual(whole.objects.get(KEY));
    const second = names.map((name): Written => ({ name, bytes: 20 * MIB }));
    const told = await run(store, 8, await joined(store, 8, second));
    expect(told.findings.map(({ evidence }) => evidence['grownBytes'])).toEqual(names.map(() => 19 * MIB));
  });

  test('a note that the store refuses costs the part its growth, and not its result', async () => {
    const store = memoryStore({
      beforeWrite: (key) => {
        if (key.includes('/layers.ndjson')) throw new AuditorError('AccessDenied.');
      },
    });
    const { now, ...identity } = runOf(1);
    const found = { result: measured(now, [{ bytes: 20 * MIB }]), inventory: null, shortfalls: [] };
    const { result, shortfalls } = await storeResult(store, { run: identity, shard: null }, found);
    expect(shortfalls).toEqual([{ part: 'the measured layers of cluster prod', problem: 'AccessDenied.' }]);
    expect(drifted(result.findings)).toHaveLength(1);
    expect((await run(store, 1, result)).findings).toHaveLength(1);
  });
});
