import type { ObjectOrigin } from '../../inventory/inventory.ts';
import { workloadKey } from '../../inventory/workload.ts';
import { type Fields, optionalInteger, optionalObject, requiredObject } from '../fields.ts';
import { makesPods, podTemplatesIn } from '../pods/pod-templates.ts';
import { ownerOfObject, readController, readPodTemplate } from '../pods/read-pod.ts';
import { groupOf } from '../policies/policy-kinds.ts';
import { sandboxPolicy } from '../policies/sandbox-policy.ts';
import { MalformedObject, readMeta } from '../read-object.ts';
import type { Sorted } from './sorted.ts';

/** An object that may hold pod templates. */
export interface SortedWorkload {
  readonly kind: string;
  readonly object: Fields;
  readonly isManifests: boolean;
  readonly at: ObjectOrigin | undefined;
}

/**
 * Puts an object that makes pods among the owners, and its templates among the pods that will be made.
 * @throws MalformedObject when a kind that makes pods has no template that can be understood
 */
export function sortWorkload(sorted: Sorted, { kind, object, isManifests, at }: SortedWorkload): void {
  const meta = readMeta(object);
  const namespace = meta.namespace || 'default';
  const self = { namespace, kind, name: meta.name };
  const controller = readController(requiredObject(object['metadata'], 'metadata')['ownerReferences']);
  const workload = ownerOfObject(object, self);
  sorted.owners.set(workloadKey(self), workload);
  if (controller) {
    // Old revisions of a Deployment stay behind as ReplicaSets of no replicas: nothing runs from them.
    if (replicas(object) === 0) return;
  }
  const key = workloadKey(workload);
  if (controller && sorted.templates.has(key)) return;
  const owner = { apiVersion: '', kind: workload.kind, name: workload.name };
  const type = { kind, group: groupOf(String(object['apiVersion'] ?? '')) };
  const found = podTemplatesIn(object, type.group, kind);
  if (found.length === 0) {
    // In a dump the pods that an operator made are there themselves.
    if (!isManifests && !makesPods(type.group, kind)) return;
    throw new MalformedObject('it has no pod template that can be understood');
  }
  const sandbox = sandboxPolicy(object, { ...type, namespace, name: meta.name });
  if (sandbox !== null) sorted.policies.push(sandbox.policy);
  const isControlled = controller !== null;
  // Objects to be named at creation may have one name until then, and so may kinds of two groups.
  const others = (sorted.templates.get(key) ?? []).filter((other) => !other.isControlled);
  sorted.templates.set(key, [
    ...others,
    ...found.map(({ template }) => {
      const read = readPodTemplate(template, workload.name, namespace);
      const pod = { ...read, labels: { ...read.labels, ...sandbox?.labels }, owner };
      sorted.origins.addPod(pod, at);
      return { pod, type, isControlled };
    }),
  ]);
}

function replicas(object: Fields): number | null {
  const spec = optionalObject(object['spec'], 'spec');
  return spec === null ? null : optionalInteger(spec['replicas'], 'spec.replicas');
}
