import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { AuditorError, ReadError } from '../../lambda/errors.ts';
import { DAY } from '../../lambda/inventory/durations.ts';
import type { SbomPlace } from '../../lambda/inventory/images.ts';
import { openSbomCollector } from '../../lambda/run/collect-sboms.ts';
import { sbomDocumentKey, sbomImageKey } from '../../lambda/store/layout.ts';
import { readCollected } from '../../lambda/store/sbom/collected.ts';
import { readShard, shardOf } from '../../lambda/store/sbom/index-shards.ts';
import { cycloneDx, spdx2, statement } from '../sbom/documents.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { aRegistry, descriptor } from './sbom-registry.ts';

const NOW = Date.parse('2026-03-01T06:00:00Z');
const IMAGE = `sha256:${'1'.repeat(64)}`;
const ARM = `sha256:${'a'.repeat(64)}`;
const AMD = `sha256:${'b'.repeat(64)}`;
const LODASH = { name: 'lodash', version: '4.17.20', purl: 'pkg:npm/lodash@4.17.20' };
const DENIED = new ReadError('forbidden', 'The registry refuses it.', 'Allow it.');

const imageIn = async (store: MemoryStore, digest = IMAGE) => (await readCollected(store)).get(digest);

async function collected(
  places: readonly SbomPlace[],
  { registry }: ReturnType<typeof aRegistry>,
  left: string | null = null,
) {
  const store = memoryStore();
  const collector = await openSbomCollector(store, NOW);
  await collector.take(IMAGE, { places, left }, registry);
  await collector.finish();
  return { store, image: await imageIn(store) };
}

describe('SBOMs that are collected', () => {
  test('a document is kept as it was found, its packages as rows and in the index', async () => {
    const of = aRegistry();
    const place = of.attach(IMAGE, spdx2([LODASH]));
    const { store, image } = await collected([place], of);
    expect(image).toEqual({
      digest: IMAGE,
      searchable: true,
      reason: null,
      documents: [
        {
          digest: place.blob.digest,
          title: 'SPDX 2.3',
          via: 'referrer',
          subject: IMAGE,
          packages: 1,
          problem: null,
        },
      ],
      parts: '94',
      collectedAt: '2026-03-01T06:00:00.000Z',
      again: false,
    });
    const bytes = (key: string): string =>
      gunzipSync(store.objects.get(key) ?? Buffer.alloc(0)).toString('utf8');
    expect(JSON.parse(bytes(sbomDocumentKey(place.blob.digest)))).toEqual(spdx2([LODASH]));
    expect(JSON.parse(bytes(sbomImageKey(IMAGE)))).toEqual({
      digest: IMAGE,
      purl: LODASH.purl,
      type: 'npm',
      namespace: null,
      name: 'lodash',
      version: '4.17.20',
      document: place.blob.digest,
    });
    expect(await readShard(store, shardOf('lodash'))).toEqual([{ ...LODASH, images: ['1'.repeat(16)] }]);
  });

  test('an image counts as collected only when its packages are in the index', async () => {
    const of = aRegistry();
    const store = memoryStore();
    const collector = await openSbomCollector(store, NOW);
    await collector.take(IMAGE, { places: [of.attach(IMAGE, spdx2([LODASH]))], left: null }, of.registry);
    expect(await imageIn(store)).toBeUndefined();
    await collector.finish();
    expect(store.order.at(-1)).toBe('sbom/collected.ndjson.gz');
  });

  test('an image is asked for once, in one run and in the next', async () => {
    const of = aRegistry();
    const place = of.attach(IMAGE, spdx2([LODASH]));
    const store = memoryStore();
    for (const now of [NOW, NOW + DAY, NOW + 100 * DAY]) {
      const collector = await openSbomCollector(store, now);
      await collector.take(IMAGE, { places: [place], left: null }, of.registry);
      await collector.take(IMAGE, { places: [place], left: null }, of.registry);
      await collector.finish();
    }
    expect(of.asked).toEqual([IMAGE, place.blob.digest]);
  });

  test('images beyond the limit of a run are left to the next', async () => {
    const of = aRegistry();
    const digests = ['1', '2', '3'].map((digit) => `sha256:${digit.repeat(64)}`);
    const store = memoryStore();
    const sizes: number[] = [];
    for (const now of [NOW, NOW + DAY]) {
      const collector = await openSbomCollector(store, now, { images: 2, packages: 1000 });
      for (const digest of digests)
        await collector.take(
          digest,
          { places: [of.attach(digest, spdx2([LODASH]))], left: null },
          of.registry,
        );
      sizes.push((await collector.finish()).left);
    }
    expect(sizes).toEqual([1, 0]);
    expect((await readCollected(store)).size).toBe(3);
  });

  test('a store that refuses is an error at the end, and keeps no registry from being asked', async () => {
    const of = aRegistry();
    const store = memoryStore({
      beforeWrite: (key) => {
        if (key.startsWith('sbom/documents/')) throw new AuditorError('denied');
      },
    });
    const collector = await openSbomCollector(store, NOW);
    await collector.take(IMAGE, { places: [of.attach(IMAGE, spdx2([LODASH]))], left: null }, of.registry);
    await expect(collector.finish()).rejects.toThrow('denied');
    expect(await imageIn(store)).toBeUndefined();
  });
});

