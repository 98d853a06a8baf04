import type { ReadError } from '../errors.ts';
import { SECOND } from '../inventory/durations.ts';
import { outOfTime } from './out-of-time.ts';

/** When each part of an invocation ends, so that the next ones have their time. */
export interface Budget {
  /** Ends finding and reading clusters; its reason is a ReadError. */
  readonly signal: AbortSignal;
  /** Ends reading what earlier runs have left; what was not read is not compared. */
  readonly comparing: AbortSignal;
  /** Ends writing the record; what was not written is said in the mail. */
  readonly recording: AbortSignal;
  /** Ends notifying, a moment before the function is ended. */
  readonly notifying: AbortSignal;
  /** Stops the clock. */
  close(): void;
}

/**
 * Divides the time that is left, in milliseconds. A fifth of it, but at least 30 seconds and at most two minutes,
 * is kept for what must happen in any case: comparing, writing, sending. Of that, half is the mail's.
 *
 * @param because What is said of clusters for which the time was not enough.
 */
export function startBudget(remainingMs: number, because: ReadError = outOfTime()): Budget {
  const timers: NodeJS.Timeout[] = [];
  const endsIn = (ms: number, reason?: ReadError): AbortSignal => {
    const abort = new AbortController();
    timers.push(setTimeout(() => abort.abort(reason), Math.max(0, ms)));
    ends.set(abort.signal, performance.now() + Math.max(0, ms));
    if (reason !== undefined) reasons.set(abort.signal, reason);
    return abort.signal;
  };
  const reading = readingTime(remainingMs);
  const kept = remainingMs - reading;
  return {
    signal: endsIn(reading, because),
    comparing: endsIn(reading + kept / 4),
    recording: endsIn(reading + kept / 2),
    notifying: endsIn(remainingMs - LAST_MS),
    close: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** When signals fire: no timer does while a long computation goes on, so that it must look at the clock itself. */
const ends = new WeakMap<AbortSignal, number>();
const reasons = new WeakMap<AbortSignal, ReadError>();

/** Milliseconds until it fires; `null`: that is not known. */
export function remainingMs(signal: AbortSignal | undefined): number | null {
  const end = signal && ends.get(signal);
  return end === undefined ? null : Math.max(0, end - performance.now());
}

/** Whether the time is up, also where the signal had no chance to say so yet. */
export const isOver = (signal: AbortSignal | undefined): boolean =>
  signal !== undefined &&
  (signal.aborted || performance.now() >= (ends.get(signal) ?? Number.POSITIVE_INFINITY));

/** Why the time is up, also where the signal had no chance to say so yet. */
export const overBecause = (signal: AbortSignal | undefined): unknown =>
  signal?.aborted ? signal.reason : ((signal && reasons.get(signal)) ?? outOfTime());

/** For metrics and the last lines of the log. */
const LAST_MS = 2 * SECOND;

export function readingTime(remainingMs: number): number {
  const reserve = Math.min(Math.max(remainingMs / 5, 30 * SECOND), 120 * SECOND);
  return Math.max(0, Math.round(remainingMs - reserve));
}

/**
 * What reading one cluster takes at most: two pages of pods with their text, and its classes. Measured with pages of
 * 500 pods in JSON: 301 MiB in all for one cluster of 5,160 pods, 485 for four at once, 661 for eight, about 50 each.
 * The rest is for larger pods and for the findings of the clusters that are done.
 */
const CLUSTER_MIB = 96;
/** The program and the AWS SDK. */
const BASE_MIB = 192;
/** Beyond it a single thread that decodes pods is the limit, and requests would only wait. */
const MOST = 8;

/** How many clusters are read at once in a function with this memory. */
export const clustersAtOnce = (memoryMib: number): number =>
  Math.min(Math.max(Math.floor((memoryMib - BASE_MIB) / CLUSTER_MIB), 1), MOST);
