import type { OperatingSystem, PodRecord, PodSpecFacts } from './pod.ts';
import { labelOf } from './service-account.ts';

/**
 * Finds the class of a pod by the identity of its parts. Readers hand out the same spec and owner objects
 * for replicas of one template; whoever does not loses time, never correctness.
 */
export interface RecentClasses<Class> {
  find(pod: ClassInput, os: OperatingSystem | null): Class | undefined;
  keep(pod: ClassInput, os: OperatingSystem | null, found: Class): void;
  clear(): void;
}

/** Lists come ordered by name, so replicas follow each other and old entries are hardly missed. */
const MAX_ENTRIES = 4096;

/** All of a pod that has a say in its class: classes are made of nothing else. */
export type ClassInput = Pick<
  PodRecord,
  'name' | 'namespace' | 'owner' | 'source' | 'labels' | 'serviceAccount' | 'spec'
>;

interface Entry<Class> {
  readonly pod: ClassInput;
  readonly os: OperatingSystem | null;
  /** The values of the labels that count. */
  readonly labels: readonly (string | undefined)[];
  readonly found: Class;
}

type Same = (entry: Entry<unknown>, pod: ClassInput, labelKeys: readonly string[]) => boolean;

/** For each part, whether a pod is of the class of an earlier one as far as this part goes. */
const SAME: Readonly<Record<keyof ClassInput, Same>> = {
  // Entries are found by it.
  spec: () => true,
  // Counts only for pods of no controller, of which none is kept.
  name: () => true,
  namespace: ({ pod: known }, { namespace }) => known.namespace === namespace,
  owner: ({ pod: known }, { owner }) => known.owner === owner,
  source: ({ pod: known }, { source }) => known.source === source,
  labels: (entry, pod, labelKeys) =>
    (entry.pod.labels === pod.labels && entry.pod.serviceAccount === pod.serviceAccount) ||
    labelKeys.every((key, index) => entry.labels[index] === labelOf(pod, key)),
  // Where it counts it is asked for as a label.
  serviceAccount: () => true,
};

const PARTS: readonly Same[] = Object.values(SAME);

/** @param labelKeys all labels that have a say in the class or the workload of a pod */
export function createRecentClasses<Class>(labelKeys: readonly string[]): RecentClasses<Class> {
  const entries = new Map<PodSpecFacts, Entry<Class>>();
  return {
    find(pod, os) {
      const entry = entries.get(pod.spec);
      const same =
        entry !== undefined && entry.os === os && PARTS.every((part) => part(entry, pod, labelKeys));
      return same ? entry.found : undefined;
    },
    keep(pod, os, found) {
      const { name, namespace, owner, source, serviceAccount, labels, spec } = pod;
      // The pods of no controller, or of their Node, are workloads of their own.
      if (owner === null || owner.kind === 'Node') return;
      if (entries.size >= MAX_ENTRIES) entries.clear();
      entries.set(spec, {
        pod: { name, namespace, owner, source, serviceAccount, labels, spec },
        os,
        labels: labelKeys.map((key) => labelOf(pod, key)),
        found,
      });
    },
    clear: () => entries.clear(),
  };
}
