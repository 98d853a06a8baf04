import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import type { PodExample, Population, StartTimes } from '../../lambda/inventory/pod-class.ts';
import { aContainer, aPod, aSpec, inFull } from '../support/builders.ts';

const SPEC = aSpec({ containers: ['app', 'proxy'].map((name) => aContainer(name)) });

/** Few names and times, so that many are equal; whole seconds and others, before 1970 and beyond 2100. */
const instant = fc.oneof(
  fc.integer({ min: 0, max: 20 }).map((second) => second * 1000),
  fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }).map((second) => second * 1000),
  fc.integer({ min: -5, max: 5_000_000_000_000 }),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });

const state = (container: string) =>
  fc.record({
    container: fc.constant(container),
    running: fc.constantFrom(true, false, null),
    startedAt: maybe(instant),
  });

const anyPod: fc.Arbitrary<PodRecord> = fc
  .record({
    name: fc.oneof(
      fc.stringMatching(/^web-[ab]{1,3}$/),
      fc.string({ unit: 'binary' }),
      fc.constant('\ud800'),
    ),
    workload: fc.constantFrom('web', 'db', 'cache'),
    startedAt: maybe(instant),
    createdAt: maybe(instant),
    deletedAt: maybe(instant),
    phase: fc.constantFrom('Running', 'Pending', 'Succeeded', 'Failed', null),
    nodeName: fc.constantFrom(null, 'node-a', 'node-b', 'node-ü'),
    containerStates: fc.oneof(fc.constant([]), fc.tuple(state('app'), state('proxy'))),
    source: fc.constantFrom('pod' as const, 'pod' as const, 'pod' as const, 'template' as const),
  })
  .map(({ workload, ...facts }) =>
    aPod({ ...facts, spec: SPEC, owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name: workload } }),
  );

