import { describe, expect, test } from '@jest/globals';
import { judgeInventory } from '../../lambda/audit/audit-cluster.ts';
import { exitCode } from '../../lambda/cli/exit-code.ts';
import { collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { NO_OBSERVER } from '../../lambda/collect/observe.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import { compare } from '../../lambda/findings/compare.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import type { Inventory } from '../../lambda/inventory/inventory.ts';
import { CLUSTER, DAY, NOW } from '../support/builders.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { type Respond, send, startApiServer } from '../support/kube-server/api-server.ts';

const cleanups = closedAfterEach();

const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a', uid: 'node-a' } };
const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: `uid-of-${name}` },
  spec: { nodeName: 'node-a', containers: [{ name: 'app', image: 'app:latest' }] },
  status: { phase: 'Running', startTime: '2026-01-01T00:00:00Z' },
});

type Json = Record<string, unknown>;

/** Changes the answers to a path. */
const changing =
  (path: string, change: (body: Json) => unknown): Respond =>
  (request, response, answer) => {
    const isIt = new URL(request.url ?? '/', 'http://localhost').pathname === path;
    const body = isIt ? JSON.stringify(change(JSON.parse(answer.body) as Json)) : answer.body;
    send(request, response, { ...answer, body });
  };

interface Read {
  readonly inventory: Inventory;
  readonly result: ClusterResult;
}

async function read(objects: readonly object[], respond: Respond = send): Promise<Read> {
  const server = await startApiServer({ objects }, respond);
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(
    () => server.close(),
    () => api.close(),
  );
  const inventory = await collectCluster(CLUSTER, api, {
    labelKeys: () => new Set(),
    observer: NO_OBSERVER,
    onPage: () => undefined,
  });
  return { inventory, result: judgeInventory(inventory, { config: defaultConfig(), now: NOW }) };
}

const run = { id: 'run', startedAt: new Date(NOW).toISOString(), version: '0', config: '' };
const codeOf = (result: ClusterResult): number =>
  exitCode({ run, clusters: [result] }, { failOn: 'never', allowIncomplete: false });

const PODS = '/api/v1/pods';
const first = (change: (item: Json) => unknown) => (body: Json) => {
  const [item, ...others] = body['items'] as Json[];
  return { ...body, items: [change(item ?? {}), ...others] };
};

describe('a pod that a server sends', () => {
  const unknown: readonly [string, (item: Json) => unknown][] = [
    ['has no metadata', ({ metadata: _, ...item }) => item],
    ['has text for metadata', (item) => ({ ...item, metadata: 'none' })],
    ['does not say its namespace', (item) => ({ ...item, metadata: { name: 'web', uid: 'u' } })],
    ['has a number for its namespace', (item) => ({ ...item, metadata: { name: 'web', namespace: 7 } })],
  ];
  test.each(unknown)('a pod that %s is a gap over all namespaces', async (_, change) => {
    const sound = await read([node, pod('api'), pod('web')]);
    const { inventory, result } = await read([node, pod('api'), pod('web')], changing(PODS, first(change)));
    expect(inventory.gaps).toMatchObject([{ resource: 'pods', reason: 'malformed-object' }]);
    expect(inventory.gaps[0]).not.toHaveProperty('scope');
    expect(compare(sound.result.findings, result, NOW + DAY).closed).toEqual([]);
    expect(codeOf(result)).toBe(3);
  });

  test('a malformed pod with a known namespace is a gap in that namespace', async () => {
    const change = first((item) => ({ ...item, spec: null }));
    const { inventory } = await read([node, pod('api'), pod('web')], changing(PODS, change));
    expect(inventory.gaps).toMatchObject([{ scope: { namespace: 'shop', kind: 'Pod', name: 'api' } }]);
  });
});

describe('a list', () => {
  test('an empty list of nodes is not believed where pods are scheduled on nodes', async () => {
    const empty = changing('/api/v1/nodes', (body) => ({ ...body, items: [] }));
    const { inventory } = await read([node, pod('web')], empty);
    expect(inventory.gaps).toMatchObject([{ resource: 'nodes', reason: 'list-incomplete' }]);
    expect((await read([pod('web')])).inventory.gaps).toMatchObject([{ resource: 'nodes' }]);
    expect((await read([node, pod('web')])).inventory.gaps).toEqual([]);
  });

  test('an empty list of pods decides nothing about existing findings', async () => {
    const before = await read([node, pod('web')]);
    expect(before.result.findings.length).toBeGreaterThan(0);
    const { result } = await read(
      [node, pod('web')],
      changing(PODS, (body) => ({ ...body, items: [] })),
    );
    expect(result).toMatchObject({ outcome: 'audited', notEvaluated: [{ reason: 'nothing-to-judge' }] });
    expect(codeOf(result)).toBe(3);
    const compared = compare(before.result.findings, result, NOW + DAY);
    expect(compared.closed).toEqual([]);
    expect(compared.unconfirmed).toHaveLength(before.result.findings.length);
  });
});

describe('a proxy that answers everything with an empty list', () => {
  const answering =
    (body: string): Respond =>
    (request, response, answer) =>
      send(request, response, {
        ...answer,
        status: 200,
        headers: { 'content-type': 'application/json' },
        body,
      });

  test.each([
    '{"kind":"List","items":[]}',
    '{"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}',
    '{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[]}',
  ])('a proxy that answers everything with the same empty list fails the audit: %s', async (body) => {
    const { result } = await read([node, pod('web')], answering(body));
    expect(result.outcome).toBe('failed');
    expect(codeOf(result)).toBe(4);
  });

  test('an empty list of the right kind from a proxy is not an all clear', async () => {
    const body = '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}';
    const { result } = await read([node, pod('web')], answering(body));
    expect(result.outcome).toBe('audited');
    expect(result.notEvaluated.map(({ reason }) => reason)).toContain('nothing-to-judge');
    expect(codeOf(result)).toBe(3);
  });
});
