import { describe, expect, it } from '@jest/globals';
import { SERVICE_ACCOUNT, SERVICE_ACCOUNT_OBJECT } from '../../../../lambda/inventory/service-account.ts';
import { ALL_IPV4, ALL_IPV6, EVERYWHERE } from '../../support/build.ts';
import {
  type Around,
  aCalicoPolicy,
  accountsOf,
  aGlobalPolicy,
  aGlobalSet,
  aHostEndpoint,
  allow,
  aNetworkSet,
  asResource,
  deny,
  hostsOf,
  pass,
  rangesOf,
  reaches,
  rules,
  to,
  viewOf,
  whyUnknown,
} from '../build-calico.ts';

const TEN = '10.0.0.0-10.255.255.255';
/** What a policy with this one rule allows. */
const allowed = (destination?: object, more?: object) => rangesOf([rules(allow(destination, more))]);
const why = (...egress: unknown[]) => whyUnknown([rules(...egress)]);

describe('a rule', () => {
  it('a Calico rule without conditions matches everything', () => {
    expect(allowed()).toEqual(EVERYWHERE);
    expect(allowed({})).toEqual(EVERYWHERE);
    expect(allowed({ nets: [], notNets: [], ports: [], notPorts: [], selector: '' })).toEqual(EVERYWHERE);
    expect(allowed({}, { source: {}, metadata: { annotations: { why: 'x' } } })).toEqual(EVERYWHERE);
    expect(allowed({ nets: null }, { source: null, protocol: null })).toEqual(EVERYWHERE);
  });

  it('a Calico rule matches what all of its conditions match', () => {
    const destination = {
      nets: ['10.0.0.0/8', '12.0.0.0/8'],
      notNets: ['10.0.0.0/9'],
      ports: [443],
      notPorts: [],
    };
    expect(allowed(destination, { protocol: 'TCP', ipVersion: 4 })).toEqual([
      '10.128.0.0-10.255.255.255 TCP 443-443',
      '12.0.0.0-12.255.255.255 TCP 443-443',
    ]);
  });
});

describe('nets', () => {
  it('nets are blocks of both versions, host bits are masked, and an address is a block of one', () => {
    expect(allowed(to('10.1.2.3/8'))).toEqual([`${TEN} all`]);
    expect(allowed(to('10.1.2.3', '2001:db8::1'))).toEqual([
      '10.1.2.3-10.1.2.3 all',
      '2001:db8::1-2001:db8::1 all',
    ]);
    expect(allowed(to('::/0'))).toEqual([`${ALL_IPV6} all`]);
  });

  it('nets only narrow a rule, and a later rule may deny more', () => {
    expect(reaches([rules(allow({ notNets: ['10.0.0.0/8'] }), allow(to('10.0.0.0/16')))], '10.0.0.1')).toBe(
      true,
    );
    expect(reaches([rules(deny(to('10.0.0.0/16')), allow())], '10.0.0.1')).toBe(false);
  });

  it('excluded nets of one version leave the rule out for the other', () => {
    // `FilterRuleToIPVersion`, felix/rules/policy.go
    expect(allowed({ notNets: ['0.0.0.0/1'] })).toEqual(['128.0.0.0-255.255.255.255 all']);
    expect(allowed({ notNets: ['::/1'] })).toEqual(['8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff all']);
    expect(allowed({ notNets: ['0.0.0.0/1', '::/1'] })).toEqual([
      '128.0.0.0-255.255.255.255 all',
      '8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff all',
    ]);
    // A deny rule that is left out denies nothing.
    expect(rangesOf([rules(deny({ notNets: ['10.0.0.0/8'] }), allow())])).toEqual([
      `${TEN} all`,
      `${ALL_IPV6} all`,
    ]);
    expect(allowed({ notNets: ['0.0.0.0/0'] })).toEqual([]);
  });

  it.each(['10.0.0.0/33', '010.0.0.0/8', '10.0.0.0/', '10.0.0.0/8/8', 'fe80::1%eth0/64', '', 'x', 7, null])(
    'nets are unknown with %j among them',
    (net) => {
      expect(why(allow({ nets: ['10.0.0.0/8', net] }))).toMatch(
        /destination\.nets\[1\] is .* and not a CIDR block/,
      );
      expect(why(allow({ notNets: [net] }))).toMatch(/destination\.notNets\[0\] is/);
      expect(why(allow({}, { source: { nets: [net] } }))).toMatch(/source\.nets\[0\] is/);
      expect(why(allow({}, { source: { notNets: [net] } }))).toMatch(/source\.notNets\[0\] is/);
    },
  );
});

