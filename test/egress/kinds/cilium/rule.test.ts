import { describe, expect, it } from '@jest/globals';
import { admitsUnder, readDomain, readPattern } from '../../../../lambda/egress/sets/hosts.ts';
import type { PolicyObject } from '../../../../lambda/inventory/policy-object.ts';
import { ALL_IPV4, ALL_IPV6, EVERYWHERE } from '../../support/build.ts';
import { hostsOf, rangesOf, viewOf, whyUnknown } from '../build-admin.ts';
import {
  aCiliumPolicy,
  aClusterwidePolicy,
  aGroup,
  allowing,
  denying,
  PODS,
  port,
  toCidr,
  WORLD,
} from '../build-cilium.ts';

const TEN_ONLY = ['10.0.0.0-10.255.255.255 all'];
const onAll = (ports: string) => [`${ALL_IPV4} ${ports}`, `${ALL_IPV6} ${ports}`];
const toSet = (...toCIDRSet: unknown[]) => ({ toCIDRSet });
const names = (...toFQDNs: unknown[]) => ({ toFQDNs });
const notesOf = (object: PolicyObject) => viewOf([object]).answer.notes;

describe('toCIDR', () => {
  it('toCIDR allows blocks and single addresses of both families', () => {
    expect(rangesOf([allowing(toCidr('10.1.2.3/8', '192.0.2.1', '2001:db8::/32', '2001:db9::1'))])).toEqual([
      ...TEN_ONLY,
      '192.0.2.1-192.0.2.1 all',
      '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff all',
      '2001:db9::1-2001:db9::1 all',
    ]);
  });

  it('toCIDR of one family leaves the other closed', () => {
    expect(rangesOf([allowing(toCidr('0.0.0.0/0'))])).toEqual([`${ALL_IPV4} all`]);
    expect(rangesOf([denying(toCidr('0.0.0.0/0'))])).toEqual([`${ALL_IPV6} all`]);
  });

  it.each([
    '10.0.0.0/33',
    '010.0.0.0/8',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0/8',
    '::ffff:10.0.0.0/104',
    'fe80::1%eth0/64',
    '10.0.0.0/',
    'world',
    '',
    7,
  ])('toCIDR with %j is not understood', (cidr) => {
    expect(whyUnknown([allowing({ toCIDR: [cidr] })])).toMatch(
      /spec\.egress\[0\]\.toCIDR\[0\] is .* not a CIDR/,
    );
    expect(whyUnknown([allowing(toSet({ cidr: '10.0.0.0/8' }, { cidr }))])).toMatch(/toCIDRSet\[1\]/);
  });
});

describe('toCIDRSet', () => {
  it('toCIDRSet leaves out what its own rule excepts, and no more', () => {
    expect(
      rangesOf([allowing(toSet({ cidr: '10.0.0.0/8', except: ['10.0.0.0/9', '10.192.0.0/10'] }))]),
    ).toEqual(['10.128.0.0-10.191.255.255 all']);
    expect(
      rangesOf([allowing(toSet({ cidr: '10.0.0.0/8', except: ['10.0.0.0/9'] }, { cidr: '10.1.0.0/16' }))]),
    ).toEqual(['10.1.0.0-10.1.255.255 all', '10.128.0.0-10.255.255.255 all']);
  });

  it('toCIDRSet denies all but what a deny rule excepts', () => {
    expect(rangesOf([denying(toSet({ cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] }))])).toEqual([
      ...TEN_ONLY,
      `${ALL_IPV6} all`,
    ]);
  });

  it('toCIDRSet takes no address without a prefix length', () => {
    expect(whyUnknown([allowing(toSet({ cidr: '192.0.2.1' }))])).toMatch(/cidr is "192\.0\.2\.1"/);
  });

  it.each([
    [
      'excepts something outside the block',
      { cidr: '10.0.0.0/8', except: ['11.0.0.0/16'] },
      /except\[0\] is not within/,
    ],
    ['excepts the other family', { cidr: '0.0.0.0/0', except: ['::/0'] }, /except\[0\] is not within/],
    ['excepts no block', { cidr: '10.0.0.0/8', except: ['10.0.0.1'] }, /except has "10\.0\.0\.1"/],
    ['excepts no list', { cidr: '10.0.0.0/8', except: '10.0.0.0/9' }, /except has "10\.0\.0\.0\/9"/],
    ['has no block', { except: [] }, /must have one of cidr, cidrGroupRef, cidrGroupSelector and has 0/],
    ['has two kinds of blocks', { cidr: '10.0.0.0/8', cidrGroupRef: 'a' }, /and has 2/],
    ['has an unknown field', { cidr: '10.0.0.0/8', until: 'May' }, /unknown field "until"/],
    ['is text', '10.0.0.0/8', /not a CIDR rule/],
  ])('toCIDRSet is not understood if it %s', (_, entry, reason) => {
    expect(whyUnknown([allowing(toSet(entry))])).toMatch(reason);
  });
});

