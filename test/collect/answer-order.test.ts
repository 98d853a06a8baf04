import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from '@jest/globals';
import { collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { NO_OBSERVER } from '../../lambda/collect/observe.ts';
import { openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import { CLUSTER, NOW } from '../support/builders.ts';
import { send, startApiServer } from '../support/kube-server/api-server.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Collects where much is denied, and answers to some requests come after those to all others. */
async function collect(isLate: (path: string) => boolean) {
  const [cluster] = sampleFleet(NOW);
  const deny = ['nodes', 'namespaces', 'networkpolicies', 'replicasets', 'jobs'];
  const server = await startApiServer(
    { objects: cluster?.objects ?? [], deny: deny.map((resource) => ({ resource })) },
    async (request, response, answer) => {
      if (isLate(request.url ?? '')) await sleep(100);
      send(request, response, answer);
    },
  );
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(server.close, api.close);
  const { gaps, notes } = await collectCluster(CLUSTER, api, {
    labelKeys: () => new Set(['app']),
    observer: { ...NO_OBSERVER },
    onPage: () => undefined,
  });
  return { gaps: gaps.map(({ resource }) => resource), notes };
}

test('what could not be read is listed in one order, whichever answer comes first', async () => {
  const first = await collect((path) => path.startsWith('/api/v1/nodes'));
  expect(first.gaps).toEqual(expect.arrayContaining(['nodes', 'networkpolicies']));
  expect(await collect((path) => !path.startsWith('/api/v1/nodes'))).toEqual(first);
});
