import type { KubeApi } from '../connect/kube-api.ts';
import { ReadError } from '../errors.ts';
import { createPodFold, type NodeFacts, type OwnerLookup, type PodFold } from '../inventory/fold.ts';
import type {
  ClusterIdentity,
  Gap,
  Inventory,
  PodRecord,
  PolicyObject,
  Resource,
  WorkloadRef,
} from '../inventory/model.ts';
import { workloadKey } from '../inventory/workload.ts';
import { listAll } from './http/list.ts';
import { countWorkloads, malformedGap, type PodObserver } from './observe.ts';
import { createPodReader, type PodItem } from './pod-reader.ts';
import { asFields, MalformedObject, readMeta, readPolicy } from './read-object.ts';
import { asOs, readController } from './read-pod.ts';

export interface CollectOptions {
  /** Pod-label keys to keep, known once the policies are read. */
  readonly labelKeys: (policies: readonly PolicyObject[]) => ReadonlySet<string>;
  /** Sees every pod as it is read. */
  readonly observer: PodObserver;
  readonly onPage: (progress: { readonly pages: number; readonly pods: number }) => void;
}

/** What is read, and where. RBAC rules are generated from the same names. */
export const PATHS: Readonly<Record<Resource, string>> = {
  pods: '/api/v1/pods',
  nodes: '/api/v1/nodes',
  namespaces: '/api/v1/namespaces',
  replicasets: '/apis/apps/v1/replicasets',
  jobs: '/apis/batch/v1/jobs',
  networkpolicies: '/apis/networking.k8s.io/v1/networkpolicies',
};

/**
 * Reads one cluster into its inventory. What cannot be read becomes a gap, never an empty list; only
 * what some check needs is asked for, and never secrets.
 */
export async function collectCluster(
  identity: ClusterIdentity,
  api: KubeApi,
  options: CollectOptions,
): Promise<Inventory> {
  const gaps: Gap[] = [];
  const notes: string[] = [];
  // Policies and nodes go first: they decide which labels and which node facts a pod's class keeps.
  const [policies, nodes] = await Promise.all([readPolicies(api, gaps), readNodes(api, gaps)]);
  const fold = createPodFold({ labelKeys: options.labelKeys(policies), nodes });
  await readPods(api, { fold, gaps, options });
  const owners = await readOwners(api, fold.lookups(), notes);
  options.observer.settle(owners);
  const { classes, totals } = fold.finish(owners);
  return {
    cluster: identity,
    classes,
    policies,
    namespaces: new Map(),
    gaps,
    notes,
    totals: { ...totals, ...countWorkloads(classes), nodes: nodes.size },
  };
}

async function readPods(
  api: KubeApi,
  { fold, gaps, options }: { fold: PodFold; gaps: Gap[]; options: CollectOptions },
): Promise<void> {
  let broken: Gap[] = [];
  let pages = 0;
  let pods = 0;
  const forget = (): void => {
    fold.restart();
    options.observer.restart();
    broken = [];
    pages = 0;
    pods = 0;
  };
  const reader = createPodReader();
  const add = (item: PodItem): void => {
    let pod: PodRecord;
    try {
      pod = reader.read(item);
    } catch (error) {
      if (!(error instanceof MalformedObject)) throw error;
      broken.push(malformedGap('pods', reader.nameOf(item), error));
      return;
    }
    fold.add(pod);
    options.observer.add(pod);
    pods++;
  };
  try {
    await listAll(
      api,
      { path: PATHS.pods, codec: reader.codec },
      {
        onPage(items) {
          for (const item of items) add(item);
          pages++;
          options.onPage({ pages, pods });
        },
        onRestart: forget,
      },
    );
  } catch (error) {
    // What was read is audited all the same; the gap keeps it from reading as the whole.
    gaps.push(gapOf('pods', error, pods > 0 ? ` (after ${pods} pods)` : ''));
  }
  gaps.push(...broken);
}

async function readPolicies(api: KubeApi, gaps: Gap[]): Promise<readonly PolicyObject[]> {
  const type = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };
  return readList(api, gaps, {
    resource: 'networkpolicies',
    read: (item) => readPolicy(asFields(item), type),
  });
}

async function readNodes(api: KubeApi, gaps: Gap[]): Promise<ReadonlyMap<string, NodeFacts>> {
  const entries = await readList(api, gaps, {
    resource: 'nodes',
    metadataOnly: true,
    read: (item) => {
      const { name, labels } = readMeta(asFields(item));
      return [name, { os: asOs(labels['kubernetes.io/os'] ?? '') }] as const;
    },
  });
  return new Map(entries);
}

interface ListRequest<T> {
  readonly resource: Resource;
  readonly metadataOnly?: boolean;
  readonly read: (item: unknown) => T;
}

/** Reads a whole small list. On failure nothing of it is used: half a list of policies would mislead. */
async function readList<T>(api: KubeApi, gaps: Gap[], request: ListRequest<T>): Promise<readonly T[]> {
  let found: T[] = [];
  try {
    await listAll(
      api,
      { path: PATHS[request.resource], metadataOnly: request.metadataOnly ?? false },
      {
        onPage: (items) => {
          for (const item of items) found.push(request.read(item));
        },
        onRestart: () => {
          found = [];
        },
      },
    );
    return found;
  } catch (error) {
    gaps.push(gapOf(request.resource, error));
    return [];
  }
}

/**
 * Asks for the controllers of ReplicaSets and Jobs whose pods do not tell them. Where these cannot be
 * read, the pods are listed under the ReplicaSet or Job: every check is still decided, under that name.
 */
async function readOwners(
  api: KubeApi,
  lookups: readonly OwnerLookup[],
  notes: string[],
): Promise<ReadonlyMap<string, WorkloadRef>> {
  const owners = new Map<string, WorkloadRef>();
  for (const resource of ['replicasets', 'jobs'] as const) {
    const wanted = new Map(
      lookups.filter((lookup) => lookup.resource === resource).map(({ ref }) => [workloadKey(ref), ref]),
    );
    if (wanted.size === 0) continue;
    const kind = resource === 'jobs' ? 'Job' : 'ReplicaSet';
    const gaps: Gap[] = [];
    await readList(api, gaps, {
      resource,
      metadataOnly: true,
      read: (item) => {
        const object = asFields(item);
        const { namespace, name } = readMeta(object);
        const key = workloadKey({ namespace, kind, name });
        if (!wanted.has(key)) return;
        const owner = readController((object['metadata'] as { ownerReferences?: unknown }).ownerReferences);
        if (owner) owners.set(key, { namespace, kind: owner.kind, name: owner.name });
      },
    });
    for (const gap of gaps) {
      notes.push(
        `${gap.message} Pods of ${wanted.size} of them are listed under the ${kind} itself. ${gap.remedy}`,
      );
    }
  }
  return owners;
}

function gapOf(resource: Resource, error: unknown, suffix = ''): Gap {
  if (error instanceof ReadError) {
    return { resource, reason: error.reason, message: error.message + suffix, remedy: error.remedy };
  }
  if (error instanceof MalformedObject) {
    return {
      resource,
      reason: 'malformed-object',
      message: `The list of ${resource} holds an object that cannot be read: ${error.message}.${suffix}`,
      remedy: 'Compare the object with its API reference; if it is right, report this as a defect.',
    };
  }
  throw error;
}