describe('the IP version of a rule', () => {
  it('the IP version of a rule is a condition', () => {
    expect(allowed({}, { ipVersion: 4 })).toEqual([`${ALL_IPV4} all`]);
    expect(allowed({}, { ipVersion: 6 })).toEqual([`${ALL_IPV6} all`]);
    expect(allowed(to('10.0.0.0/8'), { ipVersion: 6 })).toEqual([]);
    expect(why(allow({}, { ipVersion: 5 }))).toMatch(/ipVersion is 5 and not 4 or 6/);
  });
});

describe('protocols', () => {
  const V4 = (ports: string) => [`${ALL_IPV4} ${ports}`];
  const onV4 = (more: object) => allowed({}, { ipVersion: 4, ...more });

  it.each([
    ['TCP', 'TCP 1-65535'],
    ['UDP', 'UDP 1-65535'],
    ['SCTP', 'SCTP 1-65535'],
    [6, 'TCP 1-65535'],
    ['17', 'UDP 1-65535'],
    [132, 'SCTP 1-65535'],
  ])('the protocol %j has ports', (protocol, ports) => {
    expect(onV4({ protocol })).toEqual(V4(ports));
  });

  it.each(['ICMP', 'ICMPv6', 'UDPLite', 1, 58, 136, 47, '255'])(
    'the protocol %j has no ports of TCP, UDP or SCTP',
    (protocol) => {
      expect(allowed({}, { protocol })).toEqual([]);
      expect(allowed({}, { notProtocol: protocol })).toEqual(EVERYWHERE);
      expect(rangesOf([rules(deny({}, { protocol }), allow())])).toEqual(EVERYWHERE);
    },
  );

  it('protocols can be excluded', () => {
    expect(onV4({ notProtocol: 'TCP' })).toEqual(V4('UDP 1-65535,SCTP 1-65535'));
    expect(onV4({ notProtocol: 17 })).toEqual(V4('TCP 1-65535,SCTP 1-65535'));
    expect(onV4({ protocol: 'TCP', notProtocol: 'UDP' })).toEqual(V4('TCP 1-65535'));
    expect(onV4({ protocol: 'TCP', notProtocol: 'TCP' })).toEqual([]);
  });

  it.each(['tcp', 'IGMP', 0, 256, -1, 1.5, '300', '', {}, true])(
    'protocols are unknown as %j',
    (protocol) => {
      expect(why(allow({}, { protocol }))).toMatch(/protocol is .* and not a protocol/);
      expect(why(allow({}, { notProtocol: protocol }))).toMatch(/notProtocol is .* and not a protocol/);
    },
  );

  it('ICMP may be limited to types, which is no limit to ports', () => {
    expect(allowed({}, { protocol: 'ICMP', icmp: { type: 8 } })).toEqual([]);
    expect(allowed({}, { protocol: 'ICMPv6', notICMP: { type: 8, code: 0 } })).toEqual([]);
    expect(why(allow({}, { icmp: { type: 8 } }))).toMatch(/icmp is allowed only with protocol ICMP/);
    expect(why(allow({}, { notICMP: { type: 8 } }))).toMatch(/notICMP is used with more protocols than ICMP/);
  });
});

