import type { Gap, Resource } from '../inventory/gap.ts';
import type { PodRecord } from '../inventory/pod.ts';
import type { Owners } from '../inventory/workload.ts';
import type { MalformedObject } from './fields.ts';
import type { BrokenName } from './read-object.ts';

/** Sees every pod once, as it is read. */
export interface PodObserver {
  add(pod: PodRecord): void;
  /** Takes back all that was seen: the list was restarted. */
  restart(): void;
  /** All pods were seen; `owners` are the controllers of owners that had to be looked up. */
  settle(owners: Owners): void;
}

export const NO_OBSERVER: PodObserver = { add() {}, restart() {}, settle() {} };

/** A gap about one object; about the whole resource where it is not known whose object it is. */
export function malformedGap(resource: Resource, broken: BrokenName, error: MalformedObject): Gap {
  const { namespace, kind, name } = broken;
  const title =
    namespace === null ? `${kind} ${name} of an unknown namespace` : `${kind} ${namespace}/${name}`;
  return {
    resource,
    reason: 'malformed-object',
    ...(namespace === null ? {} : { scope: { namespace, kind, name } }),
    message: `${title} cannot be read: ${error.message}.`,
    remedy: `Correct the object (kubectl explain ${kind.toLowerCase()} shows the fields).`,
  };
}

/** Whether pods of a namespace were not read, and so may run unseen. */
export function unreadPods(gaps: readonly Gap[]): (namespace: string) => boolean {
  const ofPods = gaps.filter(({ resource }) => resource === null || resource === 'pods');
  return (namespace) => ofPods.some(({ scope }) => scope === undefined || scope.namespace === namespace);
}
