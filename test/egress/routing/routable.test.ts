import { describe, expect, test } from '@jest/globals';
import { createRoutable, type Routable } from '../../../lambda/egress/routing/routable.ts';
import { portsOf } from '../../../lambda/egress/sets/address-set.ts';
import { parseAddress } from '../../../lambda/egress/sets/addresses.ts';
import { hasPort, type Protocol, readPorts } from '../../../lambda/egress/sets/port-set.ts';
import { fromExternalRanges } from '../../../lambda/egress/sets/printed.ts';
import type { ExternalRange } from '../../../lambda/egress/sets/reach.ts';
import type { Exit, VpcFacts } from '../../../lambda/inventory/vpc.ts';
import { aGroup, anExit, anInterface, aRoute, aRule, aTable, aVpc, aVpcRouting, LOCAL } from './builders.ts';

const answer = (facts: VpcFacts, ...ways: readonly Exit[]): Routable =>
  createRoutable(facts)({ ways: ways.length === 0 ? [anExit()] : ways, unknown: [] });

const holds = (
  ranges: readonly ExternalRange[],
  address: string,
  protocol: Protocol,
  port: number,
): boolean => {
  const parsed = parseAddress(address);
  if (parsed === null) throw new TypeError(address);
  return hasPort(portsOf(fromExternalRanges(ranges), parsed), protocol, port);
};

/** `open`, `closed`, or why it is not known. */
function at(routable: Routable, address: string, protocol: Protocol = 'TCP', port = 443): string {
  if ('unknown' in routable) return routable.unknown;
  if (holds(routable.external, address, protocol, port)) return 'open';
  const found = routable.undecided?.find(({ external }) => holds(external, address, protocol, port));
  return found?.because ?? 'closed';
}

const INTERNET = '93.184.216.34';
const INTERNET6 = '2600:1406::1';

describe('route tables', () => {
  test('a private subnet reaches the internet through a public NAT gateway, by TCP and UDP alone', () => {
    const routable = answer(aVpc());
    expect(at(routable, INTERNET)).toBe('open');
    expect(at(routable, INTERNET, 'UDP', 53)).toBe('open');
    expect(at(routable, INTERNET, 'SCTP', 5000)).toBe('closed');
    expect(at(routable, '10.0.9.9', 'SCTP', 5000)).toBe('open');
    expect(at(routable, INTERNET6)).toBe('closed');
  });

  test('a subnet that no table names has the routes of the main one', () => {
    const routable = answer(aVpc(), anExit({ subnet: 'subnet-other' }));
    expect([at(routable, '10.0.0.1'), at(routable, INTERNET)]).toEqual(['open', 'closed']);
  });

  test('without a main table it is not known where its traffic goes', () => {
    const facts = aVpc({ routeTables: [aTable('rtb-1', [LOCAL], { subnets: ['subnet-9'] })] });
    expect(at(answer(facts), INTERNET)).toMatch(/no route table for the subnet subnet-1/);
  });

  test('the longest prefix wins, whatever it leads to', () => {
    const routable = answer(
      aVpcRouting([
        aRoute('0.0.0.0/0', 'nat-1'),
        aRoute('93.184.0.0/16', 'tgw-1'),
        aRoute('93.184.216.0/24', 'igw-1', { active: false }),
      ]),
    );
    expect(at(routable, INTERNET)).toBe('closed');
    expect(at(routable, '93.184.1.1')).toMatch(/transit gateway tgw-1.*not read/);
    expect(at(routable, '93.185.0.1')).toBe('open');
  });

  test.each(['tgw-1', 'pcx-1', 'vgw-1', 'eni-1', 'unheard-1'])(
    'what lies beyond %s is not known, but the rest of the answer stands',
    (target) => {
      const routable = answer(aVpcRouting([aRoute('0.0.0.0/0', target)]));
      expect(at(routable, INTERNET)).toContain(target);
      expect(at(routable, '10.0.0.1')).toBe('open');
    },
  );

  test('a propagated route yields to a static one of the same destination, and to the VPC itself', () => {
    const propagated = { propagated: true };
    const routable = answer(
      aVpcRouting([
        aRoute('10.0.8.0/24', 'vgw-1', propagated),
        aRoute('0.0.0.0/0', 'vgw-1', propagated),
        aRoute('0.0.0.0/0', 'nat-1'),
        aRoute('172.16.0.0/12', 'vgw-1', propagated),
      ]),
    );
    expect(at(routable, '10.0.8.1')).toBe('open');
    expect(at(routable, INTERNET)).toBe('open');
    expect(at(routable, '172.16.0.1')).toMatch(/virtual private gateway vgw-1/);
  });

  test('a static route within the VPC may lead around it', () => {
    const routable = answer(aVpcRouting([aRoute('10.0.8.0/24', 'eni-9')]));
    expect(at(routable, '10.0.8.1')).toMatch(/network interface eni-9/);
  });
});

