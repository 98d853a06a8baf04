import { describe, expect, it } from '@jest/globals';
import {
  ALL_IPV4,
  ALL_IPV6,
  aNetworkPolicy,
  EVERYWHERE,
  egressOf,
  reachInShort,
  viewOf,
} from './support/build.ts';

const block = (cidr: unknown, except?: unknown) => ({
  ipBlock: except === undefined ? { cidr } : { cidr, except },
});
const to = (...peers: unknown[]) => ({ to: peers });

describe('which pods a NetworkPolicy restricts', () => {
  it('a pod that no policy selects reaches everything', () => {
    expect(reachInShort([])).toEqual(EVERYWHERE);
    const elsewhere = aNetworkPolicy({ policyTypes: ['Egress'] }, { namespace: 'other' });
    const others = aNetworkPolicy({ podSelector: { matchLabels: { app: 'b' } }, policyTypes: ['Egress'] });
    expect(reachInShort([elsewhere, others], { labels: { app: 'a' } })).toEqual(EVERYWHERE);
  });

  it('an empty or missing podSelector selects every pod of the namespace', () => {
    expect(reachInShort([aNetworkPolicy({ podSelector: {}, policyTypes: ['Egress'] })])).toEqual([]);
    expect(reachInShort([aNetworkPolicy({ policyTypes: ['Egress'] })])).toEqual([]);
  });

  it.each([
    ['no types and no egress section', { ingress: [{}] }],
    ['no types and an empty egress section', { egress: [] }],
    ['an empty list of types and no egress rule', { policyTypes: [], egress: [] }],
    ['only Ingress, even with egress rules', { policyTypes: ['Ingress'], egress: [to(block('10.0.0.0/8'))] }],
    ['no spec at all', undefined],
  ])('a NetworkPolicy with %s leaves egress alone', (_, spec) => {
    expect(reachInShort([aNetworkPolicy(spec)])).toEqual(EVERYWHERE);
    expect(viewOf([aNetworkPolicy(spec)]).answer.policies).toEqual([]);
  });

  it.each([
    ['no types but an egress rule', { egress: [to(block('10.0.0.0/8'))] }],
    ['an empty list of types but an egress rule', { policyTypes: [], egress: [to(block('10.0.0.0/8'))] }],
    ['Egress among the types', { policyTypes: ['Ingress', 'Egress'], egress: [to(block('10.0.0.0/8'))] }],
  ])('a NetworkPolicy with %s restricts egress', (_, spec) => {
    expect(reachInShort([aNetworkPolicy(spec)])).toEqual(['10.0.0.0-10.255.255.255 all']);
  });

  it('a NetworkPolicy of type Egress without rules denies all', () => {
    expect(reachInShort([aNetworkPolicy({ policyTypes: ['Egress'] })])).toEqual([]);
    expect(reachInShort([aNetworkPolicy({ policyTypes: ['Egress'], egress: null })])).toEqual([]);
  });

  it('the policies that restrict a pod are named, sorted', () => {
    const view = viewOf([
      aNetworkPolicy({ policyTypes: ['Egress'] }, { name: 'b' }),
      aNetworkPolicy({ policyTypes: ['Egress'] }, { name: 'a' }),
      aNetworkPolicy({ policyTypes: ['Ingress'] }, { name: 'c' }),
    ]);
    expect(view.answer.policies).toEqual(['NetworkPolicy default/a', 'NetworkPolicy default/b']);
  });
});

