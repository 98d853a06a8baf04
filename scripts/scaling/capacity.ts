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

/**
 * Pods that one function with this memory audits before its time is up. Reading overlaps with decoding, so the
 * slower of the two counts; one thread decodes, so memory beyond one vCPU brings no more speed.
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
  const share = Math.min(memory / numbers.oneCpu, 1);
  const decode = (numbers.cpuPerPod * numbers.slower) / 1_000_000 / share;
  const download = (numbers.bytesPerPod * 1000) / (numbers.bandwidth * 1_000_000);
  return Math.max(decode, download);
}

/** Parts in which a cluster must be read, each by an invocation of its own. */
export const shardsFor = (pods: number, capacity: Capacity): number =>
  capacity.pods === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.ceil(pods / capacity.pods));
