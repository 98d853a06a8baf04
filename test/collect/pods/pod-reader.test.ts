import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { collectCluster } from '../../../lambda/collect/collect-cluster.ts';
import { listAll } from '../../../lambda/collect/http/list.ts';
import { NO_OBSERVER } from '../../../lambda/collect/observe.ts';
import { createPodReader } from '../../../lambda/collect/pods/pod-reader.ts';
import { openKubeApi } from '../../../lambda/connect/kube/kube-api.ts';
import type { Inventory } from '../../../lambda/inventory/inventory.ts';
import type { PodRecord } from '../../../lambda/inventory/pod.ts';
import { encodeEnvelope, encodePodList, type JsonObject } from '../../bench/encoding/encode.ts';
import { sampleFleet } from '../../sample/fleet/fleet.ts';
import { CLUSTER, inFull, NOW } from '../../support/builders.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import type { ApiAnswer } from '../../support/kube-server/api-answers.ts';
import { type Respond, send, startApiServer } from '../../support/kube-server/api-server.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

const cleanups = closedAfterEach();

interface PodListJson {
  readonly kind: string;
  readonly metadata: Record<string, string>;
  readonly items: readonly JsonObject[];
}

/** The list of pods in an answer, if this is what it holds and protobuf was asked for. */
function podListOf(request: IncomingMessage, { status, body }: ApiAnswer): PodListJson | null {
  if (status !== 200 || !request.headers.accept?.startsWith(PROTOBUF)) return null;
  const list = JSON.parse(body) as PodListJson;
  return list.kind === 'PodList' ? list : null;
}

function sendProtobuf(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, { 'content-type': PROTOBUF, 'content-length': body.length });
  response.end(body);
}

/** Answers lists of pods in protobuf, as a kube-apiserver does; `edit` may damage them. */
function inProtobuf(edit: (body: Buffer, index: number) => Buffer = (body) => body): Respond {
  let index = 0;
  return (request, response, answer) => {
    const list = podListOf(request, answer);
    if (list === null) send(request, response, answer);
    else sendProtobuf(response, edit(encodePodList(list.items, list.metadata), index++));
  };
}

interface Collected {
  readonly inventory: Inventory;
  readonly pods: readonly PodRecord[];
}

async function collect(objects: readonly object[], respond: Respond = send): Promise<Collected> {
  const server = await startApiServer({ objects }, respond);
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(
    () => server.close(),
    () => api.close(),
  );
  const pods: PodRecord[] = [];
  const inventory = await collectCluster(CLUSTER, api, {
    labelKeys: () => new Set(['app']),
    observer: { ...NO_OBSERVER, add: (pod) => pods.push(pod), restart: () => pods.splice(0) },
    onPage: () => undefined,
  });
  return { inventory: { ...inventory, classes: inFull(inventory.classes) }, pods };
}

const fleet = sampleFleet(NOW);

describe('pods of a live cluster', () => {
  test.each(fleet.map(({ name, objects }) => ({ name, objects })))(
    'pods of a cluster give the same inventory in protobuf and in JSON: $name',
    async ({ objects }) => {
      let asked = 0;
      const json = await collect(objects);
      const protobuf = await collect(
        objects,
        inProtobuf((body) => {
          asked++;
          return body;
        }),
      );
      expect(asked).toBeGreaterThan(0);
      expect(protobuf.pods).toEqual(json.pods);
      expect(protobuf.inventory).toEqual(json.inventory);
      expect(json.inventory.totals.pods).toBeGreaterThan(0);
    },
  );

  const { objects } = fleet[0] as (typeof fleet)[number];

  test('a server may change its encoding from page to page', async () => {
    let index = 0;
    const half = inProtobuf();
    const mixed = await collect(objects, (...exchange) =>
      index++ % 2 ? half(...exchange) : send(...exchange),
    );
    expect(mixed.inventory).toEqual((await collect(objects)).inventory);
  });

  test('a page that arrives cut off is requested again', async () => {
    const cut = inProtobuf((body, index) => (index === 0 ? body.subarray(0, body.length / 2) : body));
    expect((await collect(objects, cut)).inventory).toEqual((await collect(objects)).inventory);
  });

  test('another object in place of the list of pods is a gap, not an empty cluster', async () => {
    const status = encodeEnvelope({ apiVersion: 'v1', kind: 'Status' }, Buffer.alloc(0));
    const { inventory } = await collect(
      objects,
      inProtobuf(() => status),
    );
    expect(inventory.gaps).toMatchObject([{ resource: 'pods', reason: 'server-error' }]);
    expect(inventory.gaps[0]?.message).toContain('v1 Status');
  });

  test('one pod that cannot be read is named, and the others are audited', async () => {
    const sound = { metadata: { name: 'sound', namespace: 'shop' }, spec: { containers: [{ name: 'app' }] } };
    const broken = { metadata: { name: 'broken', namespace: 'shop' }, spec: { containers: [] } };
    const pods = [sound, broken].map((pod) => ({ apiVersion: 'v1', kind: 'Pod', ...pod }));
    for (const respond of [send, inProtobuf()]) {
      const { inventory } = await collect(pods, respond);
      expect(inventory.totals.pods).toBe(1);
      expect(inventory.gaps).toEqual([
        expect.objectContaining({
          resource: 'pods',
          reason: 'malformed-object',
          scope: { namespace: 'shop', kind: 'Pod', name: 'broken' },
          message: 'Pod shop/broken cannot be read: spec.containers is missing.',
        }),
      ]);
    }
  });

  test('pods are kept for a slow consumer while the next page arrives', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `pod-${String(index).padStart(2, '0')}`);
    const pods = names.map((name) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop' },
      spec: { containers: [{ name: 'app' }] },
    }));
    const server = await startApiServer({ objects: pods }, inProtobuf());
    const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
    cleanups.push(
      () => server.close(),
      () => api.close(),
    );
    const { codec, read } = createPodReader();
    const found: string[] = [];
    await listAll(
      api,
      { path: '/api/v1/pods', kind: 'Pod', limit: 3, codec },
      {
        onPage: async (items) => {
          await delay(20);
          found.push(...items.map((item) => read(item).name));
        },
        onRestart: () => undefined,
      },
    );
    expect(found).toEqual(names);
  });

  test('a page is split without decoding its pods', () => {
    const { codec, read } = createPodReader();
    const body = encodePodList([{ metadata: { name: 'no-spec', namespace: 'shop' } }], {
      continue: 'more',
      resourceVersion: '1',
    });
    const page = codec.decode(
      { status: 200, contentType: PROTOBUF, retryAfter: null, body, text: String, json: () => null },
      { what: 'pods', apiVersion: 'v1', kind: 'Pod', aggregated: false },
    );
    expect(page.continueToken).toBe('more');
    expect(() => page.items.map(read)).toThrow('spec.containers is missing');
  });
});
