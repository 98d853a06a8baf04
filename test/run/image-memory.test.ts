import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { AuditorError } from '../../lambda/errors.ts';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import type { KnownImages } from '../../lambda/registry/known.ts';
import { imageMemory } from '../../lambda/run/image-memory.ts';
import { imagesKey } from '../../lambda/store/layout.ts';
import { ACCOUNT, DAY, digestOf, NOW, read, running } from '../registry/read-from.ts';
import { type MemoryOptions, memoryStore } from '../store/memory-store.ts';
import type { StoredRegistry } from '../support/ecr-server.ts';

const CLUSTER: ClusterIdentity = {
  name: 'shop-prod',
  arn: `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/shop-prod`,
  accountId: ACCOUNT,
  region: 'eu-west-1',
};
const KEY = imagesKey(CLUSTER, null);
const PUSHED = NOW - 40 * DAY;
const A = digestOf('a');
const BY_DIGEST = running(`app@${A}`, A);
const BY_TAG = running('app:1', A);
/** Enhanced scanning is not in the answers about images, so that nothing is asked of what is known. */
const REGISTRY: StoredRegistry = {
  scanType: 'ENHANCED',
  coverage: { [`app@${A}`]: { status: 'ACTIVE', reason: 'SUCCESSFUL', lastScannedAt: NOW - DAY } },
  repositories: { app: { images: [{ digest: A, tags: ['1'], pushedAt: PUSHED }] } },
};

/** One run with the memory of a store, as the audit of a cluster has it. */
async function aRun(
  store: ReturnType<typeof memoryStore>,
  registry = REGISTRY,
  image = BY_DIGEST,
  now = NOW,
) {
  const ran = await read(registry, [image], { memory: imageMemory(store, CLUSTER), now });
  return { facts: ran.of(image), described: ran.server.count('ecr:DescribeImages') };
}

describe('the memory of images between runs', () => {
  test('what does not change with a digest is asked for once', async () => {
    const store = memoryStore();
    const [first, second] = [await aRun(store), await aRun(store)];
    expect([first.described, second.described]).toEqual([1, 0]);
    expect(second.facts).toEqual(first.facts);
    expect(JSON.parse(gunzipSync(store.objects.get(KEY) ?? '').toString())).toEqual({
      version: 1,
      images: {
        [`ecr/${ACCOUNT}/eu-west-1/app@${A}`]: expect.objectContaining({ pushedAt: PUSHED, seenAt: NOW }),
      },
    });
  });

  test('tags and scans are asked for in every run, whatever is remembered', async () => {
    const store = memoryStore();
    expect((await aRun(store, REGISTRY, BY_TAG)).facts.tag).toMatchObject({ value: { match: 'same' } });
    const images = [{ digest: digestOf('b'), tags: ['1'], pushedAt: NOW }];
    const moved = { ...REGISTRY, coverage: {}, repositories: { app: { images } } };
    const { facts } = await aRun(store, moved, BY_TAG);
    expect(facts.tag).toMatchObject({ value: { digest: digestOf('b'), match: 'other' } });
    expect(facts.scan).toMatchObject({ value: { state: 'NONE' } });
  });

  test.each([
    ['lost', () => null],
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 12)],
    ['empty', () => Buffer.alloc(0)],
    ['not compressed', (bytes: Buffer) => gunzipSync(bytes)],
    ['another document', () => gzipSync('{"version":1,"images":[]}')],
    ['no JSON', () => gzipSync('images')],
    [
      'of another version',
      (bytes: Buffer) => gzipSync(gunzipSync(bytes).toString().replace('"version":1', '"version":9')),
    ],
    [
      'of wrong types',
      (bytes: Buffer) =>
        gzipSync(gunzipSync(bytes).toString().replace(`"pushedAt":${PUSHED}`, '"pushedAt":"long ago"')),
    ],
  ])('one that is %s makes all be asked for, and is written anew', async (_, damage) => {
    const whole = memoryStore();
    const first = await aRun(whole);
    const bytes = damage(Buffer.from(whole.objects.get(KEY) ?? ''));
    const store = memoryStore({ objects: new Map(bytes === null ? [] : [[KEY, bytes]]) });
    const second = await aRun(store);
    expect(second.described).toBe(1);
    expect(second.facts).toEqual(first.facts);
    expect(store.objects.get(KEY)).toEqual(whole.objects.get(KEY));
  });

  test('a store that refuses it costs requests and no verdict', async () => {
    const refuse = (): never => {
      throw new AuditorError('AWS denies s3:GetObject.');
    };
    const first = await aRun(memoryStore());
    for (const options of [{ beforeRead: refuse }, { beforeWrite: refuse }] satisfies MemoryOptions[]) {
      expect((await aRun(memoryStore(options))).facts).toEqual(first.facts);
    }
  });

  test('a defect of the store is no refusal', async () => {
    const broken = (): never => {
      throw new TypeError('undefined is not a function');
    };
    for (const options of [{ beforeRead: broken }, { beforeWrite: broken }] satisfies MemoryOptions[]) {
      await expect(aRun(memoryStore(options))).rejects.toThrow(TypeError);
    }
  });

  test('two runs at once keep what the last of them knows; what it does not is asked for again', async () => {
    const store = memoryStore();
    const [one, other] = [imageMemory(store, CLUSTER), imageMemory(store, CLUSTER)];
    const before = await Promise.all([one.read(), other.read()]);
    expect(before.map(({ size }) => size)).toEqual([0, 0]);
    const known = (name: string): KnownImages => new Map([[name, { seenAt: NOW, pushedAt: PUSHED }]]);
    await one.write(known('one'));
    await other.write(known('other'));
    expect(await one.read()).toEqual(known('other'));
  });

  test('each cluster and each part of it has its own', async () => {
    const store = memoryStore();
    const others = [
      imageMemory(store, { ...CLUSTER, region: 'us-east-1' }),
      imageMemory(store, CLUSTER, { index: 1, count: 2 }),
    ];
    await imageMemory(store, CLUSTER).write(new Map([['app', { seenAt: NOW }]]));
    for (const other of others) expect((await other.read()).size).toBe(0);
  });

  test('what no run has seen for two months is forgotten', async () => {
    const store = memoryStore();
    await aRun(store);
    const other = running(`other@${A}`, A);
    const both = {
      ...REGISTRY,
      repositories: { ...REGISTRY.repositories, other: { images: [{ digest: A, pushedAt: PUSHED }] } },
    };
    const names = async () =>
      [...(await imageMemory(store, CLUSTER).read()).keys()].map(
        (key) => key.split('/').at(-1)?.split('@')[0],
      );
    await aRun(store, both, other, NOW + 59 * DAY);
    expect(await names()).toEqual(['app', 'other']);
    await aRun(store, both, other, NOW + 60 * DAY);
    expect(await names()).toEqual(['other']);
  });
});
