import type { Action, Applied } from '../policies/policy.ts';

/** The API of Amazon's ClusterNetworkPolicy, of whose policies the agent of the VPC CNI keeps the rules. */
const API = 'networking.k8s.aws/v1alpha1';

/**
 * The agent keeps neither the order of rules in a policy nor which policy a rule is of, only priorities: "Deny always
 * takes precedence on same priority", then Accept, then Pass.
 * Source: aws-network-policy-agent v1.4.1, pkg/ebpf/c/tc.v4egress.bpf.c, evaluateClusterPolicyByLookUp (ACTION_DENY 0,
 * ACTION_ALLOW 1, ACTION_PASS 2; the lower one wins at the same priority); a block inherits the rules of the blocks
 * around it (pkg/fwruleprocessor, ComputeClusterPolicyMapEntriesFromEndpointRules).
 */
const ORDER: readonly Action[] = ['deny', 'allow', 'pass'];

/** The policies as the agent reads them: of Amazon's kind with one priority first all that deny, then allow, then pass. */
export const inAgentOrder = (applied: readonly Applied[]): readonly Applied[] =>
  applied.flatMap((one) => (one.policy.orderedWithin === API ? byAction(one) : [one]));

/** Priorities are whole numbers, so that parts of one come before the next. */
function byAction({ policy: { orderedWithin: _, ...policy }, definite }: Applied): readonly Applied[] {
  return ORDER.flatMap((action, at) => {
    const rules = policy.rules.filter((rule) => rule.action === action);
    const order = policy.order + at / ORDER.length;
    return rules.length === 0 ? [] : [{ policy: { ...policy, order, rules }, definite }];
  });
}
