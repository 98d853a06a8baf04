import type { Gap, PodClass, PodRecord, Resource, WorkloadRef } from '../inventory/model.ts';
import { compareWorkloads } from '../inventory/workload.ts';
import type { MalformedObject } from './fields.ts';

/** Sees every pod once, as it is read. */
export interface PodObserver {
  add(pod: PodRecord): void;
  /** Takes back all that was seen: the list was begun anew. */
  restart(): void;
  /** All pods were seen; `owners` are the controllers of owners that had to be looked up. */
  settle(owners: ReadonlyMap<string, WorkloadRef>): void;
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

/** @param classes sorted by workload */
export function countWorkloads(classes: readonly PodClass[]): { workloads: number; namespaces: number } {
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
