import type { PolicyKind } from '../../policies/policy.ts';
import { API_VERSION, CRD_VERSION, isRepeated } from './context.ts';
import { parseCalicoPolicy } from './policy.ts';
import type { PolicyKindName } from './spec.ts';

const POLICIES: readonly PolicyKindName[] = ['NetworkPolicy', 'GlobalNetworkPolicy'];

/**
 * Kinds that select no pods: policies refer to them, or, like profiles, they say what holds without
 * policies ("default ingress and egress rules, which are both 'allow'", `NamespaceToProfile`,
 * libcalico-go/lib/backend/k8s/conversion/conversion.go). Staged policies are not enforced
 * (`KindIsStaged`, felix/rules/endpoints.go).
 */
const OTHERS = [
  'Tier',
  'NetworkSet',
  'GlobalNetworkSet',
  'HostEndpoint',
  'Profile',
  'StagedNetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
];

/** Calico's kinds, as custom resources and through Calico's API server. */
export const calicoKinds: readonly PolicyKind[] = [CRD_VERSION, API_VERSION].flatMap((apiVersion) => [
  ...POLICIES.map(
    (kind): PolicyKind => ({
      apiVersion,
      kind,
      parse: (object, context) =>
        isRepeated(object, context) ? [] : parseCalicoPolicy(object, kind, context),
    }),
  ),
  ...OTHERS.map((kind): PolicyKind => ({ apiVersion, kind, parse: () => [] })),
]);
