import { describe, expect, test } from '@jest/globals';
import { egressUnapproved } from '../../lambda/checks/egress/egress-unapproved.ts';
import type { ApprovedDestination } from '../../lambda/config/config.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { type NetworkFacts, NO_NETWORK } from '../../lambda/inventory/network.ts';
import { createAddressCollector } from '../../lambda/inventory/pod-addresses.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { aClass, aContext, allow, aPolicy, aSpec } from '../support/builders.ts';

const approval = (facts: Partial<ApprovedDestination>): ApprovedDestination => ({
  name: 'partner',
  cidrs: [],
  hosts: [],
  awsService: null,
  ports: null,
  protocols: null,
  ...facts,
});

/** So that something is approved, which nothing reaches. */
const ELSEWHERE = [{ cidrs: ['192.0.2.255/32'], ports: [1] }];

function judge(
  policies: readonly PolicyObject[],
  approved: readonly Partial<ApprovedDestination>[] = ELSEWHERE,
  subject = aClass(),
  network?: NetworkFacts,
) {
  const config = defaultConfig();
  const egress = { ...config.egress, approved: approved.map(approval) };
  const context = aContext(subject, {
    policies,
    config: { ...config, egress },
    ...(network === undefined ? {} : { network, asDeclared: true }),
  });
  const [outcome] = egressUnapproved.evaluate(subject, context);
  if (outcome === undefined) throw new Error('the check said nothing');
  return outcome;
}

const verdict = (...input: Parameters<typeof judge>) => judge(...input).verdict;

const partner = aPolicy({ egress: [allow(['192.0.2.0/24'], 443)] });
const byName = (host: string, port = 443): PolicyObject => ({
  ...aPolicy({ egress: [{ to: [{ domainNames: [host] }], ports: [{ protocol: 'TCP', port }] }] }),
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ApplicationNetworkPolicy',
});

