import type { CiliumSettings, EngineSettings } from '../../../lambda/inventory/engine-settings.ts';

export const CILIUM: CiliumSettings = {
  enforcement: 'default',
  audit: false,
  core: true,
  clusterNetworkPolicy: false,
  own: true,
  ownClusterwide: true,
  hostFirewall: false,
  identityLabels: '',
  chaining: 'none',
};

/** Everything was read, and lets engines enforce; an IPv4 cluster. */
export const SETTINGS: EngineSettings = {
  vpcCniController: { known: true },
  cilium: { known: CILIUM },
  nodeClasses: { known: new Map([['default', 'DefaultAllow']]) },
  ipFamily: 'ipv4',
};
