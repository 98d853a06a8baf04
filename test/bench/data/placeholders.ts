/**
 * Texts that stand in a template for what differs from workload to workload or from pod to pod. Each has
 * the length of what takes its place, and occurs nowhere else, so that a pod is made by copying bytes.
 */
export const WORKLOAD_SLOTS = {
  namespace: 'zzteamzz',
  workload: 'zzservicez',
  hash: 'zzhashhash',
  ownerUid: '0a0a0a0a-0b0b-4c0c-8d0d-0e0e0e0e0e0e',
  version: 'z0.z1.z2',
  digest0: 'd0'.repeat(32),
  digest1: 'd1'.repeat(32),
  digest2: 'd2'.repeat(32),
} as const;

export const POD_SLOTS = {
  suffix: 'zpodz',
  token: 'ztokz',
  uid: '1a1a1a1a-1b1b-4c1c-8d1d-1e1e1e1e1e1e',
  resourceVersion: '9876543210',
  node: 'zzn-zzn-zzn',
  hostIp: '10.zzh.zzh.zzh',
  podIp: '10.zzp.zzp.zzp',
  container0: 'c0'.repeat(32),
  container1: 'c1'.repeat(32),
  container2: 'c2'.repeat(32),
} as const;

/** Times differ in form between the encodings: RFC 3339 text, and a number of seconds. */
export const TIME_SLOTS = {
  created: Date.parse('2031-01-01T01:01:01Z'),
  started: Date.parse('2032-02-02T02:02:02Z'),
} as const;

export type WorkloadSlot = keyof typeof WORKLOAD_SLOTS;
export type PodSlot = keyof typeof POD_SLOTS;
export type TimeSlot = keyof typeof TIME_SLOTS;

/** As a Kubernetes API server writes times. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