describe('internet gateways', () => {
  const facts = aVpcRouting([aRoute('0.0.0.0/0', 'igw-1'), aRoute('::/0', 'igw-1')]);

  test('IPv4 passes an internet gateway only with a public address', () => {
    expect(at(answer(facts), INTERNET)).toBe('closed');
    expect(at(answer(facts, anExit({ publicIpv4: true })), INTERNET)).toBe('open');
  });

  test('IPv6 passes an internet gateway with an IPv6 address, which is public by itself', () => {
    expect(at(answer(facts), INTERNET6)).toBe('closed');
    expect(at(answer(facts, anExit({ ipv6: true })), INTERNET6)).toBe('open');
  });

  test('an egress-only internet gateway takes IPv6 alone', () => {
    const only = aVpcRouting([aRoute('0.0.0.0/0', 'eigw-1'), aRoute('::/0', 'eigw-1')]);
    const routable = answer(only, anExit({ ipv6: true, publicIpv4: true }));
    expect([at(routable, INTERNET6), at(routable, INTERNET)]).toEqual(['open', 'closed']);
  });
});

describe('NAT gateways', () => {
  const nat = { id: 'nat-1', state: 'available', public: true, subnet: 'subnet-public', routeTable: null };

  test.each(['pending', 'failed', 'deleting', 'deleted'])(
    'a NAT gateway that is %s forwards nothing',
    (state) => {
      expect(at(answer(aVpc({ natGateways: [{ ...nat, state }] })), INTERNET)).toBe('closed');
    },
  );

  test('a private NAT gateway has no public address for an internet gateway', () => {
    expect(at(answer(aVpc({ natGateways: [{ ...nat, public: false }] })), INTERNET)).toBe('closed');
  });

  test('the routes of its own subnet decide where a NAT gateway forwards to', () => {
    const elsewhere = aVpc({ natGateways: [{ ...nat, subnet: 'subnet-other' }] });
    expect(at(answer(elsewhere), INTERNET)).toBe('closed');
  });

  test('a regional NAT gateway has its own route table', () => {
    const regional = { ...nat, subnet: null, routeTable: 'rtb-public' };
    expect(at(answer(aVpc({ natGateways: [regional] })), INTERNET)).toBe('open');
    expect(at(answer(aVpc({ natGateways: [{ ...regional, routeTable: null }] })), INTERNET)).toMatch(
      /no route table for the NAT/,
    );
  });

  test('routes in a circle lead nowhere', () => {
    expect(at(answer(aVpc({ natGateways: [{ ...nat, subnet: 'subnet-1' }] })), INTERNET)).toBe('closed');
  });

  test('a NAT gateway that EC2 does not describe is unknown', () => {
    expect(at(answer(aVpc({ natGateways: [] })), INTERNET)).toMatch(/NAT gateway nat-1/);
  });

  test('IPv6 passes a NAT gateway to IPv4 addresses alone (NAT64)', () => {
    const facts = aVpcRouting([aRoute('0.0.0.0/0', 'nat-1'), aRoute('::/0', 'nat-1')]);
    const routable = answer(facts, anExit({ ipv6: true }));
    expect(at(routable, '64:ff9b::5db8:d822')).toBe('open');
    expect(at(routable, INTERNET6)).toBe('closed');
  });
});