describe('groups of blocks', () => {
  const named = (cidrGroupRef: unknown, more: object = {}) => allowing(toSet({ cidrGroupRef, ...more }));
  const labelled = (cidrGroupSelector: unknown) => allowing(toSet({ cidrGroupSelector }));
  const vpn = { role: 'vpn' };
  const groups = [
    aGroup('a', ['10.0.0.0/9'], { labels: vpn }),
    aGroup('b', ['10.128.0.0/9'], { labels: vpn, apiVersion: 'cilium.io/v2alpha1' }),
    aGroup('c', ['192.0.2.0/24'], { labels: { role: 'other' } }),
  ];

  it('CIDR groups count as their blocks, by name or by labels', () => {
    expect(rangesOf([named('a'), ...groups])).toEqual(['10.0.0.0-10.127.255.255 all']);
    expect(rangesOf([named('b'), ...groups])).toEqual(['10.128.0.0-10.255.255.255 all']);
    expect(rangesOf([labelled({ matchLabels: vpn }), ...groups])).toEqual(TEN_ONLY);
    const expression = { key: 'role', operator: 'NotIn', values: ['vpn'] };
    expect(
      rangesOf([
        labelled({ matchExpressions: [expression, { key: 'role', operator: 'Exists' }] }),
        ...groups,
      ]),
    ).toEqual(['192.0.2.0-192.0.2.255 all']);
  });

  it('CIDR groups that were read in both versions count as the blocks of either', () => {
    const old = aGroup('a', ['10.128.0.0/9'], { apiVersion: 'cilium.io/v2alpha1' });
    expect(rangesOf([named('a'), ...groups, old])).toEqual(TEN_ONLY);
  });

  it('CIDR groups select nothing by themselves', () => {
    expect(rangesOf(groups)).toEqual(EVERYWHERE);
    expect(rangesOf([named('d'), aGroup('d', [])])).toEqual([]);
    expect(rangesOf([named('d'), aGroup('d', null)])).toEqual([]);
  });

  it('CIDR groups are unknown if they were not read', () => {
    expect(whyUnknown([named('d'), ...groups])).toMatch(
      /cidrGroupRef names "d", a CiliumCIDRGroup that was not read/,
    );
    expect(whyUnknown([named(7), ...groups])).toMatch(/cidrGroupRef names 7/);
    expect(whyUnknown([labelled({ matchLabels: { role: 'x' } }), ...groups])).toMatch(
      /matches no CiliumCIDRGroup/,
    );
    expect(viewOf([named('d')]).reaches('192.0.2.1', 443)).toBe(true);
  });

  it('CIDR groups are unknown if they are not understood', () => {
    for (const blocks of ['10.0.0.0/8', ['10.0.0.1'], [7]]) {
      expect(whyUnknown([named('d'), aGroup('d', blocks)])).toMatch(
        /CiliumCIDRGroup d: spec\.externalCIDRs has/,
      );
    }
    expect(whyUnknown([named('d'), aGroup('d', [], { spec: { externalCIDRs: [], more: 1 } })])).toMatch(
      /CiliumCIDRGroup d: spec has the unknown field "more"/,
    );
    for (const spec of [7, [], ['10.0.0.0/8']]) {
      expect(whyUnknown([named('d'), aGroup('d', [], { spec })])).toMatch(
        /CiliumCIDRGroup d: spec is .* and not an object/,
      );
    }
  });

  it('CIDR groups are unknown if selected by labels that everything lacks', () => {
    for (const selector of [{}, { matchExpressions: [{ key: 'role', operator: 'DoesNotExist' }] }]) {
      expect(whyUnknown([labelled(selector), ...groups])).toMatch(
        /asks for no label that a CiliumCIDRGroup must have/,
      );
    }
  });

  it('CIDR groups are unknown with an except, which is documented as unsupported', () => {
    const object = named('a', { except: ['10.0.0.0/10'] });
    expect(whyUnknown([object, ...groups])).toMatch(/except is documented not to go with a group/);
    expect(viewOf([object, ...groups]).reaches('10.0.0.1', 443)).toBe(true);
    expect(viewOf([object, ...groups]).reaches('10.128.0.1', 443)).toBe(false);
  });
});

