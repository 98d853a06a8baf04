import type { PodObserver } from '../collect/observe.ts';
import type { PodRecord } from '../inventory/pod.ts';
import { createOwners, settle } from '../inventory/workload.ts';
import { inventoryLines } from '../report/inventory-lines.ts';

/** Where rows go as they are made: one line of JSON each, without its line break. */
export interface RowSink {
  add(line: string): void;
  restart(): void;
}

/**
 * Writes one row a pod while the list is read. Only pods whose workload must still be looked up (those of
 * Jobs and of custom controllers with ReplicaSets) wait for the end of the list.
 */
export function inventoryRows(cluster: string, sink: RowSink): PodObserver {
  const lineOf = inventoryLines(cluster);
  const ownerOf = createOwners();
  let waiting: PodRecord[] = [];
  return {
    add(pod) {
      // A manifest is no pod: the inventory lists what runs.
      if (pod.source === 'template') return;
      const { ref, lookup } = ownerOf(pod);
      if (lookup === null) sink.add(lineOf(pod, ref));
      else waiting.push(pod);
    },
    restart() {
      waiting = [];
      sink.restart();
    },
    settle(owners) {
      for (const pod of waiting) sink.add(lineOf(pod, settle(ownerOf(pod), owners).workload));
      waiting = [];
    },
  };
}
