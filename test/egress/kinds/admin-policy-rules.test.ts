import { describe, expect, it } from '@jest/globals';
import { EVERYWHERE, egressOf } from '../support/build.ts';
import {
  aBaselinePolicy,
  aClusterPolicy,
  anAdminPolicy,
  anAwsClusterPolicy,
  hostsOf,
  networks,
  rangesOf,
  rule,
  viewOf,
  WORLD,
  whyUnknown,
} from './build-admin.ts';

const TEN = networks('10.0.0.0/8');
const TEN_ONLY = ['10.0.0.0-10.255.255.255 all'];
const deniesAll = egressOf();

/** What the rule allows on 10.0.0.0/8 beside a NetworkPolicy that allows nothing. */
const portsV1alpha1 = (...ports: unknown[]) =>
  rangesOf([anAdminPolicy({ egress: [{ ...rule('Allow', TEN), ports }] }), deniesAll]);
const portsV1alpha2 = (...protocols: unknown[]) =>
  rangesOf([aClusterPolicy({ egress: [{ ...rule('Accept', TEN), protocols }] }), deniesAll]);

describe('ports of v1alpha1', () => {
  it('ports of v1alpha1 are numbers and inclusive ranges, of TCP by default', () => {
    expect(portsV1alpha1({ portNumber: { port: 443 } })).toEqual(['10.0.0.0-10.255.255.255 TCP 443-443']);
    expect(
      portsV1alpha1(
        { portRange: { start: 80, end: 90 } },
        { portRange: { protocol: 'SCTP', start: 1, end: 65535 } },
        { portNumber: { protocol: 'UDP', port: 53 } },
      ),
    ).toEqual(['10.0.0.0-10.255.255.255 TCP 80-90,UDP 53-53,SCTP 1-65535']);
  });

  it('named ports of v1alpha1 are ports of pods, and open nothing outside the cluster', () => {
    expect(portsV1alpha1({ namedPort: 'web' })).toEqual([]);
    const policy = anAdminPolicy({ egress: [{ ...rule('Deny', WORLD), ports: [{ namedPort: 'web' }] }] });
    expect(rangesOf([policy])).toEqual(EVERYWHERE);
    expect(viewOf([policy]).answer.notes).toEqual([expect.stringMatching(/names the port "web"/)]);
  });

  it.each([
    [{}],
    [{ portNumber: { port: 0 } }],
    [{ portNumber: { port: '443' } }],
    [{ portNumber: { port: 443, protocol: 'ICMP' } }],
    [{ portNumber: { port: 443, sourcePort: 1 } }],
    [{ portNumber: { port: 443 }, namedPort: 'web' }],
    [{ portRange: { start: 90, end: 80 } }],
    [{ portRange: { start: 80 } }],
    [{ serviceName: 'x' }],
    ['443'],
  ])('ports of v1alpha1 as %j are unknown', (port) => {
    const policy = anAdminPolicy({ egress: [{ ...rule('Allow', TEN), ports: [port] }] });
    expect(whyUnknown([policy, deniesAll])).toMatch(/spec\.egress\[0\]\.ports\[0\]/);
    expect(viewOf([policy, deniesAll]).reaches('11.0.0.1', 443)).toBe(false);
  });

  it('ports of v1alpha1 are unknown if the list is empty, which the API server refuses', () => {
    expect(whyUnknown([anAdminPolicy({ egress: [{ ...rule('Deny', TEN), ports: [] }] })])).toMatch(/ports/);
  });
});

