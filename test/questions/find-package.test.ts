import { describe, expect, test } from '@jest/globals';
import type { ClusterIdentity } from '../../lambda/inventory/names.ts';
import { findPackage } from '../../lambda/questions/find-package.ts';
import { openSbomCollector } from '../../lambda/run/collect-sboms.ts';
import { parseQuery } from '../../lambda/sbom/query.ts';
import { gzipLines } from '../../lambda/store/gzip.ts';
import { inventoryKey, latestKey } from '../../lambda/store/layout.ts';
import { aRegistry } from '../run/sbom-registry.ts';
import { spdx2 } from '../sbom/documents.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';

const NOW = '2026-03-01T06:00:00.000Z';
const RUN = { id: '20260301T060000Z-a', startedAt: NOW };
const JSON_TYPE = { contentType: 'application/json' };
const HEX = 'a'.repeat(64);
const DIGEST = `sha256:${HEX}`;

const clusterOf = (name: string): ClusterIdentity => ({
  name,
  arn: `arn:aws:eks:eu-west-1:111122223333:cluster/${name}`,
  accountId: '111122223333',
  region: 'eu-west-1',
});

const rowOf = (imageId: string | null, rest: object = {}) =>
  JSON.stringify({
    cluster: 'prod',
    namespace: 'shop',
    pod: 'app-1',
    workload: { kind: 'Deployment', name: 'app' },
    phase: 'Running',
    images: [{ container: 'app', image: 'r.example.com/app:1', imageId, startedAt: NOW }],
    ...rest,
  });

/** A run of clusters with these rows, and one collected image. */
async function aStore(
  clusters: Readonly<Record<string, readonly string[]>>,
  store = memoryStore(),
): Promise<MemoryStore> {
  const identities = Object.keys(clusters).map(clusterOf);
  const summary = { run: RUN, clusters: identities.map((cluster) => ({ cluster })) };
  await store.put(latestKey('summary.json'), [Buffer.from(JSON.stringify(summary))], JSON_TYPE);
  for (const [name, rows] of Object.entries(clusters)) {
    const lines = [...gzipLines(rows.map((row) => `${row}\n`))];
    await store.put(inventoryKey(RUN, clusterOf(name)), lines, JSON_TYPE);
  }
  const of = aRegistry();
  const collector = await openSbomCollector(store, Date.parse(NOW));
  const places = [of.attach(DIGEST, spdx2([{ name: 'lodash', version: '4.17.20' }]))];
  await collector.take(DIGEST, { places, left: null }, of.registry);
  await collector.finish();
  return store;
}

async function find(store: MemoryStore, text: string) {
  const query = parseQuery(text);
  if (typeof query === 'string') throw new Error(query);
  return findPackage(store, query);
}

describe('which images cannot be searched', () => {
  test.each([
    ['no digest', null, 'The node does not say which image it runs.'],
    [
      'the digest of a configuration, also of an image whose SBOM was collected',
      DIGEST,
      'The node knows it only by the digest of its configuration.',
    ],
    [
      'a digest of which nothing was collected',
      `r.example.com/app@sha256:${'b'.repeat(64)}`,
      'No SBOM was collected.',
    ],
  ])('a node that reports %s', async (_, imageId, reason) => {
    const store = await aStore({ prod: [rowOf(imageId)] });
    const { found, images, unsearchable } = await find(store, 'left-pad');
    expect([found, images]).toEqual([[], 1]);
    expect(unsearchable.map((one) => one.reason)).toEqual([reason]);
  });

  test('an image whose SBOM was collected is none of them', async () => {
    const store = await aStore({ prod: [rowOf(`docker-pullable://r.example.com/app@${DIGEST}`)] });
    expect(await find(store, 'left-pad')).toMatchObject({ found: [], unsearchable: [], stale: [] });
    expect((await find(store, 'lodash')).found).toMatchObject([{ match: 'yes', digest: DIGEST }]);
  });
});

test('an inventory that is removed while it is read is an error, and no cluster that runs nothing', async () => {
  const objects = (await aStore({ prod: [rowOf(`r.example.com/app@${DIGEST}`)], stage: [rowOf(null)] }))
    .objects;
  const gone = new Map(objects);
  const key = inventoryKey(RUN, clusterOf('stage'));
  gone.delete(key);
  const store = memoryStore({ objects: gone });
  const listing = {
    ...store,
    list: async function* (prefix: string) {
      for (const one of objects.keys()) if (one.startsWith(prefix)) yield one;
    },
  };
  await expect(find(listing, 'left-pad')).rejects.toThrow('was removed while the store was read');
});
