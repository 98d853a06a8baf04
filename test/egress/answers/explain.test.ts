import { describe, expect, it } from '@jest/globals';
import type { EgressView } from '../../../lambda/egress/answers/egress-view.ts';
import { NO_POLICY, NO_RULE } from '../../../lambda/egress/answers/explain.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import {
  aBaselinePolicy,
  aClusterPolicy,
  anAdminPolicy,
  anApplicationPolicy,
  anAwsClusterPolicy,
  networks,
  rule,
  viewOf,
  WORLD,
} from '../kinds/build-admin.ts';
import { aCalicoPolicy, aGlobalPolicy, aGlobalSet, allow, aTier, deny } from '../kinds/build-calico.ts';
import { aCiliumPolicy, aClusterwidePolicy, aGroup } from '../kinds/build-cilium.ts';
import { aNetworkPolicy, inShort } from '../support/build.ts';

/**
 * One golden case for every kind, and for every way in which kinds meet: which policy and which rule is
 * named for which range. Ranges are cut to IPv4; a range for which nothing decides is named so too.
 */

const explained = (view: EgressView): readonly string[] =>
  view
    .explain()
    .filter(({ external }) => !external.from.includes(':'))
    .map(({ external, because }) => `${inShort([external]).join()} by ${because.join(' and ')}`);

const hostsExplained = (view: EgressView): readonly string[] =>
  view.explainHosts().map(({ host, because }) => `${host.host} by ${because.join(' and ')}`);

const because = (...policies: readonly PolicyObject[]): readonly string[] => explained(viewOf(policies));

const ALL = '0.0.0.0-255.255.255.255 all';
const TEN = '10.0.0.0-10.255.255.255 all';
const NOT_TEN = ['0.0.0.0-9.255.255.255 all', '11.0.0.0-255.255.255.255 all'];
const block = (cidr: string) => ({ to: [{ ipBlock: { cidr } }] });
const core = (name: string, ...egress: unknown[]) =>
  aNetworkPolicy({ podSelector: {}, policyTypes: ['Egress'], egress }, { name });
const ten = networks('10.0.0.0/8');

