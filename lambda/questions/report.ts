import type { Target } from '../audit/target.ts';
import type { Config } from '../config/config.ts';
import type { EgressAnswer } from '../egress/answers/answer.ts';
import type { Explanation, HostExplanation } from '../egress/answers/explain.ts';
import { createGroupPolicies, groupPolicyLabelKeys } from '../egress/routing/group-policies.ts';
import { createRoutable, NOT_READ, type Routable } from '../egress/routing/routable.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import { mergeExits } from '../inventory/vpc.ts';
import { compareText } from '../inventory/workload.ts';
import {
  answerOf,
  engineOf,
  type ReadTargets,
  readTargets,
  unknownAnswer,
  unreadPolicies,
  workloadViews,
} from './views.ts';

/** The egress of one workload, as `egress -o json` prints it (SPEC §4). */
export interface WorkloadEgress extends EgressAnswer {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly pods: number;
  /** What its VPC lets through. It stands beside the policies: what is not routed today is not denied. */
  readonly routable: Routable;
  /** The policy and rule behind every name and range; one list for each distinct set of policies on its pods. */
  readonly explanations: readonly (readonly (HostExplanation | Explanation)[])[];
}

export interface EgressReport extends Pick<ReadTargets, 'gaps'> {
  readonly workloads: readonly WorkloadEgress[];
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
  const { inventories, gaps } = await readTargets(targets, { securityGroupPolicies: groupPolicyLabelKeys });
  const workloads = inventories.flatMap((inventory) => egressOfInventory(inventory, options));
  workloads.sort((a, b) => compareText(a.cluster, b.cluster));
  return { workloads, gaps };
}

/** The egress of the workloads of one inventory, in its order. */
function egressOfInventory(
  inventory: Inventory,
  { config, wanted }: EgressReportOptions,
): readonly WorkloadEgress[] {
  const unread = unreadPolicies(inventory);
  const routableOf = createRoutable(inventory.vpc);
  const groupPolicies = createGroupPolicies(inventory.securityGroupPolicies);
  return workloadViews(inventory, engineOf(inventory, config), wanted).map((found) => {
    const answer = unread ? unknownAnswer(unread) : answerOf(found);
    const classes = [...found.views.values()].flat();
    const routable = routableOf(mergeExits(classes.map(groupPolicies.exitsOf)));
    const notes = [...answer.notes, ...groupPolicies.notes(classes)];
    return {
      cluster: inventory.cluster.name,
      namespace: found.workload.namespace,
      kind: found.workload.kind,
      name: found.workload.name,
      pods: found.pods,
      ...answer,
      routable,
      notes: 'external' in routable ? [...notes, NOT_READ] : notes,
      explanations: unread
        ? []
        : [...found.views.keys()].map((view) => [...view.explainHosts(), ...view.explain()]),
    };
  });
}
