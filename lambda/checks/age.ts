import type { PodExample, StartTimes } from '../inventory/model.ts';

/** Milliseconds since `startedAt`; a start in the future (clock skew) counts as no age. */
export function ageAt(now: number, startedAt: number): number {
  return Math.max(0, now - startedAt);
}

export const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);

export interface OverAge {
  readonly count: number;
  readonly oldestAge: number;
  readonly examples: readonly PodExample[];
}

/** Those strictly older than the limit. */
export function olderThan(times: StartTimes, now: number, limit: number): OverAge {
  let count = 0;
  let oldestAge = 0;
  for (const startedAt of times.startedAt) {
    const age = ageAt(now, startedAt);
    if (age > limit) count++;
    if (age > oldestAge) oldestAge = age;
  }
  const examples = times.oldest.filter((pod) => pod.startedAt !== null && ageAt(now, pod.startedAt) > limit);
  return { count, oldestAge, examples };
}
