import type { IpFamilies, Setting } from '../inventory/engine-settings.ts';
import { createPodFold, type NodeFacts } from '../inventory/fold.ts';
import type { Gap, Resource } from '../inventory/gap.ts';
import type { Inventory, ObjectOrigin } from '../inventory/inventory.ts';
import type { ClusterIdentity, Labels, WorkloadRef } from '../inventory/names.ts';
import type { PodRecord } from '../inventory/pod.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import { MESH_RESOURCES, POLICY_RESOURCES } from '../inventory/resources.ts';
import { ownerOf, settle, workloadKey } from '../inventory/workload.ts';
import { clusterUidOf } from './cluster-uid.ts';
import {
  holdsAll,
  type InventoryPart,
  kindsNotRead,
  MANIFESTS_NOTE,
  notInDump,
  type SnapshotContent,
} from './content.ts';
import { readIpFamily } from './engines/engine-settings.ts';
import { settingsFrom } from './engines/read-engine-settings.ts';
import { type Fields, optionalInteger, optionalObject, requiredObject } from './fields.ts';
import { malformedGap, type PodObserver, unreadPods } from './observe.ts';
import { createOrigins, type Origins } from './origins.ts';
import { withControllerLabels } from './pods/controller-labels.ts';
import { makesPods, podTemplatesIn } from './pods/pod-templates.ts';
import { ownerOfObject, type PodReading, readController, readPod, readPodTemplate } from './pods/read-pod.ts';
import { meshConfigsOf } from './policies/mesh-config.ts';
import { groupOf, policyKindOf } from './policies/policy-kinds.ts';
import { sandboxPolicy } from './policies/sandbox-policy.ts';
import { SECURITY_GROUP_POLICIES, SECURITY_GROUP_POLICY } from './policies/security-group-policies.ts';
import { serviceAccountEntry } from './policies/service-accounts.ts';
import { nodeFacts } from './read-node.ts';
import { asFields, MalformedObject, nameOf, readMeta, readPolicy } from './read-object.ts';
import { isAboutServices, serviceRangesOf } from './service-ranges.ts';

export interface ObjectSource {
  /** @defaultValue manifests */
  readonly content?: SnapshotContent;
  readonly objects: readonly {
    readonly object: Record<string, unknown>;
    readonly origin: string;
    readonly at?: ObjectOrigin;
  }[];
  readonly gaps: readonly Gap[];
  readonly notes: readonly string[];
}

export interface CollectObjectsOptions {
  readonly labelKeys: (
    policies: readonly PolicyObject[],
    mesh: readonly PolicyObject[],
  ) => ReadonlySet<string>;
  /** Keeps the pod-label keys that this says of SecurityGroupPolicies. @defaultValue these are left out */
  readonly securityGroupPolicies?: (found: readonly PolicyObject[]) => ReadonlySet<string>;
  /** Keep the addresses of pods. @defaultValue false */
  readonly podAddresses?: boolean | undefined;
  readonly observer: PodObserver;
}

const MANIFESTS: SnapshotContent = { form: 'manifests' };

/** A pod as a controller will make it. */
interface WorkloadTemplate {
  readonly pod: PodRecord;
  /** Of the object that holds it. */
  readonly type: { readonly kind: string; readonly group: string };
  /** Whether that object is controlled by the workload, and does not count where the workload itself is there. */
  readonly isControlled: boolean;
}

/** What the objects of a snapshot were read into, before classes are made of them. */
interface Sorted {
  readonly pods: PodRecord[];
  /** By workload: a pod for each of its templates. */
  readonly templates: Map<string, readonly WorkloadTemplate[]>;
  readonly policies: PolicyObject[];
  readonly mesh: PolicyObject[];
  readonly groupPolicies: PolicyObject[];
  readonly namespaces: Map<string, Labels>;
  readonly serviceAccounts: Map<string, Labels>;
  readonly nodes: Map<string, NodeFacts>;
  readonly owners: Map<string, WorkloadRef | null>;
  /** Settings of policy engines and meshes, by name. */
  readonly configMaps: Map<string, { readonly known: Fields }>;
  readonly nodeClasses: Fields[];
  ipFamily: IpFamilies | null;
  /** Of the cluster that the objects were read of. */
  uid: string | null;
  /** Blocks of addresses of Services. */
  readonly serviceRanges: string[];
  readonly origins: Origins;
  readonly gaps: Gap[];
  readonly notes: string[];
}

