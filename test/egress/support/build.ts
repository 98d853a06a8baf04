import type { EgressConfig } from '../../../lambda/config/config.ts';
import type { EgressView } from '../../../lambda/egress/answers/egress-view.ts';
import { createEgress } from '../../../lambda/egress/engine.ts';
import type { ExternalRange, Reach } from '../../../lambda/egress/sets/reach.ts';
import type { Labels } from '../../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';

export const NO_CONFIG: EgressConfig = {
  approved: [],
  insecurePorts: [],
  packageRegistries: { hosts: [], cidrs: [] },
  routing: 'off',
};

/** A core NetworkPolicy; its spec may be anything, as in a cluster. */
export const aNetworkPolicy = (spec: unknown, about: Partial<PolicyObject> = {}): PolicyObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  namespace: 'default',
  name: 'policy',
  labels: {},
  spec,
  ...about,
});

/** A NetworkPolicy that selects every pod of the namespace and allows what these egress rules allow. */
export const egressOf = (...egress: unknown[]): PolicyObject =>
  aNetworkPolicy({ podSelector: {}, policyTypes: ['Egress'], egress });

export interface Pod {
  readonly namespace?: string;
  readonly labels?: Labels;
  readonly hostNetwork?: boolean;
}

export function viewOf(
  policies: readonly PolicyObject[],
  pod: Pod = {},
  config: EgressConfig = NO_CONFIG,
): EgressView {
  const engine = createEgress({ policies, namespaces: new Map(), config });
  return engine.view({ namespace: 'default', labels: {}, hostNetwork: false, ...pod });
}

/** The declared reach, which must be known. */
export function reachOf(view: EgressView): Reach {
  const { declared } = view.answer;
  if ('unknown' in declared) throw new Error(`Unknown egress: ${declared.unknown}`);
  return declared;
}

/** Ranges in short: `10.0.0.0-10.255.255.255 TCP 80-90,UDP 53`. */
export const inShort = (ranges: readonly ExternalRange[]): readonly string[] =>
  ranges.map(({ from, to, ports }) => {
    const list =
      ports === 'all' ? 'all' : ports.map((range) => `${range.protocol} ${range.from}-${range.to}`).join(',');
    return `${from}-${to} ${list}`;
  });

export const reachInShort = (policies: readonly PolicyObject[], pod: Pod = {}): readonly string[] =>
  inShort(reachOf(viewOf(policies, pod)).external);

export const ALL_IPV4 = '0.0.0.0-255.255.255.255';
export const ALL_IPV6 = '::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
export const EVERYWHERE = [`${ALL_IPV4} all`, `${ALL_IPV6} all`];
