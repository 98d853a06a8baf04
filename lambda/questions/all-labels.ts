import type { PodObserver } from '../collect/observe.ts';
import { DNS } from '../egress/suggest/suggest.ts';
import { type LabelObserver, type ObservedWorkload, observeLabels } from './label-observer.ts';

/** All labels of all pods, by namespace: what a policy for some of them may select on. */
export interface AllLabels extends PodObserver {
  /** The workloads of a namespace, once all pods were seen. */
  workloadsOf(namespace: string): readonly ObservedWorkload[];
  /** Whether pods of the DNS server were seen where policies look for them. */
  dnsSeen(): boolean;
}

export function observeAllLabels(): AllLabels {
  let byNamespace = new Map<string, LabelObserver>();
  const observerOf = (namespace: string): LabelObserver => {
    const known = byNamespace.get(namespace) ?? observeLabels(namespace, DNS);
    byNamespace.set(namespace, known);
    return known;
  };
  return {
    add: (pod) => observerOf(pod.namespace).add(pod),
    restart() {
      byNamespace = new Map();
    },
    settle(owners) {
      for (const observer of byNamespace.values()) observer.settle(owners);
    },
    workloadsOf: (namespace) => byNamespace.get(namespace)?.workloads() ?? [],
    dnsSeen: () => byNamespace.get(DNS.namespace)?.seen() ?? false,
  };
}
