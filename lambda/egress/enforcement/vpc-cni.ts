import { oneFamily } from '../../inventory/engine-settings.ts';
import { apiGroupOf } from '../../inventory/names.ts';
import type { PolicyAgent } from '../../inventory/policy-agent.ts';
import {
  type AgentPlace,
  type Departure,
  type Enforces,
  type EngineState,
  isCore,
  ownWord,
  type PolicyEngine,
  type PolicyType,
  since,
  YES,
} from './policy-engine.ts';

const GUIDE = 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html';
const CONFIGURE = 'https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html';
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
  text: 'The VPC CNI always lets a pod reach the address of its own node, which is not part of the ranges.',
  link: `${AGENT}/pull/65`,
};

/** A block under `except` gets an entry that denies, and the longest prefix wins. */
export const EXCEPT_DENIES: Departure = {
  id: 'except-denies',
  text: 'The VPC CNI denies what one rule excepts even where another rule allows it, unless that rule lists exactly the same block.',
  link: `${AGENT}/blob/v1.4.1/pkg/fwruleprocessor/fw_rule_processor.go`,
};

/** "If you want to block the egress IPv4 access, please disable the interface creation". */
export const OTHER_FAMILY: Departure = {
  id: 'other-family',
  text: 'The VPC CNI applies policies only to the primary interface of a pod: traffic of the other address family is not restricted.',
  link: `${AGENT}#enable-ipv6`,
};

/** "Standalone Pods that don't have a metadata.ownerReferences set can't have network policies applied to them." */
export const STANDALONE: Departure = {
  id: 'standalone-pod',
  text: 'AWS documents that the VPC CNI does not apply network policies to standalone pods, which no controller owns.',
  link: GUIDE,
};

/** "only the primary interface for each pod (eth0)" */
const OTHER_INTERFACES: Departure = {
  id: 'other-interfaces',
  text: 'The VPC CNI applies no policy to additional interfaces of a pod, such as those that Multus adds.',
  link: GUIDE,
};

/** "pods blocked or silently unenforced", open since 2026-09. */
const REPLACED_POD: Departure = {
  id: 'replaced-pod',
  text: 'A pod that replaces another one of its controller on the same node may be left without its policies by a race in the agent of the VPC CNI.',
  link: `${AGENT}/issues/676`,
};

/** `GetPodIdentifier` in pkg/utils/utils.go, by which programs and maps are kept. */
const SHARED_RULES: Departure = {
  id: 'shared-rules',
  text: 'On a node the agent of the VPC CNI keeps one set of rules for all pods of a namespace whose names differ only after the last dash.',
  link: `${AGENT}/blob/v1.4.1/pkg/utils/utils.go`,
};

/** "Unexpected ports allowed with egress rules using ipBlock and except", open. */
export const MERGED_PORTS: Departure = {
  id: 'merged-ports',
  text: 'The VPC CNI may confuse the ports of rules about the same block where one of them excepts a part of it.',
  link: `${AGENT}/issues/180`,
};

const AUTO_MODE = 'https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html';

/** The part of a node of EKS Auto Mode that enforces; it is no pod. */
export const AUTO_MODE_AGENT = 'eks-auto-mode';

const TITLE = { title: 'the VPC CNI', link: GUIDE };

/** The engine that AWS ships: aws-network-policy-agent, and a controller in the control plane. */
export const vpcCni: PolicyEngine = {
  name: 'vpc-cni',
  ...TITLE,
  stateOf(place) {
    const own = ownWord(TITLE, place);
    return own.state === 'on' ? withController(place) : own;
  },
  enforces(type, { agent }) {
    if (isCore(type)) return YES;
    if (apiGroupOf(type.apiVersion) === 'networking.k8s.aws') return ownKind(type, agent);
    return { answer: 'no', why: 'the VPC CNI does not read this kind', link: GUIDE };
  },
  departures: ({ agent: { mode } }) => [
    ...(mode === 'strict' ? [] : [OPEN_AT_START]),
    NODE_ADDRESS,
    OTHER_INTERFACES,
    REPLACED_POD,
    SHARED_RULES,
  ],
};

/**
 * Agents enforce what the controller in the control plane makes of policies (PolicyEndpoints), and that
 * does nothing until the ConfigMap amazon-vpc-cni says so.
 * Source: amazon-network-policy-controller-k8s, cmd/main.go; the guide asks for both
 * (https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html).
 */
function withController({ agent, settings }: AgentPlace): EngineState {
  const controller = settings.vpcCniController;
  const ipFamily = oneFamily(settings.ipFamily);
  if ('unread' in controller) {
    const message = `Whether the controller of the VPC CNI passes policies to its agents is not known. ${controller.unread.message}`;
    return { state: 'unknown', ...controller.unread, message };
  }
  if (!controller.known) {
    return {
      state: 'off',
      because:
        'The controller of the VPC CNI is disabled: enable-network-policy-controller of the ConfigMap kube-system/amazon-vpc-cni is not "true".',
      link: agent.container === AUTO_MODE_AGENT ? AUTO_MODE : CONFIGURE,
    };
  }
  const ipv6 = agent.ipv6 ?? (ipFamily === null ? null : ipFamily === 'ipv6');
  return { state: 'on', agent: { ...agent, ipv6 } };
}

/**
 * ClusterNetworkPolicy came with the agent's v1.3.1, which VPC CNI 1.21.1 ships ("Adding Cluster Network
 * Policy change", #496). ApplicationNetworkPolicy is documented for EKS Auto Mode only.
 */
function ownKind({ kind }: PolicyType, agent: PolicyAgent): Enforces {
  if (agent.container === AUTO_MODE_AGENT) return YES;
  if (kind === 'ClusterNetworkPolicy') {
    return since(agent, '1.3.1', { title: 'the network policy agent', link: GUIDE });
  }
  return { answer: 'unknown', why: 'AWS documents this kind for EKS Auto Mode only', link: AUTO_MODE };
}
