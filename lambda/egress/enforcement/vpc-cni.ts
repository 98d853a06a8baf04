import { type Departure, groupOf, isCore, type PolicyEngine, since, YES } from './model.ts';

const GUIDE = 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html';
const AGENT = 'https://github.com/aws/aws-network-policy-agent';

/** In strict mode new pods start closed. https://github.com/aws/amazon-vpc-cni-k8s#network_policy_enforcing_mode-v1171 */
const OPEN_AT_START: Departure = {
  id: 'open-at-start',
  text: 'In the standard mode of the VPC CNI a new pod may reach everything until its policies are configured.',
  link: 'https://github.com/aws/amazon-vpc-cni-k8s#network_policy_enforcing_mode-v1171',
};

/** `ComputeMapEntriesFromEndpointRules`, "Traffic from the local node should always be allowed". */
const NODE_ADDRESS: Departure = {
  id: 'node-address',
  text: 'The VPC CNI always lets a pod reach the address of its own node, which is not among the ranges.',
  link: `${AGENT}/pull/65`,
};

/** A block under `except` gets an entry that denies, and the longest prefix wins. */
export const EXCEPT_DENIES: Departure = {
  id: 'except-denies',
  text: 'The VPC CNI denies what one rule excepts even where another rule allows it, unless that rule names the very same block.',
  link: `${AGENT}/blob/v1.4.1/pkg/fwruleprocessor/fw_rule_processor.go`,
};

/** "If you want to block the egress IPv4 access, please disable the interface creation". */
export const OTHER_FAMILY: Departure = {
  id: 'other-family',
  text: 'The VPC CNI applies policies to the primary interface of a pod alone: what leaves by the other family of addresses is under none of them.',
  link: `${AGENT}#enable-ipv6`,
};

/** "Standalone Pods that don't have a metadata.ownerReferences set can't have network policies applied to them." */
export const STANDALONE: Departure = {
  id: 'standalone-pod',
  text: 'AWS documents that the VPC CNI does not apply network policies to standalone pods, which no controller owns.',
  link: GUIDE,
};

/** The engine that AWS ships: aws-network-policy-agent, and a controller in the control plane. */
export const vpcCni: PolicyEngine = {
  name: 'vpc-cni',
  title: 'the VPC CNI',
  link: GUIDE,
  enforces(type, agent) {
    if (isCore(type)) return YES;
    if (groupOf(type) === 'networking.k8s.aws') {
      // First in the agent's v1.3.1, which VPC CNI 1.21.1 ships: "Adding Cluster Network Policy change" (#496).
      if (type.kind === 'ClusterNetworkPolicy') {
        return since(agent, '1.3.1', { title: 'the network policy agent', link: GUIDE });
      }
      return {
        answer: 'unknown',
        why: 'AWS documents this kind for EKS Auto Mode only',
        link: 'https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html',
      };
    }
    return { answer: 'no', why: 'the VPC CNI does not read this kind', link: GUIDE };
  },
  departures: ({ mode }) => [...(mode === 'strict' ? [] : [OPEN_AT_START]), NODE_ADDRESS],
};
