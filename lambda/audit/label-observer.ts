import type { PodObserver } from '../collect/observe.ts';
import type { LabelledWorkload } from '../egress/suggest-labels.ts';
import type { Labels, PodRecord } from '../inventory/model.ts';
import { compareWorkloads, type Owner, ownerOf, settle, workloadKey } from '../inventory/workload.ts';

/** All labels of the pods of one namespace, by workload: the inventory keeps only those that policies select on. */
export interface LabelObserver extends PodObserver {
  /** Once all pods were seen; sorted by kind and name. */
  workloads(): readonly ObservedWorkload[];
  /** Whether some pod has this label in this namespace. */
  seen(): boolean;
}

export interface ObservedWorkload extends LabelledWorkload {
  /** Whether some of its pods use the network of their node. */
  readonly hostNetwork: boolean;
}

interface Found {
  readonly owner: Owner;
  readonly labels: Map<string, Labels>;
  hostNetwork: boolean;
}

/** @param wanted a label that is looked for in a namespace of its own */
export function observeLabels(
  namespace: string,
  wanted: { readonly namespace: string; readonly key: string; readonly value: string },
): LabelObserver {
  let byOwner = new Map<string, Found>();
  let seen = false;
  const add = (owner: Owner, { labels, spec }: PodRecord): void => {
    const key = workloadKey(owner.ref);
    const found = byOwner.get(key) ?? { owner, labels: new Map(), hostNetwork: false };
    byOwner.set(key, found);
    found.labels.set(JSON.stringify(Object.entries(labels).sort()), labels);
    found.hostNetwork ||= spec.hostNetwork;
  };
  return {
    add(pod) {
      if (pod.namespace === wanted.namespace && pod.labels[wanted.key] === wanted.value) seen = true;
      if (pod.namespace === namespace) add(ownerOf(pod), pod);
    },
    restart() {
      byOwner = new Map();
      seen = false;
    },
    settle(owners) {
      const settled = new Map<string, Found>();
      for (const { owner, labels, hostNetwork } of byOwner.values()) {
        const { workload } = settle(owner, owners);
        const same = settled.get(workloadKey(workload));
        for (const [text, set] of labels) same?.labels.set(text, set);
        if (same !== undefined) same.hostNetwork ||= hostNetwork;
        else {
          const final: Owner = { ref: workload, lookup: null };
          settled.set(workloadKey(workload), { owner: final, labels, hostNetwork });
        }
      }
      byOwner = settled;
    },
    workloads: () =>
      [...byOwner.values()]
        .map(({ owner, labels, hostNetwork }) => ({
          workload: owner.ref,
          labels: [...labels.values()],
          hostNetwork,
        }))
        .sort((a, b) => compareWorkloads(a.workload, b.workload)),
    seen: () => seen,
  };
}