describe('ports', () => {
  const onPorts = (destination: object, protocol: unknown = 'TCP') =>
    allowed({ nets: ['10.0.0.0/8'], ...destination }, { protocol });

  it('ports are numbers, ranges and texts of either', () => {
    expect(onPorts({ ports: [80, '443', '8000:8080'] })).toEqual([
      `${TEN} TCP 80-80,TCP 443-443,TCP 8000-8080`,
    ]);
    expect(onPorts({ ports: [53] }, 'UDP')).toEqual([`${TEN} UDP 53-53`]);
    expect(onPorts({ ports: ['1:65535'] }, 6)).toEqual([`${TEN} TCP 1-65535`]);
  });

  it('ports can be excluded', () => {
    expect(onPorts({ notPorts: [80] })).toEqual([`${TEN} TCP 1-79,TCP 81-65535`]);
    expect(onPorts({ ports: ['80:90'], notPorts: ['82:88', 80] })).toEqual([`${TEN} TCP 81-81,TCP 89-90`]);
  });

  it('named ports are ports of endpoints, and of none outside the cluster', () => {
    expect(onPorts({ ports: ['http'] })).toEqual([]);
    expect(onPorts({ ports: ['http', 80] })).toEqual([`${TEN} TCP 80-80`]);
    expect(onPorts({ notPorts: ['http'] })).toEqual([`${TEN} TCP 1-65535`]);
    expect(allowed({ ports: ['http'] })).toEqual([]);
    // Calico takes this for a name: its ranges have a colon.
    expect(onPorts({ ports: ['80-90'] })).toEqual([]);
    expect(viewOf([rules(allow({ ports: ['http'] }))]).answer.notes).toEqual([
      expect.stringMatching(/names the port "http", which allows ports of pods, not ports outside/),
    ]);
  });

  it('named ports may be those of nodes that are host endpoints', () => {
    const node = aHostEndpoint({
      expectedIPs: ['10.0.0.7'],
      ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
    });
    const view = viewOf([node, rules(allow({ nets: ['10.0.0.0/8'], ports: ['http'] }, { protocol: 'TCP' }))]);
    expect(view.undecided?.message).toMatch(/names ports of host endpoints/);
    expect([view.reaches('10.0.0.7', 80), view.reaches('10.0.0.8', 80)]).toEqual([true, false]);
    expect(whyUnknown([node, rules(allow({ notPorts: ['http'] }))])).toMatch(/names ports of host endpoints/);
  });

  it('ports may be any where one was not understood', () => {
    const closed = aGlobalPolicy({ egress: [] }, { name: 'closed' });
    const broken = rules(allow({ nets: ['10.0.0.0/8'], ports: [80, 0] }, { protocol: 'TCP' }));
    const view = viewOf([closed, broken]);
    expect([view.reaches('10.0.0.1', 443), view.reaches('11.0.0.1', 80)]).toEqual([true, false]);
  });

  it('numbered ports need a protocol that has ports', () => {
    expect(why(allow({ ports: [80] }))).toMatch(/the rule has no protocol with ports/);
    expect(why(allow({ notPorts: [80] }, { protocol: 'UDPLite' }))).toMatch(
      /the rule has no protocol with ports/,
    );
  });

  it.each([0, -1, 65536, '0', '90:80', '80:', ':80', '', 1.5, null, {}, 'a b'])(
    'ports are unknown as %j',
    (port) => {
      expect(why(allow({ ports: [80, port] }, { protocol: 'TCP' }))).toMatch(
        /destination\.ports\[1\] is .* and not a port/,
      );
      expect(why(allow({ notPorts: [port] }, { protocol: 'TCP' }))).toMatch(/destination\.notPorts\[0\] is/);
      expect(why(allow({}, { protocol: 'TCP', source: { ports: [port] } }))).toMatch(/source\.ports\[0\] is/);
    },
  );
});

