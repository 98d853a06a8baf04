import type { GapReason } from './gap.ts';

/** Why something that decides is not known. */
export interface Unread {
  readonly reason: GapReason;
  /** One sentence: what was not read, and why. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
}

/** A fact that takes a separate read. */
export type Setting<T> = { readonly known: T } | { readonly unread: Unread };

/**
 * How the nodes of a NodeClass of EKS Auto Mode treat pods; `null`: its value is none that is documented.
 * Source: https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
 */
export type NodeClassPolicy = 'DefaultAllow' | 'DefaultDeny' | null;

/**
 * The flags of Cilium's agents that decide what they enforce; `null`: a value that is none of theirs.
 * Source: https://docs.cilium.io/en/stable/security/policy/intro/#policy-enforcement-modes and the flags in
 * https://docs.cilium.io/en/stable/cmdref/cilium-agent/
 */
export interface CiliumSettings {
  /** `enable-policy` */
  readonly enforcement: 'default' | 'always' | 'never' | null;
  /** `policy-audit-mode`: what a policy denies is reported and let through. */
  readonly audit: boolean | null;
  /** `enable-k8s-networkpolicy` */
  readonly core: boolean | null;
  /** `enable-k8s-cluster-network-policy`, from 1.20 on. */
  readonly clusterNetworkPolicy: boolean | null;
  /** `enable-cilium-network-policy` */
  readonly own: boolean | null;
  /** `enable-cilium-clusterwide-network-policy` */
  readonly ownClusterwide: boolean | null;
  /** `enable-host-firewall` */
  readonly hostFirewall: boolean | null;
  /** `labels`: patterns, beside those built in, of labels by which policies find pods; `null`: they are in a file. */
  readonly identityLabels: string | null;
  /** `enable-ipv4` and `enable-ipv6`: of which families pods have addresses; absent where it is not said. */
  readonly ipv4?: boolean;
  readonly ipv6?: boolean;
  /** `cni-chaining-mode`, e.g. `none`, `aws-cni`. */
  readonly chaining: string;
}

/** What policy engines keep outside the specs of their pods. */
export interface EngineSettings {
  /** Whether the controller of the VPC CNI hands policies on to the agents on nodes. */
  readonly vpcCniController: Setting<boolean>;
  readonly cilium: Setting<CiliumSettings>;
  /** Whether CiliumNodeConfigs were read, too, so that these flags are those of every node. @defaultValue false */
  readonly ciliumNodeConfigsRead?: boolean;
  /** By name. */
  readonly nodeClasses: Setting<ReadonlyMap<string, NodeClassPolicy>>;
  /** The family of the addresses of pods, or that nodes have both; `null` where nothing told. */
  readonly ipFamily: IpFamilies | null;
  /** Blocks from which Services have their addresses; absent where nothing told. */
  readonly serviceRanges?: readonly string[];
}

/** EKS gives pods addresses of one family (https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html). */
export type IpFamily = 'ipv4' | 'ipv6';
export type IpFamilies = IpFamily | 'both';

/** `null` also where nodes have addresses of both: they tell of no single family. */
export const oneFamily = (families: IpFamilies | null): IpFamily | null =>
  families === 'both' ? null : families;

/** What EKS says of a cluster, which its API server need not say; `null` where EKS did not either. */
export interface DeclaredNetwork {
  readonly ipFamily: IpFamily | null;
  /** `serviceIpv4Cidr` and `serviceIpv6Cidr`. */
  readonly serviceRanges?: readonly string[];
  /** `enableNetworkPolicy` of the add-on vpc-cni. */
  readonly networkPolicy: boolean | null;
}

const NOT_LOOKED_FOR: { readonly unread: Unread } = {
  unread: {
    reason: 'field-missing',
    message: 'The settings of policy engines were not read.',
    remedy: 'Audit the cluster itself, or include these settings in the snapshot.',
  },
};

export const UNKNOWN_SETTINGS: EngineSettings = {
  vpcCniController: NOT_LOOKED_FOR,
  cilium: NOT_LOOKED_FOR,
  nodeClasses: NOT_LOOKED_FOR,
  ipFamily: null,
};