describe('toEntities', () => {
  it.each(['world', 'all'])('the entity %s is every address', (entity) => {
    expect(rangesOf([allowing({ toEntities: [entity] })])).toEqual(EVERYWHERE);
    expect(rangesOf([denying({ toEntities: [entity] })])).toEqual([]);
  });

  it.each([
    'cluster',
    'host',
    'remote-node',
    'init',
    'health',
    'unmanaged',
    'ingress',
    'none',
    'kube-apiserver',
  ])('the entity %s says nothing about addresses outside', (entity) => {
    expect(rangesOf([allowing({ toEntities: [entity] })])).toEqual([]);
    expect(rangesOf([denying({ toEntities: [entity] })])).toEqual(EVERYWHERE);
  });

  it('an entity notes that the addresses of the API server are not counted', () => {
    expect(notesOf(allowing({ toEntities: ['host', 'kube-apiserver'] }))).toEqual([
      'CiliumNetworkPolicy default/policy: spec.egress[0].toEntities[1] is the API server of Kubernetes, whose addresses are not known and not counted here.',
    ]);
  });

  it('an entity of one family is limited to it', () => {
    const view = viewOf([allowing({ toEntities: ['world-ipv4'] }), denying({ toEntities: ['world-ipv6'] })]);
    expect(view.undecided?.message).toMatch(/is "world-ipv4", which the CRD of Cilium rejects: /);
    expect(view.undecided?.message).toMatch(/allows at most the entities of that family/);
    const closed = aCiliumPolicy({ egress: [PODS] }, { name: 'closed' });
    const both = viewOf([allowing({ toEntities: ['world-ipv4'] }), closed]);
    expect([both.reaches('192.0.2.1', 443), both.reaches('2001:db8::1', 443)]).toEqual([true, false]);
    // In a cluster of the other family it opens nothing that its pods have.
    const other = viewOf([allowing({ toEntities: ['world-ipv6'] }), closed]);
    expect([other.reaches('192.0.2.1', 443), other.reaches('2001:db8::1', 443)]).toEqual([false, true]);
  });

  it('entities that do not exist are unknown', () => {
    expect(whyUnknown([allowing({ toEntities: ['World'] })])).toMatch(
      /toEntities\[0\] is "World" and not an entity/,
    );
  });
});

describe('peers inside the cluster', () => {
  const expression = (key: string, operator: string, ...values: string[]) => ({
    toEndpoints: [{ matchExpressions: [{ key, operator, ...(values.length > 0 ? { values } : {}) }] }],
  });

  it.each([
    ['all endpoints', PODS],
    ['labels', { toEndpoints: [{ matchLabels: { 'k8s:app': 'a', 'any:tier': 'b' } }] }],
    ['a namespace', { toEndpoints: [{ matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'kube-system' } }] }],
    [
      'labels of a namespace',
      { toEndpoints: [{ matchLabels: { 'io.cilium.k8s.namespace.labels.team': 'a' } }] },
    ],
    ['missing labels', expression('app', 'DoesNotExist')],
    ['nodes by reserved label', { toEndpoints: [{ matchLabels: { 'reserved:host': '' } }] }],
    ['nodes by reserved label, in short', { toEndpoints: [{ matchLabels: { $host: '' } }] }],
  ])('peers by %s say nothing about addresses outside the cluster', (_, rule) => {
    for (const build of [aCiliumPolicy, aClusterwidePolicy]) {
      expect(rangesOf([build({ egress: [rule] })])).toEqual([]);
      expect(rangesOf([build({ egressDeny: [rule], enableDefaultDeny: { egress: false } })])).toEqual(
        EVERYWHERE,
      );
    }
  });

  it.each([
    ['namespaces by what they are not', expression('io.kubernetes.pod.namespace', 'NotIn', 'kube-system')],
    ['having no namespace', expression('k8s:io.kubernetes.pod.namespace', 'DoesNotExist')],
    ['reserved labels that others lack', expression('reserved:host', 'DoesNotExist')],
    ['reserved labels that others lack, in short', expression('$host', 'DoesNotExist')],
    ['the label of the world', { toEndpoints: [{ matchLabels: { 'reserved:world': '' } }] }],
    ['the label of the API server', { toEndpoints: [{ matchLabels: { 'reserved.kube-apiserver': '' } }] }],
  ])('peers by %s may match addresses outside the cluster', (_, rule) => {
    for (const build of [aCiliumPolicy, aClusterwidePolicy]) {
      const object = build({ egress: [rule] });
      expect(whyUnknown([object])).toMatch(/toEndpoints\[0\] may select addresses outside the cluster too/);
      expect(viewOf([object]).reaches('192.0.2.1', 443)).toBe(true);
    }
  });

  it('peers by labels that their namespace lacks may match addresses outside, but not if clusterwide', () => {
    const rule = expression('k8s:io.cilium.k8s.namespace.labels.team', 'NotIn', 'a');
    expect(whyUnknown([allowing(rule)])).toMatch(/may select addresses outside/);
    expect(rangesOf([aClusterwidePolicy({ egress: [rule] })])).toEqual([]);
  });

  it('peers by labels of addresses may match them, where no namespace is asked for', () => {
    const block = { key: 'cidr:192.0.2.0/24', operator: 'Exists' };
    expect(rangesOf([allowing({ toEndpoints: [{ matchExpressions: [block] }] })])).toEqual([]);
    const anywhere = { key: 'io.kubernetes.pod.namespace', operator: 'DoesNotExist' };
    expect(whyUnknown([allowing({ toEndpoints: [{ matchExpressions: [block, anywhere] }] })])).toMatch(
      /outside/,
    );
  });

  it.each([
    null,
    7,
    { matchLabels: 7 },
    { labels: {} },
    { matchExpressions: [{ key: 'a', operator: 'In' }] },
  ])('peers by %j are not understood', (selector) => {
    expect(whyUnknown([allowing({ toEndpoints: [selector] })])).toMatch(
      /spec\.egress\[0\]\.toEndpoints\[0\]/,
    );
  });

  it('peers by nodes need a setting of Cilium, without which it refuses the object', () => {
    expect(whyUnknown([allowing({ toNodes: [{}] })])).toMatch(
      /toNodes needs node selector labels to be enabled/,
    );
  });
});

