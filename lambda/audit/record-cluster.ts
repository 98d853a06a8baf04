import { NO_OBSERVER } from '../collect/observe.ts';
import { type ClusterRecorder, createRecorder, type Unanswered } from '../collect/tape/record.ts';
import { selectedLabelKeys } from '../egress/engine.ts';
import { groupPolicyLabelKeys } from '../egress/routing/group-policies.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { SERVICE_ACCOUNT_OBJECT } from '../inventory/service-account.ts';
import { meshLabelKeys, openRevisions } from '../mesh/mesh.ts';
import { readInventory } from './audit-cluster.ts';
import type { CollectHooks, Target } from './target.ts';

export interface RecordOptions extends Pick<CollectHooks, 'onPage'> {
  /** Epoch milliseconds. */
  readonly takenAt: number;
  /** Annotations of pods to write down in addition to those that this version knows. @defaultValue none */
  readonly annotations?: readonly string[];
  readonly write: (text: string) => Promise<void>;
}

export interface RecordedCluster {
  readonly inventory: Inventory;
  /** Also what is no gap, since it is said where it decides. */
  readonly unanswered: readonly Unanswered[];
  /** Why parts of the VPC could not be read. */
  readonly unreadVpc: readonly string[];
  /** How many kubelets were asked in vain, by reason. */
  readonly unmeasured: ReadonlyMap<string, number>;
}

/**
 * Reads a cluster once and writes down all that any audit of it, and any question about its egress, may ask: also
 * what only some configurations ask for.
 */
export async function recordCluster(
  target: Target,
  { takenAt, annotations = [], write, onPage }: RecordOptions,
): Promise<RecordedCluster> {
  const recorder: ClusterRecorder = createRecorder({ cluster: target.identity, takenAt, annotations, write });
  const inventory = await readInventory(target, {
    labelKeys: (policies, mesh) =>
      new Set([...selectedLabelKeys(policies), ...meshLabelKeys(mesh), SERVICE_ACCOUNT_OBJECT]),
    meshRevisions: openRevisions,
    namespaceLabels: true,
    securityGroupPolicies: groupPolicyLabelKeys,
    annotations,
    observer: NO_OBSERVER,
    onPage,
    recorder,
  });
  await recorder.end();
  return {
    inventory,
    unanswered: recorder.unanswered(),
    unreadVpc: recorder.unreadVpc(),
    unmeasured: recorder.unmeasured(),
  };
}
