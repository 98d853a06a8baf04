import {
  ageBucket,
  type ClusterPopulation,
  type NamespacePopulation,
  noAges,
} from '../../findings/population.ts';
import type { PodClass } from '../../inventory/pod-class.ts';
import { compareText } from '../../inventory/workload.ts';

/** Counts what runs while it is judged. */
export interface PopulationCount {
  /** @param group the classes of one workload */
  look(group: readonly PodClass[]): void;
  counted(): ClusterPopulation;
}

/** @param now Epoch milliseconds. */
export function countPopulation(now: number): PopulationCount {
  const ages = noAges();
  const unknown = ages.length - 1;
  const namespaces = new Map<string, { workloads: number; pods: number }>();
  return {
    look(group) {
      const [first] = group;
      if (first === undefined) return;
      const { namespace } = first.workload;
      const of = namespaces.get(namespace) ?? { workloads: 0, pods: 0 };
      namespaces.set(namespace, of);
      of.workloads++;
      for (const { population } of group) {
        of.pods += population.count;
        ages[unknown] = (ages[unknown] ?? 0) + population.active.unknown;
        for (const startedAt of population.active.startedAt) {
          const bucket = ageBucket(startedAt, now);
          ages[bucket] = (ages[bucket] ?? 0) + 1;
        }
      }
    },
    counted: () => ({
      ages,
      namespaces: [...namespaces]
        .map(([namespace, of]): NamespacePopulation => ({ namespace, ...of }))
        .sort((a, b) => compareText(a.namespace, b.namespace)),
    }),
  };
}
