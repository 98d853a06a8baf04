import { describe, expect, test } from '@jest/globals';
import { Agent, request } from 'undici';
import { anAuthority } from '../support/certificates.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { type ApiServerOptions, startApiServer } from '../support/kube-server/api-server.ts';

const cleanups = closedAfterEach();

const object = (apiVersion: string, kind: string, name: string, namespace?: string): object => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  spec: {},
});

const objects = [
  object('v1', 'Pod', 'b', 'shop'),
  object('v1', 'Pod', 'a', 'shop'),
  object('v1', 'Pod', 'z', 'base'),
  object('v1', 'Node', 'node-1'),
  object('networking.k8s.io/v1', 'NetworkPolicy', 'deny', 'shop'),
  object('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'admin'),
];

async function serve(options: Partial<ApiServerOptions> = {}) {
  const server = await startApiServer({ objects, ...options });
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  cleanups.push(
    () => server.close(),
    () => dispatcher.close(),
  );
  return async (path: string, headers: Record<string, string> = {}, method: 'GET' | 'POST' = 'GET') => {
    const response = await request(`${server.url}${path}`, { method, headers, dispatcher });
    const text = await response.body.text();
    const { 'content-type': type, 'content-encoding': encoding } = response.headers;
    const isJson = type === 'application/json' && encoding === undefined;
    return { status: response.statusCode, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
}

const namesOf = (list: { items: { metadata: { name: string } }[] }): string[] =>
  list.items.map(({ metadata }) => metadata.name);

describe('a list', () => {
  test('a list holds all objects of a resource, ordered by key', async () => {
    const get = await serve();
    const { status, body } = await get('/api/v1/pods');
    expect(status).toBe(200);
    expect(body).toMatchObject({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1006' } });
    expect(namesOf(body)).toEqual(['z', 'a', 'b']);
    expect(body.metadata).not.toHaveProperty('continue');
  });

  test('a list of one namespace holds that namespace alone', async () => {
    const get = await serve();
    expect(namesOf((await get('/api/v1/namespaces/shop/pods')).body)).toEqual(['a', 'b']);
    const policies = '/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies';
    expect((await get(policies)).body).toMatchObject({
      kind: 'NetworkPolicyList',
      apiVersion: 'networking.k8s.io/v1',
    });
    expect(namesOf((await get('/api/v1/namespaces/none/pods')).body)).toEqual([]);
  });

  test('a list of a built-in kind leaves apiVersion and kind out of its items, and a list of a custom resource does not', async () => {
    const get = await serve();
    expect((await get('/api/v1/nodes')).body.items[0]).toEqual({ metadata: { name: 'node-1' }, spec: {} });
    const custom = await get('/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies');
    expect(custom.body.items[0]).toMatchObject({ kind: 'AdminNetworkPolicy' });
  });

  test('a list of a built-in kind without objects is empty', async () => {
    const get = await serve();
    expect((await get('/apis/batch/v1/cronjobs')).body).toMatchObject({ kind: 'CronJobList', items: [] });
  });

  test('a list comes in pages with a continue token and the number of remaining items', async () => {
    const get = await serve();
    const first = (await get('/api/v1/pods?limit=2')).body;
    expect(namesOf(first)).toEqual(['z', 'a']);
    expect(first.metadata.remainingItemCount).toBe(1);
    const token = JSON.parse(Buffer.from(first.metadata.continue, 'base64url').toString());
    expect(token).toEqual({ v: 'meta.k8s.io/v1', rv: 1006, start: 'shop/a\u0000' });
    const last = (await get(`/api/v1/pods?limit=2&continue=${first.metadata.continue}`)).body;
    expect(namesOf(last)).toEqual(['b']);
    expect(last.metadata).toEqual({ resourceVersion: '1006' });
    expect((await get('/api/v1/pods?continue=nonsense')).status).toBe(400);
  });

  test('a list has only metadata for a client that asks for metadata', async () => {
    const get = await serve();
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
    const { body } = await get('/api/v1/pods?limit=1', { accept });
    expect(body).toMatchObject({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { remainingItemCount: 2 },
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'z' } }],
    });
    expect(body.items[0]).not.toHaveProperty('spec');
  });

  test('a list above 128 KiB is compressed for clients that accept gzip', async () => {
    const get = await serve({ objects: [{ ...object('v1', 'Pod', 'big', 'a'), spec: 'x'.repeat(200_000) }] });
    expect((await get('/api/v1/pods', { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe(
      'gzip',
    );
    expect((await get('/api/v1/pods')).headers['content-encoding']).toBeUndefined();
    expect(
      (await get('/api/v1/nodes', { 'accept-encoding': 'gzip' })).headers['content-encoding'],
    ).toBeUndefined();
  });

  test('a list with a selector is refused rather than answered without it', async () => {
    const get = await serve();
    expect((await get('/api/v1/pods?labelSelector=app%3Dx')).status).toBe(400);
  });
});

describe('what is refused', () => {
  test('a denied resource is refused in the words of the kube-apiserver', async () => {
    const get = await serve({ deny: [{ resource: 'networkpolicies' }, { resource: 'pods' }], user: 'jane' });
    const { status, body } = await get('/apis/networking.k8s.io/v1/networkpolicies');
    expect(status).toBe(403);
    expect(body).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'networkpolicies.networking.k8s.io is forbidden: User "jane" cannot list resource "networkpolicies" in API group "networking.k8s.io" at the cluster scope',
      reason: 'Forbidden',
      details: { group: 'networking.k8s.io', kind: 'networkpolicies' },
      code: 403,
    });
    expect((await get('/api/v1/namespaces/shop/pods')).body.message).toBe(
      'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "shop"',
    );
    expect((await get('/api/v1/nodes')).status).toBe(200);
  });

  test('a resource can be denied in one API group only', async () => {
    const get = await serve({ deny: [{ resource: 'networkpolicies', group: 'projectcalico.org' }] });
    expect((await get('/apis/networking.k8s.io/v1/networkpolicies')).status).toBe(200);
    expect((await get('/apis/projectcalico.org/v3/networkpolicies')).status).toBe(403);
  });

  test('a client without a token is refused', async () => {
    const get = await serve({ token: 'secret' });
    const { status, body } = await get('/version');
    expect({ status, reason: body.reason, message: body.message }).toEqual({
      status: 401,
      reason: 'Unauthorized',
      message: 'Unauthorized',
    });
    expect((await get('/version', { authorization: 'Bearer secret' })).status).toBe(200);
  });

  test('unknown groups, versions and resources are refused, and so is every verb but reading', async () => {
    const get = await serve();
    for (const path of ['/apis/cilium.io/v2/ciliumnetworkpolicies', '/nowhere']) {
      expect(await get(path)).toMatchObject({ status: 404, body: '404 page not found\n' });
    }
    for (const path of ['/api/v1/nothing', '/apis/apps/v9/deployments']) {
      const body = { kind: 'Status', message: 'the server could not find the requested resource', code: 404 };
      expect(await get(path)).toMatchObject({ status: 404, body });
    }
    expect((await get('/api/v1/pods', {}, 'POST')).status).toBe(405);
  });
});

describe('discovery', () => {
  const versions = ['v1alpha1', 'v2', 'v1beta1', 'v1', 'other', 'v10', 'v1beta2'];
  const several = versions.map((version) => object(`example.com/${version}`, 'Thing', 'x', 'shop'));

  test('discovery lists API groups with their versions, the most mature and highest first', async () => {
    const get = await serve({ objects: [...objects, ...several] });
    const { body } = await get('/apis');
    expect(body).toMatchObject({ kind: 'APIGroupList', apiVersion: 'v1' });
    expect(body.groups.map(({ name }: { name: string }) => name)).toEqual([
      'apps',
      'batch',
      'example.com',
      'networking.k8s.io',
      'policy.networking.k8s.io',
    ]);
    const group = (await get('/apis/example.com')).body;
    expect(group).toMatchObject({
      kind: 'APIGroup',
      name: 'example.com',
      preferredVersion: { groupVersion: 'example.com/v10', version: 'v10' },
    });
    expect(group.versions.map(({ version }: { version: string }) => version)).toEqual([
      'v10',
      'v2',
      'v1',
      'v1beta2',
      'v1beta1',
      'v1alpha1',
      'other',
    ]);
    expect(group).toMatchObject(body.groups[2]);
  });

  test('discovery lists the resources of a version, whether or not there are objects', async () => {
    const get = await serve();
    expect((await get('/apis/policy.networking.k8s.io/v1alpha1')).body).toEqual({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'policy.networking.k8s.io/v1alpha1',
      resources: [
        {
          name: 'adminnetworkpolicies',
          singularName: 'adminnetworkpolicy',
          namespaced: false,
          kind: 'AdminNetworkPolicy',
          verbs: ['get', 'list'],
        },
      ],
    });
    const { body } = await get('/api/v1');
    expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'v1' });
    const namespaced = new Map(
      body.resources.map((one: { name: string; namespaced: boolean }) => [one.name, one.namespaced]),
    );
    expect([namespaced.get('pods'), namespaced.get('nodes')]).toEqual([true, false]);
    expect((await get('/api')).body).toEqual({ kind: 'APIVersions', versions: ['v1'] });
  });

  test('discovery is open to a client that may list nothing', async () => {
    const get = await serve({ deny: [{ resource: 'adminnetworkpolicies' }] });
    expect((await get('/apis/policy.networking.k8s.io/v1alpha1/adminnetworkpolicies')).status).toBe(403);
    expect((await get('/apis/policy.networking.k8s.io/v1alpha1')).status).toBe(200);
  });

  test('discovery answers 404 for unknown groups and versions', async () => {
    const get = await serve();
    for (const path of ['/apis/cilium.io', '/apis/cilium.io/v2', '/apis/apps/v9', '/api/v2']) {
      expect((await get(path)).status).toBe(404);
    }
  });
});

describe('the server', () => {
  test('the server of the sample returns its version', async () => {
    const get = await serve({ gitVersion: 'v1.34.1-eks-113cf36' });
    expect((await get('/version')).body).toMatchObject({
      major: '1',
      minor: '34',
      gitVersion: 'v1.34.1-eks-113cf36',
    });
  });

  test('the server speaks TLS', async () => {
    const authority = await anAuthority();
    const get = await serve({ tls: await authority.issue({ commonName: 'api' }) });
    expect((await get('/version')).status).toBe(200);
  });

  test('the server listens on loopback only, and closes while connections are open', async () => {
    const server = await startApiServer({ objects });
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
    const dispatcher = new Agent();
    await (await request(`${server.url}/version`, { dispatcher })).body.dump();
    await server.close();
    await expect(request(`${server.url}/version`, { dispatcher })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    });
    await dispatcher.close();
  });

  test('the server refuses objects without a name', async () => {
    await expect(startApiServer({ objects: [{ kind: 'Pod' }] })).rejects.toThrow(TypeError);
  });
});
