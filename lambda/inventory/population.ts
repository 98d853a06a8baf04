import type { PodExample, PodRecord } from './model.ts';
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
  count: number;
  completed: number;
  terminating: number;
  readonly active: StartTimesBuilder;
  /** The oldest of those that are completed. */
  readonly finished: PodExample[];
  readonly running: Map<string, StartTimesBuilder>;
}

export function newPopulation(): PopulationBuilder {
  return {
    count: 0,
    completed: 0,
    terminating: 0,
    active: newStartTimes(),
    finished: [],
    running: new Map(),
  };
}

export function newStartTimes(): StartTimesBuilder {
  return { startedAt: [], unknown: 0, oldest: [] };
}

/** Succeeded and Failed pods have ended for good: their containers never run again. */
export function isCompleted(pod: Pick<PodRecord, 'phase'>): boolean {
  return pod.phase === 'Succeeded' || pod.phase === 'Failed';
}

/** Adds one pod. The pod's age counts from `status.startTime`, else from its creation. */
export function addPod(population: PopulationBuilder, pod: PodRecord): void {
  const startedAt = pod.startedAt ?? pod.createdAt;
  population.count++;
  if (pod.deletedAt !== null) population.terminating++;
  if (isCompleted(pod)) {
    population.completed++;
    offerPod(population.finished, pod, startedAt);
    return;
  }
  if (pod.source === 'template') {
    // Counts as one pod, but there is none to name.
    population.active.unknown++;
    return;
  }
  addStart(population.active, pod, startedAt);
  for (const state of pod.containerStates) {
    if (state.running === false) continue;
    let times = population.running.get(state.container);
    if (times === undefined) {
      times = newStartTimes();
      population.running.set(state.container, times);
    }
    addStart(times, pod, state.startedAt);
  }
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