describe('peers that were not read', () => {
  it.each([
    [
      'toServices',
      { toServices: [{ k8sService: { serviceName: 'a', namespace: 'b' } }] },
      /toServices names services/,
    ],
    ['toGroups', { toGroups: [{ aws: { securityGroupsIds: ['sg-1'] } }] }, /toGroups names security groups/],
    [
      'toRequires',
      { ...WORLD, toRequires: [{ matchLabels: { a: 'b' } }] },
      /toRequires was removed in Cilium 1\.19/,
    ],
  ])('peers that were not read (%s) may be any address, on the ports of the rule', (_, rule, reason) => {
    const object = allowing({ ...rule, toPorts: [port('443')] });
    expect(whyUnknown([object])).toMatch(reason);
    expect([443, 80].map((number) => viewOf([object]).reaches('192.0.2.1', number))).toEqual([true, false]);
    const denies = denying({ ...rule, toPorts: [port('443')] });
    expect(whyUnknown([denies])).toMatch(reason);
    expect(viewOf([denies]).reaches('192.0.2.1', 443)).toBe(true);
  });
});

describe('combinations of peers', () => {
  it('combinations of peers are refused', () => {
    const object = allowing({ ...toCidr('10.0.0.0/8'), ...PODS, toEntities: [] });
    expect(whyUnknown([object])).toMatch(/spec\.egress\[0\] combines toEndpoints and toCIDR/);
    expect(whyUnknown([denying({ ...WORLD, ...PODS })])).toMatch(/combines/);
  });

  it.each([
    'toEndpoints',
    'toCIDR',
    'toCIDRSet',
    'toEntities',
    'toServices',
    'toGroups',
    'toNodes',
    'toFQDNs',
  ])('an empty %s selects nothing without ports, and is unknown with ports', (name) => {
    expect(rangesOf([allowing({ [name]: [] })])).toEqual([]);
    const withPorts = allowing({ [name]: [], toPorts: [port('443')] });
    expect(whyUnknown([withPorts])).toMatch(/spec\.egress\[0\] has an empty list of peers/);
    expect(viewOf([withPorts]).reaches('192.0.2.1', 443)).toBe(true);
  });

  it('peers of null are absent', () => {
    expect(rangesOf([allowing({ toCIDR: null, toPorts: [port('443')] })])).toEqual(onAll('TCP 443-443'));
  });
});

