import { describe, expect, test } from '@jest/globals';
import { collectCluster } from '../../../lambda/collect/collect-cluster.ts';
import { collectObjects } from '../../../lambda/collect/collect-objects.ts';
import { NO_OBSERVER } from '../../../lambda/collect/observe.ts';
import { knownKind } from '../../../lambda/collect/snapshot/kinds.ts';
import { openKubeApi } from '../../../lambda/connect/kube/kube-api.ts';
import type { MeshConfigs } from '../../../lambda/inventory/mesh.ts';
import { openRevisions } from '../../../lambda/mesh/mesh.ts';
import { CLUSTER } from '../../support/builders.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import { type Respond, send, startApiServer } from '../../support/kube-server/api-server.ts';

const cleanups = closedAfterEach();

const hooks = { labelKeys: () => new Set<string>(), observer: NO_OBSERVER };

const configMap = (mesh: unknown, name = 'istio') => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'istio-system' },
  data: { mesh },
});

const pod = (name: string, status: unknown, containers = ['app', 'istio-proxy']) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'shop',
    annotations: { 'sidecar.istio.io/status': typeof status === 'string' ? status : JSON.stringify(status) },
  },
  spec: { containers: containers.map((container) => ({ name: container, image: 'i' })) },
});

/** Of a live cluster, with the paths of ConfigMaps that were asked for. */
async function live(objects: readonly object[], respond: Respond = send) {
  const asked: string[] = [];
  const server = await startApiServer({ objects }, (request, response, answer) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname.includes('configmaps')) asked.push(pathname);
    return respond(request, response, answer);
  });
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(
    () => server.close(),
    () => api.close(),
  );
  const { meshConfigs, gaps } = await collectCluster(CLUSTER, api, {
    ...hooks,
    meshRevisions: openRevisions,
    onPage: () => undefined,
  });
  return { meshConfigs, gaps, asked };
}

const snapshot = (objects: readonly Record<string, unknown>[]): MeshConfigs =>
  collectObjects(
    CLUSTER,
    { objects: objects.map((object) => ({ object, origin: 'file' })), gaps: [], notes: [] },
    hooks,
  ).meshConfigs;

const inShort = (configs: MeshConfigs) =>
  [...configs].map(([revision, config]) => {
    if ('unread' in config) return `${revision}: ${config.unread.reason}`;
    const { outbound, rootNamespace } = config.known;
    return `${revision}: ${'known' in outbound ? outbound.known : outbound.unread.reason} ${rootNamespace}`;
  });

