import type { Target } from '../audit/target.ts';
import type { Config } from '../config/config.ts';
import type { EgressAnswer } from '../egress/answers/answer.ts';
import { reachBeyond } from '../egress/answers/difference.ts';
import type { Enforcement } from '../egress/enforcement/enforcement.ts';
import { placedPod } from '../egress/enforcement/placed-pod.ts';
import { selectedLabelKeys } from '../egress/engine.ts';
import { shownNameOf } from '../egress/policies/policy.ts';
import type { Reach, Unknown } from '../egress/sets/reach.ts';
import { applyPolicies } from '../egress/suggest/apply.ts';
import type { Gap } from '../inventory/gap.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { WorkloadRef } from '../inventory/names.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import { compareText } from '../inventory/workload.ts';
import {
  answerOf,
  engineOf,
  type ReadTargets,
  readTargets,
  unknownAnswer,
  unreadPolicies,
  type WorkloadViews,
  workloadViews,
} from './views.ts';

/** Something before and after policies are applied, and what that takes away and adds. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
  readonly lost: Reach | Unknown;
  readonly gained: Reach | Unknown;
}

/** Whether the network plugin enforces the policies where the pods are. */
export interface Enforcing {
  readonly state: Enforcement['state'];
  /** Why not, or why that is not known. */
  readonly because: readonly string[];
}

/** What applying policies would change for one workload, as `egress --with … -o json` prints it. */
export interface WorkloadChange {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly pods: number;
  /** Whether anything is lost or gained, declared or enforced; null where that is not known. */
  readonly changed: boolean | null;
  readonly declared: Change<EgressAnswer['declared']>;
  readonly enforced: Change<EgressAnswer['enforced']>;
  readonly policies: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly enforcement: Enforcing;
  readonly notes: readonly string[];
}

export interface ChangeReport extends Pick<ReadTargets, 'gaps'> {
  readonly workloads: readonly WorkloadChange[];
  /** For each cluster and policy whether another takes its place; sorted as applied. */
  readonly applied: readonly {
    readonly cluster: string;
    readonly policy: string;
    readonly replaces: boolean;
    /** Workloads that it selects for egress, among those wanted; null where policies were not read. */
    readonly selects: number | null;
  }[];
}

export interface ChangeOptions {
  readonly config: Config;
  readonly wanted: (workload: WorkloadRef) => boolean;
  readonly applied: readonly PolicyObject[];
}

/** What would change if these policies were applied to each target. */
export async function reportChange(
  targets: readonly Target[],
  options: ChangeOptions,
): Promise<ChangeReport> {
  const { applied } = options;
  const { inventories, gaps } = await readTargets(targets, {
    labelKeys: (policies) => selectedLabelKeys([...policies, ...applied]),
    namespaceLabels: true,
  });
  const found = inventories.map((inventory) => changeOfInventory(inventory, options));
  const workloads = found.flatMap((change) => change.workloads);
  return {
    workloads: workloads.sort((a, b) => compareText(a.cluster, b.cluster)),
    gaps,
    applied: found.flatMap((change) => change.applied),
  };
}

function changeOfInventory(
  inventory: Inventory,
  { config, wanted, applied }: ChangeOptions,
): Pick<ChangeReport, 'workloads' | 'applied'> {
  const { policies, replacing } = applyPolicies(inventory.policies, applied);
  const unread = unreadPolicies(inventory);
  const before = workloadViews(inventory, engineOf(inventory, config), wanted);
  const after = workloadViews(inventory, engineOf(inventory, config, policies), wanted);
  // Both go through the same classes in the same order.
  const workloads = before.map((found, index) =>
    changeOf(inventory, unread, [found, after[index] ?? found] as const),
  );
  return {
    workloads,
    applied: applied.map((object) => ({
      cluster: inventory.cluster.name,
      policy: shownNameOf(object),
      replaces: replacing.has(object),
      selects: unread
        ? null
        : workloads.filter(({ policies: of }) => of.after.includes(shownNameOf(object))).length,
    })),
  };
}

function changeOf(
  { cluster }: Inventory,
  unread: Gap | undefined,
  [before, after]: readonly [WorkloadViews, WorkloadViews],
): WorkloadChange {
  const was = unread ? unknownAnswer(unread) : answerOf(before);
  const is = unread ? unknownAnswer(unread) : answerOf(after);
  const declared = compare(was.declared, is.declared);
  const enforced = compare(was.enforced, is.enforced);
  const { workload, pods } = after;
  return {
    cluster: cluster.name,
    namespace: workload.namespace,
    kind: workload.kind,
    name: workload.name,
    pods,
    changed: isChanged(declared, enforced),
    declared,
    enforced,
    policies: { before: was.policies, after: is.policies },
    enforcement: enforcementOf(after.views),
    notes: is.notes,
  };
}

const compare = <T extends EgressAnswer['declared'] | EgressAnswer['enforced']>(
  before: T,
  after: T,
): Change<T> => ({
  before,
  after,
  lost: reachBeyond(before, after),
  gained: reachBeyond(after, before),
});

/** An unknown answer that stays unknown for the same reason is no change that anybody could see. */
function isChanged(...changes: readonly Change<unknown>[]): boolean | null {
  const parts = changes.flatMap(({ lost, gained }) => [lost, gained]);
  const differs = parts.some(
    (part) => !('unknown' in part) && (part.external.length > 0 || part.hosts.length > 0),
  );
  if (differs) return true;
  const [declared] = changes;
  const open = declared !== undefined && ('unknown' in declared.lost || 'unknown' in declared.gained);
  return open ? null : false;
}

const STATES: readonly Enforcement['state'][] = ['not-enforced', 'unknown', 'enforced', 'none'];

/** Of several pods, what is worst. */
export function enforcementOf(views: WorkloadViews['views']): Enforcing {
  const found = [...views].flatMap(([view, classes]) =>
    classes.map((subject) => view.enforcement(placedPod(subject))),
  );
  const state = STATES.find((one) => found.some((each) => each.state === one)) ?? 'none';
  const because = found.flatMap((one): readonly string[] => {
    if (one.state === 'not-enforced') return one.gaps.map((gap) => gap.because);
    return one.state === 'unknown' ? [one.message] : [];
  });
  return { state, because: [...new Set(because)] };
}
