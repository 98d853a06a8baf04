import type { PolicyAgent } from './policy-agent.ts';

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
