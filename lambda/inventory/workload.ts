import type { PodClass, PodRecord, Resource, WorkloadRef } from './model.ts';
import { type Renewal, renewalOf } from './renewal.ts';

/**
 * Who owns a pod, as far as the pod itself says. `lookup` names the object that must be read before
 * the workload is certain; without it the ref is final.
 */
export interface Owner {
  readonly ref: WorkloadRef;
  readonly lookup: Extract<Resource, 'replicasets' | 'jobs'> | null;
  /** Of a pod that is its own workload: a static one is made again by its node, another one is not. */
  readonly renewal?: Renewal;
}

/** The controllers of owners that were looked up, by `namespace/kind/name`; `null`: it has none. Others were not read. */
export type Owners = ReadonlyMap<string, WorkloadRef | null>;

/** The workload of a pod, and whether it makes more of them. */
export interface Settled {
  readonly workload: WorkloadRef;
  readonly renewal: Renewal;
}

export function settle({ ref, lookup, renewal }: Owner, owners: Owners): Settled {
  const found = lookup === null ? null : owners.get(workloadKey(ref));
  const workload = found ?? ref;
  if (found === undefined && lookup === 'jobs') return { workload, renewal: 'unread' };
  return { workload, renewal: renewal ?? renewalOf(workload.kind) };
}

/** The one label that decides the workload of a pod. */
export const POD_TEMPLATE_HASH = 'pod-template-hash';

/**
 * Derives the workload of a pod from its controller reference.
 *
 * The Deployment controller names a ReplicaSet `<deployment>-<hash>` and labels its pods
 * `pod-template-hash=<hash>`, so a pod whose label matches the end of its ReplicaSet's name belongs to
 * that Deployment and no ReplicaSet needs to be read (a cluster keeps ten old ones per Deployment).
 * Known limit: pods orphaned by `kubectl delete deployment --cascade=orphan` keep the Deployment's name.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label
 *
 * Other owners of ReplicaSets (Argo Rollouts uses `rollouts-pod-template-hash`) and every Job, which may
 * or may not belong to a CronJob, are looked up. Any other controller is a workload of its own kind.
 * A static pod's mirror is controlled by its Node, which is no workload: the pod is its own.
 */
export function ownerOf(pod: Pick<PodRecord, 'namespace' | 'name' | 'labels' | 'owner'>): Owner {
  const { namespace, owner } = pod;
  if (owner === null || owner.kind === 'Node') {
    const ref = { namespace, kind: 'Pod', name: pod.name };
    return { ref, lookup: null, renewal: owner === null ? 'never' : 'always' };
  }
  const ref = { namespace, kind: owner.kind, name: owner.name };
  if (owner.kind === 'ReplicaSet' && owner.apiVersion.startsWith('apps/')) {
    const hash = pod.labels[POD_TEMPLATE_HASH];
    if (hash && owner.name.length > hash.length + 1 && owner.name.endsWith(`-${hash}`)) {
      const name = owner.name.slice(0, -hash.length - 1);
      return { ref: { namespace, kind: 'Deployment', name }, lookup: null };
    }
    return { ref, lookup: 'replicasets' };
  }
  if (owner.kind === 'Job' && owner.apiVersion.startsWith('batch/')) return { ref, lookup: 'jobs' };
  return { ref, lookup: null };
}

/**
 * {@link ownerOf} for one pod after the other: lists come ordered by name, and readers hand out the same
 * reference for replicas, which then get the same owner.
 */
export function createOwners(): (pod: PodRecord) => Owner {
  let last: { readonly pod: PodRecord; readonly owner: Owner } | null = null;
  return (pod) => {
    if (last !== null && isReplica(last.pod, pod)) return last.owner;
    const owner = ownerOf(pod);
    last = { pod, owner };
    return owner;
  };
}

const isReplica = (a: PodRecord, b: PodRecord): boolean =>
  a.owner !== null &&
  a.owner === b.owner &&
  a.owner.kind !== 'Node' &&
  a.namespace === b.namespace &&
  a.labels[POD_TEMPLATE_HASH] === b.labels[POD_TEMPLATE_HASH];

/** Orders workloads by namespace, kind and name, by code unit so that every machine agrees. */
export function compareWorkloads(a: WorkloadRef, b: WorkloadRef): number {
  if (a === b) return 0;
  return compareText(a.namespace, b.namespace) || compareText(a.kind, b.kind) || compareText(a.name, b.name);
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `namespace/kind/name`; none of the parts can hold a slash, so it is unambiguous. */
export function workloadKey(ref: WorkloadRef): string {
  return `${ref.namespace}/${ref.kind}/${ref.name}`;
}

/** @param classes sorted by workload */
export function countWorkloads(classes: Iterable<Pick<PodClass, 'workload'>>): {
  workloads: number;
  namespaces: number;
} {
  let workloads = 0;
  let namespaces = 0;
  let before: WorkloadRef | null = null;
  for (const { workload } of classes) {
    if (before?.namespace !== workload.namespace) namespaces++;
    if (before === null || compareWorkloads(before, workload) !== 0) workloads++;
    before = workload;
  }
  return { workloads, namespaces };
}
