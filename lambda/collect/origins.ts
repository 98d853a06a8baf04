import type { ObjectOrigin } from '../inventory/inventory.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import type { PodRecord } from '../inventory/pod.ts';
import { type Owners, ownerOf, settle, workloadKey } from '../inventory/workload.ts';

/** Where what is judged is declared. Kept beside pods, so that these fold into the same classes as ever. */
export interface Origins {
  /** `at` is missing where the objects were read from a cluster. */
  addPod(pod: PodRecord, at: ObjectOrigin | undefined): void;
  addObject(ref: WorkloadRef, at: ObjectOrigin | undefined): void;
  /** By `workloadKey`. Where several objects make pods of one workload, the first of these pods counts. */
  of(pods: Iterable<PodRecord>, owners: Owners): ReadonlyMap<string, ObjectOrigin>;
}

export function createOrigins(): Origins {
  const ofPods = new Map<PodRecord, ObjectOrigin>();
  const byKey = new Map<string, ObjectOrigin>();
  const add = (ref: WorkloadRef, at: ObjectOrigin | undefined): void => {
    const key = workloadKey(ref);
    if (at !== undefined && !byKey.has(key)) byKey.set(key, at);
  };
  return {
    addPod(pod, at) {
      if (at !== undefined) ofPods.set(pod, at);
    },
    addObject: add,
    of(pods, owners) {
      for (const pod of ofPods.size === 0 ? [] : pods) {
        add(settle(ownerOf(pod), owners).workload, ofPods.get(pod));
      }
      return byKey;
    },
  };
}