describe('selectors of a destination', () => {
  const db = aGlobalSet({ role: 'db' }, ['192.0.2.0/24', '2001:db8::/32'], { name: 'db' });
  const DB = ['192.0.2.0-192.0.2.255 all', '2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff all'];
  const own = aNetworkSet({ role: 'db' }, ['198.51.100.0/24'], { name: 'own' });
  const OWN = ['198.51.100.0-198.51.100.255 all'];
  const others = aNetworkSet({ role: 'db' }, ['203.0.113.0/24'], { name: 'others', namespace: 'other' });
  const OTHERS = ['203.0.113.0-203.0.113.255 all'];
  const sets = [db, own, others];
  const inGlobal = (destination: object) => rangesOf([...sets, rules(allow(destination))]);
  const inNamespace = (destination: object) =>
    rangesOf([...sets, aCalicoPolicy({ egress: [allow(destination)] })]);

  it('selectors of a destination match pods, which are inside, and network sets', () => {
    expect(allowed({ selector: 'all()' })).toEqual([]);
    expect(inGlobal({ selector: "role == 'db'" })).toEqual([DB[0], ...OWN, ...OTHERS, DB[1]]);
    expect(inGlobal({ selector: "role == 'web'" })).toEqual([]);
    expect(inGlobal({ selector: 'all()', nets: ['192.0.2.0/25'] })).toEqual(['192.0.2.0-192.0.2.127 all']);
  });

  it('selectors of a namespaced policy match only network sets of its namespace', () => {
    // `getEndpointSelector`, libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go
    expect(inNamespace({ selector: "role == 'db'" })).toEqual(OWN);
    expect(inNamespace({ selector: 'all()' })).toEqual(OWN);
    expect(inNamespace({ namespaceSelector: 'all()', selector: 'all()' })).toEqual([...OWN, ...OTHERS]);
    expect(inNamespace({ namespaceSelector: 'global()', selector: "role == 'db'" })).toEqual(DB);
    expect(inNamespace({ namespaceSelector: "projectcalico.org/name == 'other'" })).toEqual(OTHERS);
  });

  it('selectors of a destination may ask for all namespaces, or for none', () => {
    expect(inGlobal({ namespaceSelector: 'all()' })).toEqual([...OWN, ...OTHERS]);
    expect(inGlobal({ namespaceSelector: 'global()' })).toEqual(DB);
    expect(inGlobal({ selector: 'has(projectcalico.org/namespace)' })).toEqual([...OWN, ...OTHERS]);
    expect(inGlobal({ selector: "projectcalico.org/namespace == 'default'" })).toEqual(OWN);
  });

  it('selectors by labels of namespaces match sets of these namespaces, and global ones where a label may be missing', () => {
    const within = (namespaceSelector: string, namespaces = { default: {}, other: { env: 'dev' } }) =>
      rangesOf([...sets, rules(allow({ namespaceSelector }))], { namespaces });
    expect(within("env == 'dev'")).toEqual(OTHERS);
    expect(within("env != 'dev'")).toEqual([DB[0], ...OWN, DB[1]]);
    const policy = rules(allow({ namespaceSelector: "env == 'dev'" }));
    expect(whyUnknown([...sets, policy], { namespaces: { default: {} } })).toMatch(
      /whether it matches NetworkSet other\/others depends on labels that were not read/,
    );
  });

  it('negated selectors match what is not selected, including addresses outside the cluster', () => {
    expect(inGlobal({ notSelector: "role == 'db'", ...to('192.0.0.0/16') })).toEqual([
      '192.0.0.0-192.0.1.255 all',
      '192.0.3.0-192.0.255.255 all',
    ]);
    expect(inGlobal({ notSelector: 'has(missing)' })).toEqual(EVERYWHERE);
    expect(inGlobal({ selector: 'has(role)', notSelector: 'has(projectcalico.org/namespace)' })).toEqual(DB);
  });

  it('negated selectors in a namespaced policy match only what is in its namespace', () => {
    // "Limited to the namespace as soon as any of the selector fields are used, including NotSelector."
    expect(inNamespace({ notSelector: 'has(missing)' })).toEqual(OWN);
    expect(inNamespace({ notSelector: "role == 'db'" })).toEqual([]);
  });

  it('selectors by service accounts match pods only', () => {
    expect(inGlobal({ serviceAccounts: { names: ['builder'] } })).toEqual([]);
    expect(inGlobal({ serviceAccounts: { selector: 'has(team)' } })).toEqual([]);
    expect(inGlobal({ serviceAccounts: {} })).toEqual(EVERYWHERE);
    expect(inGlobal({ serviceAccounts: { selector: '!has(team)' } })).toEqual([
      DB[0],
      ...OWN,
      ...OTHERS,
      DB[1],
    ]);
  });

  it('selectors match nodes that are host endpoints by their expected addresses', () => {
    const node = { ...aHostEndpoint({ node: 'n1', expectedIPs: ['192.0.2.9'] }), labels: { host: 'yes' } };
    expect(rangesOf([node, rules(allow({ selector: "host == 'yes'" }))])).toEqual([
      '192.0.2.9-192.0.2.9 all',
    ]);
    expect(rangesOf([node, rules(allow({ namespaceSelector: 'global()' }))])).toEqual([
      '192.0.2.9-192.0.2.9 all',
    ]);
  });

  it('selectors are unknown where the labels of a network set were not read', () => {
    // As a custom resource a set has its labels in an annotation.
    const kept = { ...asResource(db), labels: {} };
    expect(whyUnknown([kept, asResource(rules(allow({ selector: "role == 'web'" })))])).toMatch(
      /depends on labels that were not read/,
    );
    expect(rangesOf([asResource(db), asResource(rules(allow({ selector: "role == 'web'" })))])).toEqual([]);
    const bySet = rules(allow({ selector: '!has(role)' }));
    expect(rangesOf([kept, db, asResource(bySet), bySet])).toEqual([]);
  });

  it('selectors are unknown where a network set is broken', () => {
    const broken = aGlobalSet({ role: 'db' }, ['192.0.2.0/24', 'x'], { name: 'broken' });
    expect(whyUnknown([broken, rules(allow({ selector: "role == 'db'" }))])).toMatch(
      /GlobalNetworkSet broken: spec\.nets\[1\] is "x" and not a CIDR block/,
    );
    expect(rangesOf([broken, rules(allow({ selector: "role == 'web'" }))])).toEqual([]);
    for (const spec of ['x', { nets: 'x' }, [1], { nets: [], more: 1 }]) {
      expect(whyUnknown([{ ...broken, spec }, rules(allow({ selector: 'has(role)' }))])).toMatch(/broken/);
    }
  });

  it.each([
    ['selector', 'global()'],
    ['selector', 'app'],
    ['notSelector', 1],
    ['namespaceSelector', "global() || env == 'x'"],
    ['namespaceSelector', '!global()'],
    ['serviceAccounts', { names: ["x'} || all()"] }],
    ['serviceAccounts', { selector: 'x' }],
    ['serviceAccounts', { name: 'x' }],
    ['serviceAccounts', { names: 'x' }],
  ])('selectors of a destination are unknown as %s: %j', (field, value) => {
    expect(why(allow({ [field]: value }))).toContain(`destination.${field}`);
  });
});

