import { expect, test } from '@jest/globals';
import { configHash } from '../../lambda/config/hash.ts';
import { parseConfig } from '../../lambda/config/load.ts';
import { openAwsAccess } from '../../lambda/connect/aws/access.ts';
import { AuditorError } from '../../lambda/errors.ts';
import { auditItem } from '../../lambda/fleet/stages.ts';
import { readCollected } from '../../lambda/store/sbom/collected.ts';
import { readShard, shardOf } from '../../lambda/store/sbom/index-shards.ts';
import { cycloneDx } from '../sbom/documents.ts';
import { type MemoryStore, memoryStore } from '../store/memory-store.ts';
import { startAwsFront } from '../support/aws-front.ts';
import { HUB, hubCredentials, startAwsServer } from '../support/aws-server.ts';
import { anAuthority } from '../support/certificates.ts';
import { keptForOneTest } from '../support/closed-after-each.ts';
import { type EcrServer, imageOf, OCI_IMAGE, sha256, startEcrServer } from '../support/ecr-server.ts';
import { startApiServer } from '../support/kube-server/api-server.ts';
import { identityOf, targetOf } from './fleet-run.ts';

/** What the function of one cluster of a fleet does about SBOMs, from the item of the plan to the store, of real servers. */
const REGION = 'eu-west-1';
const HOST = `${HUB}.dkr.ecr.${REGION}.amazonaws.com`;
const NOW = Date.parse('2026-03-01T12:00:00Z');
const CONFIG = parseConfig('images: { registry: sbom-collect }', 'f', []);
const SBOM = JSON.stringify(
  cycloneDx([{ name: 'left-pad', version: '1.3.0', purl: 'pkg:npm/left-pad@1.3.0' }]),
);
const OWN = JSON.stringify({ config: { User: '1000' } });
const APP = imageOf(
  { mediaType: OCI_IMAGE, config: { mediaType: 'x/config', digest: sha256(OWN), size: 1 }, layers: [] },
  { tags: ['1'], pushedAt: NOW - 1000 },
);
const ATTACHED = imageOf({
  mediaType: OCI_IMAGE,
  layers: [{ mediaType: 'application/vnd.cyclonedx+json', digest: sha256(SBOM), size: SBOM.length }],
  subject: { mediaType: OCI_IMAGE, digest: APP.digest, size: 1 },
});

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app', namespace: 'shop', uid: 'app', creationTimestamp: '2026-02-20T00:00:00Z' },
  spec: { nodeName: 'a', containers: [{ name: 'app', image: `${HOST}/app:1` }] },
  status: {
    phase: 'Running',
    startTime: '2026-02-20T00:00:00Z',
    containerStatuses: [
      {
        name: 'app',
        imageID: `${HOST}/app@${APP.digest}`,
        state: { running: { startedAt: '2026-02-20T00:00:00Z' } },
      },
    ],
  },
};

const kept = keptForOneTest();

/** Audits clusters of one run, each with the same pod, one after the other. */
async function fleet(store: MemoryStore, names: readonly string[]) {
  const authority = await anAuthority();
  const tls = await authority.issue({ commonName: 'kube-apiserver' });
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  const cluster = kept(await startApiServer({ objects: [namespace, POD], tls }));
  const ecr: EcrServer = kept(
    await startEcrServer({
      registries: {
        [`${HUB}/${REGION}`]: {
          repositories: {
            app: {
              images: [APP, ATTACHED],
              blobs: new Map([
                [sha256(SBOM), SBOM],
                [sha256(OWN), OWN],
              ]),
            },
          },
        },
      },
    }),
  );
  const sts = kept(await startAwsServer({}));
  const front = kept(await startAwsFront({ services: { sts: sts.url, ecr: ecr.url } }));
  const settings = { region: REGION, endpoint: front.url, credentials: hubCredentials, maxAttempts: 1 };
  const access = kept(openAwsAccess(settings));
  const run = { id: '20260301T120000Z-a', startedAt: '2026-03-01T12:00:00.000Z' };
  const found = [];
  for (const name of names) {
    const target = {
      ...targetOf(name),
      endpoint: cluster.url,
      certificateAuthority: Buffer.from(authority.ca).toString('base64'),
    };
    const item = { run, config: configHash(CONFIG), target, shard: null, clusters: names.length };
    const signal = new AbortController().signal;
    found.push(await auditItem(item, { store, config: CONFIG, access, now: NOW, signal, observer: {} }));
  }
  return { found, ecr };
}

test('the SBOM of an image that two clusters run is collected once, and searchable when each of them is done', async () => {
  const store = memoryStore();
  const { found, ecr } = await fleet(store, ['prod', 'stage']);
  expect(found.map(({ result }) => [result.cluster, result.outcome])).toEqual([
    [identityOf('prod'), 'audited'],
    [identityOf('stage'), 'audited'],
  ]);
  expect(found.flatMap(({ shortfalls }) => shortfalls)).toEqual([]);
  expect((await readCollected(store)).get(APP.digest)).toMatchObject({ searchable: true });
  expect(await readShard(store, shardOf('left-pad'))).toMatchObject([
    { name: 'left-pad', images: [APP.digest.slice(7, 23)] },
  ]);
  // The document, and each cluster the configuration of the image.
  expect(ecr.count('ecr:GetDownloadUrlForLayer')).toBe(3);
});

test('a store that refuses SBOMs costs them alone, and says so with the cluster', async () => {
  const store = memoryStore({
    beforeWrite: (key) => {
      if (key.startsWith('sbom/')) throw new AuditorError(`AWS denies ${key}.`);
    },
  });
  const { found } = await fleet(store, ['prod']);
  expect(found[0]?.shortfalls).toEqual([
    { part: 'the SBOMs of running images', problem: expect.stringContaining('AWS denies sbom/') },
  ]);
  expect(found[0]?.inventory).not.toBeNull();
  expect((await readCollected(store)).size).toBe(0);
});
