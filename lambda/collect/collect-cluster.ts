import type { KubeApi } from '../connect/kube/kube-api.ts';
import type { DeclaredNetwork } from '../inventory/engine-settings.ts';
import { createPodFold, type NodeFacts } from '../inventory/fold.ts';
import type { Gap, Resource } from '../inventory/gap.ts';
import type { CollectedInventory, Inventory } from '../inventory/inventory.ts';
import type { AskLayer } from '../inventory/layers.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { PolicyObject } from '../inventory/policy-object.ts';
import { SERVICE_ACCOUNT_OBJECT } from '../inventory/service-account.ts';
import { unreadVpc, type VpcReading } from '../inventory/vpc.ts';
import { readClusterUid } from './cluster-uid.ts';
import { readEngineSettings } from './engines/read-engine-settings.ts';
import { type LayerSources, readLayers } from './layers.ts';
import { unreadPods } from './observe.ts';
import { PATHS } from './paths.ts';
import { readOwners } from './pods/read-owners.ts';
import { type PodOptions, readPods } from './pods/read-pods.ts';
import { readMeshConfigs } from './policies/mesh-config.ts';
import { readPolicies } from './policies/read-policies.ts';
import { readSecurityGroupPolicies } from './policies/security-group-policies.ts';
import { discoverKinds } from './policies/served-kinds.ts';
import { readServiceAccounts } from './policies/service-accounts.ts';
import { readList } from './read-list.ts';
import { nodeFacts } from './read-node.ts';
import { asFields, readMeta } from './read-object.ts';
import { readServerVersion } from './server-version.ts';
import type { ClusterRecorder } from './tape/record.ts';

export interface CollectOptions extends PodOptions {
  /** Pod-label keys to keep, known once policies and mesh are read. */
  readonly labelKeys: (
    policies: readonly PolicyObject[],
    mesh: readonly PolicyObject[],
  ) => ReadonlySet<string>;
  /** Revisions of the mesh whose configurations to ask for, once pods are read. @defaultValue none */
  readonly meshRevisions?: (found: Pick<Inventory, 'classes' | 'mesh' | 'namespaces'>) => readonly string[];
  /** Of which of them pods count in the totals. @defaultValue of all */
  readonly counts?: (namespace: string) => boolean;
  /** What EKS says of the cluster. @defaultValue nothing */
  readonly declared?: DeclaredNetwork;
  /** The version of Kubernetes where it is known. @defaultValue the API server is asked */
  readonly kubernetesVersion?: string | null | undefined;
  /** Read labels of namespaces, too, where no policy that is there asks for them. @defaultValue false */
  readonly namespaceLabels?: boolean;
  /** Asks about the VPC and the instances behind nodes of these names. @defaultValue EC2 is not asked */
  readonly vpc?: (nodes: readonly string[]) => Promise<VpcReading>;
  /** Reads SecurityGroupPolicies, too, where the VPC is asked, and keeps the pod-label keys that this says. */
  readonly securityGroupPolicies?: (found: readonly PolicyObject[]) => ReadonlySet<string>;
  /** Asks kubelets how much containers wrote, before pods are read. @defaultValue it is not measured */
  readonly layers?: ((sources: LayerSources) => Promise<AskLayer>) | undefined;
  /** Writes down what the cluster is asked and answers. @defaultValue nothing is recorded */
  readonly recorder?: ClusterRecorder;
}

const NOTHING_DECLARED: DeclaredNetwork = { ipFamily: null, networkPolicy: null };

/**
 * Reads one cluster into its inventory. What cannot be read becomes a gap, never an empty list; only
 * what some check needs is asked for, and never secrets.
 */
