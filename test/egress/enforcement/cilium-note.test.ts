import { expect, test } from '@jest/globals';
import { cilium } from '../../../lambda/egress/enforcement/cilium.ts';
import { UNKNOWN_SETTINGS } from '../../../lambda/inventory/engine-settings.ts';
import type { PolicyAgent } from '../../../lambda/inventory/policy-agent.ts';

const agent: PolicyAgent = {
  engine: 'cilium',
  container: 'cilium-agent',
  version: '1.18.0',
  enabled: true,
  running: true,
  ipv6: null,
  mode: null,
  egressV4: null,
  egressV6: null,
};

test.each([
  [false, ['cilium-per-node']],
  [true, []],
])('that flags may differ by node is said where CiliumNodeConfigs were not read: read %s', (read, ids) => {
  const settings = { ...UNKNOWN_SETTINGS, ciliumNodeConfigsRead: read };
  expect(
    cilium.departures({ agent, node: { compute: 'ec2', agents: [agent] }, settings }).map(({ id }) => id),
  ).toEqual(ids);
});