describe('VPC endpoints', () => {
  const prefixLists = new Map([['pl-s3', ['52.218.0.0/17']]]);
  const routes = [aRoute('pl-s3', 'vpce-1')];

  test('a gateway endpoint leads to its service without any internet gateway', () => {
    const facts = aVpcRouting(routes, { prefixLists, endpoints: [{ id: 'vpce-1', type: 'Gateway' }] });
    expect([at(answer(facts), '52.218.1.1'), at(answer(facts), INTERNET)]).toEqual(['open', 'closed']);
  });

  test('an endpoint of a Gateway Load Balancer leads to an appliance', () => {
    const facts = aVpcRouting([aRoute('0.0.0.0/0', 'vpce-2')], {
      endpoints: [{ id: 'vpce-2', type: 'GatewayLoadBalancer' }],
    });
    expect(at(answer(facts), INTERNET)).toMatch(/VPC endpoint vpce-2/);
  });

  test('a prefix list in a route that cannot be read leaves the whole table open', () => {
    const facts = aVpcRouting(routes, { prefixLists: new Map([['pl-s3', { unread: 'Denied. Allow it.' }]]) });
    expect(at(answer(facts), INTERNET)).toBe('Denied. Allow it.');
    expect(at(answer(facts), '10.0.0.1')).toBe('Denied. Allow it.');
  });

  describe('of two prefix lists that hold the same block', () => {
    const facts = aVpcRouting([...routes, aRoute('pl-2', 'tgw-1'), aRoute('0.0.0.0/0', 'nat-1')], {
      endpoints: [{ id: 'vpce-1', type: 'Gateway' }],
      prefixLists: new Map([...prefixLists, ['pl-2', ['52.218.0.0/17', '52.218.128.0/17']]]),
    });

    test('it is unknown which of two prefix lists with the same block counts', () => {
      const routable = answer(facts);
      expect(at(routable, '52.218.1.1')).toMatch(/same block for vpce-1 and tgw-1|transit gateway tgw-1/);
      expect('undecided' in routable && routable.undecided?.map(({ because }) => because)).toContainEqual(
        expect.stringMatching(/route table rtb-1 hold the same block for vpce-1 and tgw-1/),
      );
    });

    test('the rest of a table with two equal prefix lists is known', () => {
      const routable = answer(facts);
      expect([at(routable, INTERNET), at(routable, '10.0.0.1')]).toEqual(['open', 'open']);
      expect(at(routable, '52.218.200.1')).toMatch(/^It is routed to the transit gateway tgw-1/);
    });

    test('a block of two prefix lists is open where both allow it, and closed where neither does', () => {
      const both = (a: string, b: string, active: boolean) =>
        answer(
          aVpcRouting([aRoute('pl-s3', a, { active }), aRoute('pl-2', b, { active })], {
            endpoints: [{ id: 'vpce-1', type: 'Gateway' }],
            prefixLists: new Map([...prefixLists, ['pl-2', ['52.218.0.0/17']]]),
          }),
        );
      expect(at(both('vpce-1', 'nat-1', true), '52.218.1.1')).toBe('open');
      expect(at(both('vpce-1', 'nat-1', false), '52.218.1.1')).toBe('closed');
      expect(at(both('vpce-1', 'igw-1', true), '52.218.1.1')).toMatch(/same block/);
    });
  });
});

