import { matchesAny } from '../../config/match.ts';
import type { ClusterResult, ExcludedNamespace } from '../../findings/run-result.ts';
import type { WorkloadRef } from '../../inventory/names.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { compareText } from '../../inventory/workload.ts';

/** What the configuration keeps from being judged, counted as it is met. */
export interface Exclusion {
  covers(workload: Pick<WorkloadRef, 'namespace'>): boolean;
  /** Whether these classes, of one workload, are left out; then their pods are counted. */
  leavesOut(group: readonly PodClass[]): boolean;
  /** For the result; empty when nothing was left out. */
  counted(): Pick<ClusterResult, 'excluded'>;
}

/** @param patterns of namespaces */
export function createExclusion(patterns: readonly string[]): Exclusion {
  // A million pods have few namespaces.
  const known = new Map<string, boolean>();
  const pods = new Map<string, number>();
  const covers = ({ namespace }: Pick<WorkloadRef, 'namespace'>): boolean => {
    if (patterns.length === 0) return false;
    const found = known.get(namespace) ?? matchesAny(patterns, namespace);
    known.set(namespace, found);
    return found;
  };
  return {
    covers,
    leavesOut(group) {
      const [subject] = group;
      if (subject === undefined || !covers(subject.workload)) return false;
      const { namespace } = subject.workload;
      const count = group.reduce((sum, { population }) => sum + population.count, 0);
      pods.set(namespace, (pods.get(namespace) ?? 0) + count);
      return true;
    },
    counted() {
      if (pods.size === 0) return {};
      const rows = [...pods].map(([namespace, count]): ExcludedNamespace => ({ namespace, pods: count }));
      return { excluded: rows.sort((a, b) => compareText(a.namespace, b.namespace)) };
    },
  };
}
