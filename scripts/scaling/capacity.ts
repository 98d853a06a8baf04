import type { Numbers } from './assumptions.ts';

/** What one function can do with a cluster. */
export interface Capacity {
  /** MiB */
  readonly memory: number;
  readonly podsPerSecond: number;
  /** Pods for which the time is enough. */
  readonly byTime: number;
  /** Pods for which the memory is enough. */
  readonly byMemory: number;
  readonly pods: number;
  readonly boundBy: 'time' | 'memory';
}

/** V8 and the buffers of the network need room to breathe. */
const USABLE = 0.85;

/** lambda/collect asks for so many. */
const PAGE = 500;

/**
 * Pods that one function with this memory audits before its time is up. Reading overlaps with decoding, so the
 * slower of the two counts; one thread decodes, so memory beyond one vCPU brings no more speed, and pages come
 * one after the other, so neither does a faster network once the server is what takes the time.
 */
export function capacityOf(memory: number, numbers: Numbers): Capacity {
  const podsPerSecond = 1 / secondsPerPod(memory, numbers);
  const byTime = Math.floor((numbers.timeout - numbers.reserve - numbers.fixedTime) * podsPerSecond);
  const room = memory * USABLE - numbers.baseMemory;
  const byMemory = Math.max(0, Math.floor((room * 1024) / numbers.memoryPerPod));
  return {
    memory,
    podsPerSecond,
    byTime,
    byMemory,
    pods: Math.min(byTime, byMemory),
    boundBy: byTime < byMemory ? 'time' : 'memory',
  };
}

export function secondsPerPod(memory: number, numbers: Numbers): number {
  const download = (numbers.bytesPerPod * 1000) / (numbers.bandwidth * 1_000_000);
  return Math.max(decoding(memory, numbers), download, numbers.pageTime / PAGE);
}

/** Seconds of the one thread, for a pod. */
function decoding(memory: number, { cpuPerPod, slower, oneCpu }: Numbers): number {
  return (cpuPerPod * slower) / 1_000_000 / Math.min(memory / oneCpu, 1);
}

/**
 * Seconds for each of many clusters in one function, with so many at once: what waits goes on side by side,
 * what computes does not.
 */
export function secondsPerCluster(memory: number, atOnce: number, numbers: Numbers): number {
  const alone = numbers.fixedTime + numbers.meanPods * secondsPerPod(memory, numbers);
  return Math.max(alone / atOnce, numbers.meanPods * decoding(memory, numbers));
}

/** Parts in which a cluster must be read, each by a separate invocation. */
export const shardsFor = (pods: number, capacity: Capacity): number =>
  capacity.pods === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(pods / capacity.pods));
