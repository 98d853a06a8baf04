import { type PolicyKind, TIERS } from '../../policies/policy.ts';
import { type Fields, field, quote } from '../../policies/shape.ts';
import { type Dialect, type Place, parseAdminPolicy, parsePriority } from './policy.ts';
import { parsePortV1alpha2 } from './policy-ports.ts';

const API = 'policy.networking.k8s.io/v1alpha2';

/**
 * `ClusterNetworkPolicy`: kubernetes-sigs/network-policy-api (v0.2.0),
 * apis/v1alpha2/clusternetworkpolicy_types.go. "Policy tiers are evaluated in the following order:
 * Admin tier, NetworkPolicy tier, Baseline tier. […] v1.NetworkPolicy always makes a final decision
 * for selected pods. Further evaluation only happens for Pods not selected by a v1.NetworkPolicy."
 */
const DIALECT: Dialect = {
  apiVersion: API,
  placeFields: ['tier', 'priority'],
  place: placeByTier,
  actions: { Accept: 'allow', Deny: 'deny', Pass: 'pass' },
  peerFields: ['namespaces', 'pods', 'nodes', 'networks', 'domainNames'],
  ports: { field: 'protocols', parseEntry: parsePortV1alpha2 },
  definesFailClosed: true,
  namesNote: null,
};

/** "ClusterNetworkPolicy can use 2 of these tiers: Admin and Baseline." */
export function placeByTier(spec: Fields, uncertainties: string[]): Place | null {
  const name = field(spec, 'tier');
  const tier = name === 'Admin' ? TIERS.admin : name === 'Baseline' ? TIERS.baseline : null;
  if (tier === null) uncertainties.push(`spec.tier is ${quote(name)} and not Admin or Baseline`);
  const order = parsePriority(spec, uncertainties);
  return tier === null || order === null ? null : { tier, order };
}

export const clusterNetworkPolicy: PolicyKind = {
  apiVersion: API,
  kind: 'ClusterNetworkPolicy',
  parse: (object) => parseAdminPolicy(object, DIALECT),
};
