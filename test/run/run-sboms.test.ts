import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { startBudget } from '../../lambda/audit/budget.ts';
import { parseConfig } from '../../lambda/config/load.ts';
import { AuditorError, ReadError } from '../../lambda/errors.ts';
import { DAY } from '../../lambda/inventory/durations.ts';
import type { SbomPlace } from '../../lambda/inventory/images.ts';
import type { Shortfall } from '../../lambda/report/news.ts';
import { finishSboms, openSboms } from '../../lambda/run/run-sboms.ts';
import { sbomDocumentKey } from '../../lambda/store/layout.ts';
import { readCollected } from '../../lambda/store/sbom/collected.ts';
import { readShard, shardOf } from '../../lambda/store/sbom/index-shards.ts';
import { spdx2 } from '../sbom/documents.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { aRegistry } from './sbom-registry.ts';

const NOW = Date.parse('2026-03-01T06:00:00Z');
const LIST = 'sbom/collected.ndjson.gz';
const COLLECT = parseConfig('images: { registry: sbom-collect }', 'f', []);
const DIGESTS = ['1', '2', '3', '4', '5', '6'].map((digit) => `sha256:${digit.repeat(64)}`);

/** An image for each digest, with an SBOM of its own. */
function images() {
  const of = aRegistry();
  const places = new Map<string, SbomPlace>(
    DIGESTS.map((digest, at) => [
      digest,
      of.attach(digest, spdx2([{ name: 'lodash', version: `4.0.${at}` }])),
    ]),
  );
  return { ...of, places };
}
type Images = ReturnType<typeof images>;

interface Ran {
  readonly shortfalls: readonly Shortfall[];
  readonly collected: readonly string[];
}

/** What a run does about SBOMs, beside all else. */
async function aRun(store: MemoryStore, { registry, places }: Images, now = NOW): Promise<Ran> {
  const shortfalls: Shortfall[] = [];
  const sboms = await openSboms({ store, config: COLLECT, now }, shortfalls);
  for (const [digest, place] of places) await sboms?.take(digest, { places: [place], left: null }, registry);
  await finishSboms(sboms, shortfalls);
  const all = [...(await readCollected(memoryStore({ objects: store.objects }))).values()];
  return { shortfalls, collected: all.filter(({ searchable }) => searchable).map(({ digest }) => digest) };
}

const PART = 'the SBOMs of running images';
const versionsIn = async (store: MemoryStore): Promise<readonly (string | null)[]> =>
  (await readShard(store, shardOf('lodash'))).map(({ version }) => version);

const refusing = (isRefused: (key: string) => boolean, objects?: MemoryStore['objects']) => {
  const refuse = (key: string): void => {
    if (isRefused(key)) throw new AuditorError(`AWS denies ${key}.`);
  };
  return memoryStore({ beforeWrite: refuse, beforeRead: refuse, ...(objects && { objects }) });
};

describe('the SBOMs of a run', () => {
  test.each(['off', 'metadata', 'sbom-presence'])(
    'with images.registry: %s none are collected',
    async (level) => {
      const config = parseConfig(`images: { registry: ${level} }`, 'f', []);
      expect(await openSboms({ store: memoryStore(), config, now: NOW }, [])).toBeNull();
    },
  );

  test('a run that is repeated writes nothing again', async () => {
    const of = images();
    const store = memoryStore();
    const first = await aRun(store, of);
    expect(first).toEqual({ shortfalls: [], collected: DIGESTS });
    const written = store.order.length;
    expect(await aRun(store, of)).toEqual(first);
    expect(store.order.length).toBe(written);
    expect(await versionsIn(store)).toEqual(['4.0.0', '4.0.1', '4.0.2', '4.0.3', '4.0.4', '4.0.5']);
  });

  test('two runs at once lose nothing of each other', async () => {
    const of = images();
    const store = memoryStore();
    const shortfalls: Shortfall[] = [];
    const open = () => openSboms({ store, config: COLLECT, now: NOW }, shortfalls);
    const both = [await open(), await open()];
    for (const [at, [digest, place]] of [...of.places].entries()) {
      await both[at % 2]?.take(digest, { places: [place], left: null }, of.registry);
    }
    await Promise.all(both.map((sboms) => finishSboms(sboms, shortfalls)));
    expect(shortfalls).toEqual([]);
    expect([...(await readCollected(store)).keys()]).toEqual(DIGESTS);
    expect(await versionsIn(store)).toHaveLength(6);
  });
});

