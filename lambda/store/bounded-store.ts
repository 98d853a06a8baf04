import { AuditorError } from '../errors.ts';
import { orAborted } from '../or-aborted.ts';
import type { ReportStore } from './store.ts';

/** When requests to a store are given up: asked for each request. */
export interface StoreLimits {
  readonly reads: () => AbortSignal;
  readonly writes: () => AbortSignal;
}

/** The same end for all requests. */
export const until = (end: AbortSignal): StoreLimits => ({ reads: () => end, writes: () => end });

/** The same time for each request; milliseconds. */
export function within(ms: number): StoreLimits {
  const limit = (): AbortSignal => AbortSignal.timeout(ms);
  return { reads: limit, writes: limit };
}

/**
 * The same store until its time is up; then every request is refused, also those that are under way. Whoever
 * goes on without what is refused comes to an end in time.
 */
export function boundedStore(store: ReportStore, { reads, writes }: StoreLimits): ReportStore {
  return {
    location: (key) => store.location(key),
    put: (key, chunks, options) => inTime(store, key, writes(), () => store.put(key, chunks, options)),
    putIf: (key, chunks, options) => inTime(store, key, writes(), () => store.putIf(key, chunks, options)),
    get: (key) => inTime(store, key, reads(), () => store.get(key)),
    getVersioned: (key) => inTime(store, key, reads(), () => store.getVersioned(key)),
    list: (prefix) => eachInTime(store, prefix, reads, () => store.list(prefix)),
    folders: (prefix) => eachInTime(store, prefix, reads, () => store.folders(prefix)),
  };
}

async function* eachInTime(
  store: ReportStore,
  prefix: string,
  reads: StoreLimits['reads'],
  open: () => AsyncIterable<string>,
): AsyncGenerator<string> {
  const keys = open()[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await inTime(store, prefix, reads(), () => keys.next());
    if (done === true) return;
    yield value;
  }
}

async function inTime<T>(
  store: ReportStore,
  key: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const tooLate = (): AuditorError =>
    new AuditorError(
      `${store.location(key)} could not be written or read in the time that the function had left; look at the health of S3, or give the function more time.`,
    );
  if (signal.aborted) throw tooLate();
  return orAborted(work(), signal, tooLate);
}