export async function collectCluster(
  identity: ClusterIdentity,
  server: KubeApi,
  options: CollectOptions,
): Promise<CollectedInventory> {
  const { recorder } = options;
  const api = recorder?.begin(server, options.declared ?? null) ?? server;
  const gaps: Gap[] = [];
  const notes: string[] = [];
  // Behind those of nodes, whichever are read first.
  const policyGaps: Gap[] = [];
  // Policies and nodes go first: they decide which labels and which node facts a pod's class keeps.
  const served = discoverKinds(api);
  const version = askVersion(api, options);
  const [{ policies, mesh, namespaces, clusterUid }, nodes, groupPolicies] = await Promise.all([
    served.then((kinds) =>
      readPolicies(api, {
        gaps: policyGaps,
        notes,
        served: kinds,
        namespaceLabels: options.namespaceLabels === true,
      }),
    ),
    readNodes(api, gaps),
    options.vpc && options.securityGroupPolicies
      ? served.then((kinds) => readSecurityGroupPolicies(api, kinds))
      : undefined,
  ]);
  gaps.push(...policyGaps);
  const labelKeys = new Set([...options.labelKeys(policies, mesh), ...groupKeys(groupPolicies, options)]);
  const { podAddresses } = options;
  const asked = askVpc([...nodes.keys()], gaps, options);
  // Before the pods: a container that is started in between is younger than its reading, which then is not its own.
  const layers = await readLayers({ server, api, recorder }, options.layers);
  const fold = createPodFold({
    labelKeys,
    nodes,
    podAddresses,
    layers,
    ...(options.counts && { counts: options.counts }),
  });
  const { onNodes } = await readPods(api, { fold, gaps, options });
  if (onNodes && nodes.size === 0 && !isGap(gaps, 'nodes')) gaps.push(NO_NODES);
  const serviceAccounts = labelKeys.has(SERVICE_ACCOUNT_OBJECT)
    ? await readServiceAccounts(api, notes)
    : undefined;
  const owners = fold.withPods(await readOwners(api, fold.lookups(), notes));
  options.observer.settle(owners);
  const vpc = await asked;
  if (vpc !== undefined) recorder?.vpc(vpc);
  const { classes, network, totals } = fold.finish(owners, {
    ...(vpc && { vpc }),
    ...(options.declared && { ipFamily: options.declared.ipFamily }),
    unreadIn: unreadPods(gaps),
  });
  const settings = await readEngineSettings(api, network.kinds, {
    declared: options.declared ?? NOTHING_DECLARED,
    served: await served,
  });
  const kubernetesVersion = await version;
  const uid = clusterUid === undefined ? await readClusterUid(api) : clusterUid;
  return {
    cluster: uid === null ? identity : { ...identity, uid },
    ...(api.unverified === undefined ? {} : { unverified: api.unverified }),
    kubernetesVersion,
    classes,
    policies,
    mesh,
    meshConfigs: await readMeshConfigs(api, options.meshRevisions?.({ classes, mesh, namespaces }) ?? []),
    namespaces,
    ...(serviceAccounts === undefined ? {} : { serviceAccounts }),
    network: { ...network, settings, complete: !gaps.some(({ resource }) => resource === 'pods') },
    ...(vpc === undefined ? {} : { vpc: vpc.facts }),
    ...(groupPolicies === undefined ? {} : { securityGroupPolicies: groupPolicies }),
    ...(layers === undefined ? {} : { measured: true as const }),
    gaps,
    notes,
    totals: { ...totals, nodes: nodes.size },
  };
}

/** A snapshot is asked for it, too, whoever knows it now. */
const askVersion = async (
  api: KubeApi,
  { kubernetesVersion, recorder }: CollectOptions,
): Promise<string | null> =>
  recorder === undefined && kubernetesVersion != null ? kubernetesVersion : readServerVersion(api);

const groupKeys = (
  found: Inventory['securityGroupPolicies'],
  { securityGroupPolicies: keysOf }: CollectOptions,
): ReadonlySet<string> =>
  found !== undefined && 'known' in found && keysOf ? keysOf(found.known) : new Set();

/** Goes on beside the pods, whose list takes longer. */
function askVpc(
  nodes: readonly string[],
  gaps: readonly Gap[],
  { vpc }: CollectOptions,
): Promise<VpcReading | undefined> {
  const unread = gaps.find(({ resource }) => resource === 'nodes');
  if (vpc === undefined) return Promise.resolve(undefined);
  if (unread !== undefined) {
    const { message, remedy } = unread;
    return Promise.resolve(unreadVpc(`What the VPC routes is not known: ${message} ${remedy}`));
  }
  const asked = vpc(nodes);
  // It is waited for later on, if all else goes well.
  asked.catch(() => undefined);
  return asked;
}

/** Pods that are on nodes say that there are some. */
const NO_NODES: Gap = {
  resource: 'nodes',
  reason: 'list-incomplete',
  message: 'The list of nodes is empty, although pods are scheduled on nodes.',
  remedy: 'Look for a proxy between here and the API server that answers in its place.',
};

const isGap = (gaps: readonly Gap[], resource: Resource): boolean =>
  gaps.some((gap) => gap.resource === resource);

async function readNodes(api: KubeApi, gaps: Gap[]): Promise<ReadonlyMap<string, NodeFacts>> {
  const entries = await readList(api, gaps, {
    resource: 'nodes',
    kind: 'Node',
    path: PATHS.nodes,
    metadataOnly: true,
    read: (item) => {
      const { name, labels } = readMeta(asFields(item));
      return [name, nodeFacts(labels)] as const;
    },
  });
  return new Map(entries);
}
