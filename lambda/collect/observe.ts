import type { Gap, InventoryRow, PodClass, PodRecord, Resource } from '../inventory/model.ts';
import { workloadKey } from '../inventory/workload.ts';
import type { MalformedObject } from './fields.ts';

/** Sees every pod once, as it is read; `restart` takes back all that it saw. */
export interface PodObserver {
  add(pod: PodRecord): void;
  restart(): void;
}

export const NO_OBSERVER: PodObserver = { add() {}, restart() {} };

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

export function countWorkloads(classes: readonly PodClass[]): { workloads: number; namespaces: number } {
  return {
    workloads: new Set(classes.map(({ workload }) => workloadKey(workload))).size,
    namespaces: new Set(classes.map(({ workload }) => workload.namespace)).size,
  };
}

/** One pod as a row of the inventory (SPEC §9); `owner` is its direct controller, before any look-up. */
export function inventoryRow(
  pod: PodRecord,
  cluster: string,
  workload: { kind: string; name: string },
): InventoryRow {
  const started = new Map(pod.containerStates.map((state) => [state.container, state.startedAt]));
  return {
    cluster,
    namespace: pod.namespace,
    pod: pod.name,
    uid: pod.uid,
    workload: { kind: workload.kind, name: workload.name },
    node: pod.nodeName,
    phase: pod.phase,
    startedAt: instant(pod.startedAt ?? pod.createdAt),
    terminating: pod.deletedAt !== null,
    images: pod.spec.containers.map(({ name, image, imageId }) => ({
      container: name,
      image,
      imageId,
      startedAt: instant(started.get(name) ?? null),
    })),
  };
}

function instant(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