describe('the source of an egress rule', () => {
  const from = (source: object, more: object = {}) => allow(to('10.0.0.0/8'), { source, ...more });

  it('the source of an egress rule limits the rule to pods that it selects', () => {
    const policies = [
      rules(deny(to('10.0.0.0/16'), { source: { selector: "app == 'a'" } }), from({ selector: 'has(app)' })),
    ];
    const range = (labels: Record<string, string>) => rangesOf(policies, { pod: { labels } });
    expect(range({ app: 'a' })).toEqual(['10.1.0.0-10.255.255.255 all']);
    expect(range({ app: 'b' })).toEqual([`${TEN} all`]);
    expect(range({})).toEqual([]);
    expect(viewOf(policies).answer.policies).toEqual(['GlobalNetworkPolicy policy']);
  });

  it('the source of an egress rule keeps the order of many rules that count for different pods', () => {
    const ofPod = { source: { selector: "app == 'a'" } };
    const small = Array.from({ length: 9 }, (_, i) => allow(to(`192.0.2.${i}/32`), ofPod));
    const policy = rules(
      ...small.slice(0, 2),
      deny(to('10.0.0.0/8'), ofPod),
      ...small.slice(2),
      from(ofPod.source),
    );
    expect(rangesOf([policy], { pod: { labels: { app: 'a' } } })).toEqual(['192.0.2.0-192.0.2.8 all']);
  });

  it('the source of an egress rule limits the rule in order with the other rules', () => {
    const policy = rules(
      allow(to('10.0.0.0/24')),
      deny(to('10.0.0.0/16'), { source: { selector: 'has(a)' } }),
      allow(to('10.0.0.0/8')),
      pass({}, { source: { notSelector: 'has(a)' } }),
    );
    expect(rangesOf([policy], { pod: { labels: { a: '' } } })).toEqual([
      '10.0.0.0-10.0.0.255 all',
      '10.1.0.0-10.255.255.255 all',
    ]);
    expect(rangesOf([policy])).toEqual(EVERYWHERE);
  });

  it('the source of an egress rule may select by namespace', () => {
    const range = (source: object, namespace: string) =>
      rangesOf([rules(from(source))], {
        pod: { namespace },
        namespaces: { default: {}, other: { env: 'dev' } },
      });
    expect(range({ namespaceSelector: "env == 'dev'" }, 'other')).toEqual([`${TEN} all`]);
    expect(range({ namespaceSelector: "env == 'dev'" }, 'default')).toEqual([]);
    expect(range({ namespaceSelector: 'all()' }, 'default')).toEqual([`${TEN} all`]);
    expect(range({ namespaceSelector: 'global()' }, 'default')).toEqual([]);
    const own = aCalicoPolicy({ egress: [from({ notSelector: 'has(a)' })] });
    expect(rangesOf([own])).toEqual([`${TEN} all`]);
    expect(rangesOf([own], { pod: { labels: { a: '' } } })).toEqual([]);
  });

  it('the source of an egress rule may select by the service account, by names of pods or by the object', () => {
    const inNamespace = (account: string): Around => ({
      pod: {
        labels: {
          'projectcalico.org/serviceaccount': 'x',
          [SERVICE_ACCOUNT]: account,
          [SERVICE_ACCOUNT_OBJECT]: `default/${account}`,
        },
      },
    });
    const policyOf = (serviceAccounts: object) => rules(from({ serviceAccounts }));
    const range = (accounts: object, account: string, existing: readonly string[]) =>
      rangesOf([policyOf(accounts)], {
        ...inNamespace(account),
        serviceAccounts: accountsOf(
          Object.fromEntries(existing.map((name) => [`default/${name}`, { team: name }])),
        ),
      });
    const byName = { names: ['w', 'x'] };
    const byObject = [{ selector: "projectcalico.org/name == 'x'" }, { selector: "team == 'x'" }];
    for (const accounts of [byName, ...byObject]) {
      expect(range(accounts, 'x', ['x', 'y'])).toEqual([`${TEN} all`]);
      expect(range(accounts, 'y', ['x', 'y'])).toEqual([]);
    }
    expect(range(byName, 'x', [])).toEqual([`${TEN} all`]);
    for (const accounts of byObject) {
      expect(range(accounts, 'x', [])).toEqual([]);
      expect(whyUnknown([policyOf(accounts)], inNamespace('x'))).toMatch(
        /source chooses pods by ServiceAccount objects, which were not all read/,
      );
    }
    // The names decide, so labels that are not known do not matter.
    expect(rangesOf([policyOf({ names: ['x'], selector: 'has(team)' })], inNamespace('y'))).toEqual([]);
  });

  it('the source of an egress rule is unknown by address or port', () => {
    expect(why(from({ nets: ['10.0.0.0/8'] }))).toMatch(/source\.nets matches the address of the pod/);
    expect(why(from({ notNets: ['10.0.0.0/8'] }))).toMatch(/source\.notNets matches the address of the pod/);
    const tcp = { protocol: 'TCP' };
    expect(why(from({ ports: [1024] }, tcp))).toMatch(/source matches the source port of the pod/);
    expect(why(from({ notPorts: ['http'] }, tcp))).toMatch(/source matches the source port of the pod/);
    expect(why(deny(to('10.0.0.0/8'), { source: { ports: ['x'] } }), allow())).toMatch(
      /source matches the source port/,
    );
  });

  it('the source of an egress rule is certain where every choice has the same result', () => {
    expect(allowed({}, { source: { nets: ['0.0.0.0/0'] } })).toEqual([`${ALL_IPV4} all`]);
    expect(allowed({}, { source: { nets: ['::/0', '0.0.0.0/0'] } })).toEqual(EVERYWHERE);
    expect(allowed({}, { source: { notNets: ['0.0.0.0/0'] } })).toEqual([]);
    expect(allowed(to('10.0.0.0/8'), { source: { nets: ['fd00::/8'] } })).toEqual([]);
    expect(allowed(to('10.0.0.0/8'), { protocol: 'TCP', source: { ports: ['1:65535'] } })).toEqual([
      `${TEN} TCP 1-65535`,
    ]);
  });

  it.each([{ services: { name: 'x' } }, { domains: ['x'] }, { what: 1 }, 'x'])(
    'the source of an egress rule is unknown as %j',
    (source) => {
      expect(why({ action: 'Allow', source })).toMatch(/spec\.egress\[0\]\.source/);
    },
  );
});

