import type { Gap, PodRecord, Resource } from '../inventory/model.ts';
import type { Owners } from '../inventory/workload.ts';
import type { MalformedObject } from './fields.ts';

/** Sees every pod once, as it is read. */
export interface PodObserver {
  add(pod: PodRecord): void;
  /** Takes back all that was seen: the list was begun anew. */
  restart(): void;
  /** All pods were seen; `owners` are the controllers of owners that had to be looked up. */
  settle(owners: Owners): void;
}

export const NO_OBSERVER: PodObserver = { add() {}, restart() {}, settle() {} };

export function malformedGap(
  resource: Resource,
  scope: { namespace: string; kind: string; name: string },
  error: MalformedObject,
): Gap {
  return {
    resource,
    reason: 'malformed-object',
    scope,
    message: `${scope.kind} ${scope.namespace}/${scope.name} cannot be read: ${error.message}.`,
    remedy: `Mend the manifest (kubectl explain ${scope.kind.toLowerCase()} shows the fields).`,
  };
}

/** Whether pods of a namespace were not read, and so may run unseen. */
export function unreadPods(gaps: readonly Gap[]): (namespace: string) => boolean {
  const ofPods = gaps.filter(({ resource }) => resource === null || resource === 'pods');
  return (namespace) => ofPods.some(({ scope }) => scope === undefined || scope.namespace === namespace);
}