describe('protocols of v1alpha2', () => {
  it('protocols of v1alpha2 are numbers, inclusive ranges, or every port of the protocol', () => {
    expect(
      portsV1alpha2(
        { tcp: { destinationPort: { number: 443 } } },
        { udp: { destinationPort: { range: { start: 53, end: 54 } } } },
        { sctp: {} },
      ),
    ).toEqual(['10.0.0.0-10.255.255.255 TCP 443-443,UDP 53-54,SCTP 1-65535']);
    expect(portsV1alpha2({ destinationNamedPort: 'web' })).toEqual([]);
  });

  it.each([
    [{}],
    [{ tcp: {}, udp: {} }],
    [{ tcp: { destinationPort: {} } }],
    [{ tcp: { destinationPort: { number: 70000 } } }],
    [{ tcp: { destinationPort: { number: 1, range: { start: 1, end: 2 } } } }],
    [{ tcp: { sourcePort: { number: 1 } } }],
    [{ icmp: {} }],
    [{ portNumber: { port: 443 } }],
    [{ destinationNamedPort: '' }],
  ])('protocols of v1alpha2 as %j are unknown', (protocol) => {
    const policy = aClusterPolicy({ egress: [{ ...rule('Accept', TEN), protocols: [protocol] }] });
    expect(whyUnknown([policy, deniesAll])).toMatch(/spec\.egress\[0\]\.protocols\[0\]/);
  });
});

describe('peers', () => {
  const accepts = (...to: unknown[]) => [aClusterPolicy({ egress: [rule('Accept', ...to)] }), deniesAll];
  const denies = (...to: unknown[]) => [aClusterPolicy({ egress: [rule('Deny', ...to)] })];

  it('peers of pods, namespaces and nodes are inside the cluster', () => {
    const pods = { pods: { namespaceSelector: {}, podSelector: {} } };
    expect(rangesOf(accepts({ namespaces: {} }, pods, { nodes: {} }))).toEqual([]);
    expect(rangesOf(denies({ namespaces: {} }, pods, { nodes: {} }))).toEqual(EVERYWHERE);
    expect(viewOf(denies({ nodes: {} })).answer.notes).toEqual([
      expect.stringMatching(/nodes selects nodes of the cluster, which are not outside of it/),
    ]);
  });

  it('several peers of a rule add up', () => {
    expect(rangesOf(accepts(networks('10.0.0.0/9', '10.128.0.0/9'), { namespaces: {} }))).toEqual(TEN_ONLY);
  });

  it.each([
    [undefined],
    [[]],
    ['everything'],
    [[null]],
    [[networks()]],
    [[networks('10.0.0.0')]],
    [[{ networks: '10.0.0.0/8' }]],
    [[{ ...TEN, nodes: {} }]],
  ])('peers as %j are unknown', (to) => {
    expect(whyUnknown([aClusterPolicy({ egress: [{ action: 'Accept', to }] }), deniesAll])).toMatch(/\.to/);
    expect(whyUnknown([aClusterPolicy({ egress: [{ action: 'Deny', to }] })])).toMatch(/\.to/);
  });

  it('peers with an unknown field leave open whether the rule matches or fails closed', () => {
    const strange = { services: {} };
    expect(whyUnknown(accepts(strange))).toMatch(/to\[0\] has the unknown field "services"/);
    expect(whyUnknown(denies(strange))).toMatch(/"services"/);
    const passes = aClusterPolicy({ egress: [rule('Pass', strange, TEN), rule('Accept', WORLD)] });
    expect(viewOf([passes, deniesAll]).undecided).not.toBeNull();
    // Known peers of the rule are passed to the NetworkPolicy or denied: never reached.
    expect(viewOf([passes, deniesAll]).reaches('10.0.0.1', 80)).toBe(false);
    expect(viewOf([passes, deniesAll]).reaches('11.0.0.1', 80)).toBe(true);
    // What an earlier rule decides stays decided.
    const after = aClusterPolicy({ egress: [rule('Deny', WORLD), rule('Accept', strange)] });
    expect(rangesOf([after])).toEqual([]);
  });

  it('peers without any field make the rule fail closed, as the API says', () => {
    expect(rangesOf(accepts({}, TEN))).toEqual([]);
    expect(rangesOf(denies({ networks: null }, TEN))).toEqual([]);
    const passes = anAdminPolicy({ egress: [rule('Pass', {}), rule('Allow', WORLD)] });
    expect(rangesOf([passes])).toEqual([]);
    expect(viewOf([passes]).answer.notes).toEqual([
      expect.stringMatching(/fails closed and denies everything/),
    ]);
    expect(viewOf(accepts({})).answer.notes).toEqual([expect.stringMatching(/matches no traffic/)]);
  });

  it('peers without any field are unknown for Amazon, whose documentation does not say what failing closed means', () => {
    expect(whyUnknown([anAwsClusterPolicy({ egress: [rule('Deny', {})] })])).toMatch(
      /peer without any field/,
    );
    expect(whyUnknown([anAwsClusterPolicy({ egress: [rule('Accept', {})] }), deniesAll])).toMatch(/peer/);
  });

  it('peers that an API does not have are unknown fields', () => {
    expect(whyUnknown([anAwsClusterPolicy({ egress: [rule('Deny', { nodes: {} })] })])).toMatch(/"nodes"/);
    const named = aBaselinePolicy({ egress: [rule('Allow', { domainNames: ['a.b'] }), rule('Deny', WORLD)] });
    expect(whyUnknown([named])).toMatch(/"domainNames"/);
  });
});

