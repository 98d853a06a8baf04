import { type AskLayer, addLayer, type LayersBuilder, newLayers } from './layers.ts';
import type { ContainerState, PodRecord } from './pod.ts';
import type { EndedPod, PodExample } from './pod-class.ts';
import { compareText } from './workload.ts';

/** Findings name five pods at most (SPEC §9). */
export const MAX_EXAMPLES = 5;

/** Oldest first; pods without a start time last; equal ages by name, so that the choice is repeatable. */
export function compareExamples(a: PodExample, b: PodExample): number {
  if (a.startedAt !== b.startedAt) {
    if (a.startedAt === null) return 1;
    if (b.startedAt === null) return -1;
    return a.startedAt - b.startedAt;
  }
  return compareText(a.name, b.name);
}

/** Keeps the five oldest of all that are offered, whatever the order they come in. */
export function offerExample(kept: PodExample[], candidate: PodExample): void {
  const last = kept[MAX_EXAMPLES - 1];
  if (last !== undefined && compareExamples(candidate, last) >= 0) return;
  let at = kept.length;
  while (at > 0 && compareExamples(candidate, kept[at - 1] as PodExample) < 0) at--;
  kept.splice(at, 0, candidate);
  if (kept.length > MAX_EXAMPLES) kept.length = MAX_EXAMPLES;
}

/** Start times while pods are still being added. */
export interface StartTimesBuilder {
  readonly startedAt: number[];
  unknown: number;
  readonly oldest: PodExample[];
}

/** A population while pods are still being added to it. */
export interface PopulationBuilder {
  /** Of those that have not ended. */
  living: number;
  completed: number;
  terminating: number;
  readonly active: StartTimesBuilder;
  /** The newest of those that have ended. */
  latest: EndedPod | null;
  readonly running: Map<string, StartTimesBuilder>;
  readonly layers: Map<string, LayersBuilder>;
}

export function newPopulation(): PopulationBuilder {
  return {
    living: 0,
    completed: 0,
    terminating: 0,
    active: newStartTimes(),
    latest: null,
    running: new Map(),
    layers: new Map(),
  };
}

export function newStartTimes(): StartTimesBuilder {
  return { startedAt: [], unknown: 0, oldest: [] };
}

/** Succeeded and Failed pods have ended for good: their containers never run again. */
export function isCompleted(pod: Pick<PodRecord, 'phase'>): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

/**
 * Adds one pod.
 * @param layers what is known of the layers of its containers; absent: nothing was measured
 */
export function addPod(population: PopulationBuilder, pod: PodRecord, layers?: AskLayer): void {
  if (isCompleted(pod)) {
    population.completed++;
    const ended = endedPod(pod);
    if (population.latest === null || isNewer(ended, population.latest)) population.latest = ended;
    return;
  }
  population.living++;
  if (pod.source === 'template') {
    // Counts as one pod, but there is none to name.
    population.active.unknown++;
    return;
  }
  if (pod.deletedAt !== null) population.terminating++;
  if (hasRun(pod)) addStart(population.active, pod, startOf(pod));
  else offerPod(population.active.oldest, pod, null);
  for (const state of pod.containerStates) {
    if (state.running === false) continue;
    let times = population.running.get(state.container);
    if (times === undefined) {
      times = newStartTimes();
      population.running.set(state.container, times);
    }
    addStart(times, pod, state.startedAt);
    if (layers === undefined) continue;
    let sizes = population.layers.get(state.container);
    if (sizes === undefined) {
      sizes = newLayers();
      population.layers.set(state.container, sizes);
    }
    addLayer(sizes, pod.name, state.startedAt, layers(pod, state));
  }
}

const endedPod = (pod: PodRecord): EndedPod => ({
  name: pod.name,
  startedAt: pod.startedAt,
  node: pod.nodeName,
  terminating: false,
  createdAt: pod.createdAt,
  phase: pod.phase === 'Failed' ? 'Failed' : 'Succeeded',
});

/** By creation, which every pod has; by name where that does not tell, so that the choice is repeatable. */
export function isNewer(a: EndedPod, b: EndedPod): boolean {
  const [at, bt] = [a.createdAt ?? a.startedAt ?? 0, b.createdAt ?? b.startedAt ?? 0];
  return at === bt ? compareText(a.name, b.name) > 0 : at > bt;
}

const runsNot = ({ running }: ContainerState): boolean => running === false;

/**
 * Whether a pod that has not ended has run for some time. One that is Pending waits to be scheduled or for its
 * images, whatever it waits for, unless an init container runs; one that is deleted and whose containers have all
 * ended waits for a finalizer or for its node. A container between two restarts leaves its pod running.
 * Source: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-phase ("Running: … at least one
 * Container is still running, or is in the process of starting or restarting")
 */
function hasRun({ phase, deletedAt, containerStates }: PodRecord): boolean {
  if (phase === 'Pending') return !containerStates.every(runsNot);
  return deletedAt === null || containerStates.length === 0 || !containerStates.every(runsNot);
}

/**
 * Since when: `status.startTime`, which the kubelet sets when it accepts the pod. Where a status was cut down to its
 * phase, a pod that runs counts from its creation.
 */
function startOf({ startedAt, createdAt, phase }: PodRecord): number | null {
  return startedAt ?? (phase === null ? null : createdAt);
}

function addStart(times: StartTimesBuilder, pod: PodRecord, startedAt: number | null): void {
  if (startedAt === null) times.unknown++;
  else times.startedAt.push(startedAt);
  offerPod(times.oldest, pod, startedAt);
}

function offerPod(kept: PodExample[], pod: PodRecord, startedAt: number | null): void {
  const last = kept[MAX_EXAMPLES - 1];
  // Most pods are not among the five oldest: do not even make the example.
  if (last !== undefined && last.startedAt !== null && (startedAt === null || startedAt > last.startedAt))
    return;
  offerExample(kept, {
    name: pod.name,
    startedAt,
    node: pod.nodeName,
    terminating: pod.deletedAt !== null,
  });
}
