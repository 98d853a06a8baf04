import { describe, expect, test } from '@jest/globals';
import {
  listPath,
  POLICY_KINDS,
  policyKindOf,
  policyReads,
} from '../../../lambda/collect/policies/policy-kinds.ts';
import { type PolicyObjects, readPolicies } from '../../../lambda/collect/policies/read-policies.ts';
import { discoverKinds } from '../../../lambda/collect/policies/served-kinds.ts';
import { openKubeApi } from '../../../lambda/connect/kube/kube-api.ts';
import type { Gap } from '../../../lambda/inventory/gap.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { isPolicyResource, MESH_RESOURCES, POLICY_RESOURCES } from '../../../lambda/inventory/resources.ts';
import { closedAfterEach } from '../../support/closed-after-each.ts';
import {
  type ApiServerOptions,
  type Respond,
  send,
  startApiServer,
} from '../../support/kube-server/api-server.ts';
import { DEEP } from '../../support/runs.ts';

const cleanups = closedAfterEach();

const object = (apiVersion: string, kind: string, name: string, more: Record<string, unknown> = {}) => ({
  apiVersion,
  kind,
  metadata: { name, ...more },
  spec: { marker: name },
});

const ALPHA1 = 'policy.networking.k8s.io/v1alpha1';
const ALPHA2 = 'policy.networking.k8s.io/v1alpha2';
const inShop = { namespace: 'shop' };
const core = object('networking.k8s.io/v1', 'NetworkPolicy', 'core', inShop);
const admin = object(ALPHA1, 'AdminNetworkPolicy', 'admin');
const shop = object('v1', 'Namespace', 'shop', { labels: { team: 'a' } });

interface Read extends PolicyObjects {
  readonly gaps: readonly Gap[];
  readonly notes: readonly string[];
  /** Paths that were asked for, sorted. */
  readonly asked: readonly string[];
}

/** A fault in place of the answer to some paths. */
const faulty =
  (faults: Readonly<Record<string, { status: number; body?: object }>>): Respond =>
  (request, response, answer) => {
    const fault = faults[new URL(request.url ?? '/', 'http://localhost').pathname];
    if (fault === undefined) return send(request, response, answer);
    response.writeHead(fault.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(fault.body ?? { kind: 'Status', status: 'Failure', code: fault.status }));
  };

