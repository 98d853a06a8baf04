import { MINUTE } from '../inventory/durations.ts';
import type { PodExample, StartTimes } from '../inventory/pod-class.ts';
import type { Undecided } from './check.ts';

/** How far clocks may be apart before nothing can be said of an age. */
const MAX_SKEW = 5 * MINUTE;

export const isBeyondSkew = (now: number, startedAt: number): boolean => startedAt - now > MAX_SKEW;

/** Whether some start lies so far ahead that the clocks cannot be relied on. */
export const startsAhead = ({ startedAt }: StartTimes, now: number): boolean =>
  startedAt.some((time) => isBeyondSkew(now, time));

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

/** @param what started ahead of time */
export const clockUndecided = (container: string | null, what: string): Undecided => ({
  verdict: 'not-evaluated',
  container,
  reason: 'clock-skew',
  message: `${what} was started more than five minutes after the time of this audit: its age is unknown.`,
  remediation: 'Set the clocks of the nodes and of this machine (NTP), or name a later time with --now.',
});
