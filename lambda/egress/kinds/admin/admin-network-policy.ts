import { type PolicyKind, TIERS } from '../../policies/policy.ts';
import { type Dialect, parseAdminPolicy, parsePriority } from './policy.ts';
import { parsePortV1alpha1 } from './policy-ports.ts';

const API = 'policy.networking.k8s.io/v1alpha1';

/**
 * `AdminNetworkPolicy`: kubernetes-sigs/network-policy-api,
 * apis/v1alpha1/adminnetworkpolicy_types.go and shared_types.go. "Pass: instructs the selected traffic
 * to skip any remaining ANP rules, and then pass execution to any NetworkPolicies that select the pod.
 * If the pod is not selected by any NetworkPolicies then execution is passed to any
 * BaselineAdminNetworkPolicies that select the pod."
 */
const ADMIN: Dialect = {
  apiVersion: API,
  placeFields: ['priority'],
  place: (spec, uncertainties) => {
    const order = parsePriority(spec, uncertainties);
    return order === null ? null : { tier: TIERS.admin, order };
  },
  actions: { Allow: 'allow', Deny: 'deny', Pass: 'pass' },
  peerFields: ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'],
  ports: { field: 'ports', parseEntry: parsePortV1alpha1 },
  definesFailClosed: true,
  namesNote: null,
};

/** `BaselineAdminNetworkPolicy`, of which a cluster has one; it knows no Pass and no domain names. */
const BASELINE: Dialect = {
  ...ADMIN,
  placeFields: [],
  place: () => ({ tier: TIERS.baseline, order: 0 }),
  actions: { Allow: 'allow', Deny: 'deny' },
  peerFields: ['namespaces', 'pods', 'nodes', 'networks'],
};

export const adminNetworkPolicy: PolicyKind = {
  apiVersion: API,
  kind: 'AdminNetworkPolicy',
  parse: (object) => parseAdminPolicy(object, ADMIN),
};

export const baselineAdminNetworkPolicy: PolicyKind = {
  apiVersion: API,
  kind: 'BaselineAdminNetworkPolicy',
  parse: (object) => parseAdminPolicy(object, BASELINE),
};
