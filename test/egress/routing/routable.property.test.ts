import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRoutable, type Routable } from '../../../lambda/egress/routing/routable.ts';
import { portsOf } from '../../../lambda/egress/sets/address-set.ts';
import { type Address, parseAddress } from '../../../lambda/egress/sets/addresses.ts';
import { hasPort } from '../../../lambda/egress/sets/port-set.ts';
import { fromExternalRanges } from '../../../lambda/egress/sets/printed.ts';
import type { ExternalRange } from '../../../lambda/egress/sets/reach.ts';
import type { RouteTable, VpcFacts } from '../../../lambda/inventory/vpc.ts';
import { DEEP, runs } from '../../support/runs.ts';
import { aGroup, anInterface, aRoute, aRule, aTable, LOCAL } from './builders.ts';
import { type Packet, type Verdict, walk } from './packet-walker.ts';

/** A small world: a VPC 10.0.0.0/16, some blocks around it, and packets at their edges. */
const cidr = fc.constantFrom(
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.0.4.0/24',
  '198.51.100.0/24',
  '198.51.100.128/25',
  '::/0',
  '2600::/16',
  '64:ff9b::/96',
);
const list = fc.constantFrom('pl-1', 'pl-1', 'pl-2', 'pl-2', 'pl-2', 'pl-unread');
const target = fc.constantFrom(
  'igw-1',
  'eigw-1',
  'nat-1',
  'nat-2',
  'nat-3',
  'vpce-1',
  'vpce-2',
  'tgw-1',
  'vgw-1',
);
const packets: readonly string[] = [
  '10.0.0.0',
  '10.0.4.7',
  '10.1.0.1',
  '198.51.100.1',
  '198.51.100.129',
  '203.0.113.9',
  '2600::1',
  '2a00::1',
  '64:ff9b::c633:6401',
  '64:ff9b::a00:407',
];

const route = fc
  .tuple(fc.oneof({ weight: 8, arbitrary: cidr }, list), target, fc.boolean(), fc.nat(9))
  .map(([to, id, active, chance]) =>
    aRoute(to, id, { active: active || chance < 8, propagated: id === 'vgw-1' }),
  );
const table = (id: string, facts: Partial<RouteTable>) =>
  fc
    .uniqueArray(route, {
      maxLength: 5,
      selector: ({ destination, propagated }) => JSON.stringify([destination, propagated]),
    })
    .map((routes) => aTable(id, [LOCAL, ...routes], facts));
const rule = fc
  .record({
    protocol: fc.constantFrom('-1', 'tcp', 'udp', 'icmp', '132'),
    ports: fc.constantFrom([null, null], [0, 65535], [53, 443], [443, 443]),
    cidrs: fc.array(cidr, { maxLength: 2 }),
    prefixLists: fc.array(list, { maxLength: 1 }),
  })
  .map(({ ports: [fromPort = null, toPort = null], ...rest }) => aRule({ ...rest, fromPort, toPort }));
const nat = (id: string) =>
  fc.record({
    id: fc.constant(id),
    state: fc.constantFrom('available', 'available', 'failed'),
    public: fc.boolean(),
    subnet: fc.constantFrom('subnet-1', 'subnet-2', 'subnet-3'),
    routeTable: fc.constant(null),
  });
const world: fc.Arbitrary<VpcFacts> = fc.record({
  routeTables: fc.tuple(
    table('rtb-1', { subnets: ['subnet-1'] }),
    table('rtb-2', { subnets: ['subnet-2'] }),
    table('rtb-3', { main: true }),
  ),
  securityGroups: fc
    .tuple(fc.array(rule, { maxLength: 3 }), fc.array(rule, { maxLength: 2 }))
    .map(([a, b]) => [aGroup('sg-1', ...a), aGroup('sg-2', ...b)]),
  natGateways: fc.tuple(nat('nat-1'), nat('nat-2')),
  endpoints: fc.constant([
    { id: 'vpce-1', type: 'Gateway' },
    { id: 'vpce-2', type: 'GatewayLoadBalancer' },
  ]),
  prefixLists: fc.constant(
    new Map<string, readonly string[] | { unread: string }>([
      ['pl-1', ['198.51.100.0/24', '10.0.4.0/24']],
      ['pl-2', ['203.0.113.0/25', '198.51.100.0/24']],
      ['pl-unread', { unread: 'denied' }],
    ]),
  ),
});
const through = fc
  .record({
    subnet: fc.constantFrom('subnet-1', 'subnet-2'),
    publicIpv4: fc.constantFrom(true, false, null),
    ipv6: fc.boolean(),
    securityGroups: fc.constantFrom(['sg-1'], ['sg-1', 'sg-2'], ['sg-9']),
  })
  .map(anInterface);

const holds = (ranges: readonly ExternalRange[], { address, protocol, port }: Packet): boolean =>
  hasPort(portsOf(fromExternalRanges(ranges), address), protocol, port);

function verdictOf(routable: Routable, packet: Packet): Verdict {
  if ('unknown' in routable) return 'perhaps';
  const perhaps = routable.undecided?.some(({ external }) => holds(external, packet)) ?? false;
  const open = holds(routable.external, packet);
  expect(open && perhaps).toBe(false);
  return open ? 'open' : perhaps ? 'perhaps' : 'closed';
}

test('the algebra says of every packet what following it says', () => {
  const seen: Record<Verdict, number> = { open: 0, perhaps: 0, closed: 0 };
  fc.assert(
    fc.property(world, through, fc.array(through, { maxLength: 1 }), (facts, from, or) => {
      const routable = createRoutable(facts)({ ways: [{ through: from, or, traffic: 'all' }], unknown: [] });
      for (const text of packets) {
        for (const [protocol, port] of [
          ['TCP', 443],
          ['TCP', 22],
          ['UDP', 53],
          ['SCTP', 443],
        ] as const) {
          const packet = { address: parseAddress(text) as Address, protocol, port };
          const [first = 'closed', ...others] = [from, ...or].map((one) => walk(facts, one, packet));
          const expected = others.every((one) => one === first) ? first : 'perhaps';
          seen[expected]++;
          expect([text, protocol, port, verdictOf(routable, packet)]).toEqual([
            text,
            protocol,
            port,
            expected,
          ]);
        }
      }
    }),
    { numRuns: runs(200) },
  );
  // A world in which nothing ever happens would prove nothing.
  if (DEEP) expect(Math.min(seen.open, seen.perhaps, seen.closed)).toBeGreaterThan(100);
});
