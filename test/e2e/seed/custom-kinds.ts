import type { KubernetesObject } from '../environment/api-client.ts';

interface CustomKind {
  readonly group: string;
  /** Served versions; the first one is stored. */
  readonly versions: readonly string[];
  readonly kind: string;
  readonly plural: string;
  readonly scope: 'Namespaced' | 'Cluster';
}

/**
 * The custom kinds that decide what a pod may reach or who owns it. Their schemas are open: what is
 * under test reads these objects, it does not validate them.
 */
const CUSTOM_KINDS: readonly CustomKind[] = [
  ...kinds('argoproj.io', ['v1alpha1'], { Rollout: 'rollouts' }, {}),
  ...kinds(
    'policy.networking.k8s.io',
    ['v1alpha1'],
    {},
    {
      AdminNetworkPolicy: 'adminnetworkpolicies',
      BaselineAdminNetworkPolicy: 'baselineadminnetworkpolicies',
    },
  ),
  ...kinds('policy.networking.k8s.io', ['v1alpha2'], {}, { ClusterNetworkPolicy: 'clusternetworkpolicies' }),
  ...kinds(
    'networking.k8s.aws',
    ['v1alpha1'],
    {
      ApplicationNetworkPolicy: 'applicationnetworkpolicies',
      PolicyEndpoint: 'policyendpoints',
    },
    { ClusterNetworkPolicy: 'clusternetworkpolicies' },
  ),
  ...kinds('eks.amazonaws.com', ['v1'], {}, { NodeClass: 'nodeclasses' }),
  ...kinds(
    'crd.projectcalico.org',
    ['v1'],
    {
      NetworkPolicy: 'networkpolicies',
      NetworkSet: 'networksets',
    },
    {
      GlobalNetworkPolicy: 'globalnetworkpolicies',
      GlobalNetworkSet: 'globalnetworksets',
      Tier: 'tiers',
    },
  ),
  ...kinds(
    'cilium.io',
    ['v2'],
    { CiliumNetworkPolicy: 'ciliumnetworkpolicies' },
    {
      CiliumClusterwideNetworkPolicy: 'ciliumclusterwidenetworkpolicies',
      CiliumCIDRGroup: 'ciliumcidrgroups',
    },
  ),
  ...kinds(
    'networking.istio.io',
    ['v1', 'v1beta1', 'v1alpha3'],
    {
      ServiceEntry: 'serviceentries',
      Sidecar: 'sidecars',
    },
    {},
  ),
];

type Plurals = Readonly<Record<string, string>>;

function kinds(
  group: string,
  versions: readonly string[],
  namespaced: Plurals,
  cluster: Plurals,
): CustomKind[] {
  const ofScope = (plurals: Plurals, scope: CustomKind['scope']): CustomKind[] =>
    Object.entries(plurals).map(([kind, plural]) => ({ group, versions, kind, plural, scope }));
  return [...ofScope(namespaced, 'Namespaced'), ...ofScope(cluster, 'Cluster')];
}

/** The CustomResourceDefinitions of all custom kinds in the cluster. */
export function customResourceDefinitions(): readonly KubernetesObject[] {
  return CUSTOM_KINDS.map(({ group, versions, kind, plural, scope }) => ({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      // Groups under k8s.io are protected; this is the way to say that the schema is one's own.
      // https://github.com/kubernetes/enhancements/tree/master/keps/sig-api-machinery/2337-k8s.io-group-protection
      annotations: { 'api-approved.kubernetes.io': 'unapproved, an open schema for tests' },
    },
    spec: {
      group,
      scope,
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: {
          openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      })),
    },
  }));
}