const oldestFirst = (a: PodExample, b: PodExample): number =>
  (a.startedAt ?? Number.POSITIVE_INFINITY) - (b.startedAt ?? Number.POSITIVE_INFINITY) ||
  (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const isDone = ({ phase }: PodRecord): boolean => phase === 'Succeeded' || phase === 'Failed';

const exampleOf = ({ name, nodeName: node, deletedAt }: PodRecord, startedAt: number | null): PodExample => ({
  name,
  startedAt,
  node,
  terminating: deletedAt !== null,
});

/** From all pods at hand; of examples that are alike in age and name the first. */
function timesOf(starts: readonly PodExample[], unnamed = 0): StartTimes {
  const known = starts.flatMap(({ startedAt }) => startedAt ?? []);
  return {
    startedAt: known.sort((a, b) => a - b),
    unknown: starts.length - known.length + unnamed,
    oldest: starts.toSorted(oldestFirst).slice(0, 5),
  };
}

const runs = ({ containerStates }: PodRecord): boolean =>
  containerStates.some(({ running }) => running !== false);

/** Whether it was started and has not come to an end of itself. */
function isAged(pod: PodRecord): boolean {
  if (pod.phase === 'Pending') return runs(pod);
  return pod.deletedAt === null || pod.containerStates.length === 0 || runs(pod);
}

const startOf = ({ startedAt, createdAt, phase }: PodRecord): number | null =>
  startedAt ?? (phase === null ? null : createdAt);

/** Of a class that has pods which have not ended. */
function populationOf(pods: readonly PodRecord[]): Population {
  const living = pods.filter((pod) => !isDone(pod));
  const templates = living.filter(({ source }) => source === 'template').length;
  const real = living.filter(({ source }) => source === 'pod');
  const active = timesOf(
    real.filter(isAged).map((pod) => exampleOf(pod, startOf(pod))),
    templates,
  );
  const named = real.map((pod) => exampleOf(pod, isAged(pod) ? startOf(pod) : null)).toSorted(oldestFirst);
  const running = new Map<string, StartTimes>();
  for (const container of ['app', 'proxy']) {
    const starts = real.flatMap((pod) =>
      pod.containerStates
        .filter((one) => one.container === container && one.running !== false)
        .map(({ startedAt }) => exampleOf(pod, startedAt)),
    );
    if (starts.length > 0) running.set(container, timesOf(starts));
  }
  return {
    count: living.length,
    completed: pods.length - living.length,
    terminating: real.filter(({ deletedAt }) => deletedAt !== null).length,
    active: { ...active, oldest: named.slice(0, 5) },
    examples: named.slice(0, 5),
    running,
    layers: new Map(),
  };
}

/** What stands for a class of which all pods have ended: the one that was made last. */
function newestOf(pods: readonly PodRecord[]): PodExample | undefined {
  const made = (pod: PodRecord): number => pod.createdAt ?? pod.startedAt ?? 0;
  const [newest] = pods.toSorted(
    (a, b) => made(b) - made(a) || (a.name < b.name ? 1 : a.name > b.name ? -1 : 0),
  );
  return newest && { ...exampleOf(newest, newest.startedAt), terminating: false };
}

const sorted = (times: StartTimes): StartTimes => ({
  ...times,
  startedAt: [...times.startedAt].sort((a, b) => a - b),
});

/** Start times are in no particular order, and containers come in that of the pods. */
function comparable({ active, running, ...others }: Population) {
  const containers = ['app', 'proxy'].map((name) => running.get(name));
  return { ...others, active: sorted(active), containers: containers.map((one) => one && sorted(one)) };
}

function fold(pods: readonly PodRecord[], between: number) {
  const folded = createPodFold({ labelKeys: new Set(), nodes: new Map([['node-b', { os: 'linux' }]]) });
  let others = 0;
  for (const pod of pods) {
    folded.add(pod);
    for (let count = 0; count < between; count++) folded.add(aPod({ name: `bare-${others++}`, owner: null }));
  }
  const { classes } = folded.finish(new Map());
  return inFull(classes.filter(({ workload }) => workload.kind === 'StatefulSet'));
}

describe('a class knows of its pods what all of them say', () => {
  test.each([
    { when: 'they come one after the other', between: 0 },
    { when: 'pods of many other classes come in between', between: 10 },
  ])('a class records of its pods what all of them have in common, when $when', ({ between }) => {
    fc.assert(
      fc.property(fc.array(anyPod, { maxLength: 40 }), (pods) => {
        const classes = fold(pods, between);
        const groups = Map.groupBy(pods, ({ owner, source }) => `${owner?.name}/${source}`);
        for (const { workload, source, population, ended } of classes) {
          const group = groups.get(`${workload.name}/${source}`) ?? [];
          if (ended === undefined) {
            expect(comparable(population)).toEqual(comparable(populationOf(group)));
            continue;
          }
          // Of equal ones any will do.
          const newest = newestOf(group);
          expect(population).toMatchObject({ count: 1, completed: group.length });
          expect(population.examples.map(({ name, terminating }) => ({ name, terminating }))).toEqual([
            { name: newest?.name, terminating: false },
          ]);
        }
        const alive = [...groups].filter(([, group]) => !group.every(isDone)).map(([key]) => key);
        const workloads = Map.groupBy(groups, ([key]) => key.split('/')[0]);
        const dead = [...workloads.values()].filter((all) => all.every(([, group]) => group.every(isDone)));
        expect(classes).toHaveLength(alive.length + dead.length);
      }),
    );
  });

  test('a class of pods with many containers records what all of them have in common, even when their oldest pods differ', () => {
    const names = Array.from({ length: 60 }, (_, index) => `c-${index}`);
    const spec = aSpec({ containers: names.map((name) => aContainer(name)) });
    const pods = Array.from({ length: 300 }, (_, pod) =>
      aPod({
        name: `web-${pod}`,
        spec,
        startedAt: pod * 1000,
        containerStates: names.map((container, index) => ({
          container,
          running: true,
          startedAt: ((pod + index * 5) % 300) * 1000,
        })),
      }),
    );
    const folded = createPodFold({ labelKeys: new Set(), nodes: new Map() });
    for (const pod of pods) folded.add(pod);
    const [found] = folded.finish(new Map()).classes;
    for (const [index, name] of names.entries()) {
      const first = (300 - index * 5) % 300;
      const expected = [0, 1, 2, 3, 4].map((second) => `web-${(first + second) % 300}`);
      expect(found?.population.running.get(name)?.oldest.map(({ name: pod }) => pod)).toEqual(expected);
    }
  });
});