describe('what opens a range is named', () => {
  it('a range that is open without any policy is explained by the lack of one', () => {
    expect(because()).toEqual([`${ALL} by ${NO_POLICY}`]);
    const elsewhere = core('closed');
    expect(because({ ...elsewhere, namespace: 'other' })).toEqual([`${ALL} by ${NO_POLICY}`]);
  });

  it('a range of a NetworkPolicy is explained by the place of the rule, and by all rules that open the same', () => {
    const closed = core('closed');
    const some = core('some', block('192.168.0.0/16'), block('10.0.0.0/8'));
    const more = core('more', block('10.0.0.0/8'));
    expect(because(closed)).toEqual([]);
    expect(because(closed, some, more)).toEqual([
      `${TEN} by NetworkPolicy default/more: spec.egress[0] and NetworkPolicy default/some: spec.egress[1]`,
      '192.168.0.0-192.168.255.255 all by NetworkPolicy default/some: spec.egress[0]',
    ]);
  });

  it('a range of an AdminNetworkPolicy is explained by the name of the rule, and the rest by the lack of a rule', () => {
    const named = anAdminPolicy(
      { egress: [rule('Deny', networks('10.0.0.0/9')), { ...rule('Allow', ten), name: 'inside' }] },
      { name: 'admin' },
    );
    expect(because(named)).toEqual([
      `0.0.0.0-9.255.255.255 all by ${NO_RULE}`,
      '10.128.0.0-10.255.255.255 all by AdminNetworkPolicy admin: spec.egress[1] "inside"',
      `11.0.0.0-255.255.255.255 all by ${NO_RULE}`,
    ]);
  });

  it('a range behind a Pass is explained by the NetworkPolicy that decides, and never by the Pass', () => {
    const passing = anAdminPolicy({ egress: [rule('Pass', ten), rule('Deny', WORLD)] }, { name: 'pass' });
    expect(because(passing, core('own', block('10.0.0.0/8')))).toEqual([
      `${TEN} by NetworkPolicy default/own: spec.egress[0]`,
    ]);
    expect(because(passing)).toEqual([`${TEN} by ${NO_RULE}`]);
  });

  it('a range behind a Pass is explained by the baseline where no NetworkPolicy selects the pod', () => {
    const passing = anAdminPolicy({ egress: [rule('Pass', WORLD)] }, { name: 'pass' });
    const baseline = aBaselinePolicy(
      { egress: [rule('Allow', ten), rule('Deny', WORLD)] },
      { name: 'default' },
    );
    expect(because(passing, baseline)).toEqual([
      `${TEN} by BaselineAdminNetworkPolicy default: spec.egress[0]`,
    ]);
    expect(because(passing, baseline, core('own', {}))).toEqual([
      `${ALL} by NetworkPolicy default/own: spec.egress[0]`,
    ]);
  });

  it('ranges of ClusterNetworkPolicies are explained in both tiers', () => {
    const admin = aClusterPolicy({ egress: [rule('Accept', networks('10.0.0.0/9'))] }, { name: 'admin' });
    const base = aClusterPolicy(
      { tier: 'Baseline', egress: [rule('Accept', ten), rule('Deny', WORLD)] },
      { name: 'base' },
    );
    expect(because(admin, base)).toEqual([
      '10.0.0.0-10.127.255.255 all by ClusterNetworkPolicy admin: spec.egress[0]',
      '10.128.0.0-10.255.255.255 all by ClusterNetworkPolicy base: spec.egress[0]',
    ]);
  });

  it('ranges of Amazon’s kinds are explained by address and by name', () => {
    const cluster = anAwsClusterPolicy({ egress: [rule('Accept', ten)] }, { name: 'aws' });
    const application = anApplicationPolicy(
      { egress: [block('192.168.0.0/16'), { to: [{ domainNames: ['api.example.com'] }] }] },
      { name: 'app' },
    );
    const view = viewOf([cluster, application]);
    expect(explained(view)).toEqual([
      `${TEN} by ClusterNetworkPolicy aws: spec.egress[0]`,
      '192.168.0.0-192.168.255.255 all by ApplicationNetworkPolicy default/app: spec.egress[0]',
    ]);
    expect(hostsExplained(view)).toEqual([
      'api.example.com by ApplicationNetworkPolicy default/app: spec.egress[1]',
    ]);
  });

  it('a range of Calico is explained by the first rule that decides, and Log decides nothing', () => {
    const own = aCalicoPolicy(
      {
        egress: [
          { action: 'Log' },
          deny({ nets: ['10.0.0.0/9'] }),
          allow({ nets: ['10.0.0.0/8'] }),
          allow({ nets: ['10.0.0.0/8', '192.168.0.0/16'] }),
        ],
      },
      { name: 'own' },
    );
    const staged = { ...own, kind: 'StagedNetworkPolicy', name: 'staged', spec: { egress: [allow()] } };
    // Neighbours with one action are read as one: both are named where both match.
    expect(because(own, staged)).toEqual([
      '10.128.0.0-10.255.255.255 all by Calico NetworkPolicy default/own: spec.egress[2] and Calico NetworkPolicy default/own: spec.egress[3]',
      '192.168.0.0-192.168.255.255 all by Calico NetworkPolicy default/own: spec.egress[3]',
    ]);
  });

  it('a range that a Calico tier passes is explained by the next tier, and the rest by the default action', () => {
    const tiers = [aTier('first', { order: 1 }), aTier('last', { order: 2, defaultAction: 'Pass' })];
    const first = aGlobalPolicy(
      { tier: 'first', egress: [allow({ nets: ['10.0.0.0/9'] }), { action: 'Pass', destination: {} }] },
      { name: 'first' },
    );
    const last = aGlobalPolicy(
      { tier: 'last', egress: [allow({ selector: "role == 'partner'" })] },
      { name: 'last' },
    );
    const set = aGlobalSet({ role: 'partner' }, ['10.0.0.0/8']);
    expect(because(...tiers, first, last, set)).toEqual([
      `0.0.0.0-9.255.255.255 all by ${NO_RULE}`,
      '10.0.0.0-10.127.255.255 all by GlobalNetworkPolicy first: spec.egress[0]',
      '10.128.0.0-10.255.255.255 all by GlobalNetworkPolicy last: spec.egress[0]',
      `11.0.0.0-255.255.255.255 all by ${NO_RULE}`,
    ]);
    const closing = aCalicoPolicy({ egress: [] }, { name: 'closing' });
    expect(because(...tiers, first, last, set, closing)).toHaveLength(2);
  });

  it('a range of Cilium is explained by the rule that allows it and no deny rule hides, in spec or specs', () => {
    const own = aCiliumPolicy(
      { egress: [{ toEntities: ['cluster'] }, { toCIDRSet: [{ cidr: '10.0.0.0/8' }] }] },
      { name: 'own' },
    );
    const several = aCiliumPolicy(null, {
      name: 'several',
      specs: [
        { endpointSelector: {}, egressDeny: [{ toCIDR: ['10.0.0.0/9'] }] },
        { endpointSelector: {}, egress: [{ toCIDRSet: [{ cidrGroupRef: 'partners' }] }] },
      ],
    });
    const view = viewOf([own, several, aGroup('partners', ['10.255.0.0/16'])]);
    expect(explained(view)).toEqual([
      '10.128.0.0-10.254.255.255 all by CiliumNetworkPolicy default/own: spec.egress[1]',
      '10.255.0.0-10.255.255.255 all by CiliumNetworkPolicy default/own: spec.egress[1] and CiliumNetworkPolicy default/several: specs[1].egress[0]',
    ]);
  });

  it('a range of Cilium without default deny is open without a rule, and names have their rule', () => {
    const loose = aClusterwidePolicy(
      {
        enableDefaultDeny: { egress: false },
        egress: [{ toFQDNs: [{ matchName: 'a.example.com' }] }],
        egressDeny: [{ toCIDR: ['10.0.0.0/8'] }],
      },
      { name: 'loose' },
    );
    const view = viewOf([loose]);
    expect(explained(view)).toEqual(NOT_TEN.map((range) => `${range} by ${NO_RULE}`));
    expect(hostsExplained(view)).toEqual([
      'a.example.com by CiliumClusterwideNetworkPolicy loose: spec.egress[0]',
    ]);
  });

  it('a range under policies of all kinds is explained by the one that decides', () => {
    const view = viewOf([
      aTier('edge', { order: 500, defaultAction: 'Pass' }),
      aGlobalPolicy({ tier: 'edge', egress: [allow({ nets: ['1.0.0.0/8'] })] }, { name: 'edge' }),
      anAdminPolicy({ egress: [rule('Allow', networks('1.0.0.0/8', '2.0.0.0/8'))] }, { name: 'admin' }),
      aCiliumPolicy({ egressDeny: [{ toCIDR: ['2.0.0.0/8', '3.0.0.0/9'] }] }, { name: 'denied' }),
      aCalicoPolicy({ order: 5, egress: [allow({ nets: ['3.0.0.0/8'] })] }, { name: 'calico' }),
      core('core', block('3.0.0.0/8'), block('4.0.0.0/8')),
      aBaselinePolicy({ egress: [rule('Allow', networks('5.0.0.0/8'))] }, { name: 'default' }),
    ]);
    expect(explained(view)).toEqual([
      '1.0.0.0-1.255.255.255 all by GlobalNetworkPolicy edge: spec.egress[0]',
      '2.0.0.0-2.255.255.255 all by AdminNetworkPolicy admin: spec.egress[0]',
      '3.128.0.0-3.255.255.255 all by Calico NetworkPolicy default/calico: spec.egress[0] and NetworkPolicy default/core: spec.egress[0]',
      '4.0.0.0-4.255.255.255 all by NetworkPolicy default/core: spec.egress[1]',
    ]);
  });
});