describe('toFQDNs', () => {
  it('toFQDNs admit names on the ports of the rule', () => {
    const object = allowing({
      ...names({ matchName: 'example.com' }, { matchPattern: '*.example.org' }),
      toPorts: [port('443')],
    });
    const ports = [{ protocol: 'TCP', from: 443, to: 443 }];
    expect(rangesOf([object])).toEqual([]);
    expect(hostsOf([object])).toEqual([
      { host: '*.example.org', ports },
      { host: 'example.com', ports },
    ]);
  });

  it.each([
    ['*.example.com', ['a.example.com'], ['a.b.example.com', 'an-example.com']],
    ['a*.example.com', ['a.example.com', 'ab.example.com'], ['b.example.com', 'a.b.example.com']],
    ['*example.com', ['example.com', 'an-example.com'], ['a.example.com']],
    ['**.example.com', ['a.example.com', 'a.b.example.com'], ['an-example.com']],
    ['***.example.com', ['a.b.example.com'], ['an-example.com']],
    ['a**.example.com', ['ab.example.com'], ['a.b.example.com']],
    ['EXAMPLE.com.', ['example.com'], ['example.org']],
  ])('toFQDNs with the pattern %s admit what Cilium admits', (matchPattern, admitted, others) => {
    const view = viewOf([allowing(names({ matchPattern }))]);
    const admits = (name: string) => view.hostsUnder([name]).some(({ host }) => host === matchPattern);
    expect(admitted.filter((name) => !admits(name))).toEqual([]);
    expect(others.filter(admits)).toEqual([]);
  });

  it.each(['*', '**', '*.', '***.'])('toFQDNs with the pattern %s admit every address', (matchPattern) => {
    const object = allowing({ ...names({ matchPattern }), toPorts: [port('443')] });
    expect(rangesOf([object])).toEqual(onAll('TCP 443-443'));
    expect(notesOf(object)[0]).toMatch(/admits every name \("\*.*"\), and so every address/);
  });

  it('toFQDNs lose against deny rules on the ports that these close', () => {
    const web = allowing({ ...names({ matchName: 'example.com' }), toPorts: [port('443'), port('80')] });
    expect(hostsOf([web, denying({ ...WORLD, toPorts: [port('443')] })])).toEqual([
      { host: 'example.com', ports: [{ protocol: 'TCP', from: 80, to: 80 }] },
    ]);
    expect(hostsOf([web, denying(WORLD)])).toEqual([]);
  });

  it('toFQDNs are refused in deny rules', () => {
    expect(whyUnknown([denying(names({ matchName: 'example.com' }))])).toMatch(
      /spec\.egressDeny\[0\] has the unknown field "toFQDNs"/,
    );
  });

  it.each([
    {},
    { matchName: 'a.example.com', matchPattern: '*.example.com' },
    { matchName: '*.example.com' },
    { matchName: 'a b' },
    { matchName: '' },
    { matchName: '.example.com' },
    { matchName: 'a..b' },
    { matchPattern: 'a/b' },
    { matchPattern: 7 },
    { matchName: 'example.com', until: 'May' },
    'example.com',
    { matchName: `${'a'.repeat(63)}.`.repeat(5) },
  ])('toFQDNs with %j are not understood', (entry) => {
    const view = viewOf([allowing(names({ matchName: 'example.org' }, entry))]);
    expect(view.undecided?.message).toMatch(/spec\.egress\[0\]\.toFQDNs\[1\]/);
    expect(view.reaches('192.0.2.1', 443)).toBe(true);
  });
});

