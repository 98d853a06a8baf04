import type { PolicyKind } from '../../policies/policy.ts';
import { GROUP_KIND, GROUP_VERSIONS } from './groups.ts';
import { parseCiliumPolicy } from './policy.ts';

/** Cilium's kinds. Groups of blocks select no pods: policies refer to them. */
export const ciliumKinds: readonly PolicyKind[] = [
  ...['CiliumNetworkPolicy', 'CiliumClusterwideNetworkPolicy'].map(
    (kind): PolicyKind => ({ apiVersion: 'cilium.io/v2', kind, parse: parseCiliumPolicy }),
  ),
  ...GROUP_VERSIONS.map((apiVersion): PolicyKind => ({ apiVersion, kind: GROUP_KIND, parse: () => [] })),
];