describe('images whose SBOMs cannot answer', () => {
  test('a document that cannot be searched is not made up for by one that can', async () => {
    const of = aRegistry();
    const places = [
      of.attach(IMAGE, spdx2([LODASH])),
      of.attach(IMAGE, '<bom xmlns="http://cyclonedx.org/schema/bom/1.6"/>'),
    ];
    const { image, store } = await collected(places, of);
    expect(image).toMatchObject({
      searchable: false,
      reason: 'An SBOM was found that cannot be searched: CycloneDX XML cannot be searched.',
    });
    expect(await readShard(store, shardOf('lodash'))).toHaveLength(1);
  });

  test('what was not looked at may be the document that lists the package', async () => {
    const of = aRegistry();
    const { image, store } = await collected(
      [of.attach(IMAGE, spdx2([LODASH]))],
      of,
      'More than 50 artifacts refer to it.',
    );
    expect(image).toMatchObject({
      searchable: false,
      reason: 'More than 50 artifacts refer to it.',
      again: false,
    });
    expect(await readShard(store, shardOf('lodash'))).toHaveLength(1);
    expect((await openSbomCollector(store, NOW + 7 * DAY)).wants(IMAGE)).toBe(true);
  });

  test('a statement about another image says nothing of this one', async () => {
    const of = aRegistry();
    const { image, store } = await collected(
      [of.attach(IMAGE, statement(spdx2([LODASH]), 'f'.repeat(64)))],
      of,
    );
    expect(image?.reason).toBe(
      'An SBOM was found that cannot be searched: its statement is about another image.',
    );
    expect(await readShard(store, shardOf('lodash'))).toEqual([]);
  });

  test.each([
    ['both of its platforms', [ARM, AMD], null],
    ['one of its two platforms', [ARM], '1 of its 2 platforms has no SBOM.'],
    [
      'the index itself',
      [IMAGE],
      'An SBOM of its index does not say which of its 2 platforms it describes, and 2 of them have no other one.',
    ],
    ['the index itself and both platforms', [IMAGE, ARM, AMD], null],
  ])('an index with SBOMs of %s', async (_, subjects, reason) => {
    const of = aRegistry();
    const attestation = { 'vnd.docker.reference.type': 'attestation-manifest' };
    of.index(IMAGE, [descriptor(ARM), descriptor(AMD), descriptor(`sha256:${'c'.repeat(64)}`, attestation)]);
    const { image } = await collected(
      subjects.map((subject) => of.attach(subject, cycloneDx([{ ...LODASH, version: subject.slice(-1) }]))),
      of,
    );
    expect(image).toMatchObject({ searchable: reason === null, reason });
  });

  // An SBOM is attached to the index by whoever names the image by its tag, and is mostly of one platform: the tool's own.
  test.each([
    ['by the digest of one platform', [{ version: ARM }], '1 of its 2 platforms has no SBOM.'],
    ['by the digests of both', [{ version: ARM }, { version: AMD }], null],
    [
      'by an architecture',
      [{ purl: `pkg:oci/app@${IMAGE.replace(':', '%3A')}?arch=arm64&tag=1` }],
      '1 of its 2 platforms has no SBOM.',
    ],
    [
      'by both architectures',
      [{ purl: `pkg:oci/app@${IMAGE.replace(':', '%3A')}?arch=arm64` }, { purl: 'pkg:oci/app@1?arch=amd64' }],
      null,
    ],
    [
      'by an architecture that it does not have',
      [{ purl: 'pkg:oci/app@1?arch=riscv64' }],
      '2 of its 2 platforms have no SBOM.',
    ],
  ])(
    'a document at the index counts for the platforms that it says it describes: %s',
    async (_, mains, reason) => {
      const of = aRegistry();
      of.index(IMAGE, [
        { ...descriptor(ARM), platform: { os: 'linux', architecture: 'arm64' } },
        { ...descriptor(AMD), platform: { os: 'linux', architecture: 'amd64' } },
      ]);
      const places = mains.map((main, at) =>
        of.attach(IMAGE, {
          ...cycloneDx([{ ...LODASH, version: `4.0.${at}` }]),
          metadata: { component: { type: 'container', name: 'app', ...main } },
        }),
      );
      const { image, store } = await collected(places, of);
      expect(image).toMatchObject({ searchable: reason === null, reason });
      // What it lists is found all the same.
      expect(await readShard(store, shardOf('lodash'))).toHaveLength(mains.length);
    },
  );

  test('a statement that names the images of an index is about these', async () => {
    const of = aRegistry();
    of.index(IMAGE, [descriptor(ARM), descriptor(AMD)]);
    const about = (digests: readonly string[]) => ({
      ...statement(spdx2([LODASH])),
      subject: digests.map((digest) => ({ name: 'app', digest: { sha256: digest.slice(7) } })),
    });
    const both = await collected([of.attach(IMAGE, about([ARM, AMD]))], of);
    expect(both.image).toMatchObject({ searchable: true });
    const one = await collected([of.attach(IMAGE, about([IMAGE, ARM]))], of);
    expect(one.image?.reason).toBe('1 of its 2 platforms has no SBOM.');
  });

  test('a document at an index of one image is of this image', async () => {
    const of = aRegistry();
    of.index(IMAGE, [descriptor(ARM)]);
    const { image } = await collected([of.attach(IMAGE, spdx2([LODASH]))], of);
    expect(image).toMatchObject({ searchable: true });
  });

  test('documents of more packages than there is memory for are not opened to their end', async () => {
    const of = aRegistry();
    const many = (letter: string) =>
      spdx2(Array.from({ length: 90_000 }, (_, at) => ({ name: `${letter}${at}`, version: '1' })));
    const places = ['a', 'b', 'c', 'd'].map((letter) => of.attach(IMAGE, many(letter)));
    const { image, store } = await collected(places, of);
    expect(image).toMatchObject({
      searchable: false,
      reason: 'Its SBOMs list more than 200,000 packages, and the others were not opened.',
    });
    expect(image?.documents).toHaveLength(3);
    expect(store.objects.has(sbomDocumentKey(places[3]?.blob.digest ?? ''))).toBe(false);
  });

  test('what no node can run is no platform that needs an SBOM, however it is marked', async () => {
    const of = aRegistry();
    const unknown = {
      ...descriptor(`sha256:${'c'.repeat(64)}`),
      platform: { os: 'unknown', architecture: 'unknown' },
    };
    of.index(IMAGE, [descriptor(ARM), unknown]);
    const { image } = await collected([of.attach(ARM, cycloneDx([LODASH]))], of);
    expect(image).toMatchObject({ searchable: true, reason: null });
  });

  test('an index that names nothing that a node can run says nothing of what runs', async () => {
    const of = aRegistry();
    const platform = { os: 'unknown', architecture: 'unknown' };
    of.index(IMAGE, [{ ...descriptor(ARM), platform }]);
    const { image } = await collected([of.attach(ARM, cycloneDx([LODASH]))], of);
    expect(image).toMatchObject({
      searchable: false,
      reason: 'The image names no platform that a node can run.',
    });
  });

  test.each([
    ['refused', DENIED],
    ['not there', null],
  ])('platforms that are not known leave it open whether all have an SBOM (%s)', async (_, manifests) => {
    const of = aRegistry();
    of.index(IMAGE, manifests);
    const { image } = await collected([of.attach(ARM, spdx2([LODASH]))], of);
    expect(image).toMatchObject({ searchable: false, again: true });
  });

  test('a document that the registry does not give is asked for again by the next run', async () => {
    const of = aRegistry();
    const place = of.attach(IMAGE, spdx2([LODASH]));
    of.refuse(place.blob.digest, DENIED);
    const { image, store } = await collected([place], of);
    expect(image).toMatchObject({ searchable: false, again: true });
    expect(image?.documents[0]?.problem).toBe('it could not be read: The registry refuses it.');
    of.attach(IMAGE, spdx2([LODASH]));
    const next = await openSbomCollector(store, NOW + 1);
    await next.take(IMAGE, { places: [place], left: null }, of.registry);
    await next.finish();
    expect(await imageIn(store)).toMatchObject({ searchable: true, again: false });
  });

  test('provenance in an attestation that does not say what it is, is no SBOM; a week later it is asked again', async () => {
    const of = aRegistry();
    const place = of.attach(IMAGE, statement({ buildDefinition: {} }), 'unknown');
    const { image, store } = await collected([place], of);
    expect(image).toMatchObject({
      searchable: false,
      documents: [],
      reason: 'An attestation was found that holds no SBOM.',
    });
    expect((await openSbomCollector(store, NOW + DAY)).wants(IMAGE)).toBe(false);
    expect((await openSbomCollector(store, NOW + 7 * DAY)).wants(IMAGE)).toBe(true);
  });
});
