import { readInventory } from '../audit/audit-cluster.ts';
import type { CollectHooks, Target } from '../audit/target.ts';
import { endedSentence } from '../checks/evaluation/ended.ts';
import { NO_OBSERVER } from '../collect/observe.ts';
import type { Config } from '../config/config.ts';
import type { EgressAnswer } from '../egress/answers/answer.ts';
import type { EgressView } from '../egress/answers/egress-view.ts';
import { mergeAnswers, mergeEffective, mergeEnforced } from '../egress/answers/merge.ts';
import { placedPod } from '../egress/enforcement/placed-pod.ts';
import { createEgress, type EgressEngine, selectedLabelKeys } from '../egress/engine.ts';
import { EVERYTHING } from '../egress/sets/address-set.ts';
import { externalRanges } from '../egress/sets/printed.ts';
import type { Gap } from '../inventory/gap.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { isPolicyResource } from '../inventory/resources.ts';
import { workloadKey } from '../inventory/workload.ts';

/** A workload with the views of its pods; classes that the same policies select share one. */
export interface WorkloadViews {
  readonly workload: WorkloadRef;
  readonly pods: number;
  readonly views: ReadonlyMap<EgressView, readonly PodClass[]>;
}

/** What was read of each target, and what could not be. */
export interface ReadTargets {
  readonly inventories: readonly Inventory[];
  readonly gaps: readonly { readonly cluster: ClusterIdentity; readonly gap: Gap }[];
}

/** Reads all targets at once, with the labels that policies select on. */
export async function readTargets(
  targets: readonly Target[],
  hooks: Partial<Pick<CollectHooks, 'labelKeys' | 'namespaceLabels' | 'securityGroupPolicies'>> = {},
): Promise<ReadTargets> {
  const inventories = await Promise.all(
    targets.map((target) =>
      readInventory(target, {
        labelKeys: selectedLabelKeys,
        observer: NO_OBSERVER,
        onPage: () => {},
        ...hooks,
      }),
    ),
  );
  return {
    inventories,
    gaps: inventories.flatMap(({ cluster, gaps }) => gaps.map((gap) => ({ cluster, gap }))),
  };
}

/** @param policies instead of those that the inventory has */
export const engineOf = (
  { namespaces, serviceAccounts, network, vpc, content, ...inventory }: Inventory,
  config: Config,
  policies = inventory.policies,
): EgressEngine =>
  createEgress({
    policies,
    namespaces,
    serviceAccounts,
    network,
    vpc,
    asDeclared: content === 'manifests',
    config: config.egress,
  });

/** Why nothing is known of the egress of any pod: a kind of policies could not be read. */
export const unreadPolicies = ({ gaps }: Inventory): Gap | undefined =>
  gaps.find(({ resource, scope }) => isPolicyResource(resource) && !scope);

/** In the order of the inventory. */
export function workloadViews(
  { classes }: Inventory,
  engine: EgressEngine,
  wanted: (workload: WorkloadRef) => boolean,
): readonly WorkloadViews[] {
  const groups = new Map<
    string,
    { workload: WorkloadRef; pods: number; views: Map<EgressView, PodClass[]> }
  >();
  for (const subject of classes) {
    const { workload, labels, spec, population } = subject;
    if (!wanted(workload)) continue;
    const key = workloadKey(workload);
    const group = groups.get(key) ?? { workload, pods: 0, views: new Map() };
    groups.set(key, group);
    group.pods += population.count;
    const view = engine.view({ namespace: workload.namespace, labels, hostNetwork: spec.hostNetwork });
    const sharing = group.views.get(view);
    if (sharing === undefined) group.views.set(view, [subject]);
    else sharing.push(subject);
  }
  return [...groups.values()];
}

/** What any of the pods with this view may reach where they are. */
export const enforcedOf = (view: EgressView, classes: readonly PodClass[]): EgressAnswer['enforced'] =>
  mergeEnforced(classes.map((subject) => view.enforced(placedPod(subject))));

/** What any of the pods of a workload may reach. */
export function answerOf({ views }: WorkloadViews): EgressAnswer {
  const [first, ...others] = [...views].map(([view, classes]): EgressAnswer => {
    const notes = classes.flatMap((subject) => [
      ...(subject.ended === undefined ? [] : [endedSentence(subject.ended)]),
      ...view.enforcementNotes(placedPod(subject)),
    ]);
    return {
      ...view.answer,
      enforced: enforcedOf(view, classes),
      effective: mergeEffective(
        [...new Set(classes.map((subject) => view.effective(placedPod(subject))))].map(
          (found) => found.answer,
        ),
      ),
      notes: [...new Set([...view.answer.notes, ...notes])],
    };
  });
  if (first === undefined) throw new TypeError('A workload without pods has no egress.');
  return mergeAnswers([first, ...others]);
}

export function unknownAnswer({ message, remedy }: Gap): EgressAnswer {
  const unknown = `${message} ${remedy}`;
  const nothing = { external: [], hosts: [] };
  const everything = { external: externalRanges(EVERYTHING), hosts: [] };
  return {
    declared: { unknown },
    enforced: { unknown },
    effective: { ...everything, basis: 'unknown', definite: nothing, because: unknown },
    policies: [],
    notes: [],
  };
}