/**
 * Reads the objects of a snapshot into an inventory. A workload manifest counts as one pod, but only
 * when the snapshot holds no pod of that workload: the pods themselves say more.
 */
export function collectObjects(
  identity: ClusterIdentity,
  source: ObjectSource,
  options: CollectObjectsOptions,
): Inventory {
  const { content = MANIFESTS } = source;
  const { podAddresses } = options;
  const sorted = sortObjects(source, { addresses: podAddresses });
  const { pods, templates, policies, nodes, owners, groupPolicies } = sorted;
  const groupKeys = options.securityGroupPolicies?.(groupPolicies) ?? [];
  const labelKeys = new Set([...options.labelKeys(policies, sorted.mesh), ...groupKeys]);
  const fold = createPodFold({ labelKeys, nodes, podAddresses });
  for (const pod of pods) {
    templates.delete(workloadKey(settle(ownerOf(pod), owners).workload));
    fold.add(pod);
    options.observer.add(pod);
  }
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
        nodeClasses: settingOf(sorted.nodeClasses, 'nodeclasses', content),
      }),
      // A broken file may have held the agents, and so may the namespaces that a dump leaves out.
      complete: content.form === 'dump' && content.complete && !gaps.some(mayHoldPods),
    },
    ...(options.securityGroupPolicies
      ? { securityGroupPolicies: settingOf(groupPolicies, GROUP_POLICIES, content) }
      : {}),
    ...(content.form === 'manifests'
      ? {
          content: 'manifests',
          origins: sorted.origins.of([...pods, ...declared.map(({ pod }) => pod)], owned),
        }
      : {}),
    gaps,
    notes: [...(content.form === 'manifests' ? [MANIFESTS_NOTE] : []), ...source.notes, ...sorted.notes],
    totals: { ...totals, nodes: nodes.size },
  };
}

const GROUP_POLICIES = `${SECURITY_GROUP_POLICIES.resource}.${SECURITY_GROUP_POLICIES.group}` as const;

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

function sortObjects(source: ObjectSource, asked: PodReading): Sorted {
  const isManifests = source.content?.form !== 'dump';
  const sorted: Sorted = {
    pods: [],
    templates: new Map(),
    policies: [],
    mesh: [],
    groupPolicies: [],
    namespaces: new Map(),
    serviceAccounts: new Map(),
    nodes: new Map(),
    owners: new Map(),
    configMaps: new Map(),
    nodeClasses: [],
    ipFamily: null,
    uid: null,
    serviceRanges: [],
    origins: createOrigins(),
    gaps: [],
    notes: [],
  };
  for (const { object, at } of source.objects) {
    const kind = String(object['kind']);
    try {
      const origin = isManifests ? at : undefined;
      sortObject(sorted, { kind, object: asFields(object), isManifests, at: origin, asked });
    } catch (error) {
      if (!(error instanceof MalformedObject)) throw error;
      noteBroken(sorted, kind, object, error);
    }
  }
  return sorted;
}

interface Sorting {
  readonly kind: string;
  readonly object: Fields;
  readonly isManifests: boolean;
  readonly at: ObjectOrigin | undefined;
  readonly asked: PodReading;
}

function sortObject(sorted: Sorted, { kind, object, isManifests, at, asked }: Sorting): void {
  const apiVersion = String(object['apiVersion'] ?? '');
  const policy = policyKindOf(apiVersion, kind);
  if (policy !== null) {
    const read = readPolicy(object, { apiVersion, kind, namespaced: policy.namespaced });
    sorted[policy.role === 'mesh' ? 'mesh' : 'policies'].push(read);
    sorted.origins.addObject(read, at);
  } else if (kind === 'Pod') {
    const pod = { ...readPod(object, asked), ...(isManifests ? NOT_RUNNING : {}) };
    sorted.pods.push(pod);
    sorted.origins.addPod(pod, at);
  } else if (kind === 'Node') {
    const { name, labels } = readMeta(object);
    sorted.nodes.set(name, nodeFacts(labels));
    sorted.ipFamily ??= readIpFamily(object);
  } else if (kind === 'Namespace') {
    const { name, labels } = readMeta(object);
    sorted.namespaces.set(name, labels);
    sorted.uid ??= clusterUidOf(object);
  } else if (kind === 'ServiceAccount') sorted.serviceAccounts.set(...serviceAccountEntry(object));
  else if (kind === 'ConfigMap') sorted.configMaps.set(nameOf(object, kind).name, { known: object });
  else if (kind === 'NodeClass') sorted.nodeClasses.push(object);
  else if (isAboutServices(apiVersion, kind)) sorted.serviceRanges.push(...serviceRangesOf(kind, object));
  else if (kind === SECURITY_GROUP_POLICY.kind) {
    sorted.groupPolicies.push(readPolicy(object, SECURITY_GROUP_POLICY));
  } else sortWorkload(sorted, { kind, object, isManifests, at });
}

