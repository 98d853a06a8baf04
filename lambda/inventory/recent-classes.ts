import type { OperatingSystem, PodRecord, PodSpecFacts } from './pod.ts';
import { labelOf } from './service-account.ts';

/**
 * Finds the class of a pod by the identity of its parts. Readers hand out the same spec and owner objects
 * for replicas of one template; whoever does not loses time, never correctness.
 */
export interface RecentClasses<Class> {
  find(pod: PodRecord, os: OperatingSystem | null): Class | undefined;
  keep(pod: PodRecord, os: OperatingSystem | null, found: Class): void;
  clear(): void;
}

/** Lists come ordered by name, so replicas follow each other and old entries are hardly missed. */
const MAX_ENTRIES = 4096;

interface Entry<Class> {
  readonly namespace: string;
  readonly owner: PodRecord['owner'];
  readonly source: PodRecord['source'];
  readonly os: OperatingSystem | null;
  /** As the pod has them: readers hand out one object for replicas. */
  readonly all: PodRecord['labels'];
  readonly serviceAccount: string | null;
  readonly labels: readonly (string | undefined)[];
  readonly found: Class;
}

/** @param labelKeys all labels that have a say in the class or the workload of a pod */
export function createRecentClasses<Class>(labelKeys: readonly string[]): RecentClasses<Class> {
  const entries = new Map<PodSpecFacts, Entry<Class>>();
  return {
    find(pod, os) {
      const entry = entries.get(pod.spec);
      const same =
        entry !== undefined &&
        entry.owner === pod.owner &&
        entry.namespace === pod.namespace &&
        entry.source === pod.source &&
        entry.os === os &&
        ((entry.all === pod.labels && entry.serviceAccount === pod.serviceAccount) ||
          labelKeys.every((key, index) => entry.labels[index] === labelOf(pod, key)));
      return same ? entry.found : undefined;
    },
    keep(pod, os, found) {
      const { namespace, owner, source, serviceAccount, labels: all } = pod;
      // The pods of no controller, or of their Node, are workloads of their own.
      if (owner === null || owner.kind === 'Node') return;
      if (entries.size >= MAX_ENTRIES) entries.clear();
      const labels = labelKeys.map((key) => labelOf(pod, key));
      entries.set(pod.spec, { namespace, owner, source, os, all, serviceAccount, labels, found });
    },
    clear: () => entries.clear(),
  };
}