describe('egress-unapproved', () => {
  test('the check does not apply where no destination is approved, and a note says so', () => {
    expect(egressUnapproved.notAsked?.(defaultConfig(), {})).toBe(
      'egress-unapproved does not apply: the configuration approves no destination (egress.approved).',
    );
    const egress = { ...defaultConfig().egress, approved: [approval({ cidrs: ['192.0.2.0/24'] })] };
    expect(egressUnapproved.notAsked?.({ ...defaultConfig(), egress }, {})).toBeNull();
  });

  test('a reachable destination that is not approved fails, and a closed one passes', () => {
    expect(verdict([])).toBe('fail');
    expect(verdict([partner])).toBe('fail');
    expect(verdict([byName('api.example.com')])).toBe('fail');
    expect(verdict([aPolicy({ egress: [] })])).toBe('pass');
    expect(judge([partner])).toMatchObject({
      message:
        'Can reach 192.0.2.0/24 on TCP 443, which is not approved: allowed by NetworkPolicy shop/policy: spec.egress[0].',
    });
  });

  test('a block must be approved as a whole, on its port and its protocol', () => {
    expect(verdict([partner], [{ cidrs: ['192.0.2.0/24'] }])).toBe('pass');
    expect(verdict([partner], [{ cidrs: ['192.0.2.0/24'], ports: [443] }])).toBe('pass');
    expect(verdict([partner], [{ cidrs: ['192.0.2.0/25'], ports: [443] }])).toBe('fail');
    expect(verdict([partner], [{ cidrs: ['192.0.2.0/25', '192.0.2.128/25'] }])).toBe('pass');
    expect(verdict([partner], [{ cidrs: ['192.0.2.0/24'], ports: [8443] }])).toBe('fail');
    expect(verdict([partner], [{ cidrs: ['192.0.2.0/24'], ports: [443], protocols: ['UDP'] }])).toBe('fail');
    expect(verdict([partner], [{ cidrs: ['192.0.2.0/24'], ports: [443], protocols: ['TCP'] }])).toBe('pass');
  });

  test('a name must be approved on its port, and approved names approve no addresses', () => {
    const stripe = [{ hosts: ['api.stripe.com'], ports: [443] }];
    expect(verdict([byName('api.stripe.com')], stripe)).toBe('pass');
    expect(verdict([byName('api.stripe.com', 80)], stripe)).toBe('fail');
    expect(verdict([byName('*.stripe.com')], stripe)).toBe('fail');
    expect(verdict([aPolicy({ egress: [allow(['0.0.0.0/0'], 443)] })], stripe)).toBe('fail');
  });

  test('the finding shows the destinations that are not approved, up to a limit', () => {
    const blocks = Array.from({ length: 30 }, (_, index) => `198.51.100.${index * 2}/32`);
    const outcome = judge(
      [aPolicy({ egress: [allow(blocks, 443)] }), byName('api.example.com')],
      [{ cidrs: ['198.51.100.0/32'] }],
    );
    expect(outcome).toMatchObject({
      message:
        'Can reach api.example.com on TCP 443, 198.51.100.2 on TCP 443, 198.51.100.4 on TCP 443 and 27 more, which is not approved: allowed by NetworkPolicy shop/policy: spec.egress[0], ApplicationNetworkPolicy shop/policy: spec.egress[0].',
      evidence: {
        rangeCount: 29,
        hostCount: 1,
        hosts: [{ host: 'api.example.com', ports: [{ protocol: 'TCP', from: 443, to: 443 }] }],
      },
    });
    expect(outcome).toHaveProperty('evidence.ranges.length', 10);
  });

  test('the finding says how much of the internet is reachable', () => {
    const web = aPolicy({ egress: [allow(['0.0.0.0/0', '::/0'], 443)] });
    expect(judge([web], [{ cidrs: ['192.0.2.0/24'] }])).toMatchObject({
      message: expect.stringContaining('all public IPv4 and all public IPv6 addresses on TCP 443'),
      evidence: { ipv4Share: 1, ipv6Share: 1 },
    });
    const mixed = aPolicy({ egress: [allow(['0.0.0.0/1'], 443), allow(['128.0.0.0/1'], 80)] });
    expect(judge([mixed])).toMatchObject({
      message: expect.stringContaining('all public IPv4 addresses on some ports'),
    });
    expect(judge([partner])).toMatchObject({ evidence: { ipv4Share: 0, ipv6Share: 0 } });
  });

  test('the names of an approved AWS service count, and its addresses are not guessed', () => {
    const s3 = [{ name: 'buckets', awsService: 's3', ports: [443] }];
    expect(verdict([byName('*.s3.eu-west-1.amazonaws.com')], s3)).toBe('pass');
    const some = aPolicy({ egress: [allow(['52.218.0.0/17'], 443)] });
    expect(judge([some], s3)).toMatchObject({
      verdict: 'not-evaluated',
      message:
        'Can reach 52.218.0.0/17 on TCP 443; whether these are addresses of the approved AWS service s3 is not known.',
    });
    // On another port, at a private address, or at so many that they are no single service.
    expect(verdict([aPolicy({ egress: [allow(['52.218.0.0/17'], 80)] })], s3)).toBe('fail');
    expect(verdict([aPolicy({ egress: [allow(['10.0.0.0/8'], 443)] })], s3)).toBe('fail');
    expect(verdict([aPolicy({ egress: [allow(['0.0.0.0/0'], 443)] })], s3)).toBe('fail');
    expect(verdict([some, byName('api.example.com')], s3)).toBe('fail');
    expect(verdict([some], [...s3, { cidrs: ['52.218.0.0/17'] }])).toBe('pass');
  });

  test('a policy that is not understood leaves it open, and a pod on its node reaches everything', () => {
    expect(verdict([aPolicy({ egress: [{ to: [{ ipBlock: { cidr: 'everything' } }] }] })])).toBe(
      'not-evaluated',
    );
    const host = aClass({ spec: aSpec({ hostNetwork: true }) });
    expect(verdict([aPolicy({ egress: [] })], ELSEWHERE, host)).toBe('fail');
  });
});

