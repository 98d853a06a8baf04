import { describe, expect, test } from '@jest/globals';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import type { WorkloadRef } from '../../lambda/inventory/names.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import type { PodClass } from '../../lambda/inventory/pod-class.ts';
import { aContainer, aPod, aSpec, DAY, NOW } from '../support/builders.ts';

const CLEAN = aSpec({ containers: [aContainer('app', { readOnlyRootFilesystem: true })] });

type Owners = ReadonlyMap<string, WorkloadRef | null>;

function fold(pods: readonly PodRecord[], { owners = new Map() as Owners, unread = false } = {}) {
  const folded = createPodFold({ labelKeys: new Set(), nodes: new Map() });
  for (const pod of pods) folded.add(pod);
  return folded.finish(owners, { unreadIn: () => unread });
}

const judged = (pods: readonly PodRecord[], facts: Parameters<typeof fold>[1] = {}): readonly PodClass[] =>
  fold(pods, facts).classes;

const dead = (phase: 'Succeeded' | 'Failed', facts: Partial<PodRecord> = {}): PodRecord =>
  aPod({ name: 'dead', phase, containerStates: [], startedAt: NOW - 90 * DAY, ...facts });

const owned = (apiVersion: string, kind: string, name = 'x'): Pick<PodRecord, 'owner' | 'labels'> => ({
  owner: { apiVersion, kind, name },
  labels: {},
});

const ended = (found: readonly PodClass[]) =>
  found.map((one) => (one.ended ? { pod: one.ended.pod, open: one.ended.open !== null } : 'runs'));

describe('what runs is judged', () => {
  test('evicted pods of an old template decide nothing beside a live one, and are no pods of a finding', () => {
    const found = judged([
      dead('Failed'),
      aPod({ name: 'a', spec: CLEAN }),
      dead('Failed', { name: 'b', spec: CLEAN }),
      dead('Succeeded', { name: 'c', spec: CLEAN }),
    ]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ spec: CLEAN, population: { count: 1, completed: 2 } });
    expect(found[0]?.population.examples.map(({ name }) => name)).toEqual(['a']);
    expect(found[0]?.ended).toBeUndefined();
  });

  test('all pods count in the totals, and so do workloads whose pods have all ended', () => {
    const bare = dead('Succeeded', { name: 'once', owner: null });
    const { totals, classes } = fold([dead('Failed'), aPod({ name: 'a' }), bare]);
    expect(totals).toEqual({ pods: 3, completed: 2, terminating: 0, workloads: 2, namespaces: 1 });
    expect(classes).toHaveLength(1);
  });

  test('a pending pod is judged, and ended pods beside it are not', () => {
    const waiting = aPod({ name: 'a', spec: CLEAN, phase: 'Pending', startedAt: null, containerStates: [] });
    expect(judged([dead('Failed'), waiting])).toMatchObject([{ spec: CLEAN, population: { count: 1 } }]);
  });
});

describe('where nothing runs and more will come, the newest pod is judged', () => {
  const older = dead('Failed', { name: 'older', createdAt: NOW - 9 * DAY });
  const newest = dead('Failed', { name: 'newest', createdAt: NOW - DAY, startedAt: null, spec: CLEAN });

  test.each([
    ['Deployment', {}],
    ['ReplicaSet', owned('apps/v1', 'ReplicaSet')],
    ['StatefulSet', owned('apps/v1', 'StatefulSet')],
    ['DaemonSet', owned('apps/v1', 'DaemonSet')],
    ['ReplicationController', owned('v1', 'ReplicationController')],
  ])('the newest ended pod of a %s is judged where nothing runs', (_, owner) => {
    for (const pods of [
      [older, newest],
      [newest, older],
    ]) {
      const found = judged(pods.map((pod) => ({ ...pod, ...owner })));
      expect(ended(found)).toEqual([{ pod: 'newest', open: false }]);
      expect(found[0]).toMatchObject({
        spec: CLEAN,
        population: { count: 1, completed: 1, examples: [{ name: 'newest' }] },
      });
    }
  });

  test('the newest ended pod of a CronJob is judged, whichever of its Jobs it belongs to', () => {
    const cronJob = { namespace: 'shop', kind: 'CronJob', name: 'backup' };
    const pods = ['backup-28900000', 'backup-28901440'].map((job, index) =>
      dead('Succeeded', {
        name: `${job}-x`,
        createdAt: NOW - (2 - index) * DAY,
        ...owned('batch/v1', 'Job', job),
      }),
    );
    const owners = new Map(pods.map(({ owner }) => [`shop/Job/${owner?.name}`, cronJob]));
    const found = judged(pods, { owners });
    expect(ended(found)).toEqual([{ pod: 'backup-28901440-x', open: false }]);
    expect(found[0]?.workload).toEqual(cronJob);
  });

  test('the newest ended pod is judged among pods that are alike, too', () => {
    expect(judged([older, { ...newest, spec: older.spec }])[0]?.population.examples).toMatchObject([
      { name: 'newest' },
    ]);
  });

  test('no ended pod is judged where some pods could not be read and may run', () => {
    expect(ended(judged([older], { unread: true }))).toEqual([{ pod: 'older', open: true }]);
  });
});

describe('a Job without a controller', () => {
  const job = owned('batch/v1', 'Job', 'migrate');
  const read: Owners = new Map([['shop/Job/migrate', { namespace: 'shop', kind: 'Job', name: 'migrate' }]]);

  test('a Job without a controller is done when its last pod succeeded', () => {
    expect(judged([dead('Succeeded', job)], { owners: read })).toEqual([]);
    const failed = dead('Failed', { ...job, name: 'first', createdAt: NOW - 2 * DAY });
    const succeeded = dead('Succeeded', { ...job, name: 'second', createdAt: NOW - DAY });
    expect(judged([failed, succeeded], { owners: read })).toEqual([]);
  });

  test('a Job without a controller is judged when it failed', () => {
    expect(ended(judged([dead('Failed', job)], { owners: read }))).toEqual([{ pod: 'dead', open: false }]);
  });

  test('a Job that was not read is not decided, since a CronJob may own it', () => {
    for (const phase of ['Succeeded', 'Failed'] as const)
      expect(ended(judged([dead(phase, job)]))).toEqual([{ pod: 'dead', open: true }]);
  });

  test('a Job without a controller is judged as usual while it runs', () => {
    expect(ended(judged([aPod(job)]))).toEqual(['runs']);
  });
});

describe('pods of others', () => {
  test('a bare pod that has ended is over', () => {
    for (const phase of ['Succeeded', 'Failed'] as const)
      expect(judged([dead(phase, { owner: null })])).toEqual([]);
  });

  test('a static pod is started again by its node', () => {
    const mirror = dead('Failed', { ...owned('v1', 'Node'), spec: aSpec({ mirror: true }) });
    expect(ended(judged([mirror]))).toEqual([{ pod: 'dead', open: false }]);
  });

  test('an owner of an unknown kind leaves open whether it creates more pods', () => {
    expect(ended(judged([dead('Failed', owned('example.com/v1', 'Widget'))]))).toEqual([
      { pod: 'dead', open: true },
    ]);
  });
});