describe('security groups', () => {
  const withRules = (...rules: Parameters<typeof aRule>[0][]) =>
    answer(aVpc({ securityGroups: [aGroup('sg-1', ...rules.map((rule) => aRule(rule)))] }));

  test('a security group without an egress rule lets nothing out', () => {
    expect([at(withRules(), INTERNET), at(withRules(), '10.0.0.1')]).toEqual(['closed', 'closed']);
  });

  test.each([
    ['a range of TCP', { protocol: 'tcp', fromPort: 80, toPort: 443 }, ['TCP 80', 'TCP 443']],
    ['a number for its name', { protocol: '6', fromPort: 443, toPort: 443 }, ['TCP 443']],
    ['UDP', { protocol: 'udp', fromPort: 0, toPort: 65535 }, ['UDP 53', 'UDP 443', 'UDP 65535']],
    ['-1 as a port', { protocol: 'udp', fromPort: -1, toPort: -1 }, ['UDP 53', 'UDP 443', 'UDP 65535']],
    [
      'a protocol whose ports do not count',
      { protocol: '132', fromPort: 80, toPort: 80 },
      ['SCTP 80', 'SCTP 443'],
    ],
    ['ICMP', { protocol: 'icmp', fromPort: -1, toPort: -1 }, []],
    ['ESP', { protocol: '50' }, []],
  ])('%s', (_, rule, open) => {
    const probes = [
      'TCP 53',
      'TCP 80',
      'TCP 443',
      'TCP 65535',
      'UDP 53',
      'UDP 443',
      'UDP 65535',
      'SCTP 80',
      'SCTP 443',
    ];
    const routable = withRules({ ...rule, cidrs: ['10.0.5.0/24'] });
    const found = probes.filter((probe) => {
      const [protocol, port] = probe.split(' ') as [Protocol, string];
      return at(routable, '10.0.5.1', protocol, Number(port)) === 'open';
    });
    expect(found).toEqual(open);
  });

  test('port 0, at which ranges of all ports begin, is no port', () => {
    const routable = withRules({ protocol: 'udp', fromPort: 0, toPort: 65535, cidrs: ['10.0.5.0/24'] });
    expect('external' in routable && routable.external).toContainEqual({
      from: '10.0.5.0',
      to: '10.0.5.255',
      ports: [{ protocol: 'UDP', from: 1, to: 65535 }],
    });
  });

  test('rules of all groups of an interface count together', () => {
    const facts = aVpc({
      securityGroups: [
        aGroup('sg-1', aRule({ cidrs: ['198.51.100.0/24'] })),
        aGroup('sg-2', aRule({ cidrs: ['203.0.113.0/24'] })),
        aGroup('sg-3', aRule({ cidrs: ['0.0.0.0/0'] })),
      ],
    });
    const routable = answer(facts, anExit({ securityGroups: ['sg-1', 'sg-2'] }));
    expect(['198.51.100.1', '203.0.113.1', INTERNET].map((one) => at(routable, one))).toEqual([
      'open',
      'open',
      'closed',
    ]);
  });

  test('a prefix list means its entries; one that cannot be read may mean anything on its ports', () => {
    const securityGroups = [
      aGroup('sg-1', aRule({ protocol: 'tcp', fromPort: 443, toPort: 443, prefixLists: ['pl-1'] })),
    ];
    const known = answer(aVpc({ securityGroups, prefixLists: new Map([['pl-1', ['198.51.100.0/24']]]) }));
    expect([at(known, '198.51.100.1'), at(known, INTERNET)]).toEqual(['open', 'closed']);
    const unknown = answer(aVpc({ securityGroups }));
    expect(at(unknown, INTERNET)).toMatch(/prefix list pl-1/);
    expect(at(unknown, INTERNET, 'TCP', 80)).toBe('closed');
  });

  test('members of a group that a rule names are somewhere in the VPC or its peers, never on the internet', () => {
    const facts = aVpcRouting([aRoute('0.0.0.0/0', 'nat-1'), aRoute('172.16.0.0/16', 'pcx-1')], {
      securityGroups: [aGroup('sg-1', aRule({ groups: ['sg-db'] }))],
    });
    const routable = answer(facts);
    expect(at(routable, '10.0.3.3')).toMatch(/members of sg-db/);
    expect(at(routable, '172.16.0.1')).toMatch(/members of sg-db|peering/);
    expect(at(routable, INTERNET)).toBe('closed');
  });

  test('a group that EC2 does not describe may allow anything', () => {
    expect(at(answer(aVpc({ securityGroups: [] })), INTERNET)).toMatch(/security group sg-1/);
  });

  test.each([
    ['169.254.169.253', 'UDP', 53],
    ['10.0.0.2', 'TCP', 53],
    ['169.254.169.254', 'TCP', 80],
    ['169.254.169.123', 'UDP', 123],
  ] as const)('security groups do not block %s %s %i', (address, protocol, port) => {
    expect(at(withRules(), address, protocol, port)).toBe('open');
    expect(at(withRules(), address, protocol, 22)).toBe('closed');
  });
});