describe('toPorts', () => {
  const onPorts = (...ports: unknown[]) => allowing({ toPorts: [{ ports }] });

  it('toPorts without peers are ports of every address', () => {
    expect(rangesOf([onPorts({ port: '443', protocol: 'TCP' })])).toEqual(onAll('TCP 443-443'));
  });

  it.each([
    ['TCP', { port: '53', protocol: 'TCP' }, 'TCP 53-53'],
    ['UDP', { port: '53', protocol: 'UDP' }, 'UDP 53-53'],
    ['SCTP', { port: '53', protocol: 'SCTP' }, 'SCTP 53-53'],
    ['ANY', { port: '53', protocol: 'ANY' }, 'TCP 53-53,UDP 53-53,SCTP 53-53'],
    ['no protocol', { port: '53' }, 'TCP 53-53,UDP 53-53,SCTP 53-53'],
    ['a range', { port: '64', endPort: 127, protocol: 'TCP' }, 'TCP 64-127'],
    ['an end of zero', { port: '64', endPort: 0, protocol: 'TCP' }, 'TCP 64-64'],
    ['port 0', { port: '0', protocol: 'UDP' }, 'UDP 1-65535'],
    ['port 0 to the last', { port: '0', endPort: 65535, protocol: 'UDP' }, 'UDP 1-65535'],
    ['port 0 of any protocol', { port: '0' }, 'all'],
  ])('toPorts with %s are those of the text', (_, entry, ports) => {
    expect(rangesOf([onPorts(entry)])).toEqual(onAll(ports));
  });

  it('toPorts add up over entries and rules', () => {
    const rule = {
      ...toCidr('10.0.0.0/8'),
      toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }] }, port('53', 'UDP')],
    };
    expect(rangesOf([allowing(rule)])).toEqual(['10.0.0.0-10.255.255.255 TCP 80-80,UDP 53-53']);
  });

  it.each(['VRRP', 'IGMP', 'GRE', 'IPIP', 'IPV6', 'ESP', 'AH'])('toPorts of %s are no ports', (protocol) => {
    expect(rangesOf([onPorts({ protocol })])).toEqual([]);
  });

  it.each([
    [{ port: 443 }, /port is 443 and not a port/],
    [{ port: '65536' }, /port is "65536"/],
    [{ port: '0443' }, /port is "0443"/],
    [{ port: '-1' }, /port is "-1"/],
    [{ port: '0x1bb!' }, /port is "0x1bb!"/],
    [{ protocol: 'TCP' }, /port is missing/],
    [{ port: '443', protocol: 'tcp' }, /protocol is "tcp"/],
    [{ port: '443', protocol: 'ICMP' }, /protocol is "ICMP"/],
    [{ port: '443', endPort: '444' }, /endPort is "444"/],
    [{ port: '443', endPort: 70000 }, /endPort is 70000/],
    [{ port: '443', endPort: 80 }, /not a valid range/],
    [{ port: '0', endPort: 80 }, /not a valid range/],
    [{ port: '443', name: 'https' }, /unknown field "name"/],
    ['443', /is "443" and not a port/],
  ])('toPorts with %j are not understood', (entry, reason) => {
    expect(whyUnknown([onPorts(entry)])).toMatch(reason);
    expect(viewOf([onPorts(entry)]).reaches('192.0.2.1', 80)).toBe(true);
  });

  it.each([
    [{ toPorts: [{}] }, /toPorts\[0\]\.ports has 0 ports/],
    [{ toPorts: [{ ports: [] }] }, /has 0 ports/],
    [{ toPorts: [{ ports: Array.from({ length: 41 }, (_, i) => ({ port: `${i + 1}` })) }] }, /has 41 ports/],
    [{ toPorts: [{ ports: '443' }] }, /ports is "443" and not a list/],
    [{ toPorts: { ports: [] } }, /toPorts is .* and not a list/],
    [{ toPorts: ['443'] }, /toPorts\[0\] is "443" and not a rule for ports/],
    [{ toPorts: [{ ...port('443'), until: 'May' }] }, /unknown field "until"/],
  ])('toPorts as %j are not understood', (rule, reason) => {
    expect(whyUnknown([allowing(rule)])).toMatch(reason);
  });

  it('named toPorts are unknown outside the cluster, and do not matter inside', () => {
    const named = { toPorts: [port('https')] };
    expect(whyUnknown([allowing(named)])).toMatch(
      /ports\[0\] names the port "https", whose number was not read/,
    );
    expect(whyUnknown([denying({ ...WORLD, ...named })])).toMatch(/names the port "https"/);
    expect(rangesOf([allowing({ ...PODS, ...named })])).toEqual([]);
    expect(notesOf(allowing({ ...PODS, ...named }))).toEqual([]);
    const host = allowing({ ...names({ matchName: 'example.com' }), ...named });
    expect(whyUnknown([host])).toMatch(/names the port "https"/);
    expect(viewOf([host]).hostsUnder(['example.com'])).not.toEqual([]);
  });
});

describe('icmps', () => {
  const ping = { icmps: [{ fields: [{ type: 'EchoRequest', family: 'IPv4' }] }] };

  it('icmps open no ports and close the rest', () => {
    expect(rangesOf([allowing(ping)])).toEqual([]);
    expect(rangesOf([allowing({ ...WORLD, ...ping })])).toEqual([]);
    expect(rangesOf([denying({ ...WORLD, ...ping })])).toEqual(EVERYWHERE);
  });

  it('icmps cannot be combined with ports', () => {
    expect(whyUnknown([allowing({ ...ping, toPorts: [port('443')] })])).toMatch(/has both toPorts and icmps/);
  });

  it.each([[[{}]], [[{ fields: [] }]], [[{ fields: 8 }]], [['EchoRequest']]])(
    'icmps as %j are not understood',
    (icmps) => {
      expect(whyUnknown([allowing({ ...WORLD, icmps })])).toMatch(/icmps is .* names no types of ICMP/);
    },
  );
});