// "external: to addresses outside the cluster"
describe('addresses inside the cluster', () => {
  const to = (cidr: string, ...ports: readonly [string, number][]) =>
    aPolicy({
      egress: [{ to: [{ ipBlock: { cidr } }], ports: ports.map(([protocol, port]) => ({ protocol, port })) }],
    });
  const dns: readonly [string, number][] = [
    ['UDP', 53],
    ['TCP', 53],
  ];
  const network = (serviceRanges?: readonly string[]): NetworkFacts => ({
    ...NO_NETWORK,
    nodes: new Map(
      ['ip-10-0-1-10.eu-west-1.compute.internal', 'fargate-ip-10-0-2-20.ec2.internal', 'i-0abc'].map(
        (name) => [name, { compute: 'ec2' as const, agents: [] }],
      ),
    ),
    settings: { ...NO_NETWORK.settings, ...(serviceRanges === undefined ? {} : { serviceRanges }) },
  });
  const among = (policy: PolicyObject, serviceRanges?: readonly string[]) =>
    judge([policy], ELSEWHERE, aClass(), network(serviceRanges));

  test('NodeLocal DNSCache and the Pod Identity agent are approved on their ports', () => {
    expect(among(to('169.254.20.10/32', ...dns)).verdict).toBe('pass');
    expect(among(to('169.254.20.10/32', ['TCP', 443])).verdict).toBe('fail');
    expect(among(to('169.254.170.23/32', ['TCP', 80])).verdict).toBe('pass');
    expect(among(to('fd00:ec2::23/128', ['TCP', 80])).verdict).toBe('pass');
    expect(among(to('169.254.169.254/32', ['TCP', 80])).verdict).toBe('fail');
    expect(among(to('127.0.0.0/8', ['TCP', 80])).verdict).toBe('pass');
  });

  test('nodes are approved by the addresses in their names', () => {
    expect(among(to('10.0.1.10/32', ['TCP', 4317])).verdict).toBe('pass');
    expect(among(to('10.0.2.20/32', ['TCP', 4317])).verdict).toBe('pass');
    expect(among(to('10.0.1.11/32', ['TCP', 4317])).verdict).toBe('fail');
    // A range that holds others, too, stays one range.
    expect(among(to('10.0.1.10/31', ['TCP', 4317]))).toMatchObject({
      verdict: 'fail',
      evidence: { ranges: [{ from: '10.0.1.10', to: '10.0.1.11' }], rangeCount: 1 },
    });
  });

  test('pods are approved by their addresses', () => {
    const pods = createAddressCollector();
    ['10.0.1.9', '10.0.3.4', '10.0.3.5', 'fd00::a', 'fd00::b'].forEach(pods.add);
    const podAddresses = pods.list();
    const toPods = (cidr: string, facts: Partial<NetworkFacts> = { podAddresses }) =>
      judge([to(cidr, ['TCP', 5432])], ELSEWHERE, aClass(), { ...network(['10.200.0.0/16']), ...facts });
    expect(toPods('10.0.3.4/32').verdict).toBe('pass');
    expect(toPods('10.0.3.4/31').verdict).toBe('pass');
    expect(toPods('fd00::a/127').verdict).toBe('pass');
    // One of a pod and one of a node.
    expect(toPods('10.0.1.9/32').verdict).toBe('pass');
    expect(toPods('10.0.1.10/32').verdict).toBe('pass');
    expect(toPods('10.0.3.6/32').verdict).toBe('fail');
    expect(toPods('fd00::c/128').verdict).toBe('fail');
    expect(toPods('10.0.3.4/32', {}).verdict).toBe('fail');
    // A range that holds others, too, stays one range.
    expect(toPods('10.0.3.4/30')).toMatchObject({
      verdict: 'fail',
      evidence: { ranges: [{ from: '10.0.3.4', to: '10.0.3.7' }], rangeCount: 1 },
    });
    expect(toPods('fd00::/64')).toMatchObject({ verdict: 'fail', evidence: { rangeCount: 1 } });
  });

  test('Services are approved where their CIDR block is known; a block that may be theirs is not evaluated', () => {
    expect(among(to('10.200.0.10/32', ...dns), ['10.200.0.0/16', 'fd12::/108']).verdict).toBe('pass');
    expect(among(to('fd12::a/128', ...dns), ['10.200.0.0/16', 'fd12::/108']).verdict).toBe('pass');
    expect(among(to('172.20.0.0/16', ['TCP', 443]), ['10.200.0.0/16']).verdict).toBe('fail');
    expect(among(to('172.20.0.0/16', ['TCP', 443]), ['172.20.0.0/16']).verdict).toBe('pass');
    expect(among(to('172.20.0.0/16', ['TCP', 443]))).toMatchObject({
      verdict: 'not-evaluated',
      message: expect.stringContaining('whether these are addresses of Services of the cluster is not known'),
    });
    expect(among(to('172.16.0.0/12', ['TCP', 443])).verdict).toBe('fail');
  });
});
