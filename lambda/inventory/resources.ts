/** Resources that hold network policies or what they refer to, as kubectl names them in full. */
export const POLICY_RESOURCES = [
  'networkpolicies',
  'adminnetworkpolicies.policy.networking.k8s.io',
  'baselineadminnetworkpolicies.policy.networking.k8s.io',
  'clusternetworkpolicies.policy.networking.k8s.io',
  'clusternetworkpolicies.networking.k8s.aws',
  'applicationnetworkpolicies.networking.k8s.aws',
  'networkpolicies.projectcalico.org',
  'globalnetworkpolicies.projectcalico.org',
  'tiers.projectcalico.org',
  'networksets.projectcalico.org',
  'globalnetworksets.projectcalico.org',
  'ciliumnetworkpolicies.cilium.io',
  'ciliumclusterwidenetworkpolicies.cilium.io',
  'ciliumcidrgroups.cilium.io',
] as const;

/** Resources that hold the configuration of a service mesh. */
export const MESH_RESOURCES = ['serviceentries.networking.istio.io', 'sidecars.networking.istio.io'] as const;

export type PolicyResource = (typeof POLICY_RESOURCES)[number];
export type MeshResource = (typeof MESH_RESOURCES)[number];

const policyResources: ReadonlySet<unknown> = new Set(POLICY_RESOURCES);

/**
 * Whether a gap there leaves the egress of every pod open: a policy that was not read may allow or deny
 * anything.
 */
export const isPolicyResource = (resource: unknown): resource is PolicyResource =>
  policyResources.has(resource);