describe('rules of layer 7', () => {
  const http = { rules: { http: [{ method: 'GET' }] } };
  const dns = { rules: { dns: [{ matchPattern: '*' }] } };
  const web = (more: object) => allowing({ ...WORLD, toPorts: [port('443', 'TCP', more)] });

  it.each([
    ['requests', http, 'http'],
    ['inspected TLS', { originatingTLS: { secret: { name: 'a' } }, ...http }, 'http, originatingTLS'],
  ])('rules of layer 7 for %s leave the connection open, with a note', (_, more, what) => {
    expect(rangesOf([web(more)])).toEqual(onAll('TCP 443-443'));
    expect(notesOf(web(more))).toEqual([
      `CiliumNetworkPolicy default/policy: spec.egress[0].toPorts[0] restricts or inspects what is sent (${what}), which is not counted here.`,
    ]);
  });

  // "one of the provided SNIs must be indicated in the TLS handshake", pkg/policy/api/l4.go; "Host is an extended
  // POSIX regex matched against the host header", http.go.
  describe('that ask for names count as rules for these names', () => {
    const on443 = [{ protocol: 'TCP', from: 443, to: 443 }];

    it.each([
      ['in TLS', { serverNames: ['api.partner.example'] }, ['api.partner.example']],
      [
        'in TLS, by patterns',
        { serverNames: ['*.partner.example', 'b.example'] },
        ['*.partner.example', 'b.example'],
      ],
      ['in HTTP', { rules: { http: [{ host: 'api\\.partner\\.example' }] } }, ['api.partner.example']],
      ['in HTTP, anchored', { rules: { http: [{ host: '^api[.]a\\.b$', method: 'GET' }] } }, ['api.a.b']],
      ['in HTTP, of any below', { rules: { http: [{ host: '.*\\.a\\.b' }] } }, ['*.a.b']],
      [
        'in HTTP, with dots that stand for any character',
        { rules: { http: [{ host: 'api.a.b' }] } },
        ['api.a.b'],
      ],
      [
        'in both',
        {
          serverNames: ['a.b'],
          rules: { http: [{ host: 'c.d' }] },
          terminatingTLS: { secret: { name: 'x' } },
        },
        ['a.b'],
      ],
    ])('rules of layer 7 that ask for names count as rules for these names: %s', (_, more, hosts) => {
      expect(rangesOf([web(more)])).toEqual([]);
      expect(hostsOf([web(more)])).toEqual(hosts.map((host) => ({ host, ports: on443 })));
      expect(notesOf(web(more))[0]).toMatch(
        /toPorts\[0\] asks for names \(.*\) and counts as a rule for these/,
      );
    });

    it.each([
      ['every name in TLS', { serverNames: ['a.b', '*'] }],
      ['no name of HTTP', { rules: { http: [{ method: 'GET' }] } }],
      ['no name in one of the rules', { rules: { http: [{ host: 'a.b' }, { path: '/x' }] } }],
      ['every name of HTTP', { rules: { http: [{ host: '.*' }] } }],
      ['an expression that is not understood', { rules: { http: [{ host: '(a|b)\\.c' }] } }],
      ['something that is no expression', { rules: { http: [{ host: 7 }] } }],
      ['what is no name', { serverNames: ['a b'] }],
    ])('rules of layer 7 do not admit names by %s', (_, more) => {
      expect(rangesOf([web(more)])).toEqual(onAll('TCP 443-443'));
      expect(hostsOf([web(more)])).toEqual([]);
    });

    it('an unescaped dot is any character, also where it hides a registry', () => {
      const [host] = viewOf([web({ rules: { http: [{ host: 'p.pi.org' }] } })]).hosts;
      expect(host !== undefined && admitsUnder(readPattern(host), readDomain('pypi.org'))).toBe(true);
    });

    it('rules of layer 7 count on the addresses of their peers alone', () => {
      const inside = { ...PODS, toPorts: [port('443', 'TCP', { serverNames: ['a.b'] })] };
      expect(hostsOf([allowing(inside)])).toEqual([]);
      const open = { ...WORLD, toPorts: [port('443', 'TCP', { serverNames: ['a.b'] }), port('443')] };
      expect(rangesOf([allowing(open)])).toEqual(onAll('TCP 443-443'));
    });

    it('rules of layer 7 leave other protocols as they are', () => {
      const any = { ...WORLD, toPorts: [port('443', 'ANY', { serverNames: ['a.b'] })] };
      expect(rangesOf([allowing(any)])).toEqual(onAll('UDP 443-443,SCTP 443-443'));
      expect(hostsOf([allowing(any)])).toEqual([{ host: 'a.b', ports: on443 }]);
    });

    it.each([
      ['*.example.com', 'api.example.com', ['api.example.com']],
      ['api.example.com', '*.example.com', ['api.example.com']],
      // What no name fits may still be answered by the server of the name.
      ['github.com', 'api.example.com', ['github.com']],
    ])('rules of layer 7 beside the name %s, %s give %j', (matchPattern, name, hosts) => {
      const rule = { ...names({ matchPattern }), toPorts: [port('443', 'TCP', { serverNames: [name] })] };
      expect(hostsOf([allowing(rule)]).map(({ host }) => host)).toEqual(hosts);
    });
  });

  it('rules of layer 7 without content are absent', () => {
    expect(notesOf(web({ rules: {}, serverNames: [] }))).toEqual([]);
    expect(notesOf(web({ rules: { http: [] } }))).toEqual([]);
  });

  it('rules of layer 7 for destinations inside the cluster need no note', () => {
    const rule = { ...PODS, toPorts: [{ ...port('53', 'ANY'), ...dns }] };
    expect(rangesOf([allowing(rule)])).toEqual([]);
    expect(notesOf(allowing(rule))).toEqual([]);
  });

  it('rules of layer 7 for DNS go with any protocol', () => {
    const rule = { ...WORLD, toPorts: [{ ...port('53', 'ANY'), ...dns }] };
    expect(rangesOf([allowing(rule)])).toEqual(onAll('TCP 53-53,UDP 53-53,SCTP 53-53'));
  });

  it.each([
    [port('443', 'ANY', http), /rules can be combined only with TCP/],
    [port('0', 'TCP', http), /rules cannot be combined with port 0/],
    [
      { ports: [{ port: '53', endPort: 54, protocol: 'UDP' }], ...dns },
      /dns cannot be combined with a range of ports/,
    ],
    [port('443', 'TCP', { rules: { ...http.rules, ...dns.rules } }), /rules mixes http and dns/],
    [port('443', 'TCP', { rules: { grpc: [] } }), /rules has the unknown field "grpc"/],
    [port('443', 'TCP', { rules: 7 }), /rules is 7 and not an object/],
    [port('443', 'TCP', { serverNames: [''] }), /serverNames is \[""\]/],
    [
      port('443', 'TCP', { serverNames: ['a.b'], ...http }),
      /serverNames with rules but without terminatingTLS/,
    ],
    [port('443', 'TCP', { listener: { name: 'a' }, ...http }), /has both a listener and rules/],
    [port('443', 'TCP', { listener: { name: 'a' } }), /listener hands connections to Envoy/],
  ])('rules of layer 7 as %j are not understood', (portRule, reason) => {
    const object = allowing({ ...WORLD, toPorts: [portRule] });
    expect(whyUnknown([object])).toMatch(reason);
    expect(viewOf([object]).reaches('192.0.2.1', Number(portRule.ports[0]?.port) || 443)).toBe(true);
  });

  it('rules of layer 7 are refused in deny rules', () => {
    expect(whyUnknown([denying({ ...WORLD, toPorts: [port('443', 'TCP', http)] })])).toMatch(
      /spec\.egressDeny\[0\]\.toPorts\[0\] has the unknown field "rules"/,
    );
  });
});

