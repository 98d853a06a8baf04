import { expect, test } from '@jest/globals';
import { createEgress } from '../../lambda/egress/engine.ts';
import { NO_NETWORK } from '../../lambda/inventory/network.ts';
import type { NodeNetwork } from '../../lambda/inventory/node-network.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { aNetworkPolicy, egressOf, NO_CONFIG } from './support/build.ts';

const node: NodeNetwork = {
  compute: 'ec2',
  agents: [
    {
      engine: 'calico',
      container: 'calico-node',
      version: '3.28.0',
      enabled: true,
      ipv6: null,
      mode: null,
      egressV4: null,
      egressV6: null,
      running: true,
    },
  ],
};

const calico: PolicyObject = {
  ...aNetworkPolicy({ selector: 'all()', types: ['Egress'], egress: [] }),
  apiVersion: 'projectcalico.org/v3',
};

// Calico enforces both kinds, so that it is known of each, whatever else has its name.
test.each([
  ['a policy of Calico', [calico]],
  ['one of Kubernetes', [egressOf()]],
  ['both of one name', [calico, egressOf()]],
])('%s in a namespace is found again by its name', (_, policies) => {
  const view = createEgress({
    policies,
    namespaces: new Map(),
    config: NO_CONFIG,
    network: { ...NO_NETWORK, nodes: new Map([['node-a', node]]), kinds: [node], complete: true },
  }).view({ namespace: 'default', labels: {}, hostNetwork: false });
  expect(view.answer.policies).toHaveLength(policies.length);
  const pod = { os: 'linux', standalone: false, placements: [{ network: node, pods: 1 }] } as const;
  expect(view.enforced(pod)).toEqual({ external: [] });
});