async function read(
  objects: readonly object[],
  options: Partial<ApiServerOptions> & { readonly respond?: Respond } = {},
): Promise<Read> {
  const asked: string[] = [];
  const { respond = send, ...server } = options;
  const { url, close } = await startApiServer({ objects, ...server }, (request, response, answer) => {
    asked.push(new URL(request.url ?? '/', 'http://localhost').pathname);
    return respond(request, response, answer);
  });
  const api = openKubeApi({ server: url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(close, () => api.close());
  const gaps: Gap[] = [];
  const notes: string[] = [];
  const found = await readPolicies(api, { gaps, notes, served: await discoverKinds(api) });
  return { ...found, gaps, notes, asked: asked.sort() };
}

const GROUP = 'policy.networking.k8s.io';
const ALL = [...POLICY_RESOURCES, ...MESH_RESOURCES].sort();

const resourcesOf = (gaps: readonly Gap[]): readonly unknown[] => gaps.map(({ resource }) => resource).sort();

const resourceList = (fields: object) => ({
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: 'networking.istio.io/v1',
  ...fields,
});

const listOf = (items: readonly object[]) => ({
  kind: 'AdminNetworkPolicyList',
  apiVersion: ALPHA1,
  metadata: { resourceVersion: '1' },
  items,
});

const inShort = (objects: readonly PolicyObject[]) =>
  objects.map(({ apiVersion, kind, namespace, name }) => `${apiVersion} ${kind} ${namespace}/${name}`).sort();

describe('the policies of a cluster', () => {
  test('the policies of a cluster without custom kinds take two requests', async () => {
    const { policies, gaps, asked, namespaces } = await read([core, shop]);
    expect(inShort(policies)).toEqual(['networking.k8s.io/v1 NetworkPolicy shop/core']);
    expect(gaps).toEqual([]);
    expect(namespaces.size).toBe(0);
    // networking.k8s.io is there on every server; nothing is asked of groups that are not.
    expect(asked).toEqual(['/apis', '/apis/networking.k8s.io/v1/networkpolicies']);
  });

  test('policies of every kind are read from the API group where the server has them', async () => {
    const all = POLICY_KINDS.map(({ kind, namespaced, sources: [{ group, versions }] }) =>
      object(`${group}/${versions[0]}`, kind, kind.toLowerCase(), namespaced ? inShop : {}),
    );
    const { policies, mesh, gaps, namespaces } = await read([...all, shop]);
    expect(gaps).toEqual([]);
    expect([...policies, ...mesh]).toHaveLength(POLICY_KINDS.length);
    expect(mesh.map(({ kind }) => kind).sort()).toEqual(['ServiceEntry', 'Sidecar']);
    for (const one of [...policies, ...mesh]) {
      const source = policyKindOf(one.apiVersion, one.kind);
      expect(one.namespace).toBe(source?.namespaced ? 'shop' : '');
      expect(one.spec).toEqual({ marker: one.kind.toLowerCase() });
    }
    expect(namespaces).toEqual(new Map([['shop', { team: 'a' }]]));
  });

  test('policies of two kinds in two versions of one group are both found', async () => {
    const cluster = object(ALPHA2, 'ClusterNetworkPolicy', 'cluster');
    const { policies, gaps } = await read([admin, cluster]);
    expect(inShort(policies)).toEqual([
      `${ALPHA1} AdminNetworkPolicy /admin`,
      `${ALPHA2} ClusterNetworkPolicy /cluster`,
    ]);
    expect(gaps).toEqual([]);
  });

  test('policies are read in the newest known version, and in another if there is only that', async () => {
    const istio = (version: string) =>
      object(`networking.istio.io/${version}`, 'ServiceEntry', 'entry', inShop);
    const both = await read([istio('v1alpha3'), istio('v1'), istio('v1beta1')]);
    expect(inShort(both.mesh)).toEqual(['networking.istio.io/v1 ServiceEntry shop/entry']);
    const later = await read([object('policy.networking.k8s.io/v1beta1', 'ClusterNetworkPolicy', 'later')]);
    expect(inShort(later.policies)).toEqual(['policy.networking.k8s.io/v1beta1 ClusterNetworkPolicy /later']);
  });

  test('Calico policies are read from both of their groups where both are served', async () => {
    const crd = object('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', 'default.closed');
    const api = object('projectcalico.org/v3', 'GlobalNetworkPolicy', 'default.closed');
    expect(inShort((await read([crd, api])).policies)).toEqual([
      'crd.projectcalico.org/v1 GlobalNetworkPolicy /closed',
      'projectcalico.org/v3 GlobalNetworkPolicy /default.closed',
    ]);
    expect(inShort((await read([crd])).policies)).toEqual([
      'crd.projectcalico.org/v1 GlobalNetworkPolicy /closed',
    ]);
    expect(inShort((await read([api])).policies)).toEqual([
      'projectcalico.org/v3 GlobalNetworkPolicy /default.closed',
    ]);
  });

  test('Calico policies have the labels that the API keeps in an annotation, unless that is damaged', async () => {
    const set = (annotation: string, name: string) =>
      object('crd.projectcalico.org/v1', 'GlobalNetworkSet', name, {
        labels: { own: 'x' },
        annotations: { 'projectcalico.org/metadata': annotation },
      });
    const damaged = ['{', 'null', '[]', '{"labels":[1]}', '{"labels":{"a":1}}'];
    const { policies, gaps } = await read([
      set('{"labels":{"role":"db"}}', 'good'),
      ...damaged.map((text, i) => set(text, `bad${i}`)),
    ]);
    expect(gaps).toEqual([]);
    const labels = new Map(policies.map((one) => [one.name, one.labels]));
    expect(labels.get('good')).toEqual({ own: 'x', role: 'db' });
    damaged.forEach((_, i) => {
      expect(labels.get(`bad${i}`)).toEqual({ own: 'x' });
    });
  });
});

describe('a policy of Calico', () => {
  const nameOf = async (name: string, spec: object, annotation?: string) => {
    const annotations = annotation === undefined ? {} : { 'projectcalico.org/metadata': annotation };
    const policy = object('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', name, { annotations });
    const { policies } = await read([{ ...policy, spec }]);
    return policies[0]?.name;
  };

  test('a Calico policy has the name that its API gives it', async () => {
    expect(await nameOf('default.closed', {})).toBe('closed');
    expect(await nameOf('default.closed', { tier: 'default' })).toBe('closed');
    expect(await nameOf('default.closed', { tier: 'default' }, '{"name":"default.closed"}')).toBe(
      'default.closed',
    );
    expect(await nameOf('default.closed', {}, '{"name":"other"}')).toBe('other');
    expect(await nameOf('default.closed', {}, '{"name":""}')).toBe('closed');
    expect(await nameOf('default.closed', {}, '{"name":1}')).toBe('closed');
    expect(await nameOf('secure.closed', { tier: 'secure' })).toBe('secure.closed');
    expect(await nameOf('default.closed', { tier: 'secure' })).toBe('default.closed');
    expect(await nameOf('closed', {})).toBe('closed');
    const { policies } = await read([object('crd.projectcalico.org/v1', 'GlobalNetworkSet', 'default.set')]);
    expect(policies[0]?.name).toBe('default.set');
  });
});

describe('a kind that is served and not shown', () => {
  test('a policy kind that may not be listed is a gap in a resource that every egress check needs', async () => {
    const { policies, gaps } = await read([core, admin], { deny: [{ resource: 'adminnetworkpolicies' }] });
    expect(inShort(policies)).toEqual(['networking.k8s.io/v1 NetworkPolicy shop/core']);
    expect(gaps).toMatchObject([
      {
        resource: 'adminnetworkpolicies.policy.networking.k8s.io',
        reason: 'forbidden',
        message: expect.stringContaining('may not list adminnetworkpolicies.policy.networking.k8s.io'),
      },
    ]);
    expect(gaps.every(({ resource, scope }) => isPolicyResource(resource) && scope === undefined)).toBe(true);
  });

  test('a policy kind that is not served is no gap, even where it would be refused', async () => {
    const deny = [{ resource: 'adminnetworkpolicies' }, { resource: 'ciliumnetworkpolicies' }];
    expect((await read([core], { deny })).gaps).toEqual([]);
  });

  test('an API group without a resource list is a gap for each of its kinds', async () => {
    const respond = faulty({ [`/apis/${ALPHA1}`]: { status: 403 } });
    const { gaps } = await read([core, admin], { respond });
    expect(resourcesOf(gaps)).toEqual([
      `adminnetworkpolicies.${GROUP}`,
      `baselineadminnetworkpolicies.${GROUP}`,
      `clusternetworkpolicies.${GROUP}`,
    ]);
    expect(gaps[0]).toMatchObject({
      reason: 'forbidden',
      message: expect.stringContaining(`/apis/${ALPHA1}`),
    });
  });

  const resources = [{ name: 'serviceentries' }, { name: 'sidecars' }];
  test.each<[string, { status: number; body?: object }]>([
    // Asked for again, with the waits of a live audit.
    ...(DEEP ? [['an error', { status: 500 }] as [string, { status: number }]] : []),
    ['a redirect', { status: 302 }],
    ['null in the place of the list', { status: 200, body: resourceList({ resources: null }) }],
    ['an empty list', { status: 200, body: resourceList({ resources: [] }) }],
    ['no list', { status: 200, body: resourceList({}) }],
    ['a resource without a name', { status: 200, body: resourceList({ resources: [{ kind: 'Sidecar' }] }) }],
    [
      "another group's list",
      { status: 200, body: resourceList({ groupVersion: 'apps/v1', resources: [{ name: 'deployments' }] }) },
    ],
    ['another kind', { status: 200, body: { ...resourceList({ resources }), kind: 'APIGroup' } }],
  ])('a mesh group that answers with %s is a gap for both of its kinds', async (_, fault) => {
    const entry = object('networking.istio.io/v1', 'ServiceEntry', 'entry', inShop);
    const { gaps } = await read([core, entry], {
      respond: faulty({ '/apis/networking.istio.io/v1': fault }),
    });
    expect(resourcesOf(gaps)).toEqual(['serviceentries.networking.istio.io', 'sidecars.networking.istio.io']);
  });

  test('a policy object that cannot be read is a gap for its kind', async () => {
    const broken = listOf([{ metadata: {} }]);
    const respond = faulty({ [`/apis/${ALPHA1}/adminnetworkpolicies`]: { status: 200, body: broken } });
    const { gaps } = await read([core, admin], { respond });
    expect(gaps).toMatchObject([{ reason: 'malformed-object' }]);
  });

  test('a list with an object of another kind, or without its namespace, is a gap', async () => {
    const other = { ...admin, kind: 'BaselineAdminNetworkPolicy' };
    const answers: Record<string, object> = {
      [`/apis/${ALPHA1}/adminnetworkpolicies`]: listOf([other]),
      '/apis/networking.k8s.io/v1/networkpolicies': {
        ...listOf([{ metadata: { name: 'core' }, spec: {} }]),
        kind: 'NetworkPolicyList',
        apiVersion: 'networking.k8s.io/v1',
      },
    };
    const faults = Object.entries(answers).map(([path, body]) => [path, { status: 200, body }] as const);
    const { gaps } = await read([core, admin], { respond: faulty(Object.fromEntries(faults)) });
    expect(gaps.map(({ resource, reason }) => [resource, reason])).toEqual([
      ['networkpolicies', 'malformed-object'],
      [`adminnetworkpolicies.${GROUP}`, 'malformed-object'],
    ]);
  });

  test('an unread mesh kind is a gap that leaves the policies as they are', async () => {
    const entry = object('networking.istio.io/v1', 'ServiceEntry', 'entry', inShop);
    const { gaps } = await read([core, entry], { deny: [{ resource: 'serviceentries' }] });
    expect(gaps).toMatchObject([{ resource: 'serviceentries.networking.istio.io', reason: 'forbidden' }]);
    expect(isPolicyResource(gaps[0]?.resource)).toBe(false);
  });
});

describe('without discovery', () => {
  const CLOSED = faulty({ '/apis': { status: 403 } });

  test('without discovery every list is tried, and a kind that is not found is a gap', async () => {
    const entry = object('networking.istio.io/v1', 'ServiceEntry', 'entry', inShop);
    const old = object('networking.istio.io/v1alpha3', 'ServiceEntry', 'entry', inShop);
    const { policies, mesh, gaps } = await read([core, admin, entry, old, shop], { respond: CLOSED });
    expect(inShort(policies)).toEqual([
      'networking.k8s.io/v1 NetworkPolicy shop/core',
      `${ALPHA1} AdminNetworkPolicy /admin`,
    ]);
    expect(inShort(mesh)).toEqual(['networking.istio.io/v1 ServiceEntry shop/entry']);
    const found = ['networkpolicies', `adminnetworkpolicies.${GROUP}`, 'serviceentries.networking.istio.io'];
    expect(resourcesOf(gaps)).toEqual(ALL.filter((resource) => !found.includes(resource)));
    expect(new Set(gaps.map(({ message }) => message)).size).toBe(1);
    expect(gaps[0]).toMatchObject({ reason: 'forbidden', remedy: expect.stringContaining('/apis') });
  });

  test('without discovery each refused list is a gap, all with the same message', async () => {
    const deny = ALL.map((resource) => ({ resource: resource.split('.')[0] ?? '' })).filter(
      ({ resource }) => resource !== 'networkpolicies',
    );
    const { policies, gaps } = await read([core], { respond: CLOSED, deny });
    expect(policies).toHaveLength(1);
    expect(resourcesOf(gaps)).toEqual(ALL.filter((resource) => resource !== 'networkpolicies'));
    expect(new Set(gaps.map(({ message, remedy }) => message + remedy)).size).toBe(1);
    expect(gaps[0]?.message).toMatch(
      /^Which kinds of policies this cluster has is not known: .*\/apis.* These could/,
    );
    expect(gaps[0]?.message).toContain('adminnetworkpolicies.policy.networking.k8s.io');
    expect(gaps[0]?.remedy).toMatch(/non-resource URL \/apis .* Grant it the verb list/);
  });

  const groups = [{ name: 'apps', versions: [{ groupVersion: 'apps/v1', version: 'v1' }] }];
  test.each([
    ['a login page', { status: 200, body: { kind: 'Page' } }],
    ['a list of something else', { status: 200, body: { kind: 'APIGroupList', groups: 'none' } }],
    ['a list of nothing', { status: 200, body: { kind: 'APIGroupList', groups: [] } }],
    ['null', { status: 200, body: { kind: 'APIGroupList', groups: null } }],
    ['no list', { status: 200, body: { kind: 'APIGroupList' } }],
    ['a part of the list', { status: 200, body: { kind: 'APIGroupList', groups } }],
    ['nothing that is known', { status: 404 }],
    ['a redirect', { status: 302 }],
  ])('the answer %s to discovery does not mean that there is nothing', async (_, fault) => {
    const { policies, gaps } = await read([core, admin], { respond: faulty({ '/apis': fault }) });
    expect(policies).toHaveLength(2);
    const found = ['networkpolicies', `adminnetworkpolicies.${GROUP}`];
    expect(resourcesOf(gaps)).toEqual(ALL.filter((resource) => !found.includes(resource)));
  });

  test('a group without versions, or with versions of another one, is not believed', async () => {
    const own = {
      name: 'networking.k8s.io',
      versions: [{ groupVersion: 'networking.k8s.io/v1', version: 'v1' }],
    };
    const odd = [
      { name: 'cilium.io', versions: [] },
      { name: 'cilium.io' },
      { name: 'cilium.io', versions: [{ version: 'v2' }] },
      { versions: [{ groupVersion: 'cilium.io/v2', version: 'v2' }] },
    ];
    for (const group of odd) {
      const body = { kind: 'APIGroupList', groups: [own, group] };
      const { gaps } = await read([core], { respond: faulty({ '/apis': { status: 200, body } }) });
      expect(resourcesOf(gaps)).toContain('ciliumnetworkpolicies.cilium.io');
    }
  });

  test('an unauthorized audit does not try every list, and has a gap for each', async () => {
    const { gaps, asked } = await read([core, admin], { token: 'secret' });
    expect(new Set(asked)).toEqual(new Set(['/apis', '/apis/networking.k8s.io/v1/networkpolicies']));
    expect(new Set(gaps.map(({ reason }) => reason))).toEqual(new Set(['unauthorized']));
    expect(resourcesOf(gaps)).toEqual(ALL);
  });

  test('a server without networkpolicies does not count as a server without policies', async () => {
    const respond = faulty({ '/apis/networking.k8s.io/v1/networkpolicies': { status: 404 } });
    expect((await read([admin], { respond })).gaps).toMatchObject([{ resource: 'networkpolicies' }]);
  });
});

describe('labels of namespaces', () => {
  test('labels of namespaces are read only where a policy may select by them', async () => {
    expect((await read([core, shop])).asked).not.toContain('/api/v1/namespaces');
    expect((await read([core, shop, admin])).namespaces).toEqual(new Map([['shop', { team: 'a' }]]));
    const application = object('networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy', 'app', inShop);
    expect((await read([application, shop])).namespaces.size).toBe(0);
  });

  test('labels of namespaces that may not be read are a note, and only pods whose policies need them are not evaluated', async () => {
    const { gaps, notes, namespaces } = await read([admin, shop], { deny: [{ resource: 'namespaces' }] });
    expect(gaps).toEqual([]);
    expect(notes).toEqual([
      expect.stringMatching(/may not list namespaces .* labels other than their name\. Grant/),
    ]);
    expect(namespaces.size).toBe(0);
  });
});

describe('labels of namespaces in a mesh', () => {
  const entry = object('networking.istio.io/v1', 'ServiceEntry', 'entry', inShop);

  test.each([
    ['may not be read', { deny: [{ resource: 'namespaces' }] }, 'forbidden'],
    ['are those of no namespace at all', {}, 'list-incomplete'],
  ])(
    'labels of namespaces that %s are a gap in a mesh, since any pod may be in ambient mode',
    async (_, options, reason) => {
      const { gaps } = await read([core, entry], options);
      expect(gaps).toMatchObject([{ resource: 'namespaces', reason }]);
      expect((await read([core, entry, shop])).gaps).toEqual([]);
    },
  );
});

describe('the table of kinds', () => {
  test('the table of policy kinds has each resource once', () => {
    expect(POLICY_KINDS.map(({ resource }) => resource).sort()).toEqual(
      [...POLICY_RESOURCES, ...MESH_RESOURCES].sort(),
    );
  });

  test('the table of policy kinds finds kinds by group and in any version', () => {
    expect(policyKindOf('networking.k8s.io/v1', 'NetworkPolicy')?.resource).toBe('networkpolicies');
    expect(policyKindOf('extensions/v1beta1', 'NetworkPolicy')?.resource).toBe('networkpolicies');
    expect(policyKindOf('projectcalico.org/v3', 'NetworkPolicy')?.resource).toBe(
      'networkpolicies.projectcalico.org',
    );
    expect(policyKindOf('policy.networking.k8s.io/v9', 'ClusterNetworkPolicy')?.namespaced).toBe(false);
    expect(policyKindOf('v1', 'NetworkPolicy')).toBeNull();
    expect(policyKindOf('example.com/v1', 'NetworkPolicy')).toBeNull();
    expect(policyKindOf('networking.k8s.io/v1', 'Ingress')).toBeNull();
  });

  test('the table of policy kinds names what a role must allow, nothing else and each once', () => {
    const reads = policyReads().map(({ group, resource }) => `${resource}.${group}`);
    expect(new Set(reads).size).toBe(reads.length);
    expect(reads).toContain('globalnetworkpolicies.crd.projectcalico.org');
    expect(reads).toContain('globalnetworkpolicies.projectcalico.org');
    expect(listPath('a.b', 'v1', 'cs')).toBe('/apis/a.b/v1/cs');
  });
});
