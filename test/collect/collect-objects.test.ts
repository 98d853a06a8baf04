import { describe, expect, test } from '@jest/globals';
import { collectObjects } from '../../lambda/collect/collect-objects.ts';
import type { SnapshotContent } from '../../lambda/collect/content.ts';
import { NO_OBSERVER } from '../../lambda/collect/observe.ts';
import { CLUSTER } from '../support/builders.ts';

type Manifest = Record<string, unknown>;

const podSpec = { containers: [{ name: 'app', image: 'nginx' }] };
const template = { metadata: { labels: { app: 'web' } }, spec: podSpec };
const owner = (kind: string, name: string) => ({ apiVersion: 'apps/v1', kind, name, controller: true });

function manifest(kind: string, name: string, spec: Manifest, metadata: Manifest = {}): Manifest {
  return {
    apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1',
    kind,
    metadata: { name, namespace: 'shop', ...metadata },
    spec,
  };
}

function collect(...objects: readonly Manifest[]) {
  const content: SnapshotContent = { form: 'dump', holds: new Set(), complete: true };
  const source = {
    content,
    objects: objects.map((object) => ({ object, origin: 'test' })),
    gaps: [],
    notes: [],
  };
  return collectObjects(CLUSTER, source, { labelKeys: () => new Set(['app']), observer: NO_OBSERVER });
}

const workloads = (...objects: readonly Manifest[]) =>
  collect(...objects).classes.map(({ workload, source, population }) => [
    `${workload.kind}/${workload.name}`,
    source,
    population.count,
  ]);

