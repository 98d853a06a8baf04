import type { Remarks } from '../core/network-policy-rule.ts';

/** Where parsing leaves what it noticed about one rule of a policy object. */
export interface CiliumRemarks extends Remarks {
  /**
   * What Cilium's agent refuses though the API server need not. It then enforces nothing of the whole
   * object (`CiliumNetworkPolicy.Parse`, pkg/k8s/apis/cilium.io/v2/cnp_types.go), or goes on with what
   * the object was before, so that nothing of it is certain. Shared by all rules of an object.
   */
  readonly refusals: string[];
}

/** Of the rule that is read: its path and what is known around it. */
export interface RulePlace {
  /** e.g. `spec.egress[0]`. */
  readonly path: string;
  /** Of the policy, null for a clusterwide one. */
  readonly namespace: string | null;
  readonly remarks: CiliumRemarks;
}
