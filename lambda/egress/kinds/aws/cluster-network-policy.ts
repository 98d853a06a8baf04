import { type Policy, type PolicyKind, type Rule, TIERS } from '../../policies/policy.ts';
import { type AddressSet, EVERYTHING, intersect, isNothing, NOTHING, union } from '../../sets/address-set.ts';
import { placeByTier } from '../admin/cluster-network-policy.ts';
import { type Dialect, parseAdminPolicy } from '../admin/policy.ts';
import { parsePortV1alpha1 } from '../admin/policy-ports.ts';

const API = 'networking.k8s.aws/v1alpha1';

/**
 * Without Auto Mode the agent passes rules with domain names over: "CIDR is empty, skipping the
 * egress rule" (aws/aws-network-policy-agent, controllers/clusterpolicyendpoints_controller.go).
 * https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html
 */
export const NAMES_NOTE = 'has rules with domain names, which only nodes of EKS Auto Mode enforce.';

/**
 * Amazon's `ClusterNetworkPolicy`: aws/amazon-network-policy-controller-k8s,
 * api/v1alpha1/clusternetworkpolicy_types.go. It is "based on" the v1alpha2 API of the same name
 * (aws-network-policy-agent, pull request 496) and says no more of order than that: the meaning here
 * is that of the API it is based on. Its peers are pods, namespaces, networks and domain names, its
 * ports those of v1alpha1; "it should fail closed" stands without saying what that means.
 */
const DIALECT: Dialect = {
  apiVersion: API,
  placeFields: ['tier', 'priority'],
  place: placeByTier,
  actions: { Accept: 'allow', Deny: 'deny', Pass: 'pass' },
  peerFields: ['namespaces', 'pods', 'networks', 'domainNames'],
  ports: { field: 'ports', parseEntry: parsePortV1alpha1 },
  definesFailClosed: false,
  namesNote: NAMES_NOTE,
};

export const awsClusterNetworkPolicy: PolicyKind = {
  apiVersion: API,
  kind: 'ClusterNetworkPolicy',
  parse: (object) => parseAdminPolicy(object, DIALECT).map(withOrderNote),
};

/**
 * The agent keeps no order of rules in a policy: "Deny always takes precedence on same priority"
 * (pkg/ebpf/c/tc.v4egress.bpf.c), then Accept, then Pass.
 */
function withOrderNote(policy: Policy): Policy {
  if (policy.tier === TIERS.unknown || !orderMatters(policy.rules)) return policy;
  const note = `${policy.name}: rules with different actions overlap, and the first that matches counts; but the network policy agent of the VPC CNI ignores their order and lets Deny win over Accept and Accept over Pass, so use separate policies with different priorities.`;
  return { ...policy, notes: [...policy.notes, note] };
}

const AGENT_ORDER = { deny: 0, allow: 1, pass: 2 } as const;

/** Whether a rule overlaps an earlier one that the agent would read after it. */
function orderMatters(rules: readonly Rule[]): boolean {
  const before: { -readonly [Rank in 0 | 1 | 2]: AddressSet } = { 0: NOTHING, 1: NOTHING, 2: NOTHING };
  return rules.some(({ action, potentialCover, hosts }) => {
    const rank = AGENT_ORDER[action];
    const later = ([1, 2] as const).filter((other) => other > rank).map((other) => before[other]);
    before[rank] = union(before[rank], hosts.length > 0 ? EVERYTHING : potentialCover);
    return later.some((set) => !isNothing(intersect(set, potentialCover)));
  });
}