describe('what a rule of a NetworkPolicy allows', () => {
  it.each([
    ['an empty rule', {}],
    ['empty lists', { to: [], ports: [] }],
    ['null lists', { to: null, ports: null }],
  ])('%s allows everything', (_, rule) => {
    expect(reachInShort([egressOf(rule)])).toEqual(EVERYWHERE);
  });

  it('a block allows its addresses on every port, and only of its family', () => {
    expect(reachInShort([egressOf(to(block('0.0.0.0/0')))])).toEqual([`${ALL_IPV4} all`]);
    expect(reachInShort([egressOf(to(block('::/0')))])).toEqual([`${ALL_IPV6} all`]);
  });

  it('except is excluded from its own block and denied for no other', () => {
    const narrowed = to(block('10.0.0.0/8', ['10.1.0.0/16', '10.2.0.0/16']));
    expect(reachInShort([egressOf(narrowed)])).toEqual([
      '10.0.0.0-10.0.255.255 all',
      '10.3.0.0-10.255.255.255 all',
    ]);
    expect(reachInShort([egressOf(narrowed, to(block('10.1.0.0/16')))])).toEqual([
      '10.0.0.0-10.1.255.255 all',
      '10.3.0.0-10.255.255.255 all',
    ]);
    expect(reachInShort([egressOf(to(block('10.0.0.0/8', ['10.1.0.0/16']), block('10.1.2.0/24')))])).toEqual([
      '10.0.0.0-10.0.255.255 all',
      '10.1.2.0-10.1.2.255 all',
      '10.2.0.0-10.255.255.255 all',
    ]);
  });

  it('except works for IPv6 as well', () => {
    expect(reachInShort([egressOf(to(block('2001:db8::/32', ['2001:db8::/33'])))])).toEqual([
      '2001:db8:8000::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff all',
    ]);
  });

  it('selectors of pods and namespaces say nothing about the outside', () => {
    expect(reachInShort([egressOf(to({ namespaceSelector: {} }))])).toEqual([]);
    expect(
      reachInShort([egressOf(to({ podSelector: {} }, { namespaceSelector: {}, podSelector: {} }))]),
    ).toEqual([]);
    expect(reachInShort([egressOf(to({ podSelector: {} }, block('1.1.1.1/32')))])).toEqual([
      '1.1.1.1-1.1.1.1 all',
    ]);
  });

  it.each([
    ['TCP is the default protocol', { port: 443 }, 'TCP 443-443'],
    ['a protocol is taken as given', { port: 53, protocol: 'UDP' }, 'UDP 53-53'],
    ['without a number every port of the protocol is meant', { protocol: 'SCTP' }, 'SCTP 1-65535'],
    ['an empty entry is every port of TCP', {}, 'TCP 1-65535'],
    ['endPort is inclusive', { port: 8000, endPort: 8080 }, 'TCP 8000-8080'],
    ['a range of one port', { port: 65535, endPort: 65535 }, 'TCP 65535-65535'],
  ])('a port entry of a NetworkPolicy: %s', (_, port, expected) => {
    expect(reachInShort([egressOf({ ...to(block('1.1.1.1/32')), ports: [port] })])).toEqual([
      `1.1.1.1-1.1.1.1 ${expected}`,
    ]);
  });

  it('ports of one rule add up, and hold for all its peers', () => {
    const ports = [{ port: 443 }, { port: 442 }, { port: 53, protocol: 'UDP' }];
    expect(reachInShort([egressOf({ ...to(block('1.1.1.1/32'), block('2.2.2.2/32')), ports })])).toEqual([
      '1.1.1.1-1.1.1.1 TCP 442-443,UDP 53-53',
      '2.2.2.2-2.2.2.2 TCP 442-443,UDP 53-53',
    ]);
  });

  it('a rule matches where both its peers and its ports match, never one with the ports of another', () => {
    const dns = { ...to(block('1.1.1.1/32')), ports: [{ port: 53, protocol: 'UDP' }] };
    const web = { ...to(block('2.2.2.2/32')), ports: [{ port: 443 }] };
    expect(reachInShort([egressOf(dns, web)])).toEqual([
      '1.1.1.1-1.1.1.1 UDP 53-53',
      '2.2.2.2-2.2.2.2 TCP 443-443',
    ]);
  });

  it('a named port opens nothing outside the cluster, and says so', () => {
    const view = viewOf([egressOf({ ports: [{ port: 'https' }, { port: 'dns', protocol: 'UDP' }] })]);
    expect(view.answer.declared).toEqual({ external: [], hosts: [] });
    expect(view.answer.notes).toEqual([
      'NetworkPolicy default/policy: spec.egress[0].ports[0] names the port "https", which allows ports of pods, not ports outside the cluster.',
      'NetworkPolicy default/policy: spec.egress[0].ports[1] names the port "dns", which allows ports of pods, not ports outside the cluster.',
    ]);
  });

  it('several NetworkPolicies add up', () => {
    const web = aNetworkPolicy({ egress: [{ ports: [{ port: 443 }] }] }, { name: 'web' });
    const lan = aNetworkPolicy({ egress: [to(block('10.0.0.0/8'))] }, { name: 'lan' });
    const deny = aNetworkPolicy({ policyTypes: ['Egress'] }, { name: 'deny' });
    expect(reachInShort([deny, web, lan])).toEqual([
      '0.0.0.0-9.255.255.255 TCP 443-443',
      '10.0.0.0-10.255.255.255 all',
      '11.0.0.0-255.255.255.255 TCP 443-443',
      `${ALL_IPV6} TCP 443-443`,
    ]);
  });
});

