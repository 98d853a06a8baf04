import type { MeshResource, PolicyResource } from '../../inventory/resources.ts';

/** Where a cluster may serve a kind, with the versions that this program understands, newest first. */
export interface ApiSource {
  readonly group: string;
  readonly versions: readonly [string, ...string[]];
  /** By a separate API server behind the cluster's, whose lists need not have a `resourceVersion`. */
  readonly aggregated?: boolean;
}

/** A kind of policy, or one that policies refer to or that configures a mesh. */
export interface PolicyKindSource {
  readonly resource: PolicyResource | MeshResource;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** In order of preference: the first one that is served is read. */
  readonly sources: readonly [ApiSource, ...ApiSource[]];
  /** Whether it may select by labels of namespaces. */
  readonly readsNamespaceLabels: boolean;
  /** A mesh is no firewall: its objects are kept apart from the policies. */
  readonly role: 'policy' | 'mesh';
}

interface Names {
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly readsNamespaceLabels?: boolean;
}

const namespaced = (kind: string, plural: string): Names => ({ kind, plural, namespaced: true });
const cluster = (kind: string, plural: string): Names => ({ kind, plural, namespaced: false });
const byNamespace = (names: Names): Names => ({ ...names, readsNamespaceLabels: true });

const policy = (
  resource: PolicyResource,
  names: Names,
  ...sources: PolicyKindSource['sources']
): PolicyKindSource => ({ readsNamespaceLabels: false, ...names, resource, sources, role: 'policy' });

const POLICY_API = 'policy.networking.k8s.io';
const V1ALPHA1: ApiSource = { group: POLICY_API, versions: ['v1alpha1'] };
const V1ALPHA2: ApiSource = { group: POLICY_API, versions: ['v1alpha2'] };
const AWS: ApiSource = { group: 'networking.k8s.aws', versions: ['v1alpha1'] };
const CILIUM: ApiSource = { group: 'cilium.io', versions: ['v2'] };
const ISTIO: ApiSource = { group: 'networking.istio.io', versions: ['v1', 'v1beta1', 'v1alpha3'] };

/**
 * Calico's API server shows the custom resources under another group, but each caller only the tiers
 * that it may read, without a word about the others
 * (https://docs.tigera.io/calico/latest/network-policy/policy-tiers/rbac-tiered-policies). So the
 * resources themselves go first; newer installations have only the other group.
 */
const CALICO: readonly [ApiSource, ApiSource] = [
  { group: 'crd.projectcalico.org', versions: ['v1'] },
  { group: 'projectcalico.org', versions: ['v3'], aggregated: true },
];

const mesh = (resource: MeshResource, names: Names): PolicyKindSource => ({
  readsNamespaceLabels: false,
  ...names,
  resource,
  sources: [ISTIO],
  role: 'mesh',
});

/** All kinds that decide what pods may reach. */
export const POLICY_KINDS: readonly PolicyKindSource[] = [
  policy('networkpolicies', namespaced('NetworkPolicy', 'networkpolicies'), {
    group: 'networking.k8s.io',
    versions: ['v1'],
  }),
  policy(
    `adminnetworkpolicies.${POLICY_API}`,
    byNamespace(cluster('AdminNetworkPolicy', 'adminnetworkpolicies')),
    V1ALPHA1,
  ),
  policy(
    `baselineadminnetworkpolicies.${POLICY_API}`,
    byNamespace(cluster('BaselineAdminNetworkPolicy', 'baselineadminnetworkpolicies')),
    V1ALPHA1,
  ),
  policy(
    `clusternetworkpolicies.${POLICY_API}`,
    byNamespace(cluster('ClusterNetworkPolicy', 'clusternetworkpolicies')),
    V1ALPHA2,
  ),
  policy(
    'clusternetworkpolicies.networking.k8s.aws',
    byNamespace(cluster('ClusterNetworkPolicy', 'clusternetworkpolicies')),
    AWS,
  ),
  policy(
    'applicationnetworkpolicies.networking.k8s.aws',
    namespaced('ApplicationNetworkPolicy', 'applicationnetworkpolicies'),
    AWS,
  ),
  // Endpoints inherit the labels of their namespace, so any selector of Calico and Cilium may read them.
  policy(
    'networkpolicies.projectcalico.org',
    byNamespace(namespaced('NetworkPolicy', 'networkpolicies')),
    ...CALICO,
  ),
  policy(
    'globalnetworkpolicies.projectcalico.org',
    byNamespace(cluster('GlobalNetworkPolicy', 'globalnetworkpolicies')),
    ...CALICO,
  ),
  policy('tiers.projectcalico.org', cluster('Tier', 'tiers'), ...CALICO),
  policy('networksets.projectcalico.org', namespaced('NetworkSet', 'networksets'), ...CALICO),
  policy('globalnetworksets.projectcalico.org', cluster('GlobalNetworkSet', 'globalnetworksets'), ...CALICO),
  policy(
    'ciliumnetworkpolicies.cilium.io',
    byNamespace(namespaced('CiliumNetworkPolicy', 'ciliumnetworkpolicies')),
    CILIUM,
  ),
  policy(
    'ciliumclusterwidenetworkpolicies.cilium.io',
    byNamespace(cluster('CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies')),
    CILIUM,
  ),
  policy('ciliumcidrgroups.cilium.io', cluster('CiliumCIDRGroup', 'ciliumcidrgroups'), {
    group: 'cilium.io',
    versions: ['v2', 'v2alpha1'],
  }),
  mesh('serviceentries.networking.istio.io', namespaced('ServiceEntry', 'serviceentries')),
  mesh('sidecars.networking.istio.io', namespaced('Sidecar', 'sidecars')),
];

/** The group that network policies left in Kubernetes 1.16; files may still name it. */
const FORMER_GROUP = 'extensions';

/** @returns the kind of an object, in whatever version; `null` if it is none of these */
export function policyKindOf(apiVersion: string, kind: string): PolicyKindSource | null {
  const [name = '', version] = apiVersion.split('/');
  const group = name === FORMER_GROUP ? 'networking.k8s.io' : name;
  if (version === undefined) return null;
  return (
    POLICY_KINDS.find((one) => one.kind === kind && one.sources.some((source) => source.group === group)) ??
    null
  );
}

/** Where lists of the kind are, e.g. `/apis/networking.k8s.io/v1/networkpolicies`. */
export const listPath = (group: string, version: string, plural: string): string =>
  `/apis/${group}/${version}/${plural}`;

/** What a role must let the audit list for these kinds, each once. */
export function policyReads(): readonly { readonly group: string; readonly resource: string }[] {
  const reads = POLICY_KINDS.flatMap(({ sources, plural }) =>
    sources.map(({ group }) => ({ group, resource: plural })),
  );
  return [...new Map(reads.map((read) => [`${read.resource}.${read.group}`, read])).values()];
}