describe('the configuration of a mesh', () => {
  test('the mesh configuration is not requested where no pod has a sidecar, even with a gateway', async () => {
    const gateway = pod('gateway', { revision: 'default' }, ['istio-proxy']);
    const { asked } = await live([configMap('{}'), gateway]);
    expect(asked).toEqual([]);
  });

  test('the mesh configuration is not requested where the Sidecar of the namespace decides', async () => {
    const sidecar = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name: 'default', namespace: 'shop' },
      spec: { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } },
    };
    expect((await live([configMap('{}'), pod('a', {}), sidecar])).asked).toEqual([]);
    const elsewhere = { ...sidecar, metadata: { name: 'default', namespace: 'other' } };
    expect((await live([configMap('{}'), pod('a', {}), elsewhere])).asked).toHaveLength(1);
  });

  test('the mesh configuration is read for each control plane that injected sidecars, by its revision', async () => {
    const { meshConfigs, asked, gaps } = await live([
      configMap('outboundTrafficPolicy: { mode: REGISTRY_ONLY }\nrootNamespace: mesh-root'),
      configMap('accessLogFile: /dev/stdout', 'istio-canary'),
      pod('a', { revision: 'default' }),
      pod('b', { containers: ['istio-proxy'] }),
      pod('c', { revision: 'canary' }),
    ]);
    expect(inShort(meshConfigs).sort()).toEqual([
      'canary: ALLOW_ANY istio-system',
      'default: REGISTRY_ONLY mesh-root',
    ]);
    expect(asked.sort()).toEqual([
      '/api/v1/namespaces/istio-system/configmaps/istio',
      '/api/v1/namespaces/istio-system/configmaps/istio-canary',
    ]);
    expect(gaps).toEqual([]);
  });

  test('a mesh configuration that is missing or may not be read is unknown, and no gap', async () => {
    const refuse: Respond = (request, response, answer) => {
      if (!request.url?.includes('configmaps')) return send(request, response, answer);
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ kind: 'Status', status: 'Failure', reason: 'Forbidden', code: 403 }));
    };
    const refused = await live([configMap('{}'), pod('a', {})], refuse);
    expect(inShort(refused.meshConfigs)).toEqual(['default: forbidden']);
    expect(refused.gaps).toEqual([]);
    expect(inShort((await live([pod('a', {})])).meshConfigs)).toEqual(['default: field-missing']);
  });

  test('the mesh configuration is not requested under names that a pod made up', async () => {
    const strange = ['../secrets/x', 'a b', 'A', '-a', 'x'.repeat(80), ''];
    const pods = strange.map((revision, i) => pod(`p${i}`, { revision }));
    const broken = ['', '[]', 'null', '{"revision":7}', '{'].map((status, i) => pod(`b${i}`, status));
    const { asked } = await live([...pods, ...broken]);
    // An empty revision is that of an old control plane, which had none.
    expect(asked).toEqual(['/api/v1/namespaces/istio-system/configmaps/istio']);
    const many = Array.from({ length: 40 }, (_, i) => pod(`m${i}`, { revision: `r${i}` }));
    expect((await live(many)).asked).toHaveLength(10);
  });

  test.each([
    ['', 'malformed-object'],
    ['a: [', 'malformed-object'],
    ['[]', 'malformed-object'],
    ['a: 1\na: 2', 'malformed-object'],
    ['outboundTrafficPolicy: 7', 'malformed-object'],
    ['rootNamespace: [x]', 'malformed-object'],
    ['rootNamespace: a\nroot_namespace: b', 'malformed-object'],
    [7, 'malformed-object'],
    [undefined, 'malformed-object'],
    ['{}', 'ALLOW_ANY istio-system'],
    ['outboundTrafficPolicy: null', 'ALLOW_ANY istio-system'],
    ['outboundTrafficPolicy: {}', 'policy-not-understood istio-system'],
    ['outboundTrafficPolicy: { mode: allow_any }', 'policy-not-understood istio-system'],
    ['outboundTrafficPolicy: { mode: constructor }', 'policy-not-understood istio-system'],
    ['outbound_traffic_policy: { mode: REGISTRY_ONLY }', 'REGISTRY_ONLY istio-system'],
    ['outboundTrafficPolicy: { mode: ALLOW_ANY_DYNAMIC_DNS }', 'ALLOW_ANY istio-system'],
  ])('the mesh configuration of the text %j is %s', (mesh, expected) => {
    expect(inShort(snapshot([configMap(mesh)]))).toEqual([`default: ${expected}`]);
  });

  test('a mesh configuration whose aliases expand without end is malformed', () => {
    const level = (i: number) => `a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join()}]`;
    const bomb = ['a0: &a0 [x]', ...Array.from({ length: 12 }, (_, i) => level(i + 1))];
    expect(inShort(snapshot([configMap(bomb.join('\n'))]))).toEqual(['default: malformed-object']);
  });

  test('the mesh ConfigMap is the only ConfigMap of its namespace that a snapshot keeps', () => {
    const only = knownKind('v1', 'ConfigMap', {})?.only;
    expect(only?.('istio-system/istio')).toBe(true);
    expect(only?.('istio-system/istio-1-28')).toBe(true);
    expect(only?.('shop/istio')).toBe(false);
    expect(only?.('istio-system/kiali')).toBe(false);
  });
});