describe('several CIDR blocks of a VPC', () => {
  const withBlocks = (...blocks: readonly string[]) =>
    answer(
      aVpc({
        routeTables: [
          aTable(
            'rtb-1',
            blocks.map((block) => aRoute(block, 'local')),
            { main: true },
          ),
        ],
        securityGroups: [aGroup('sg-1')],
      }),
    );

  test.each([
    ['adjacent ones', '10.1.0.0/16', '10.1.0.2'],
    ['others', '100.64.0.0/16', '100.64.0.2'],
  ])('the resolver is in the primary CIDR block, which is not known: %s', (_, second, resolver) => {
    const routable = withBlocks('10.0.0.0/16', second);
    for (const address of ['10.0.0.2', resolver]) {
      expect(at(routable, address, 'UDP', 53)).toMatch(/primary CIDR block/);
      expect(at(routable, address, 'UDP', 54)).toBe('closed');
    }
    expect(at(withBlocks('10.0.0.0/16'), '10.0.0.2', 'UDP', 53)).toBe('open');
    expect(at(withBlocks('10.0.0.0/16', '2600:1f18::/56'), '10.0.0.2', 'UDP', 53)).toBe('open');
  });
});

describe('a local route that leads to an appliance in every table', () => {
  const replaced = (rule: Parameters<typeof aRule>[0], id = 'eni-9', block = '10.0.0.0/16') =>
    aVpc({
      routeTables: [
        aTable('rtb-1', [aRoute(block, id), aRoute('0.0.0.0/0', 'nat-1')], { main: true }),
        aTable('rtb-public', [aRoute(block, 'eni-9'), aRoute('0.0.0.0/0', 'igw-1')], {
          subnets: ['subnet-public'],
        }),
      ],
      securityGroups: [aGroup('sg-1', aRule(rule)), aGroup('sg-pod')],
    });

  test.each(['eni-9', 'nat-1', 'vpce-2'])(
    'members of a security group may be behind %s, where a local route leads',
    (id) => {
      const routable = answer(replaced({ groups: ['sg-1'] }, id));
      expect(at(routable, '10.0.3.3')).not.toBe('closed');
      expect(at(routable, '10.0.3.3')).not.toBe('open');
      expect(at(routable, INTERNET)).toBe('closed');
    },
  );

  test.each(['8.0.0.0/8', '10.0.0.16/29'])('%s is no block of any VPC', (block) => {
    expect(at(answer(replaced({ groups: ['sg-1'] }, 'eni-9', block)), INTERNET)).toBe('closed');
    expect(at(answer(replaced({ groups: ['sg-1'] }, 'eni-9', block)), '8.8.8.8')).toBe('closed');
    expect(at(answer(replaced({ groups: ['sg-1'] }, 'eni-9', block)), '10.0.0.17')).toBe('closed');
  });

  test('the resolver may be behind a local route to an appliance', () => {
    expect(at(answer(replaced({})), '10.0.0.2', 'UDP', 53)).toMatch(/primary CIDR block/);
  });

  test('the resolver may be within the VPC, or not, in standard mode', () => {
    const pod = anExit({ securityGroups: ['sg-pod'] }, 'all but outside IPv4');
    const node = anExit({}, 'outside IPv4');
    const routable = answer(replaced({ cidrs: ['0.0.0.0/0'] }), pod, node);
    expect('undecided' in routable && routable.undecided?.map(({ because }) => because)).toContainEqual(
      expect.stringMatching(/local route got another target/),
    );
    expect([at(routable, INTERNET), at(routable, '10.0.3.3')]).toEqual([
      'open',
      expect.stringMatching(/eni-9|target/),
    ]);
  });
});

