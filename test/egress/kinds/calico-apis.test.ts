import { describe, expect, it } from '@jest/globals';
import { createEgress } from '../../../lambda/egress/engine.ts';
import { NO_NETWORK } from '../../../lambda/inventory/network.ts';
import type { PolicyAgent } from '../../../lambda/inventory/policy-agent.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { NO_CONFIG } from '../support/build.ts';
import { aGlobalPolicy, aGlobalSet, allow, asResource, deny } from './build-calico.ts';

type Calico = Partial<Pick<PolicyAgent, 'apiGroup' | 'version'>>;

/** What a pod of `default` may reach at 192.0.2.1, where Calico's agents say this of themselves. */
function reachOf(policies: readonly PolicyObject[], ...agents: readonly Calico[]): boolean | 'unknown' {
  const kinds = agents.map((about) => ({
    compute: 'ec2' as const,
    agents: [
      {
        engine: 'calico' as const,
        container: 'calico-node',
        version: '3.32.0',
        enabled: true,
        running: true,
        ipv6: null,
        mode: null,
        egressV4: null,
        egressV6: null,
        ...about,
      },
    ],
  }));
  const engine = createEgress({
    policies,
    namespaces: new Map([['default', {}]]),
    config: NO_CONFIG,
    network: { ...NO_NETWORK, kinds },
  });
  const view = engine.view({ namespace: 'default', labels: {}, hostNetwork: false });
  return view.undecided === null ? view.reaches('192.0.2.1', 443) : 'unknown';
}

const V3 = { apiGroup: 'projectcalico.org/v3' };
const V1 = { apiGroup: 'crd.projectcalico.org/v1' };

const closed = aGlobalPolicy({ egress: [deny()] }, { name: 'closed' });
const open = aGlobalPolicy({ egress: [allow()] }, { name: 'open' });

// https://docs.tigera.io/calico/latest/operations/crd-migration
describe('policies of Calico under both of its groups', () => {
  it('policies of Calico count from the group that the agents read', () => {
    expect(reachOf([asResource(closed), open], V3)).toBe(true);
    expect(reachOf([asResource(closed), open], V1)).toBe(false);
    expect(reachOf([asResource(open), closed], V3)).toBe(false);
    expect(reachOf([asResource(open), closed], V1)).toBe(true);
  });

  it('policies of Calico may count either way where the groups differ and the agents do not say which they read', () => {
    expect(reachOf([asResource(closed), open], {})).toBe('unknown');
    expect(reachOf([asResource(closed), open], V1, V3)).toBe('unknown');
    expect(reachOf([asResource(closed), open], { version: null })).toBe('unknown');
    const changed = aGlobalPolicy({ egress: [allow()] }, { name: 'closed' });
    expect(reachOf([asResource(closed), changed], {})).toBe('unknown');
  });

  it('policies of Calico are the same objects where the groups do not differ', () => {
    expect(reachOf([asResource(closed), closed], {})).toBe(false);
    const inTier = { ...asResource(closed), spec: { ...(closed.spec as object), tier: 'default' } };
    expect(reachOf([inTier, { ...closed, name: 'default.closed' }], {})).toBe(false);
  });

  it('policies of Calico before 3.31 are those of the older group, of which the other one is a view', () => {
    expect(reachOf([asResource(closed), open], { version: '3.29.1' })).toBe(false);
    expect(reachOf([asResource(closed), open], { version: '3.31.0' })).toBe('unknown');
  });

  it('policies of Calico are unknown where only the other group was read', () => {
    expect(reachOf([asResource(closed)], V3)).toBe('unknown');
    expect(reachOf([closed], V1)).toBe('unknown');
  });

  it('policies of Calico refer to network sets of their own group', () => {
    const bySet = aGlobalPolicy({ egress: [deny({ selector: "a == 'b'" }), allow()] }, { name: 'by-set' });
    const set = (net: string) => aGlobalSet({ a: 'b' }, [net]);
    const objects = [asResource(bySet), bySet, asResource(set('192.0.2.0/24')), set('198.51.100.0/24')];
    expect(reachOf(objects, V1)).toBe(false);
    expect(reachOf(objects, V3)).toBe(true);
    expect(reachOf(objects, {})).toBe('unknown');
  });
});