describe('domain names', () => {
  const names = (...domainNames: unknown[]) => ({ domainNames });
  const port = { protocols: [{ tcp: { destinationPort: { number: 443 } } }] };
  const accepts = { ...rule('Accept', names('example.com', '*.example.org')), ...port };
  const closed = rule('Deny', WORLD);
  const hosts = [
    { host: '*.example.org', ports: [{ protocol: 'TCP', from: 443, to: 443 }] },
    { host: 'example.com', ports: [{ protocol: 'TCP', from: 443, to: 443 }] },
  ];

  it('domain names are reached by name beside what is reached by address', () => {
    const policy = aClusterPolicy({ egress: [accepts, closed] });
    expect(hostsOf([policy])).toEqual(hosts);
    expect(rangesOf([policy])).toEqual([]);
    expect(hostsOf([aClusterPolicy({ egress: [accepts] }), deniesAll])).toEqual(hosts);
  });

  it('domain names are not reached if an earlier rule denies every address', () => {
    expect(hostsOf([aClusterPolicy({ egress: [closed, accepts] })])).toEqual([]);
    const before = anAdminPolicy({ egress: [rule('Deny', WORLD)] }, { name: 'before' });
    expect(whyUnknown([before, aClusterPolicy({ egress: [accepts] })])).toMatch(/different actions/);
  });

  it('domain names are unknown if a policy of equal priority denies what they may resolve to', () => {
    const one = aClusterPolicy({ egress: [accepts] }, { name: 'one' });
    const other = aClusterPolicy({ egress: [closed] }, { name: 'other' });
    expect(whyUnknown([one, other])).toMatch(/one and ClusterNetworkPolicy other have different actions/);
    const partly = aClusterPolicy({ egress: [rule('Deny', TEN)] }, { name: 'other' });
    expect(hostsOf([one, partly])).toEqual(hosts);
  });

  it('domain names below a wildcard are admitted, and the parent domain is not', () => {
    const view = viewOf([aClusterPolicy({ egress: [accepts, closed] })]);
    expect(view.hostsUnder(['example.org']).map(({ host }) => host)).toEqual(['*.example.org']);
    const exact = viewOf([aClusterPolicy({ egress: [rule('Accept', names('*.example.org'))] })]);
    expect(exact.hostsUnder(['a.b.example.org'])).toHaveLength(1);
    expect(exact.hostsUnder(['notexample.org'])).toHaveLength(0);
  });

  it('domain names have no meaning in rules that do not accept', () => {
    expect(whyUnknown([aClusterPolicy({ egress: [rule('Deny', names('example.com'))] })])).toMatch(
      /a rule whose action is not Accept/,
    );
    expect(whyUnknown([aClusterPolicy({ egress: [rule('Pass', names('a.example')), closed] })])).toMatch(
      /action is not Accept/,
    );
  });

  it.each([
    ['*'],
    ['*.com'],
    ['a*.example.com'],
    ['*example.com'],
    ['www.*.com'],
    ['localhost'],
    ['https://a.example'],
    [7],
    ['a'.repeat(300)],
  ])('invalid domain names as %j leave the rule unknown', (name) => {
    const policy = aClusterPolicy({ egress: [rule('Accept', names(name)), closed] });
    expect(whyUnknown([policy])).toMatch(/domainNames\[0\] is .* and not a domain name/);
  });

  it('domain names on ports that are not understood are unknown', () => {
    const egress = [{ ...rule('Accept', names('example.com')), protocols: [{ quic: {} }] }, closed];
    expect(whyUnknown([aClusterPolicy({ egress })])).toMatch(/protocols\[0\]/);
  });
});