describe('several ways out', () => {
  const facts = aVpc({
    securityGroups: [
      aGroup('sg-1', aRule({ cidrs: ['0.0.0.0/0'] })),
      aGroup('sg-pod', aRule({ cidrs: ['10.0.0.0/16'] })),
    ],
  });
  const pod = { securityGroups: ['sg-pod'] };

  test('what any of several ways out leaves open counts', () => {
    expect(at(answer(facts, anExit(pod)), INTERNET)).toBe('closed');
    expect(at(answer(facts, anExit(pod), anExit()), INTERNET)).toBe('open');
  });

  test('traffic that leaves the VPC in standard mode has the groups of the node, and traffic within it those of the pod', () => {
    const narrow = aVpc({
      securityGroups: [
        aGroup('sg-1', aRule({ cidrs: ['198.51.100.0/24'] })),
        aGroup('sg-pod', aRule({ cidrs: ['203.0.113.0/24', '10.0.1.0/24'] })),
      ],
    });
    const routable = answer(narrow, anExit(pod, 'all but outside IPv4'), anExit({}, 'outside IPv4'));
    expect(['198.51.100.1', '203.0.113.1', '10.0.1.1', '10.0.2.1'].map((one) => at(routable, one))).toEqual([
      'open',
      'closed',
      'open',
      'closed',
    ]);
  });

  test('CIDR blocks without source NAT count as the VPC does, except for what is no IPv4 block', () => {
    const narrow = aVpc({
      securityGroups: [
        aGroup('sg-1', aRule({ cidrs: ['198.51.100.0/24'] })),
        aGroup('sg-pod', aRule({ cidrs: ['203.0.113.0/24'] })),
      ],
    });
    const untranslated = ['203.0.113.0/25', '2600::/16', 'nonsense'];
    const routable = answer(
      narrow,
      { ...anExit(pod, 'all but outside IPv4'), untranslated },
      { ...anExit({}, 'outside IPv4'), untranslated },
    );
    expect(['198.51.100.1', '203.0.113.1', '203.0.113.200'].map((one) => at(routable, one))).toEqual([
      'open',
      'open',
      'closed',
    ]);
  });

  test('with one of several ways out, what each lets out is open, and what some let out is unknown', () => {
    const routable = answer(facts, { ...anExit(), or: [anInterface(pod)] });
    expect(at(routable, '10.0.0.1')).toBe('open');
    expect(at(routable, INTERNET)).toMatch(/Which network interface/);
    expect(at(answer(facts, { ...anExit(pod), or: [anInterface(pod)] }), INTERNET)).toBe('closed');
  });

  test('an address that may be public may pass an internet gateway or not', () => {
    const open = aVpcRouting([aRoute('0.0.0.0/0', 'igw-1'), aRoute('::/0', 'igw-1')]);
    const routable = answer(open, anExit({ publicIpv4: null, ipv6: true }));
    expect(at(routable, INTERNET)).toMatch(/are public ones/);
    expect(at(routable, INTERNET6)).toBe('open');
  });

  test('a possible further way out leaves all unknown that is not open already', () => {
    const routable = createRoutable(facts)({ ways: [anExit(pod)], unknown: ['A node is not known.'] });
    expect([at(routable, '10.0.0.1'), at(routable, INTERNET)]).toEqual(['open', 'A node is not known.']);
  });

  test('no known way out is an unknown answer', () => {
    expect(createRoutable(facts)({ ways: [], unknown: ['No node is known.'] })).toEqual({
      unknown: 'No node is known.',
    });
  });
});

describe('what could not be read', () => {
  test.each([
    ['natGateways', 'nat-1'],
    ['endpoints', 'vpce-1'],
  ] as const)('traffic through %s that could not be read is unknown', (what, target) => {
    const facts = aVpcRouting([aRoute('0.0.0.0/0', target)], {
      [what]: { unread: 'AWS denies it. Allow it.' },
    });
    expect([at(answer(facts), INTERNET), at(answer(facts), '10.0.0.1')]).toEqual([
      'AWS denies it. Allow it.',
      'open',
    ]);
  });

  test('without the VPC the answer says why', () => {
    expect(createRoutable({ unread: 'AWS denies it. Allow it.' })({ ways: [anExit()], unknown: [] })).toEqual(
      { unknown: 'AWS denies it. Allow it.' },
    );
    expect(createRoutable(undefined)({ ways: [anExit()], unknown: [] })).toEqual({
      unknown: expect.stringMatching(/--eks/),
    });
  });
});

test('the answer has the form of the others: disjoint, merged, sorted', () => {
  const facts = aVpc({
    routeTables: [aTable('rtb-1', [LOCAL, aRoute('198.51.100.0/24', 'tgw-1')], { main: true })],
    securityGroups: [
      aGroup('sg-1', aRule({ protocol: 'tcp', fromPort: 443, toPort: 443, cidrs: ['0.0.0.0/0'] })),
    ],
  });
  const tcp = [{ protocol: 'TCP' as const, from: 443, to: 443 }];
  expect(answer(facts, { through: anInterface(), traffic: 'all' })).toEqual({
    external: expect.arrayContaining([{ from: '10.0.0.3', to: '10.0.255.255', ports: tcp }]),
    undecided: [
      {
        external: [{ from: '198.51.100.0', to: '198.51.100.255', ports: tcp }],
        because: 'It is routed to the transit gateway tgw-1, and what lies beyond that is not read.',
      },
    ],
  });
  expect(readPorts(tcp)).toHaveLength(2);
});