describe('a store that refuses something of the SBOMs', () => {
  test.each([
    ['refused', refusing((key) => key === LIST), `AWS denies ${LIST}.`],
    [
      'damaged',
      memoryStore({ objects: new Map([[LIST, Buffer.from('not gzip')]]) }),
      `The list of collected SBOMs in memory://${LIST} cannot be read.`,
    ],
  ])('a list that is %s is said with the run, which goes on', async (_, store, problem) => {
    const shortfalls: Shortfall[] = [];
    const sboms = await openSboms({ store, config: COLLECT, now: NOW }, shortfalls);
    expect(sboms).toBeNull();
    await finishSboms(sboms, shortfalls);
    expect(shortfalls).toEqual([{ part: PART, problem }]);
    expect(store.order).toEqual([]);
  });

  test('one document that is refused in every run costs its own image and no other', async () => {
    const of = images();
    const [first = ''] = [...of.places.values()].map(({ blob }) => sbomDocumentKey(blob.digest));
    let objects: MemoryStore['objects'] = new Map();
    for (const now of [NOW, NOW + DAY]) {
      const store = refusing((key) => key === first, objects);
      expect(await aRun(store, of, now)).toEqual({
        shortfalls: [{ part: PART, problem: `AWS denies ${first}.` }],
        collected: DIGESTS.slice(1),
      });
      objects = store.objects;
    }
    // What is not searchable is asked for as soon as the store takes it.
    expect(await aRun(memoryStore({ objects }), of, NOW + 2 * DAY)).toEqual({
      shortfalls: [],
      collected: DIGESTS,
    });
  });

  test('one that refuses all documents is not asked for each of them', async () => {
    const of = images();
    let refused = 0;
    const store = refusing((key) => key.startsWith('sbom/documents/') && ++refused > 0);
    expect(await aRun(store, of)).toEqual({
      shortfalls: [{ part: PART, problem: expect.stringContaining('AWS denies sbom/documents/') }],
      collected: [],
    });
    expect(refused).toBe(3);
  });

  test('a part of the index that is refused leaves images to be collected again', async () => {
    const of = images();
    const store = refusing((key) => key.startsWith('sbom/index/'));
    expect(await aRun(store, of)).toMatchObject({ shortfalls: [{ part: PART }], collected: [] });
    const next = memoryStore({ objects: store.objects });
    expect(await aRun(next, of)).toEqual({ shortfalls: [], collected: DIGESTS });
    expect(await versionsIn(next)).toHaveLength(6);
  });

  test('a defect is none of its refusals', async () => {
    const store = memoryStore({
      beforeWrite: (key) => {
        if (key === LIST) throw new TypeError('undefined is not a function');
      },
    });
    await expect(aRun(store, images())).rejects.toThrow(TypeError);
  });
});

test('the index ends with its time, so that the record has its own, and the next run goes on with it', async () => {
  const of = images();
  const budget = startBudget(30_000);
  try {
    const delays: string[] = [];
    const slow = memoryStore({
      beforeWrite: async (key) => {
        if (!key.startsWith('sbom/index/')) return;
        delays.push(key);
        await sleep(150);
      },
    });
    const run = async (store: MemoryStore): Promise<readonly Shortfall[]> => {
      const shortfalls: Shortfall[] = [];
      const sboms = await openSboms({ store, config: COLLECT, now: NOW }, shortfalls);
      for (const [digest, place] of of.places) {
        const many = of.attach(digest, spdx2(Array.from({ length: 200 }, (_, at) => ({ name: `p${at}` }))));
        await sboms?.take(digest, { places: [place, many], left: null }, of.registry);
      }
      await finishSboms(sboms, shortfalls, { signal: budget.signal, leastMs: 100 });
      return shortfalls;
    };
    expect(await run(slow)).toEqual([
      {
        part: PART,
        problem: 'There was no time left to index those of 6 images; the next run does it.',
      },
    ]);
    expect(delays.length).toBeLessThanOrEqual(4);
    const left = [...(await readCollected(memoryStore({ objects: slow.objects }))).values()];
    expect(left).toHaveLength(6);
    for (const image of left) {
      expect(image).toMatchObject({
        searchable: false,
        again: true,
        reason: 'The run had no time to index its packages; the next one does it.',
      });
    }
    const next = memoryStore({ objects: slow.objects });
    expect(await aRun(next, of, NOW + 1)).toEqual({ shortfalls: [], collected: DIGESTS });
  } finally {
    budget.close();
  }
});

test('what a run had no time for is not searchable, and the next run collects it', async () => {
  const of = images();
  const store = memoryStore();
  const late = DIGESTS.slice(3);
  const documents = new Map(late.map((digest) => [digest, of.places.get(digest)?.blob.digest ?? '']));
  for (const document of documents.values()) {
    of.refuse(document, new ReadError('out-of-time', 'The run ran out of time.', 'Give it more.'));
  }
  expect(await aRun(store, of)).toEqual({ shortfalls: [], collected: DIGESTS.slice(0, 3) });
  const waiting = await readCollected(store);
  for (const digest of late) {
    expect(waiting.get(digest)).toMatchObject({
      searchable: false,
      again: true,
      reason: expect.stringContaining('ran out of time'),
    });
  }
  const again = images();
  expect(await aRun(store, again, NOW + 1)).toEqual({ shortfalls: [], collected: DIGESTS });
  // The others are not asked for again.
  expect(again.asked.filter((asked) => DIGESTS.slice(0, 3).includes(asked))).toEqual([]);
});