describe('what the API server would refuse', () => {
  const closed = [rule('Deny', WORLD)];

  it.each([
    ['a priority that is none', aClusterPolicy({ priority: 1001, egress: closed })],
    ['a missing priority', anAdminPolicy({ priority: undefined, egress: closed })],
    ['a priority with a fraction', anAdminPolicy({ priority: 1.5, egress: closed })],
    ['another tier', aClusterPolicy({ tier: 'Security', egress: closed })],
    ['no tier', anAwsClusterPolicy({ tier: undefined, egress: closed })],
    ['a priority in BaselineAdminNetworkPolicy', aBaselinePolicy({ priority: 1, egress: closed })],
    ['an unknown field', anAdminPolicy({ egress: closed, mode: 'audit' })],
    ['a spec that is none', anAdminPolicy('Deny')],
    ['no spec', anAdminPolicy(undefined)],
    ['egress that is no list', anAdminPolicy({ egress: rule('Deny', WORLD) })],
    ['a rule that is none', anAdminPolicy({ egress: ['Deny'] })],
    ['an action of another version', aClusterPolicy({ egress: [rule('Allow', WORLD)] })],
    ['an action of the prototype', anAdminPolicy({ egress: [rule('constructor', WORLD)] })],
  ])('a policy that the API server would refuse is unknown: %s', (_, policy) => {
    expect(viewOf([policy]).undecided?.reason).toBe('policy-not-understood');
    expect(viewOf([policy]).reaches('8.8.8.8', 443)).toBe(true);
    expect(viewOf([policy, deniesAll]).undecided).not.toBeNull();
  });

  it('an unknown field of a rule may mean that it matches something else', () => {
    const policy = (action: string) => anAdminPolicy({ egress: [{ ...rule(action, TEN), log: true }] });
    expect(whyUnknown([policy('Deny')])).toMatch(/spec\.egress\[0\] has the unknown field "log"/);
    expect(viewOf([policy('Allow'), deniesAll]).reaches('11.0.0.1', 80)).toBe(true);
    expect(rangesOf([policy('Deny'), deniesAll])).toEqual([]);
  });
});

describe("Amazon's ClusterNetworkPolicy", () => {
  const note = /the network policy agent of the VPC CNI ignores their order/;
  const notes = (...egress: unknown[]) => viewOf([anAwsClusterPolicy({ egress })]).answer.notes.join();

  it('a ClusterNetworkPolicy of Amazon notes where the order of its rules matters, which the agent does not keep', () => {
    expect(notes(rule('Accept', TEN), rule('Deny', WORLD))).toMatch(note);
    expect(notes(rule('Pass', TEN), rule('Accept', WORLD))).toMatch(note);
    expect(notes(rule('Accept', { domainNames: ['a.example'] }), rule('Deny', WORLD))).toMatch(note);
    expect(notes(rule('Deny', TEN), rule('Accept', WORLD))).not.toMatch(note);
    expect(notes(rule('Accept', TEN), rule('Deny', networks('11.0.0.0/8')))).not.toMatch(note);
  });

  it('a ClusterNetworkPolicy of Amazon notes that domain names need EKS Auto Mode', () => {
    expect(notes(rule('Accept', { domainNames: ['a.example'] }))).toMatch(/EKS Auto Mode/);
  });
});
