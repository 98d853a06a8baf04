import type { EngineSettings } from '../../inventory/engine-settings.ts';
import type { NetworkFacts } from '../../inventory/network.ts';
import type { NodeNetwork, Placement } from '../../inventory/node-network.ts';
import { EVERYTHING } from '../sets/address-set.ts';
import { externalRanges } from '../sets/printed.ts';
import type { EnforcedReach } from '../sets/reach.ts';

const CALICO =
  'Policies of pods do not apply on the network of the node, but those of a HostEndpoint of Calico would, and HostEndpoints are not read. See kubectl get hostendpoints.crd.projectcalico.org (https://docs.tigera.io/calico/latest/network-policy/hosts/kubernetes-nodes).';

const CILIUM =
  'Policies of pods do not apply on the network of the node, but the host firewall of Cilium may, by policies with a nodeSelector. See enable-host-firewall in cilium-config (https://docs.cilium.io/en/stable/security/host-firewall/).';

/**
 * What pods on the network of their node may reach. No engine applies policies of pods there; Calico and
 * Cilium can restrict the node itself, by objects that are not read.
 */
export function hostReach(
  { kinds, settings }: Pick<NetworkFacts, 'kinds' | 'settings'>,
  placements: readonly Placement[],
): EnforcedReach {
  for (const { network } of placements) {
    for (const node of network === null ? kinds : [network]) {
      const unknown = restrictedBy(node, settings);
      if (unknown !== null) return { unknown };
    }
  }
  return { external: externalRanges(EVERYTHING) };
}

function restrictedBy({ agents }: NodeNetwork, { cilium }: EngineSettings): string | null {
  if (agents.some(({ engine }) => engine === 'calico')) return CALICO;
  const firewall = 'unread' in cilium || cilium.known.hostFirewall !== false;
  // An agent that does not say may have a firewall configured outside its ConfigMap.
  const mayRestrict = agents.some(
    ({ engine, enabled }) => engine === 'cilium' && (firewall || enabled === null),
  );
  return mayRestrict ? CILIUM : null;
}
