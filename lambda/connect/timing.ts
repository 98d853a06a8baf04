import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance, so that tests need no waiting. Milliseconds. */
export interface Timing {
  /** Epoch milliseconds. */
  now(): number;
  /** From 0 to less than 1. */
  random(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemTiming: Timing = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) => delay(ms, undefined, signal ? { signal } : {}),
};