/** A pod of a manifest is the template of itself. */
const NOT_RUNNING = { source: 'template' } as const;

function sortWorkload(sorted: Sorted, { kind, object, isManifests, at }: Omit<Sorting, 'asked'>): void {
  const meta = readMeta(object);
  const namespace = meta.namespace || 'default';
  const self = { namespace, kind, name: meta.name };
  const controller = readController(requiredObject(object['metadata'], 'metadata')['ownerReferences']);
  const workload = ownerOfObject(object, self);
  sorted.owners.set(workloadKey(self), workload);
  if (controller) {
    // Old revisions of a Deployment stay behind as ReplicaSets of no replicas: nothing runs from them.
    if (replicas(object) === 0) return;
  }
  const key = workloadKey(workload);
  if (controller && sorted.templates.has(key)) return;
  const owner = { apiVersion: '', kind: workload.kind, name: workload.name };
  const type = { kind, group: groupOf(String(object['apiVersion'] ?? '')) };
  const found = podTemplatesIn(object, type.group, kind);
  if (found.length === 0) {
    // In a dump the pods that an operator made are there themselves.
    if (!isManifests && !makesPods(type.group, kind)) return;
    throw new MalformedObject('it has no pod template that can be understood');
  }
  const sandbox = sandboxPolicy(object, { ...type, namespace, name: meta.name });
  if (sandbox !== null) sorted.policies.push(sandbox.policy);
  const isControlled = controller !== null;
  // Objects to be named at creation may have one name until then, and so may kinds of two groups.
  const others = (sorted.templates.get(key) ?? []).filter((other) => !other.isControlled);
  sorted.templates.set(key, [
    ...others,
    ...found.map(({ template }) => {
      const read = readPodTemplate(template, workload.name, namespace);
      const pod = { ...read, labels: { ...read.labels, ...sandbox?.labels }, owner };
      sorted.origins.addPod(pod, at);
      return { pod, type, isControlled };
    }),
  ]);
}

function replicas(object: Fields): number | null {
  const spec = optionalObject(object['spec'], 'spec');
  return spec === null ? null : optionalInteger(spec['replicas'], 'spec.replicas');
}

/** Of kinds that are neither policies nor hold pods. */
const OTHER_RESOURCES: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  ['Node', 'nodes'],
  [SECURITY_GROUP_POLICY.kind, GROUP_POLICIES],
]);

function noteBroken(sorted: Sorted, kind: string, object: Fields, error: MalformedObject): void {
  const scope = nameOf(object, kind);
  const policy = policyKindOf(String(object['apiVersion'] ?? ''), kind);
  const resource: Resource | null = policy?.resource ?? OTHER_RESOURCES.get(kind) ?? null;
  if (kind === 'Namespace') {
    const { message, remedy } = malformedGap('namespaces', scope, error);
    sorted.notes.push(`${message} Its labels count as not known. ${remedy}`);
  } else if (kind === 'ServiceAccount') {
    const { message, remedy } = malformedGap('serviceaccounts', scope, error);
    sorted.notes.push(`${message} It counts as not read. ${remedy}`);
  } else if (resource === null) sorted.gaps.push(malformedGap('pods', scope, error));
  else {
    // Which pods it concerns is unknown, so nothing that needs the whole kind can be decided.
    const { scope: _, ...gap } = malformedGap(resource, scope, error);
    sorted.gaps.push(gap);
  }
}
