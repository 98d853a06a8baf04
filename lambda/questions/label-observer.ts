import type { PodObserver } from '../collect/observe.ts';
import type { LabelledWorkload } from '../egress/suggest/suggest-labels.ts';
import type { Labels } from '../inventory/names.ts';
import type { PodRecord } from '../inventory/pod.ts';
import { isCompleted } from '../inventory/population.ts';
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
  lives: boolean;
  readonly labels: Map<string, Labels>;
  hostNetwork: boolean;
}

/** @param wanted a label that is looked for, with its namespace */
export function observeLabels(
  namespace: string,
  wanted: { readonly namespace: string; readonly key: string; readonly value: string },
): LabelObserver {
  let byOwner = new Map<string, Found>();
  let seen = false;
  const add = (owner: Owner, pod: PodRecord): void => {
    const { labels, spec } = pod;
    const lives = !isCompleted(pod);
    const key = workloadKey(owner.ref);
    const found = byOwner.get(key) ?? { owner, lives, labels: new Map(), hostNetwork: false };
    byOwner.set(key, found);
    // What has ended was of another template, perhaps: it tells something only where nothing lives.
    if (found.lives && !lives) return;
    if (!found.lives && lives) {
      found.labels.clear();
      found.hostNetwork = false;
    }
    found.lives = lives;
    found.labels.set(JSON.stringify(Object.entries(labels).sort()), labels);
    found.hostNetwork ||= spec.hostNetwork;
  };
  return {
    add(pod) {
      if (pod.namespace === wanted.namespace && pod.labels[wanted.key] === wanted.value) {
        seen ||= !isCompleted(pod);
      }
      if (pod.namespace === namespace) add(ownerOf(pod), pod);
    },
    restart() {
      byOwner = new Map();
      seen = false;
    },
    settle(owners) {
      const settled = new Map<string, Found>();
      // Those of a CronJob whose Job runs now before those of Jobs that have ended.
      const living = [...byOwner.values()].sort((a, b) => Number(b.lives) - Number(a.lives));
      for (const { owner, lives, labels, hostNetwork } of living) {
        const { workload } = settle(owner, owners);
        const same = settled.get(workloadKey(workload));
        if (same?.lives === true && !lives) continue;
        for (const [text, set] of labels) same?.labels.set(text, set);
        if (same !== undefined) same.hostNetwork ||= hostNetwork;
        else {
          const final: Owner = { ref: workload, lookup: null };
          settled.set(workloadKey(workload), { owner: final, lives, labels, hostNetwork });
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
