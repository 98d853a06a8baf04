import type { EgressView } from '../../../lambda/egress/answers/egress-view.ts';
import { createEgress } from '../../../lambda/egress/engine.ts';
import type { Labels } from '../../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { inShort, NO_CONFIG, type Pod, reachOf } from '../support/build.ts';

type Build = (spec: unknown, about?: Partial<PolicyObject>) => PolicyObject;

const builder =
  (apiVersion: string, kind: string, defaults: Readonly<Record<string, unknown>>): Build =>
  (spec, about = {}) => ({
    apiVersion,
    kind,
    namespace: '',
    name: 'policy',
    labels: {},
    spec: typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? { ...defaults, ...spec } : spec,
    ...about,
  });

const everyone = { subject: { namespaces: {} } };

/** Cluster-scoped policies that select every pod, unless the spec says otherwise. */
export const anAdminPolicy = builder('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', {
  ...everyone,
  priority: 10,
});
export const aBaselinePolicy = builder(
  'policy.networking.k8s.io/v1alpha1',
  'BaselineAdminNetworkPolicy',
  everyone,
);
export const aClusterPolicy = builder('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', {
  ...everyone,
  tier: 'Admin',
  priority: 10,
});
export const anAwsClusterPolicy = builder('networking.k8s.aws/v1alpha1', 'ClusterNetworkPolicy', {
  ...everyone,
  tier: 'Admin',
  priority: 10,
});

/** A policy of the namespace `default` that selects each of its pods. */
export const anApplicationPolicy: Build = (spec, about = {}) =>
  builder('networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy', {
    podSelector: {},
    policyTypes: ['Egress'],
  })(spec, { namespace: 'default', ...about });

export const networks = (...cidrs: string[]) => ({ networks: cidrs });
export const WORLD = networks('0.0.0.0/0', '::/0');

/** A rule as all three APIs for administrators write it. */
export const rule = (action: string, ...to: unknown[]) => ({ action, to });

export interface Around {
  readonly pod?: Pod;
  /** Labels of namespaces; default: `default` and `other` are known and have none. */
  readonly namespaces?: Readonly<Record<string, Labels>>;
}

export function viewOf(
  policies: readonly PolicyObject[],
  { pod = {}, namespaces = { default: {}, other: {} } }: Around = {},
): EgressView {
  const engine = createEgress({
    policies,
    namespaces: new Map(Object.entries(namespaces)),
    config: NO_CONFIG,
  });
  return engine.view({ namespace: 'default', labels: {}, hostNetwork: false, ...pod });
}

/** The declared ranges in short; the answer must be known. */
export const rangesOf = (policies: readonly PolicyObject[], around: Around = {}): readonly string[] =>
  inShort(reachOf(viewOf(policies, around)).external);

export const hostsOf = (policies: readonly PolicyObject[], around: Around = {}) =>
  reachOf(viewOf(policies, around)).hosts;

export const whyUnknown = (policies: readonly PolicyObject[], around: Around = {}): string =>
  viewOf(policies, around).undecided?.message ?? 'known';
