import { type EngineSettings, UNKNOWN_SETTINGS } from './engine-settings.ts';
import type { PodRecord } from './inventory.ts';
import type { AddressList } from './pod-addresses.ts';

/** Programs that enforce network policies, as far as they are known by their pods. */
export type PolicyEngineName =
  | 'vpc-cni'
  | 'calico'
  | 'cilium'
  | 'kube-router'
  | 'weave-net'
  | 'antrea'
  | 'kube-network-policies';

/** What the pod of an agent says of itself; `null` where it does not say. */
export interface PolicyAgentFacts {
  readonly engine: PolicyEngineName;
  /** The container that enforces; its state tells whether the agent runs. */
  readonly container: string;
  /** Of its image's tag, e.g. `1.2.7`. */
  readonly version: string | null;
  /** Whether its arguments switch enforcement on. */
  readonly enabled: boolean | null;
  /** VPC CNI: whether pods have IPv6 addresses, and policies are applied to those alone. */
  readonly ipv6: boolean | null;
  /** VPC CNI: `standard` or `strict` (`NETWORK_POLICY_ENFORCING_MODE`); `null`: not known. */
  readonly mode: string | null;
  /** VPC CNI: whether pods reach addresses of the other family (`ENABLE_V4_EGRESS`, `ENABLE_V6_EGRESS`). */
  readonly egressV4: boolean | null;
  readonly egressV6: boolean | null;
  /** Calico: from which API it reads policies (`CALICO_API_GROUP`), such as `projectcalico.org/v3`. */
  readonly apiGroup?: string | null;
  /** VPC CNI: what the security groups of pods that have their own apply to. */
  readonly podGroups?: 'all traffic' | 'traffic within the VPC' | null;
  /**
   * VPC CNI: whether pods keep their IPv4 addresses out of the VPC (`AWS_VPC_K8S_CNI_EXTERNALSNAT`); `null` also where
   * some destinations leave another way (`AWS_EXTERNAL_SERVICE_CIDRS`).
   */
  readonly externalSnat?: boolean | null;
  /** VPC CNI: CIDR blocks to which they keep them anyway (`AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS`). */
  readonly untranslated?: readonly string[] | null;
}

/** An agent on a node. */
export interface PolicyAgent extends PolicyAgentFacts {
  readonly running: boolean | null;
}

/** `ec2` also stands for nodes outside EKS; `hybrid`: outside of AWS; `unknown`: the node was not read. */
export type Compute = 'ec2' | 'fargate' | 'auto' | 'hybrid' | 'unknown';

/**
 * How the metadata service answers on the instance of a node; `null` where EC2 does not say.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsResponse.html
 */
export interface InstanceMetadata {
  /** `HttpEndpoint`: whether it answers at all. */
  readonly enabled: boolean | null;
  /** `HttpTokens`: `required` is IMDSv2 only. */
  readonly tokens: 'required' | 'optional' | null;
  /** `HttpPutResponseHopLimit`, 1 to 64; with 1 a pod that has its own network gets no token. */
  readonly hopLimit: number | null;
  /** `HttpProtocolIpv6`: whether it answers at fd00:ec2::254, too. */
  readonly ipv6: boolean | null;
}

/** What a node is for network policies. Equal nodes share one object. */
export interface NodeNetwork {
  readonly compute: Compute;
  /** Of EKS Auto Mode: the NodeClass by which it was made; `null` if its labels do not tell. */
  readonly nodeClass?: string | null;
  /** Sorted by engine. */
  readonly agents: readonly PolicyAgent[];
  /** Only where EC2 was asked about the instances of the cluster and knows this one. */
  readonly metadata?: InstanceMetadata;
}

/** Pods of a class on nodes that are alike; `network: null`: on no node, as of manifests. */
export interface Placement {
  readonly network: NodeNetwork | null;
  readonly pods: number;
  /** Only where some of them have a network interface of their own, and so security groups. */
  readonly ownInterface?: true;
}

/** How the nodes of a cluster enforce policies. */
export interface NetworkFacts {
  readonly nodes: ReadonlyMap<string, NodeNetwork>;
  /** Each kind of node once. */
  readonly kinds: readonly NodeNetwork[];
  /** Whether all pods were read: only then does a missing agent mean that there is none. */
  readonly complete: boolean;
  /** What engines keep outside the specs of their pods. */
  readonly settings: EngineSettings;
  /** Addresses of pods, as far as pods were read; absent where they were not asked for. */
  readonly podAddresses?: AddressList;
}

/** What the pods and nodes alone tell. */
export type ObservedNetwork = Pick<NetworkFacts, 'nodes' | 'kinds' | 'podAddresses'>;

export const NO_NETWORK: NetworkFacts = {
  nodes: new Map(),
  kinds: [],
  complete: false,
  settings: UNKNOWN_SETTINGS,
};

/**
 * Namespaces into which only administrators put pods. Elsewhere a pod that looks like an agent could
 * have been made by anybody, to make policies look enforced.
 */
export const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set([
  'kube-system',
  'calico-system',
  'cilium',
  'cilium-system',
  'antrea-system',
  'weave',
]);

/** @returns the agent that this pod is; `null` for all others */
export function agentOf(pod: PodRecord): PolicyAgent | null {
  const facts = pod.spec.policyAgent;
  if (facts === undefined || pod.source !== 'pod' || pod.owner?.kind !== 'DaemonSet') return null;
  if (!pod.spec.hostNetwork || !SYSTEM_NAMESPACES.has(pod.namespace)) return null;
  const state = pod.containerStates.find(({ container }) => container === facts.container);
  // An agent without a container that enforces does not enforce, whatever else of it runs.
  return { ...facts, running: facts.enabled === false ? true : (state?.running ?? null) };
}
