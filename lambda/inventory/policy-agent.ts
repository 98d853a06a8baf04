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