describe('authentication', () => {
  it('authentication leaves it unknown whether the connection is made, unless it is disabled', () => {
    expect(rangesOf([allowing({ ...WORLD, authentication: { mode: 'disabled' } })])).toEqual(EVERYWHERE);
    for (const authentication of [{ mode: 'required' }, { mode: 'test-always-fail' }, {}, 'x']) {
      expect(whyUnknown([allowing({ ...WORLD, authentication })])).toMatch(/authentication is/);
    }
    const host = allowing({ ...names({ matchName: 'example.com' }), authentication: { mode: 'required' } });
    expect(whyUnknown([host])).toMatch(/authentication is/);
  });
});

describe('a rule of which a part is not understood', () => {
  it.each([
    [{ toEntities: ['World'] }],
    [{ toCIDR: ['world'] }],
    [{ toCIDRSet: [{}] }],
    [{ toFQDNs: [{}] }],
    [{ toEndpoints: [7] }],
    [{ toCIDR: 'world' }],
    [{ toService: [] }],
    [7],
  ])(
    'a rule with a part that is not understood may match any address, also where another policy closes the pod: %j',
    (rule) => {
      const closed = aCiliumPolicy({ egress: [PODS] }, { name: 'closed' });
      const view = viewOf([allowing(rule), closed]);
      expect(view.undecided).not.toBeNull();
      expect([view.reaches('192.0.2.1', 443), view.reaches('2001:db8::1', 1)]).toEqual([true, true]);
    },
  );
});
