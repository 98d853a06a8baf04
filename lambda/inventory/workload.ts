import type { Resource } from './gap.ts';
import { apiGroupOf, type WorkloadRef } from './names.ts';
import { OPERATOR_LABELS, runsOfBarePod, topOwner } from './operators.ts';
import type { PodRecord } from './pod.ts';
import type { PodClass } from './pod-class.ts';
import { type Renewal, renewalOf } from './renewal.ts';

/**
 * Who owns a pod, as far as the pod itself says. `lookup` names the object that must be read before
 * the workload is certain; without it the ref is final.
 */
export interface Owner {
  readonly ref: WorkloadRef;
  readonly lookup: Extract<Resource, 'replicasets' | 'jobs' | 'pods'> | null;
  /** What it is taken for where the object was not read or is gone. @defaultValue `ref` */
  readonly otherwise?: WorkloadRef;
  /** Of a pod that is its own workload: a static one is made again by its node, another one is not. */
  readonly renewal?: Renewal;
}

/**
 * What owners that were looked up belong to, by `namespace/kind/name`: their controller, or themselves; `null`: they are
 * gone. Others were not read.
 */
export type Owners = ReadonlyMap<string, WorkloadRef | null>;

/** The workload of a pod, and whether it makes more of them. */
export interface Settled {
  readonly workload: WorkloadRef;
  readonly renewal: Renewal;
}

export function settle({ ref, lookup, otherwise = ref, renewal }: Owner, owners: Owners): Settled {
  const found = lookup === null ? ref : owners.get(workloadKey(ref));
  const workload = found ?? otherwise;
  if (found === undefined && lookup !== 'replicasets') return { workload, renewal: 'unread' };
  if (found === null && workload.kind === 'Job') return { workload, renewal: 'never' };
  return { workload, renewal: renewal ?? renewalOf(workload.kind) };
}

const POD_TEMPLATE_HASH = 'pod-template-hash';
const ROLLOUT_HASH = 'rollouts-pod-template-hash';

/** All labels that have a say in the workload of a pod. */
export const OWNER_LABELS: readonly string[] = [POD_TEMPLATE_HASH, ROLLOUT_HASH, ...OPERATOR_LABELS];

/**
 * Derives the workload of a pod from its controller reference.
 *
 * The Deployment controller names a ReplicaSet `<deployment>-<hash>` and labels its pods
 * `pod-template-hash=<hash>`, so a pod whose label matches the end of its ReplicaSet's name belongs to
 * that Deployment and no ReplicaSet needs to be read (a cluster keeps ten old ones per Deployment).
 * Known limit: pods orphaned by `kubectl delete deployment --cascade=orphan` keep the Deployment's name.
 * Source: https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label
 *
 * Argo Rollouts do the same by `rollouts-pod-template-hash`. Other owners of ReplicaSets and every Job, which may
 * or may not belong to a CronJob, are looked up; so is a pod that owns pods, as the driver of a Spark job does. Any
 * other controller is a workload of its own kind, or belongs to what operators say (`operators.ts`).
 * A static pod's mirror is controlled by its Node, which is no workload: the pod is its own.
 */
export function ownerOf(pod: Pick<PodRecord, 'namespace' | 'name' | 'labels' | 'owner'>): Owner {
  const { namespace, owner } = pod;
  if (owner === null || owner.kind === 'Node') {
    const run = owner === null ? runsOfBarePod(pod.labels) : null;
    const ref = { namespace, kind: 'Pod', name: run ?? pod.name };
    return { ref, lookup: null, renewal: owner === null && run === null ? 'never' : 'always' };
  }
  const { kind, name, apiGroup } = owner;
  const said = { namespace, kind, name, ...(apiGroup === undefined ? {} : { apiGroup }) };
  const ref = withGroup(said, owner.apiVersion);
  // The workload of a template is settled: its reference has no version.
  const top = (found: WorkloadRef): WorkloadRef =>
    owner.apiVersion === '' ? found : topOwner(found, owner.apiVersion, pod.labels);
  if (owner.kind === 'ReplicaSet' && owner.apiVersion.startsWith('apps/')) {
    const deployment = withoutHash(owner.name, pod.labels[POD_TEMPLATE_HASH]);
    if (deployment !== null) {
      return { ref: top({ namespace, kind: 'Deployment', name: deployment }), lookup: null };
    }
    const rollout = withoutHash(owner.name, pod.labels[ROLLOUT_HASH]);
    if (rollout !== null) return { ref: { namespace, kind: 'Rollout', name: rollout }, lookup: null };
    return { ref, lookup: 'replicasets' };
  }
  const otherwise = top(ref);
  if (owner.kind === 'Job' && owner.apiVersion.startsWith('batch/'))
    return { ref, lookup: 'jobs', otherwise };
  // A label that tells more has told it.
  if (owner.kind === 'Pod' && owner.apiVersion === 'v1' && otherwise.kind === 'Pod')
    return { ref, lookup: 'pods' };
  return { ref: otherwise, lookup: null };
}

/**
 * The group that a kind is mostly of, where fixes know how it is changed. Others have kinds of these names, too:
 * OpenKruise a StatefulSet and a DaemonSet, Volcano a Job.
 */
const GROUPS: ReadonlyMap<string, string> = new Map([
  ['Deployment', 'apps'],
  ['ReplicaSet', 'apps'],
  ['StatefulSet', 'apps'],
  ['DaemonSet', 'apps'],
  ['Job', 'batch'],
  ['CronJob', 'batch'],
  ['ReplicationController', ''],
  ['Pod', ''],
  ['Rollout', 'argoproj.io'],
  ['CloneSet', 'apps.kruise.io'],
  ['Service', 'serving.knative.dev'],
  ['Configuration', 'serving.knative.dev'],
  ['DeploymentConfig', 'apps.openshift.io'],
  ['AutoscalingRunnerSet', 'actions.github.com'],
  ['ScaledJob', 'keda.sh'],
]);

/** The group of Deployments, DaemonSets and ReplicaSets before Kubernetes 1.16. */
const FORMER = 'extensions';

/** With the group, where it is not the one that its kind is mostly of. A reference without a version says nothing of it. */
export function withGroup(ref: WorkloadRef, apiVersion: string): WorkloadRef {
  const own = GROUPS.get(ref.kind);
  const apiGroup = apiGroupOf(apiVersion);
  const isOwn = apiGroup === own || (own === 'apps' && apiGroup === FORMER);
  return own === undefined || apiVersion === '' || isOwn ? ref : { ...ref, apiGroup };
}

function withoutHash(replicaSet: string, hash: string | undefined): string | null {
  const fits = hash && replicaSet.length > hash.length + 1 && replicaSet.endsWith(`-${hash}`);
  return fits ? replicaSet.slice(0, -hash.length - 1) : null;
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
  (a.labels === b.labels || OWNER_LABELS.every((key) => a.labels[key] === b.labels[key]));

/** Orders workloads by namespace, kind and name, by code unit so that every machine agrees. */
export function compareWorkloads(a: WorkloadRef, b: WorkloadRef): number {
  if (a === b) return 0;
  return compareText(a.namespace, b.namespace) || compareText(a.kind, b.kind) || compareText(a.name, b.name);
}

/** By code unit: the same on every machine, whatever its locale. `null` comes first. */
export function compareText(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
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
