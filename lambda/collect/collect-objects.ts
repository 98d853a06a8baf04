import type { IpFamily } from '../inventory/engine-settings.ts';
import { createPodFold, type NodeFacts } from '../inventory/fold.ts';
import type {
  ClusterIdentity,
  Gap,
  Inventory,
  Labels,
  PodRecord,
  PolicyObject,
  Resource,
  WorkloadRef,
} from '../inventory/model.ts';
import { ownerOf, settle, workloadKey } from '../inventory/workload.ts';
import { readIpFamily } from './engine-settings.ts';
import { type Fields, optionalInteger, optionalObject, requiredObject } from './fields.ts';
import { meshConfigsOf } from './mesh-config.ts';
import { malformedGap, type PodObserver, unreadPods } from './observe.ts';
import { policyKindOf } from './policy-kinds.ts';
import { settingsFrom } from './read-engine-settings.ts';
import { nodeFacts } from './read-node.ts';
import { asFields, MalformedObject, nameOf, readMeta, readPolicy } from './read-object.ts';
import { readController, readPod, readPodTemplate } from './read-pod.ts';
import { SECURITY_GROUP_POLICIES, SECURITY_GROUP_POLICY } from './security-group-policies.ts';
import { serviceAccountEntry } from './service-accounts.ts';

export interface ObjectSource {
  readonly objects: readonly { readonly object: Record<string, unknown>; readonly origin: string }[];
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
  readonly observer: PodObserver;
}

/** Kinds whose manifest holds a pod template, with the way to it. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
};

/** What the objects of a snapshot were read into, before classes are made of them. */
interface Sorted {
  readonly pods: PodRecord[];
  readonly templates: Map<string, { readonly workload: WorkloadRef; readonly pod: PodRecord }>;
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
  ipFamily: IpFamily | null;
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
  const sorted = sortObjects(source);
  const { pods, templates, policies, nodes, owners, groupPolicies } = sorted;
  const groupKeys = options.securityGroupPolicies?.(groupPolicies) ?? [];
  const labelKeys = new Set([...options.labelKeys(policies, sorted.mesh), ...groupKeys]);
  const fold = createPodFold({ labelKeys, nodes });
  for (const pod of pods) {
    templates.delete(workloadKey(settle(ownerOf(pod), owners).workload));
    fold.add(pod);
    options.observer.add(pod);
  }
  for (const { pod } of templates.values()) {
    fold.add(pod);
    options.observer.add(pod);
  }
  options.observer.settle(owners);
  const gaps = [...source.gaps, ...sorted.gaps];
  const { classes, network, totals } = fold.finish(owners, { unreadIn: unreadPods(gaps) });
  return {
    cluster: identity,
    classes,
    policies,
    mesh: sorted.mesh,
    meshConfigs: meshConfigsOf(sorted.configMaps),
    namespaces: sorted.namespaces,
    // Files need not hold all of them: `default` is made with each namespace, and others may be there already.
    serviceAccounts: { labels: sorted.serviceAccounts, complete: false },
    // A broken file may have held the agents.
    network: {
      ...network,
      settings: settingsFrom({ ...sorted, nodeClasses: { known: sorted.nodeClasses } }),
      complete: !gaps.some(({ resource }) => resource === 'pods' || resource === null),
    },
    ...(options.securityGroupPolicies ? { securityGroupPolicies: { known: groupPolicies } } : {}),
    gaps,
    notes: [...source.notes, ...sorted.notes],
    totals: { ...totals, nodes: nodes.size },
  };
}

function sortObjects(source: ObjectSource): Sorted {
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
    gaps: [],
    notes: [],
  };
  for (const { object } of source.objects) {
    const kind = String(object['kind']);
    try {
      sortObject(sorted, kind, asFields(object));
    } catch (error) {
      if (!(error instanceof MalformedObject)) throw error;
      noteBroken(sorted, kind, object, error);
    }
  }
  return sorted;
}

function sortObject(sorted: Sorted, kind: string, object: Fields): void {
  const apiVersion = String(object['apiVersion'] ?? '');
  const policy = policyKindOf(apiVersion, kind);
  if (policy !== null) {
    sorted[policy.role === 'mesh' ? 'mesh' : 'policies'].push(
      readPolicy(object, { apiVersion, kind, namespaced: policy.namespaced }),
    );
  } else if (kind === 'Pod') sorted.pods.push(readPod(object));
  else if (kind === 'Node') {
    const { name, labels } = readMeta(object);
    sorted.nodes.set(name, nodeFacts(labels));
    sorted.ipFamily ??= readIpFamily(object);
  } else if (kind === 'Namespace') {
    const { name, labels } = readMeta(object);
    sorted.namespaces.set(name, labels);
  } else if (kind === 'ServiceAccount') sorted.serviceAccounts.set(...serviceAccountEntry(object));
  else if (kind === 'ConfigMap') sorted.configMaps.set(nameOf(object, kind).name, { known: object });
  else if (kind === 'NodeClass') sorted.nodeClasses.push(object);
  else if (kind === SECURITY_GROUP_POLICY.kind) {
    sorted.groupPolicies.push(readPolicy(object, SECURITY_GROUP_POLICY));
  } else if (Object.hasOwn(TEMPLATES, kind)) sortWorkload(sorted, kind, object);
}

function sortWorkload(sorted: Sorted, kind: string, object: Fields): void {
  const meta = readMeta(object);
  const namespace = meta.namespace || 'default';
  const self = { namespace, kind, name: meta.name };
  const controller = readController(requiredObject(object['metadata'], 'metadata')['ownerReferences']);
  const workload = controller ? { namespace, kind: controller.kind, name: controller.name } : self;
  sorted.owners.set(workloadKey(self), controller && workload);
  if (controller) {
    // Old revisions of a Deployment stay behind as ReplicaSets of no replicas: nothing runs from them.
    if (replicas(object) === 0) return;
  }
  const key = workloadKey(workload);
  if (controller && sorted.templates.has(key)) return;
  const record = readPodTemplate(templateOf(kind, object), workload.name, namespace);
  const owner = { apiVersion: '', kind: workload.kind, name: workload.name };
  sorted.templates.set(key, { workload, pod: { ...record, owner } });
}

function replicas(object: Fields): number | null {
  const spec = optionalObject(object['spec'], 'spec');
  return spec === null ? null : optionalInteger(spec['replicas'], 'spec.replicas');
}

function templateOf(kind: string, object: Fields): Fields {
  let found = object;
  let path = '';
  for (const step of TEMPLATES[kind] ?? []) {
    path = path === '' ? step : `${path}.${step}`;
    found = requiredObject(found[step], path);
  }
  return found;
}

/** Of kinds that are neither policies nor hold pods. */
const OTHER_RESOURCES: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  ['Node', 'nodes'],
  [SECURITY_GROUP_POLICY.kind, `${SECURITY_GROUP_POLICIES.resource}.${SECURITY_GROUP_POLICIES.group}`],
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
