import { type IpFamily, oneFamily } from '../../inventory/engine-settings.ts';
import { apiGroupOf } from '../../inventory/names.ts';
import {
  type AgentPlace,
  atLeast,
  type Departure,
  isCore,
  ownWord,
  type PolicyEngine,
  since,
  YES,
} from './policy-engine.ts';

const LINK = 'https://docs.tigera.io/calico/latest/network-policy/';
const ADMIN = 'https://github.com/projectcalico/calico/issues/10745';
const ON_EKS = 'https://docs.tigera.io/calico/latest/getting-started/kubernetes/managed-public-cloud/eks';
const FELIX = 'https://docs.tigera.io/calico/latest/reference/resources/felixconfig';

const TITLE = { title: 'Calico', link: LINK };

/**
 * "defaultEndpointToHostAction controls what happens to traffic that goes from a workload endpoint to the
 * host itself (after the endpoint's egress policy is applied)". The operator sets Accept on EKS.
 */
const NODE_ADDRESS: Departure = {
  id: 'calico-node-address',
  text: 'Whether pods reach the address of their own node is decided after their policies by defaultEndpointToHostAction of Felix, which is not read.',
  link: FELIX,
};

/** "If you switch to append mode … otherwise the Calico policy will be bypassed." */
const CHAINS: Departure = {
  id: 'calico-chain-insert-mode',
  text: 'Where chainInsertMode of Felix is Append, rules of others in the same chains may let traffic pass before Calico sees it; it is not read.',
  link: FELIX,
};

/**
 * Core policies and its own; the v1alpha1 kinds for administrators from 3.30 on, until 3.32 replaced
 * them by ClusterNetworkPolicy ("We've merged changes to remove AdminNetworkPolicy and introduce
 * ClusterNetworkPolicy into master, targeting v3.32", projectcalico/calico#10745).
 */
export const calico: PolicyEngine = {
  name: 'calico',
  ...TITLE,
  stateOf(place) {
    const own = ownWord(TITLE, place);
    if (own.state !== 'on') return own;
    const family = unsupportedFamily(place);
    if (family === 'ipv4') return own;
    if (family === 'ipv6') {
      return {
        state: 'off',
        because:
          'Calico beside the VPC CNI does not support policies for IPv6 pods that have an IPv4 interface too (ENABLE_V4_EGRESS).',
        link: ON_EKS,
      };
    }
    return {
      state: 'unknown',
      reason: 'field-missing',
      message:
        'Whether Calico enforces policies on the node is not known: beside the VPC CNI it does not in IPv6 clusters with ENABLE_V4_EGRESS, and the family of the cluster was not read.',
      remedy: `Include the nodes with their addresses, and audit again; see ${ON_EKS}.`,
    };
  },
  enforces(type, { agent }) {
    const group = apiGroupOf(type.apiVersion);
    if (isCore(type) || group === 'projectcalico.org' || group === 'crd.projectcalico.org') return YES;
    if (group === 'policy.networking.k8s.io') {
      if (type.kind === 'ClusterNetworkPolicy')
        return since(agent, '3.32.0', { title: 'Calico', link: ADMIN });
      if (atLeast(agent.version, '3.32.0') === true) {
        return {
          answer: 'no',
          why: `Calico removed this kind in 3.32, and ${agent.version} runs`,
          link: ADMIN,
        };
      }
      return since(agent, '3.30.0', { title: 'Calico', link: ADMIN });
    }
    return { answer: 'no', why: 'Calico does not read this kind', link: LINK };
  },
  departures: () => [NODE_ADDRESS, CHAINS],
};

/**
 * "When using the Amazon VPC CNI plugin, Calico does not support enforcement of network policy on IPv6 pods
 * with ENABLE_V4_EGRESS set to true" (docs.tigera.io, managed-public-cloud/eks); it is true by default.
 * @returns the family that decides it: `ipv6` only where Calico does not enforce, `null` if not known
 */
function unsupportedFamily({ node, settings }: AgentPlace): IpFamily | null {
  const cni = node.agents.find(({ engine }) => engine === 'vpc-cni');
  if (cni === undefined || cni.egressV4 === false) return 'ipv4';
  if (cni.ipv6 === null) return oneFamily(settings.ipFamily);
  return cni.ipv6 ? 'ipv6' : 'ipv4';
}
