import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { sbomIndexKey } from '../../../lambda/store/layout.ts';
import { addCollected, type CollectedImage, readCollected } from '../../../lambda/store/sbom/collected.ts';
import {
  addToIndex,
  hasPart,
  type IndexEntry,
  partsText,
  readShard,
  SHARD_BYTES,
  shardOf,
  shortDigest,
} from '../../../lambda/store/sbom/index-shards.ts';
import { type MemoryStore, memoryStore } from '../memory-store.ts';

const entry = (name: string, image: string, version = '1.0'): IndexEntry => ({
  key: name,
  name,
  version,
  purl: `pkg:npm/${name}@${version}`,
  image,
});

const imagesOf = async (store: MemoryStore, name: string): Promise<readonly string[]> =>
  (await readShard(store, shardOf(name))).filter((row) => row.name === name).flatMap(({ images }) => images);

describe('the index of packages', () => {
  test('a package of a second image is added to the first', async () => {
    const store = memoryStore();
    await addToIndex(store, [entry('lodash', 'aaaa')]);
    await addToIndex(store, [entry('lodash', 'bbbb'), entry('other', 'bbbb')]);
    expect(await imagesOf(store, 'lodash')).toEqual(['aaaa', 'bbbb']);
    expect(await imagesOf(store, 'other')).toEqual(['bbbb']);
  });

  test('adding the same again writes nothing', async () => {
    const store = memoryStore();
    await addToIndex(store, [entry('lodash', 'aaaa')]);
    await addToIndex(store, [entry('lodash', 'aaaa')]);
    expect(store.order).toEqual([sbomIndexKey(shardOf('lodash'))]);
  });

  test('each part is written once, however many packages are added', async () => {
    const store = memoryStore();
    const entries = Array.from({ length: 5000 }, (_, index) => entry(`package-${index}`, 'aaaa'));
    await addToIndex(store, entries);
    expect(new Set(store.order).size).toBe(store.order.length);
    expect(store.order).toHaveLength(256);
    for (const { name } of entries.slice(0, 50)) expect(await imagesOf(store, name)).toEqual(['aaaa']);
  });

  test('what another run adds between reading and writing is kept', async () => {
    const key = sbomIndexKey(shardOf('lodash'));
    let begun = false;
    const store = memoryStore({
      beforeWrite: async () => {
        if (begun) return;
        begun = true;
        await addToIndex(store, [entry('lodash', 'bbbb')]);
      },
    });
    await addToIndex(store, [entry('lodash', 'aaaa')]);
    expect((await imagesOf(store, 'lodash')).toSorted()).toEqual(['aaaa', 'bbbb']);
    expect(store.order).toEqual([key, key]);
  });

  test('packages that are made to meet in one part fill it, and their image is named', async () => {
    const store = memoryStore();
    const long = 'x'.repeat(4000);
    const many = function* (): Generator<IndexEntry> {
      for (let index = 0; index < SHARD_BYTES / 4000 + 100; index++) {
        yield { ...entry(`${index}${long}`, 'hostile'), key: 'same' };
      }
    };
    expect(await addToIndex(store, [{ ...entry('lodash', 'good'), key: 'same' }, ...many()])).toEqual({
      full: new Set(['hostile']),
      late: new Set(),
    });
    expect((await readShard(store, shardOf('same')))[0]).toBeDefined();
    expect(await addToIndex(store, [{ ...entry(`late${long}`, 'late'), key: 'same' }])).toMatchObject({
      full: new Set(['late']),
    });
  });

  test('an index that is damaged is an error, and no empty answer', async () => {
    const store = memoryStore();
    await store.put(sbomIndexKey(0), [Buffer.from('no gzip')], { contentType: 'application/gzip' });
    await expect(readShard(store, 0)).rejects.toThrow(
      'The index of packages in memory://sbom/index/00.ndjson.gz',
    );
  });

  test('parts are written in their order, each once, and found again', () => {
    const text = partsText([171, 3, 171, 16]);
    expect(text).toBe('0310ab');
    expect([3, 16, 171].every((shard) => hasPart(text, shard))).toBe(true);
    expect([0x31, 0x01, 0xba, 0].some((shard) => hasPart(text, shard))).toBe(false);
  });

  test('digests of images are shortened to what tells them apart', () => {
    expect(shortDigest(`sha256:${'ab'.repeat(32)}`)).toBe('abababababababab');
  });
});

describe('the list of collected images', () => {
  const image = (digest: string, searchable = true): CollectedImage => ({
    digest,
    searchable,
    reason: searchable ? null : 'why',
    documents: [],
    parts: '',
    collectedAt: '2026-01-01T00:00:00.000Z',
    again: false,
  });

  test('runs that end together lose nothing of each other', async () => {
    let begun = false;
    const store = memoryStore({
      beforeWrite: async () => {
        if (begun) return;
        begun = true;
        await addCollected(store, [image('sha256:b')]);
      },
    });
    await addCollected(store, [image('sha256:a')]);
    expect([...(await readCollected(store)).keys()]).toEqual(['sha256:a', 'sha256:b']);
  });

  test('an image that is collected again is replaced', async () => {
    const store = memoryStore();
    await addCollected(store, [image('sha256:a', false)]);
    await addCollected(store, [image('sha256:a')]);
    expect((await readCollected(store)).get('sha256:a')?.searchable).toBe(true);
  });

  test('an image of an earlier version, which did not note its parts or went by other rules, is collected again and not searched', async () => {
    const store = memoryStore();
    const { parts: _, ...former } = image('sha256:a');
    for (const row of [
      former,
      { ...former, rules: 2 },
      image('sha256:a'),
      { ...image('sha256:a'), rules: 1 },
    ]) {
      const bytes = gzipSync(`${JSON.stringify(row)}\n`);
      await store.put('sbom/collected.ndjson.gz', [bytes], { contentType: 'application/gzip' });
      expect((await readCollected(store)).get('sha256:a')).toEqual({
        ...former,
        searchable: false,
        reason: 'Its SBOM was collected by an earlier version; the next run collects it again.',
        parts: '',
        again: true,
      });
    }
  });

  test('a list that is damaged is an error', async () => {
    const store = memoryStore();
    await store.put('sbom/collected.ndjson.gz', [Buffer.from('{}')], { contentType: 'application/gzip' });
    await expect(readCollected(store)).rejects.toThrow('The list of collected SBOMs in memory://');
  });
});