describe('services', () => {
  it('services have endpoints that are not read, perhaps outside the cluster', () => {
    const destination = { services: { name: 'api', namespace: 'default' } };
    expect(why(allow(destination))).toMatch(/names the service "api", whose endpoints were not read/);
    expect(why(deny(destination), allow())).toMatch(/names the service "api"/);
    expect(why(allow({ services: {} }))).toMatch(/names no service/);
    const view = viewOf([rules(allow(destination, { ipVersion: 4 }))]);
    expect([view.reaches('1.1.1.1', 443), view.reaches('2001:db8::1', 443)]).toEqual([true, false]);
  });

  it('services do not matter where all is allowed before', () => {
    expect(allowed(to('10.0.0.0/8'))).toEqual([`${TEN} all`]);
    const policy = rules(allow(), allow({ services: { name: 'api', namespace: 'default' } }));
    expect(rangesOf([policy])).toEqual(EVERYWHERE);
  });
});

describe('domain names, of Calico Enterprise', () => {
  it('domain names of Calico Enterprise are allowed beside addresses', () => {
    const destination = { domains: ['example.com', '*.example.org', 'a.*.example.net'], ports: [443] };
    const policy = rules(allow(destination, { protocol: 'TCP' }), allow(to('10.0.0.0/8')));
    expect(rangesOf([policy])).toEqual([`${TEN} all`]);
    const ports = [{ protocol: 'TCP', from: 443, to: 443 }];
    expect(hostsOf([policy])).toEqual([
      { host: '*.example.org', ports },
      { host: 'a.*.example.net', ports },
      { host: 'example.com', ports },
    ]);
    expect(viewOf([policy]).answer.notes).toEqual([
      expect.stringMatching(/allows domain names, which Calico Enterprise/),
    ]);
  });

  it('domain names of network sets are allowed by rules that select them and allow', () => {
    const set = aGlobalSet({ role: 'saas' }, ['192.0.2.0/24']);
    const saas = { ...set, spec: { nets: ['192.0.2.0/24'], allowedEgressDomains: ['*.saas.example'] } };
    const policy = rules(allow({ selector: "role == 'saas'" }));
    expect(rangesOf([saas, policy])).toEqual(['192.0.2.0-192.0.2.255 all']);
    expect(hostsOf([saas, policy])).toEqual([{ host: '*.saas.example', ports: 'all' }]);
    expect(hostsOf([saas, rules(deny({ selector: "role == 'saas'" }), allow())])).toEqual([]);
    expect(hostsOf([saas, rules(allow({ notSelector: "role == 'saas'" }))])).toEqual([]);
  });

  it('domain names are unknown together with nets, or of a set that may not be selected', () => {
    const saas = (nets: string[]) => ({
      ...aGlobalSet({ role: 'saas' }),
      spec: { nets, allowedEgressDomains: ['a.example'] },
    });
    expect(whyUnknown([saas([]), rules(allow({ selector: 'has(role)', ...to('192.0.2.0/24') }))])).toMatch(
      /limits the addresses of domain names/,
    );
    const kept = { ...asResource(saas([])), labels: {} };
    expect(whyUnknown([kept, rules(allow({ selector: 'has(role)' }))])).toMatch(
      /depends on labels that were not read/,
    );
    const odd = { ...saas([]), spec: { allowedEgressDomains: ['*.*.x'] } };
    expect(whyUnknown([odd, rules(allow({ selector: 'has(role)' }))])).toMatch(
      /has "\*\.\*\.x", which is not/,
    );
  });

  it.each([
    [allow({ domains: ['*.*.example.com'] })],
    [allow({ domains: ['example.*'] })],
    [allow({ domains: ['exam*.com'] })],
    [allow({ domains: [''] })],
    [allow({ domains: [7] })],
    [allow({ domains: 'example.com' })],
    [allow({ domains: ['example.com'], nets: ['10.0.0.0/8'] })],
    [allow({ domains: ['example.com'], selector: 'all()' })],
    [deny({ domains: ['example.com'] })],
  ])('domain names are unknown in %j', (rule) => {
    expect(why(rule, allow(to('10.0.0.0/8')))).toMatch(/destination\.domains/);
  });
});

