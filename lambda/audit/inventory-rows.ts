import type { PodObserver } from '../collect/observe.ts';
import { instantText } from '../inventory/instant.ts';
import type { InventoryRow, PodRecord, WorkloadRef } from '../inventory/model.ts';
import { ownerOf, workloadKey } from '../inventory/workload.ts';

/** Where rows go as they are made. */
export interface RowSink {
  add(row: InventoryRow): void;
  restart(): void;
}

/**
 * Writes one row a pod while the list is read. Only pods whose workload must still be looked up (those of
 * Jobs and of custom controllers with ReplicaSets) wait for the end of the list.
 */
export function inventoryRows(cluster: string, sink: RowSink): PodObserver {
  let waiting: { readonly row: InventoryRow; readonly key: string }[] = [];
  return {
    add(pod) {
      // A manifest is no pod: the inventory lists what runs.
      if (pod.source === 'template') return;
      const { ref, lookup } = ownerOf(pod);
      const row = inventoryRow(pod, cluster, ref);
      if (lookup === null) sink.add(row);
      else waiting.push({ row, key: workloadKey(ref) });
    },
    restart() {
      waiting = [];
      sink.restart();
    },
    settle(owners) {
      for (const { row, key } of waiting) {
        const owner = owners.get(key);
        sink.add(owner ? { ...row, workload: { kind: owner.kind, name: owner.name } } : row);
      }
      waiting = [];
    },
  };
}

function inventoryRow(pod: PodRecord, cluster: string, { kind, name }: WorkloadRef): InventoryRow {
  const { containerStates: states } = pod;
  return {
    cluster,
    namespace: pod.namespace,
    pod: pod.name,
    uid: pod.uid,
    workload: { kind, name },
    node: pod.nodeName,
    phase: pod.phase,
    startedAt: instant(pod.startedAt ?? pod.createdAt),
    terminating: pod.deletedAt !== null,
    images: pod.spec.containers.map(({ name: container, image, imageId }, index) => {
      // States come in the order of their containers.
      const state =
        states[index]?.container === container
          ? states[index]
          : states.find((one) => one.container === container);
      return { container, image, imageId, startedAt: instant(state?.startedAt ?? null) };
    }),
  };
}

function instant(milliseconds: number | null): string | null {
  return milliseconds === null ? null : instantText(milliseconds);
}
