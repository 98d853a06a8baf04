import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import { SERVICE_ACCOUNT, SERVICE_ACCOUNT_OBJECT } from '../../lambda/inventory/service-account.ts';
import { ownerOf } from '../../lambda/inventory/workload.ts';
import { aContainer, aPod, aSpec, classesOf, DAY, NOW } from '../support/builders.ts';

describe('the workload of a pod', () => {
  const owned = (kind: string, name: string, apiVersion = 'apps/v1') => ({ apiVersion, kind, name });

  test('a ReplicaSet named after its template hash belongs to the Deployment', () => {
    const pod = aPod({ labels: { 'pod-template-hash': '7d9' }, owner: owned('ReplicaSet', 'web-front-7d9') });
    expect(ownerOf(pod)).toEqual({
      ref: { namespace: 'shop', kind: 'Deployment', name: 'web-front' },
      lookup: null,
    });
  });

  test('any other ReplicaSet must be looked up, and so must every Job', () => {
    const bare = aPod({ labels: {}, owner: owned('ReplicaSet', 'web-7d9') });
    expect(ownerOf(bare)).toMatchObject({ ref: { kind: 'ReplicaSet' }, lookup: 'replicasets' });
    const other = aPod({ labels: { 'pod-template-hash': '7d9' }, owner: owned('ReplicaSet', 'web-8e1') });
    expect(ownerOf(other)).toMatchObject({ ref: { name: 'web-8e1' }, lookup: 'replicasets' });
    const onlyHash = aPod({ labels: { 'pod-template-hash': '7d9' }, owner: owned('ReplicaSet', '-7d9') });
    expect(ownerOf(onlyHash).lookup).toBe('replicasets');
    expect(ownerOf(aPod({ owner: owned('Job', 'backup-1', 'batch/v1') })).lookup).toBe('jobs');
  });

  test('bare and static pods are their own workload, custom controllers keep their kind', () => {
    expect(ownerOf(aPod({ owner: null })).ref.kind).toBe('Pod');
    const mirror = aPod({ name: 'kube-proxy-a', owner: owned('Node', 'a', 'v1') });
    expect(ownerOf(mirror)).toEqual({
      ref: { namespace: 'shop', kind: 'Pod', name: 'kube-proxy-a' },
      lookup: null,
      renewal: 'always',
    });
    const custom = aPod({ owner: owned('SparkApplication', 'etl', 'sparkoperator.k8s.io/v1beta2') });
    expect(ownerOf(custom)).toMatchObject({ ref: { kind: 'SparkApplication', name: 'etl' }, lookup: null });
    const foreign = aPod({ owner: owned('Job', 'train', 'batch.volcano.sh/v1alpha1') });
    expect(ownerOf(foreign).lookup).toBe(null);
  });
});

