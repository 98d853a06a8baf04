import type { Setting, Unread } from '../inventory/engine-settings.ts';
import { createPodFold } from '../inventory/fold.ts';
import type { Gap } from '../inventory/gap.ts';
import type { CollectedInventory } from '../inventory/inventory.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import { MESH_RESOURCES, POLICY_RESOURCES } from '../inventory/resources.ts';
import { ownerOf, settle, workloadKey } from '../inventory/workload.ts';
import { measuredInFiles } from '../measure/in-files.ts';
import { joinLayers } from '../measure/join.ts';
import {
  holdsAll,
  type InventoryPart,
  kindsNotRead,
  MANIFESTS_NOTE,
  notInDump,
  type SnapshotContent,
} from './content.ts';
import { CILIUM_NODE_CONFIG } from './engines/engine-sources.ts';
import { settingsFrom } from './engines/read-engine-settings.ts';
import { type ObjectSource, sortObjects } from './objects/sort-objects.ts';
import { withoutTemplateGaps } from './objects/without-template.ts';
import { type PodObserver, unreadPods } from './observe.ts';
import { withControllerLabels } from './pods/controller-labels.ts';
import { meshConfigsOf } from './policies/mesh-config.ts';
import { SECURITY_GROUP_RESOURCE } from './policies/security-group-policies.ts';

export interface CollectObjectsOptions {
  readonly labelKeys: (
    policies: readonly PolicyObject[],
    mesh: readonly PolicyObject[],
  ) => ReadonlySet<string>;
  /** Keeps the pod-label keys that this says of SecurityGroupPolicies. @defaultValue these are left out */
  readonly securityGroupPolicies?: (found: readonly PolicyObject[]) => ReadonlySet<string>;
  /** Keep the addresses of pods and of their nodes. @defaultValue false */
  readonly podAddresses?: boolean | undefined;
  /** Annotations of pods to keep in addition to those that this version knows. @defaultValue none */
  readonly annotations?: readonly string[] | undefined;
  /** Whether the configuration asks for writable layers. @defaultValue false */
  readonly measure?: boolean;
  readonly observer: PodObserver;
}

const MANIFESTS: SnapshotContent = { form: 'manifests' };

/**
 * Reads the objects of a snapshot into an inventory. A workload manifest counts as one pod, but only
 * when the snapshot holds no pod of that workload: the pods themselves say more.
 */
export function collectObjects(
  identity: ClusterIdentity,
  source: ObjectSource,
  options: CollectObjectsOptions,
): CollectedInventory {
  const { content = MANIFESTS } = source;
  const { podAddresses, annotations } = options;
  const sorted = sortObjects(source, { addresses: podAddresses, annotations });
  const { pods, templates, policies, nodes, owners, groupPolicies } = sorted;
  const groupKeys = options.securityGroupPolicies?.(groupPolicies) ?? [];
  const labelKeys = new Set([...options.labelKeys(policies, sorted.mesh), ...groupKeys]);
  const layers =
    options.measure === true ? joinLayers(measuredInFiles(source.summaries ?? [], nodes)) : undefined;
  const fold = createPodFold({ labelKeys, nodes, podAddresses, layers });
  const running = new Set<string>();
  for (const pod of pods) {
    running.add(workloadKey(settle(ownerOf(pod), owners).workload));
    fold.add(pod);
    options.observer.add(pod);
  }
  for (const key of running) templates.delete(key);
  const declared = [...templates.values()].flat();
  for (const { pod, type } of declared) {
    fold.add({ ...pod, labels: withControllerLabels(pod.labels, type, labelKeys) });
    options.observer.add(pod);
  }
  const owned = fold.withPods(owners);
  options.observer.settle(owned);
  const gaps = [
    ...source.gaps.flatMap((gap) => gapsOf(gap, content)),
    ...sorted.gaps,
    ...withoutTemplateGaps(sorted.withoutTemplate, (key) => running.has(key) || templates.has(key)),
    ...kindsNotRead(content),
  ];
  const { classes, network, totals } = fold.finish(owned, { unreadIn: unreadPods(gaps) });
  return {
    cluster: sorted.uid === null ? identity : { ...identity, uid: sorted.uid },
    classes,
    policies,
    mesh: sorted.mesh,
    meshConfigs: meshConfigsOf(sorted.configMaps),
    namespaces: sorted.namespaces,
    // Files need not hold all of them: `default` is made with each namespace, and others may be there already.
    serviceAccounts: { labels: sorted.serviceAccounts, complete: false },
    network: {
      ...network,
      settings: settingsFrom({
        ...sorted,
        ciliumPerNode: sorted.ciliumPerNode ?? ciliumPerNodeUnread(content),
        ciliumNodeConfigsRead: content.form === 'dump' && content.complete && sorted.ciliumPerNode === null,
        nodeClasses:
          sorted.nodeClassesUnread === null
            ? settingOf(sorted.nodeClasses, 'nodeclasses', content)
            : { unread: sorted.nodeClassesUnread },
      }),
      // A broken file may have held the agents, and so may the namespaces that a dump leaves out.
      complete: content.form === 'dump' && content.complete && !gaps.some(mayHoldPods),
    },
    ...(options.securityGroupPolicies
      ? { securityGroupPolicies: settingOf(groupPolicies, SECURITY_GROUP_RESOURCE, content) }
      : {}),
    ...(content.form === 'manifests'
      ? {
          content: 'manifests',
          origins: sorted.origins.of([...pods, ...declared.map(({ pod }) => pod)], owned),
        }
      : {}),
    ...(layers === undefined ? {} : { measured: true as const }),
    gaps,
    notes: [...(content.form === 'manifests' ? [MANIFESTS_NOTE] : []), ...source.notes, ...sorted.notes],
    totals: { ...totals, nodes: nodes.size },
  };
}

/** A dump may leave out the kind by which flags of Cilium differ from node to node. */
const ciliumPerNodeUnread = (content: SnapshotContent): Unread | null =>
  content.form === 'dump' && !content.complete
    ? { reason: 'not-in-snapshot', ...notInDump(CILIUM_NODE_CONFIG.kind) }
    : null;

/** Any file may hold policies, which concern the pods of others. The pods that it may hold concern others only in a dump. */
function gapsOf(gap: Gap, content: SnapshotContent): readonly Gap[] {
  const { scope, ...whole } = gap;
  if (gap.reason !== 'unreadable-file') return [gap];
  if (content.form === 'dump') return [whole];
  return [gap, ...[...POLICY_RESOURCES, ...MESH_RESOURCES].map((resource) => ({ ...whole, resource }))];
}

const mayHoldPods = ({ resource }: Gap): boolean => resource === 'pods' || resource === null;

/** What a dump does not hold of a kind may be there all the same. */
function settingOf<T>(
  found: readonly T[],
  part: InventoryPart,
  content: SnapshotContent,
): Setting<readonly T[]> {
  if (found.length > 0 || holdsAll(content, part)) return { known: found };
  const what = part === 'nodeclasses' ? 'NodeClass' : 'SecurityGroupPolicy';
  return { unread: { reason: 'not-in-snapshot', ...notInDump(what) } };
}
