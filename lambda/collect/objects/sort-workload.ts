import type { ObjectOrigin } from '../../inventory/inventory.ts';
import { apiGroupOf, type WorkloadRef } from '../../inventory/names.ts';
import type { PodRecord } from '../../inventory/pod.ts';
import { workloadKey } from '../../inventory/workload.ts';
import { type Fields, optionalInteger, optionalObject, requiredObject } from '../fields.ts';
import { makesPods, podTemplatesIn, templateElsewhere } from '../pods/pod-templates.ts';
import { ownerOfObject, type PodReading, readController, readPodTemplate } from '../pods/read-pod.ts';
import { sandboxPolicy } from '../policies/sandbox-policy.ts';
import { readMeta } from '../read-object.ts';
import type { Sorted, WorkloadTemplate } from './sorted.ts';

/** An object that may hold pod templates. */
export interface SortedWorkload {
  readonly kind: string;
  readonly object: Fields;
  readonly isManifests: boolean;
  readonly at: ObjectOrigin | undefined;
  readonly asked: PodReading;
}

/**
 * Puts an object that makes pods among the owners, and its templates among the pods that will be made.
 * @throws MalformedObject when it cannot be read
 */
export function sortWorkload(sorted: Sorted, { kind, object, isManifests, at, asked }: SortedWorkload): void {
  const meta = readMeta(object);
  const namespace = meta.namespace || 'default';
  const self = { namespace, kind, name: meta.name };
  const controller = readController(requiredObject(object['metadata'], 'metadata')['ownerReferences']);
  const workload = ownerOfObject(object, self);
  sorted.owners.set(workloadKey(self), workload);
  const isIdle = replicas(object) === 0;
  // Old revisions of a Deployment stay behind as ReplicaSets of no replicas: nothing runs from them.
  if (controller && isIdle) return;
  const owner = ownerIn(workload);
  const type = { kind, group: apiGroupOf(String(object['apiVersion'] ?? '')) };
  const found = podTemplatesIn(object, type.group, kind);
  if (found.length === 0) {
    const elsewhere = templateElsewhere(object, type.group, kind);
    if (elsewhere !== null)
      sorted.elsewhere.push({ workload, self, type, at, of: { namespace, ...elsewhere } });
    // In a dump the pods that an operator made are there themselves.
    else if (isManifests || makesPods(type.group, kind)) sorted.withoutTemplate.push({ self, workload });
    return;
  }
  const sandbox = sandboxPolicy(object, { ...type, namespace, name: meta.name });
  if (sandbox !== null) sorted.policies.push(sandbox.policy);
  const state = { isControlled: controller !== null, isIdle, ended: endedAt(object, type) };
  add(
    sorted,
    workload,
    found.map(({ template }) => {
      const read = readPodTemplate(template, { name: workload.name, namespace }, asked);
      const pod = { ...read, labels: { ...read.labels, ...sandbox?.labels }, owner };
      sorted.origins.addPod(pod, at);
      return { pod, type, ...state };
    }),
  );
}

/** The reference of a pod whose workload is known. */
const ownerIn = ({ kind, name, apiGroup }: WorkloadRef): NonNullable<PodRecord['owner']> => ({
  apiVersion: '',
  kind,
  name,
  ...(apiGroup === undefined ? {} : { apiGroup }),
});

/**
 * What the workload itself says goes before what it controls. Where it is not there, each ReplicaSet and Job of it that
 * lives is judged, or else the Job that ended last. Objects to be named at creation may have one name until then, and so
 * may kinds of two groups.
 */
function add(sorted: Sorted, workload: WorkloadRef, found: readonly WorkloadTemplate[]): void {
  const key = workloadKey(workload);
  const all = [...(sorted.templates.get(key) ?? []), ...found];
  const own = all.filter(({ isControlled }) => !isControlled);
  const living = all.filter(({ ended }) => ended === null);
  const last = all.reduce((latest, { ended }) => (ended !== null && ended > latest ? ended : latest), '');
  const judged =
    own.length > 0 ? own : living.length > 0 ? living : all.filter(({ ended }) => ended === last);
  sorted.templates.set(key, judged);
}

/** When a Job ended (RFC 3339), or an empty text where that is not said; `null`: it has not, or it is no Job. */
function endedAt({ status }: Fields, { kind, group }: WorkloadTemplate['type']): string | null {
  const found = kind === 'Job' && group === 'batch' ? optionalObject(status, 'status') : null;
  const conditions = found?.['conditions'];
  // https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions
  const ended = (Array.isArray(conditions) ? conditions : []).find(
    (one: Fields | null) => one?.['status'] === 'True' && /^(?:Complete|Failed)$/.test(String(one['type'])),
  );
  return ended === undefined ? null : String(ended['lastTransitionTime'] ?? '');
}

function replicas(object: Fields): number | null {
  const spec = optionalObject(object['spec'], 'spec');
  return spec === null ? null : optionalInteger(spec['replicas'], 'spec.replicas');
}

/**
 * Objects whose pods are made by the template of another one, to be called when all are there. That one makes none
 * itself where it was scaled down for it.
 */
export function borrowTemplates(sorted: Sorted): void {
  const idle = new Set<string>();
  for (const { workload, self, type, at, of } of sorted.elsewhere) {
    const from = sorted.templates.get(workloadKey(of)) ?? [];
    if (from.length === 0) sorted.withoutTemplate.push({ self, workload, of });
    else {
      const owner = ownerIn(workload);
      const made = from.map(({ pod: read }) => {
        const pod = { ...read, name: workload.name, owner };
        sorted.origins.addPod(pod, at);
        return { pod, type, isControlled: false, isIdle: false, ended: null };
      });
      add(sorted, workload, made);
      if (from.every(({ isIdle }) => isIdle)) idle.add(workloadKey(of));
    }
  }
  for (const key of idle) sorted.templates.delete(key);
}