describe('a snapshot of objects', () => {
  test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'])(
    'a %s counts as one pod of its template',
    (kind) => {
      const [found] = collect(manifest(kind, 'web', { replicas: 3, template })).classes;
      expect(found).toMatchObject({
        workload: { kind, name: 'web' },
        source: 'template',
        labels: { app: 'web' },
      });
      expect(found?.population).toMatchObject({ count: 1, examples: [], active: { unknown: 1 } });
    },
  );

  test("a CronJob's template lies one level deeper", () => {
    expect(workloads(manifest('CronJob', 'report', { jobTemplate: { spec: { template } } }))).toEqual([
      ['CronJob/report', 'template', 1],
    ]);
  });

  // Only creation tells apart what is made of one generateName; and kinds of two groups may have one name.
  test('objects that count as one workload are all judged', () => {
    const job = (image: string) =>
      manifest('Job', 'import-', { template: { spec: { containers: [{ name: 'app', image }] } } });
    const other = { ...job('c'), apiVersion: 'batch.volcano.sh/v1alpha1' };
    const { classes } = collect(job('a'), other, job('b'));
    expect(classes.map(({ spec }) => spec.containers[0]?.image).sort()).toEqual(['a', 'b', 'c']);
    expect(new Set(classes.map(({ workload }) => workload.name))).toEqual(new Set(['import-']));
  });

  test('a workload with pods in the snapshot is judged by its pods alone', () => {
    const deployment = manifest('Deployment', 'web', { template });
    const replicaSet = manifest(
      'ReplicaSet',
      'web-1',
      { replicas: 1, template },
      { ownerReferences: [owner('Deployment', 'web')] },
    );
    const pod = manifest('Pod', 'web-1-a', podSpec, { ownerReferences: [owner('ReplicaSet', 'web-1')] });
    expect(workloads(deployment, replicaSet, pod)).toEqual([['Deployment/web', 'pod', 1]]);
    expect(workloads(pod, replicaSet)).toEqual([['Deployment/web', 'pod', 1]]);
  });

  test('ReplicaSets represent a Deployment that is missing, and old revisions represent nothing', () => {
    const revision = (name: string, replicas: number): Manifest =>
      manifest('ReplicaSet', name, { replicas, template }, { ownerReferences: [owner('Deployment', 'web')] });
    expect(workloads(revision('web-1', 0))).toEqual([]);
    expect(workloads(revision('web-1', 0), revision('web-2', 2))).toEqual([
      ['Deployment/web', 'template', 1],
    ]);
    expect(workloads(revision('web-2', 2), manifest('Deployment', 'web', { template }))).toEqual([
      ['Deployment/web', 'template', 1],
    ]);
  });

  const imagesOf = (...objects: readonly Manifest[]) =>
    collect(...objects)
      .classes.map(({ spec }) => spec.containers[0]?.image)
      .sort();
  const using = (image: string) => ({ spec: { containers: [{ name: 'app', image }] } });
  const child = (kind: string, image: string, more: Manifest = {}) => ({
    ...manifest(
      kind,
      `web-${image}`,
      { replicas: 1, template: using(image) },
      {
        ownerReferences: [owner(kind === 'Job' ? 'CronJob' : 'Deployment', 'web')],
      },
    ),
    ...(kind === 'Job' ? { apiVersion: 'batch/v1' } : {}),
    ...more,
  });
  const ended = (type: string, lastTransitionTime: string) => ({
    status: { conditions: [{ type, status: 'True', lastTransitionTime }] },
  });

  test('each ReplicaSet and each live Job of a missing parent is judged', () => {
    expect(imagesOf(child('ReplicaSet', 'a'), child('ReplicaSet', 'b'))).toEqual(['a', 'b']);
    const done = child('Job', 'done', ended('Complete', '2026-11-01T00:00:00Z'));
    expect(imagesOf(done, child('Job', 'a'), child('Job', 'b'))).toEqual(['a', 'b']);
    expect(imagesOf(child('Job', 'a'), child('Job', 'b'), done)).toEqual(['a', 'b']);
    const own = manifest('Deployment', 'web', { template: using('own') });
    expect(imagesOf(child('ReplicaSet', 'a'), own, child('ReplicaSet', 'b'))).toEqual(['own']);
  });

  test('the last of several ended Jobs represents the next', () => {
    const first = child('Job', 'first', ended('Failed', '2026-11-01T00:00:00Z'));
    const last = child('Job', 'last', ended('Complete', '2026-11-02T00:00:00Z'));
    expect(imagesOf(first, last)).toEqual(['last']);
    expect(imagesOf(last, first)).toEqual(['last']);
  });

  const rollout = (
    name: string,
    of: Manifest = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
  ) => ({
    ...manifest('Rollout', name, { workloadRef: of }),
    apiVersion: 'argoproj.io/v1alpha1',
  });

  test('a Rollout is judged by the template that it refers to', () => {
    const web = (replicas: number) => manifest('Deployment', 'web', { replicas, template });
    for (const objects of [
      [rollout('canary'), web(2)],
      [web(2), rollout('canary')],
    ]) {
      expect(workloads(...objects)).toEqual([
        ['Deployment/web', 'template', 1],
        ['Rollout/canary', 'template', 1],
      ]);
    }
    expect(workloads(rollout('canary'), web(0))).toEqual([['Rollout/canary', 'template', 1]]);
    expect(collect(rollout('canary'), web(0)).classes[0]).toMatchObject({ labels: { app: 'web' } });
    const pod = manifest('Pod', 'canary-1-a', podSpec, {
      labels: { 'rollouts-pod-template-hash': '1' },
      ownerReferences: [owner('ReplicaSet', 'canary-1')],
    });
    expect(workloads(rollout('canary'), web(0), pod)).toEqual([['Rollout/canary', 'pod', 1]]);
    expect(collect(rollout('canary'), pod).gaps).toEqual([]);
  });

  test('a Rollout without its referenced template is a gap that says so', () => {
    const { gaps } = collect(rollout('canary'));
    expect(gaps).toMatchObject([{ resource: 'pods', scope: { kind: 'Rollout', name: 'canary' } }]);
    expect(gaps[0]?.message).toBe(
      'Rollout shop/canary makes its pods by the template of Deployment shop/web (spec.workloadRef), which was not found.',
    );
    const [broken] = collect(rollout('canary', { kind: 'Deployment' })).gaps;
    expect(broken?.message).toMatch(/^Rollout shop\/canary has no pod template that can be understood/);
  });

  test('objects without a template are gaps that name each, with one remedy for each kind, unless their pods are there', () => {
    const bare = (kind: string, name: string, of: string) =>
      manifest(kind, name, {}, { ownerReferences: [owner('Deployment', of)] });
    const pod = manifest('Pod', 'web-1-a', podSpec, { ownerReferences: [owner('ReplicaSet', 'web-1')] });
    const { gaps } = collect(
      bare('ReplicaSet', 'web-1', 'web'),
      bare('ReplicaSet', 'api-1', 'api'),
      bare('ReplicaSet', 'api-2', 'api'),
      manifest('StatefulSet', 'db', {}),
      pod,
    );
    expect(gaps.map(({ scope }) => scope?.name)).toEqual(['api-1', 'api-2', 'db']);
    expect(gaps.map(({ message }) => message)).toEqual(
      ['ReplicaSet shop/api-1', 'ReplicaSet shop/api-2', 'StatefulSet shop/db'].map(
        (title) => `${title} has no pod template that can be understood, and none of its pods is there.`,
      ),
    );
    expect(new Set(gaps.map(({ remedy }) => remedy)).size).toBe(2);
  });

  test('the operating system of pods is known from their node', () => {
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'win', labels: { 'kubernetes.io/os': 'windows' } },
    };
    const pod = manifest('Pod', 'iis', { ...podSpec, nodeName: 'win' });
    expect(collect(pod, node).classes[0]?.spec.os).toBe('windows');
  });

  test('a broken object is a gap with its name, and the others are still read', () => {
    const inventory = collect(
      manifest('Pod', 'bad', { containers: 'none' }),
      manifest('Pod', 'good', podSpec),
    );
    expect(inventory.classes.map(({ workload }) => workload.name)).toEqual(['good']);
    expect(inventory.gaps).toMatchObject([
      {
        resource: 'pods',
        reason: 'malformed-object',
        scope: { kind: 'Pod', name: 'bad', namespace: 'shop' },
      },
    ]);
  });

  test('a policy without a name leaves all policies uncertain', () => {
    const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: {}, spec: {} };
    const [gap] = collect(policy).gaps;
    expect(gap).toMatchObject({ resource: 'networkpolicies', reason: 'malformed-object' });
    expect(gap).not.toHaveProperty('scope');
  });

  test('kinds of other groups with a known name are not taken for the known kind', () => {
    const foreign = {
      apiVersion: 'example.com/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'x' },
      spec: {},
    };
    expect(collect(foreign).policies).toEqual([]);
  });

  test('policies of every kind are kept, cluster-scoped ones without a namespace, mesh objects separately', () => {
    const policy = (apiVersion: string, kind: string, metadata: Manifest = {}) => ({
      apiVersion,
      kind,
      metadata: { name: 'x', ...metadata },
      spec: {},
    });
    const { policies, mesh, gaps } = collect(
      policy('networking.k8s.io/v1', 'NetworkPolicy', { namespace: 'shop' }),
      policy('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', { namespace: 'ignored' }),
      policy('policy.networking.k8s.io/v1beta7', 'ClusterNetworkPolicy'),
      policy('networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy'),
      policy('crd.projectcalico.org/v1', 'GlobalNetworkPolicy'),
      policy('cilium.io/v2', 'CiliumNetworkPolicy', { namespace: 'shop' }),
      policy('networking.istio.io/v1', 'ServiceEntry'),
    );
    expect(gaps).toEqual([]);
    expect(policies.map(({ kind, namespace }) => `${kind} ${namespace}`)).toEqual([
      'NetworkPolicy shop',
      'AdminNetworkPolicy ',
      'ClusterNetworkPolicy ',
      'ApplicationNetworkPolicy default',
      'GlobalNetworkPolicy ',
      'CiliumNetworkPolicy shop',
    ]);
    expect(policies[2]?.apiVersion).toBe('policy.networking.k8s.io/v1beta7');
    expect(mesh.map(({ kind }) => kind)).toEqual(['ServiceEntry']);
  });

  test('a broken policy of any kind leaves all policies uncertain', () => {
    const broken = { apiVersion: 'networking.k8s.aws/v1alpha1', kind: 'ClusterNetworkPolicy', metadata: {} };
    const [gap] = collect(broken).gaps;
    expect(gap).toMatchObject({ resource: 'clusternetworkpolicies.networking.k8s.aws' });
    expect(gap).not.toHaveProperty('scope');
  });

  test('namespaces give their labels, and a broken one is a note', () => {
    const namespace = (name: string, labels: unknown) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels },
    });
    const { namespaces, gaps, notes } = collect(
      namespace('shop', { team: 'a' }),
      namespace('bare', null),
      namespace('bad', { team: 1 }),
    );
    expect(namespaces).toEqual(
      new Map([
        ['shop', { team: 'a' }],
        ['bare', {}],
      ]),
    );
    expect(gaps).toEqual([]);
    expect(notes).toEqual([
      expect.stringMatching(/Namespace .*bad cannot be read.*labels are treated as unknown/),
    ]);
  });
});
