import type { PolicyAgent } from '../../inventory/policy-agent.ts';
import { type Applied, TIERS } from '../policies/policy.ts';
import { EVERYTHING } from '../sets/address-set.ts';

/**
 * In the strict mode of the VPC CNI, which is `DefaultDeny` of a NodeClass of EKS Auto Mode, a pod that no
 * NetworkPolicy selects stays closed, but for what Amazon's ClusterNetworkPolicies allow: its state is DEFAULT_DENY.
 * With any of them its state is POLICIES_APPLIED; where none of those is for egress, the agent adds a rule that allows
 * everything ("No Egress rules and no egress isolation - Appending catch all entry").
 * Source: aws-network-policy-agent, pkg/rpc/rpc_handler.go, EnforceNpToPod; controllers/policyendpoints_controller.go,
 * cleanupPod; pkg/ebpf/c/tc.v4egress.bpf.c, evaluateFlow.
 * https://docs.aws.amazon.com/eks/latest/userguide/create-node-class.html
 *
 * @param ingressOnly whether policies for incoming traffic alone select the pod; `null`: not known
 * @param seen policies that the engine enforces for the pod
 * @returns a policy that denies what is left, if there is one
 */
export function closedAtStart(
  { agent: { mode } }: { readonly agent: Pick<PolicyAgent, 'mode'> },
  ingressOnly: boolean | null,
  seen: readonly Applied[],
): readonly Applied[] {
  if (mode === 'standard' || ingressOnly === true) return [];
  const ofPods = seen.filter(({ policy }) => policy.tier.name === TIERS.networkPolicy.name);
  if (ofPods.some(({ definite }) => definite)) return [];
  const definite = mode === 'strict' && ingressOnly === false && ofPods.length === 0;
  return [{ policy: DENY_THE_REST, definite }];
}

const SOURCE = 'the strict mode of the VPC CNI';

const DENY_THE_REST: Applied['policy'] = {
  name: SOURCE,
  scope: {
    namespaces: { named: '' },
    pods: { everything: true, keys: [], anchors: [], matches: () => true },
  },
  tier: { name: 'strict mode', order: Number.POSITIVE_INFINITY },
  order: 0,
  defaultAction: 'deny',
  rules: [{ source: SOURCE, action: 'deny', covers: EVERYTHING, potentialCover: EVERYTHING, hosts: [] }],
  uncertainties: [],
  notes: [],
};