describe('what of a NetworkPolicy is not understood is unknown', () => {
  const rule = (part: unknown) => ({ podSelector: {}, policyTypes: ['Egress'], egress: [part] });
  const peer = (part: unknown) => rule({ to: [part] });
  const port = (part: unknown) => rule({ to: [block('1.1.1.1/32')], ports: [part] });

  it.each<[string, unknown, RegExp]>([
    ['a spec that is no object', 'deny', /spec is "deny"/],
    ['a spec that is a list', [], /spec is \[\]/],
    [
      'an unknown field of spec',
      { policyTypes: ['Egress'], egres: [] },
      /spec has the unknown field "egres"/,
    ],
    [
      'a podSelector of a wrong shape',
      { podSelector: 'all', policyTypes: ['Egress'] },
      /spec\.podSelector is "all"/,
    ],
    ['types that are no list', { policyTypes: 'Egress' }, /spec\.policyTypes is "Egress"/],
    ['an unknown type', { policyTypes: ['Ingress', 'egress'] }, /spec\.policyTypes is/],
    ['egress that is no list', { policyTypes: ['Egress'], egress: {} }, /spec\.egress is \{\}/],
    ['egress that is no list and no types', { egress: 'all' }, /spec\.egress is "all"/],
    ['a rule that is null', rule(null), /spec\.egress\[0\] is null/],
    ['a rule that is text', rule('allow'), /spec\.egress\[0\] is "allow"/],
    ['an unknown field of a rule', rule({ from: [] }), /spec\.egress\[0\] has the unknown field "from"/],
    ['to that is no list', rule({ to: block('10.0.0.0/8') }), /spec\.egress\[0\]\.to is/],
    ['a peer that is null', peer(null), /spec\.egress\[0\]\.to\[0\] is null/],
    ['an empty peer', peer({}), /to\[0\] names no peer/],
    ['an unknown field of a peer', peer({ fqdn: 'example.com' }), /to\[0\] has the unknown field "fqdn"/],
    ['a block that is text', peer({ ipBlock: '10.0.0.0/8' }), /ipBlock\.cidr is undefined/],
    ['a block without cidr', peer({ ipBlock: {} }), /ipBlock\.cidr is undefined/],
    ['a cidr that is a list', peer(block(['10.0.0.0/8'])), /ipBlock\.cidr is \["10\.0\.0\.0\/8"\]/],
    ['an address without prefix', peer(block('10.0.0.1')), /ipBlock\.cidr is "10\.0\.0\.1"/],
    [
      'an unknown field of a block',
      peer({ ipBlock: { cidr: '10.0.0.0/8', port: 1 } }),
      /ipBlock has the unknown field "port"/,
    ],
    [
      'a block beside a selector',
      peer({ ...block('10.0.0.0/8'), podSelector: {} }),
      /both ipBlock and a selector/,
    ],
    ['except that is no list', peer(block('10.0.0.0/8', '10.1.0.0/16')), /ipBlock\.except is/],
    [
      'an exception that is no block',
      peer(block('10.0.0.0/8', ['10.1.0.0/16', 'x'])),
      /ipBlock\.except\[1\] is "x"/,
    ],
    ['ports that are no list', rule({ ports: 443 }), /ports is 443/],
    ['a port that is a bare number', port(443), /ports\[0\] is 443/],
    ['an unknown field of a port', port({ number: 443 }), /ports\[0\] has the unknown field "number"/],
    ['a protocol in small letters', port({ protocol: 'tcp' }), /ports\[0\]\.protocol is "tcp"/],
    ['a protocol that has no ports', port({ protocol: 'ICMP' }), /ports\[0\]\.protocol is "ICMP"/],
    ['port 0', port({ port: 0 }), /ports\[0\] with port 0/],
    ['a port beyond the last', port({ port: 65536 }), /ports\[0\] with port 65536/],
    ['half a port', port({ port: 80.5 }), /ports\[0\] with port 80\.5/],
    ['a number as text, which is no name', port({ port: '443' }), /ports\[0\] with port "443"/],
    ['endPort before port', port({ port: 90, endPort: 80 }), /endPort 80 is not a range/],
    ['endPort beyond the last', port({ port: 90, endPort: 65536 }), /endPort 65536 is not a range/],
    ['endPort without port', port({ endPort: 80 }), /endPort 80 is not a range/],
    ['endPort with a named port', port({ port: 'http', endPort: 80 }), /endPort 80 is not a range/],
  ])('a NetworkPolicy that is not understood is unknown: %s', (_, spec, message) => {
    const view = viewOf([aNetworkPolicy(spec)]);
    expect(view.undecided?.reason).toBe('policy-not-understood');
    expect(view.undecided?.message).toMatch(message);
    expect(view.undecided?.message).toContain('NetworkPolicy default/policy');
    expect(view.answer.declared).toEqual({ unknown: view.undecided?.message });
    // Whoever does not look at `undecided` is not given an all clear.
    expect(view.reaches('1.1.1.1', 443) || view.reaches('10.200.0.1', 443)).toBe(true);
  });

  it('a policy of which nothing is known leaves other namespaces alone', () => {
    const broken = aNetworkPolicy('oops');
    expect(viewOf([broken]).undecided).not.toBeNull();
    expect(reachInShort([broken], { namespace: 'other' })).toEqual(EVERYWHERE);
  });

  it('a policy without a namespace may be anywhere', () => {
    const lost = aNetworkPolicy({ policyTypes: ['Egress'] }, { namespace: '' });
    expect(viewOf([lost], { namespace: 'any' }).undecided?.message).toMatch(/metadata\.namespace is missing/);
  });

  it('a kind that is not read leaves nothing certain where it lies', () => {
    const named = aNetworkPolicy({}, { apiVersion: 'example.com/v1', namespace: 'default' });
    const everywhere = aNetworkPolicy({}, { apiVersion: 'example.com/v1', kind: 'Wall', namespace: '' });
    expect(viewOf([named]).undecided?.message).toMatch(/example\.com\/v1 NetworkPolicy is a kind/);
    expect(viewOf([named], { namespace: 'other' }).undecided).toBeNull();
    expect(viewOf([everywhere], { namespace: 'other' }).undecided).not.toBeNull();
  });

  it('an uncertainty without effect is a note', () => {
    const open = egressOf({});
    const odd = aNetworkPolicy({ egress: [{ to: [{ fqdn: 'example.com' }] }] }, { name: 'odd' });
    const view = viewOf([open, odd]);
    expect(view.undecided).toBeNull();
    expect(view.answer.notes).toEqual([
      'Not understood, but without effect here: NetworkPolicy default/odd: spec.egress[0].to[0] has the unknown field "fqdn".',
    ]);
  });

  it('a pod that the broken policy definitely does not select is certain', () => {
    const spec = { podSelector: { matchLabels: { app: 'a' } }, policyTypes: 'Egress' };
    expect(reachInShort([aNetworkPolicy(spec)], { labels: { app: 'b' } })).toEqual(EVERYWHERE);
    expect(viewOf([aNetworkPolicy(spec)], { labels: { app: 'a' } }).undecided).not.toBeNull();
  });

  it('a huge value is quoted in short', () => {
    const message = viewOf([aNetworkPolicy(peer(block('x'.repeat(10_000_000))))]).undecided?.message ?? '';
    expect(message.length).toBeLessThan(400);
  });
});
