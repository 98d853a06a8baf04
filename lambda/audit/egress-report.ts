import { NO_OBSERVER } from '../collect/observe.ts';
import type { Config } from '../config/model.ts';
import type { PlacedPod } from '../egress/enforcement/judge.ts';
import { placedPod } from '../egress/enforcement/placed-pod.ts';
import { createEgress, selectedLabelKeys } from '../egress/engine.ts';
import { mergeAnswers, mergeEnforced } from '../egress/merge.ts';
import type { EgressAnswer, EgressView, Explanation } from '../egress/model.ts';
import type { ClusterIdentity, Gap, Inventory, PodClass, WorkloadRef } from '../inventory/model.ts';
import { isPolicyResource } from '../inventory/resources.ts';
import { compareText, workloadKey } from '../inventory/workload.ts';
import { readInventory } from './audit-cluster.ts';

import type { Target } from './target.ts';

/** The egress of one workload, as `egress -o json` prints it (SPEC §4). */
export interface WorkloadEgress extends EgressAnswer {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly pods: number;
  /** The policy and rule behind every range; one list for each distinct set of policies on its pods. */
  readonly explanations: readonly (readonly Explanation[])[];
}

export interface EgressReport {
  readonly workloads: readonly WorkloadEgress[];
  /** What could not be read, and from which cluster. */
  readonly gaps: readonly { readonly cluster: ClusterIdentity; readonly gap: Gap }[];
}

export interface EgressReportOptions {
  readonly config: Config;
  /** Keeps only these workloads. */
  readonly wanted: (workload: WorkloadRef) => boolean;
}

/** Answers the egress of every workload of the targets, sorted by cluster, namespace, kind, name. */
export async function reportEgress(
  targets: readonly Target[],
  options: EgressReportOptions,
): Promise<EgressReport> {
  const inventories = await Promise.all(
    targets.map((target) =>
      readInventory(target, { labelKeys: selectedLabelKeys, observer: NO_OBSERVER, onPage: () => {} }),
    ),
  );
  const workloads = inventories.flatMap((inventory) => egressOfInventory(inventory, options));
  workloads.sort((a, b) => compareText(a.cluster, b.cluster));
  return {
    workloads,
    gaps: inventories.flatMap(({ cluster, gaps }) => gaps.map((gap) => ({ cluster, gap }))),
  };
}

/** The egress of the workloads of one inventory, in its order. */
export function egressOfInventory(
  inventory: Inventory,
  { config, wanted }: EgressReportOptions,
): readonly WorkloadEgress[] {
  const engine = createEgress({
    policies: inventory.policies,
    namespaces: inventory.namespaces,
    network: inventory.network,
    config: config.egress,
  });
  const unread = inventory.gaps.find(({ resource, scope }) => isPolicyResource(resource) && !scope);
  const groups = new Map<
    string,
    { workload: WorkloadRef; pods: number; views: Map<EgressView, PodClass[]> }
  >();
  for (const subject of inventory.classes) {
    const { workload, labels, spec, population } = subject;
    if (!wanted(workload)) continue;
    const key = workloadKey(workload);
    const group = groups.get(key) ?? { workload, pods: 0, views: new Map() };
    groups.set(key, group);
    group.pods += population.count;
    const view = engine.view({ namespace: workload.namespace, labels, hostNetwork: spec.hostNetwork });
    const classes = group.views.get(view);
    if (classes === undefined) group.views.set(view, [subject]);
    else classes.push(subject);
  }
  return [...groups.values()].map(({ workload, pods, views }) => ({
    cluster: inventory.cluster.name,
    namespace: workload.namespace,
    kind: workload.kind,
    name: workload.name,
    pods,
    ...(unread ? unknownAnswer(unread) : mergeViews(views)),
    explanations: unread ? [] : [...views.keys()].map((view) => view.explain()),
  }));
}

function mergeViews(views: ReadonlyMap<EgressView, readonly PodClass[]>): EgressAnswer {
  const [first, ...others] = [...views].map(([view, classes]) => answerOf(view, classes.map(placedPod)));
  if (first === undefined) throw new Error('A workload without pods has no egress.');
  return mergeAnswers([first, ...others]);
}

function answerOf(view: EgressView, pods: readonly PlacedPod[]): EgressAnswer {
  return {
    ...view.answer,
    enforced: mergeEnforced(pods.map((pod) => view.enforced(pod))),
    notes: [...new Set([...view.answer.notes, ...pods.flatMap((pod) => view.enforcementNotes(pod))])],
  };
}

function unknownAnswer({ message, remedy }: Gap): EgressAnswer {
  const unknown = `${message} ${remedy}`;
  return { declared: { unknown }, enforced: { unknown }, policies: [], notes: [] };
}