describe('what of a rule is not understood', () => {
  it.each([
    ['spec.egress[0] is null and not a rule', null],
    ['spec.egress[0] has the unknown field "when"', allow({}, { when: 1 })],
    ['spec.egress[0].action is "allow" and not an action', { action: 'allow' }],
    ['spec.egress[0].action is undefined and not an action', {}],
    ['spec.egress[0].destination has the unknown field "who"', allow({ who: 1 })],
    ['spec.egress[0].destination is 7 and not an object', { action: 'Deny', destination: 7 }],
    ['spec.egress[0].destination.nets is "x" and not a list', allow({ nets: 'x' })],
    [
      'spec.egress[0].destination.ports is "80" and not a list of ports',
      allow({ ports: '80' }, { protocol: 'TCP' }),
    ],
    ['spec.egress[0].http is not allowed in egress rules', allow({}, { http: { methods: ['GET'] } })],
  ])('a Calico rule that is not understood is unknown: %s', (message, rule) => {
    expect(why(rule)).toContain(`GlobalNetworkPolicy policy: ${message}`);
  });

  it('a Calico rule that is not understood may remove the whole policy, since Felix leaves out one that it refuses', () => {
    const view = viewOf([rules(allow(to('10.0.0.0/8')), allow({ ports: [0] }, { protocol: 'TCP' }))]);
    expect(view.undecided).not.toBeNull();
    expect(view.reaches('192.0.2.1', 443)).toBe(true);
  });
});
