import { describe, expect, it } from '@jest/globals';
import { readPolicy } from '../../../lambda/collect/read-object.ts';
import { createEgress, selectedLabelKeys } from '../../../lambda/egress/engine.ts';
import { parsePolicies } from '../../../lambda/egress/kinds/index.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { withinWork } from '../../../lambda/work.ts';
import { DIMENSIONS } from '../../bench/objects/dimensions.ts';
import { aNetworkPolicy, NO_CONFIG } from '../support/build.ts';

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const selecting = (app: string, egress: unknown, about: Partial<PolicyObject> = {}): PolicyObject =>
  aNetworkPolicy(
    { podSelector: { matchLabels: { app } }, policyTypes: ['Egress'], egress },
    { name: app, namespace: 'shop', ...about },
  );

/** What is known of the pods of `app`. */
function asking(policies: readonly PolicyObject[]) {
  const engine = createEgress({ policies, namespaces: new Map(), config: NO_CONFIG });
  return (app: string, namespace = 'shop') =>
    engine.view({ namespace, labels: { app }, hostNetwork: false }).undecided;
}

const small = [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }];

describe('the policies of one namespace', () => {
  const ports = times(90_000, (i) => ({ port: 1 + ((i * 2) % 65_000) }));
  const large = times(9, (i) => selecting(`large-${i}`, [{ ports }]));

  it('policies of one namespace are read up to a limit, beyond which only pods that large ones select are unknown', () => {
    const elsewhere = selecting('small', small, { namespace: 'elsewhere' });
    const undecided = withinWork(
      32_000_000,
      () => asking([...large, selecting('small', small), elsewhere]),
      () => null,
    );
    expect(undecided?.('large-0')).toBeNull();
    expect(undecided?.('large-8')).toEqual({
      reason: 'policy-not-understood',
      message:
        'What this pod may reach is not known: NetworkPolicy shop/large-8: the policies of its namespace have too many rules to read all of them.',
      remedy: 'Use fewer rules, or combine addresses with the same action and ports in one rule.',
    });
    expect(undecided?.('small')).toBeNull();
    expect(undecided?.('other')).toBeNull();
    expect(undecided?.('small', 'elsewhere')).toBeNull();
  });

  it('policies of one namespace are decided up to a limit, beyond which small sets of them are still decided', () => {
    const inTurn = times(1000, (i) => ({
      action: i % 2 === 0 ? 'Allow' : 'Deny',
      destination: { nets: [`${1 + (i >> 7)}.${(i << 1) % 256}.0.1/32`] },
    }));
    const calico = (app: string, egress: unknown): PolicyObject => ({
      ...selecting(app, egress),
      apiVersion: 'crd.projectcalico.org/v1',
      spec: { selector: `app == '${app}'`, types: ['Egress'], egress },
    });
    const policies = times(40, (i) => calico(`large-${i}`, inTurn));
    const undecided = asking([...policies, calico('small', inTurn.slice(0, 9))]);
    const open = policies.filter(({ name }) => undecided(name) !== null).map(({ name }) => name);
    expect(open.length).toBeGreaterThan(0);
    expect(open).not.toContain('large-0');
    expect(open).toContain('large-39');
    expect(undecided('small')).toBeNull();
  });

  it('policies of one namespace select by the same labels whether their rules are read or not', () => {
    const clusterWide = /^(Global|Cluster|Admin|Baseline)/;
    for (const { name, of } of DIMENSIONS) {
      const object = of(9);
      const [apiVersion, kind] = [String(object['apiVersion']), String(object['kind'])];
      if (!/Policy$/.test(kind)) continue;
      const policy = readPolicy(object, { apiVersion, kind, namespaced: !clusterWide.test(kind) });
      const keys = new Set(parsePolicies([policy]).flatMap(({ scope }) => scope.pods.keys));
      expect([name, [...selectedLabelKeys([policy])].sort()]).toEqual([name, [...keys].sort()]);
    }
  });
});