describe('folding pods into classes', () => {
  test('replicas of one template are one class, whatever their node, name and age', () => {
    const pods = [1, 2, 3].map((i) =>
      aPod({
        name: `web-${i}`,
        nodeName: `node-${i}`,
        startedAt: NOW - i * DAY,
        labels: { ...aPod().labels, i: `${i}` },
      }),
    );
    const classes = classesOf(pods);
    expect(classes).toHaveLength(1);
    expect(classes[0]).toMatchObject({ labels: {}, population: { count: 3, completed: 0 } });
    expect(classes[0]?.population.examples.map(({ name }) => name)).toEqual(['web-3', 'web-2', 'web-1']);
  });

  test('a label that a policy selects on separates classes', () => {
    const pods = [aPod({ labels: { tier: 'a', x: '1' } }), aPod({ labels: { tier: 'b', x: '2' } })];
    expect(classesOf(pods, { labelKeys: ['tier'] }).map(({ labels }) => labels)).toEqual([
      { tier: 'a' },
      { tier: 'b' },
    ]);
  });

  test('service accounts separate classes where a policy selects on them', () => {
    const pods = [
      aPod({ serviceAccount: 'a' }),
      aPod({ serviceAccount: 'b' }),
      aPod({ serviceAccount: null }),
    ];
    expect(classesOf(pods)).toHaveLength(1);
    const asked = classesOf(pods, { labelKeys: [SERVICE_ACCOUNT] }).map(({ labels }) => labels);
    expect(asked).toEqual([{ [SERVICE_ACCOUNT]: 'a' }, { [SERVICE_ACCOUNT]: 'b' }, {}]);
    const namespace = pods[0]?.namespace;
    const objects = classesOf(pods, { labelKeys: [SERVICE_ACCOUNT_OBJECT] }).map(({ labels }) => labels);
    expect(objects.map((labels) => labels[SERVICE_ACCOUNT_OBJECT])).toEqual([
      `${namespace}/a`,
      `${namespace}/b`,
      undefined,
    ]);
  });

  test('a label of the pod is never taken for its service account', () => {
    const posing = { labels: { [SERVICE_ACCOUNT]: 'admin' } };
    const labelsOf = (serviceAccount: string | null) =>
      classesOf([aPod({ ...posing, serviceAccount })], { labelKeys: [SERVICE_ACCOUNT] })[0]?.labels;
    expect(labelsOf('web')).toEqual({ [SERVICE_ACCOUNT]: 'web' });
    expect(labelsOf(null)).toEqual({});
  });

  test('label keys from the object prototype are no labels', () => {
    expect(classesOf([aPod()], { labelKeys: ['constructor', 'toString'] })[0]?.labels).toEqual({});
  });

  test('a difference in what checks read separates classes', () => {
    const strict = aSpec({ containers: [aContainer('app', { readOnlyRootFilesystem: true })] });
    expect(classesOf([aPod(), aPod({ name: 'b', spec: strict })])).toHaveLength(2);
  });

  test('the operating system of the node counts where the pod does not name one', () => {
    const nodes = new Map([['win', { os: 'windows' as const }]]);
    const silent = aPod({ nodeName: 'win', spec: aSpec({ os: null }) });
    expect(classesOf([silent], { nodes })[0]?.spec.os).toBe('windows');
  });

  test('a pod that claims Windows is a Linux pod where its node runs Linux', () => {
    const nodes = new Map([['node-a', { os: 'linux' as const }]]);
    const hiding = aPod({ spec: aSpec({ os: 'windows' }) });
    expect(classesOf([hiding], { nodes })[0]?.spec.os).toBe('linux');
    expect(classesOf([hiding])[0]?.spec.os).toBe('windows');
  });

  test('completed pods are counted but have no age', () => {
    const [found] = classesOf([aPod({ phase: 'Succeeded' }), aPod({ phase: 'Failed', name: 'x' })]);
    expect(found?.population).toMatchObject({
      count: 1,
      completed: 2,
      active: { startedAt: [], unknown: 0 },
    });
    expect(found?.population.running.size).toBe(0);
  });

  test('after a restart of the list nothing of the earlier pages remains', () => {
    const fold = createPodFold({ labelKeys: new Set(), nodes: new Map() });
    fold.add(aPod());
    fold.restart();
    fold.add(aPod({ name: 'only' }));
    const { classes, totals } = fold.finish(new Map());
    expect(totals).toEqual({ pods: 1, completed: 0, terminating: 0, workloads: 1, namespaces: 1 });
    expect(classes[0]?.population.examples.map(({ name }) => name)).toEqual(['only']);
  });

  test('a looked-up owner takes the place of the ReplicaSet', () => {
    const fold = createPodFold({ labelKeys: new Set(), nodes: new Map() });
    fold.add(aPod({ labels: {}, owner: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'canary-1' } }));
    expect(fold.lookups()).toEqual([
      { resource: 'replicasets', ref: { namespace: 'shop', kind: 'ReplicaSet', name: 'canary-1' } },
    ]);
    const rollout = { namespace: 'shop', kind: 'Rollout', name: 'canary' };
    const { classes } = fold.finish(new Map([['shop/ReplicaSet/canary-1', rollout]]));
    expect(classes[0]?.workload).toEqual(rollout);
  });

  test('counts, ages and the five oldest pods of classes agree with those of all pods, in any order', () => {
    const pod = fc
      .record({
        name: fc.stringMatching(/^[a-z]{1,3}$/),
        startedAt: fc.option(fc.integer({ min: 0, max: 50 }), { nil: null }),
        done: fc.boolean(),
      })
      .map(
        ({ name, startedAt, done }): PodRecord =>
          aPod({ name, startedAt, createdAt: null, phase: done ? 'Failed' : 'Running', containerStates: [] }),
      );
    fc.assert(
      fc.property(fc.array(pod, { minLength: 1, maxLength: 40 }), (pods) => {
        const [found] = classesOf(pods);
        const active = pods.filter(({ phase }) => phase === 'Running');
        const order = (a: PodRecord, b: PodRecord): number =>
          (a.startedAt ?? 1e9) - (b.startedAt ?? 1e9) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
        expect(found?.population.count).toBe(active.length || 1);
        expect(found?.population.completed).toBe(pods.length - active.length);
        expect(found?.population.active.unknown).toBe(
          active.filter(({ startedAt }) => startedAt === null).length,
        );
        expect([...(found?.population.active.startedAt ?? [])].sort((a, b) => a - b)).toEqual(
          active.flatMap(({ startedAt }) => (startedAt === null ? [] : [startedAt])).sort((a, b) => a - b),
        );
        expect(found?.population.active.oldest.map(({ name }) => name)).toEqual(
          [...active]
            .sort(order)
            .slice(0, 5)
            .map(({ name }) => name),
        );
      }),
    );
  });
});
