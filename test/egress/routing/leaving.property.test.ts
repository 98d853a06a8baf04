import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createRoutable, type Routable } from '../../../lambda/egress/routing/routable.ts';
import { portsOf } from '../../../lambda/egress/sets/address-set.ts';
import { type Address, parseAddress } from '../../../lambda/egress/sets/addresses.ts';
import { hasPort } from '../../../lambda/egress/sets/port-set.ts';
import { fromExternalRanges } from '../../../lambda/egress/sets/printed.ts';
import { distinct, type Leaving, waysOfOwn, waysOfShared } from '../../../lambda/inventory/leaving.ts';
import type { VpcFacts, VpcInterface } from '../../../lambda/inventory/vpc.ts';
import { DEEP, runs } from '../../support/runs.ts';
import { aGroup, anInterface, aRoute, aRule, aTable, LOCAL } from './builders.ts';
import { type Verdict, walk } from './packet-walker.ts';

/** Ranges without source NAT: 192.168.0.0/16. */
const TARGETS = ['10.0.3.3', '192.168.1.1', '198.51.100.1', '2600::1'] as const;

const FACTS: VpcFacts = {
  routeTables: [
    aTable('rtb-1', [LOCAL, aRoute('0.0.0.0/0', 'nat-1')], { subnets: ['subnet-1'] }),
    aTable('rtb-2', [LOCAL, aRoute('0.0.0.0/0', 'igw-1'), aRoute('::/0', 'igw-1')], {
      subnets: ['subnet-2'],
    }),
    aTable('rtb-3', [LOCAL], { main: true }),
  ],
  securityGroups: [
    aGroup('sg-1', aRule({ cidrs: ['0.0.0.0/0', '::/0'] })),
    aGroup('sg-2', aRule({ cidrs: ['192.168.0.0/16'] })),
    aGroup('sg-3', aRule({ cidrs: ['10.0.0.0/16'] })),
  ],
  natGateways: [{ id: 'nat-1', state: 'available', public: true, subnet: 'subnet-2', routeTable: null }],
  endpoints: [],
  prefixLists: new Map(),
};

const interfaces = fc
  .record({
    subnet: fc.constantFrom('subnet-1', 'subnet-2', 'subnet-3'),
    securityGroups: fc.constantFrom(['sg-1'], ['sg-2'], ['sg-3'], ['sg-2', 'sg-3']),
    publicIpv4: fc.boolean(),
    publicSecondary: fc.boolean(),
    ipv6: fc.boolean(),
  })
  .map(anInterface);

/** How a node is set up, and what is known of it. */
const node = fc.record({
  primary: interfaces,
  secondary: fc.array(interfaces, { maxLength: 2 }),
  own: fc.option(interfaces),
  family: fc.constantFrom('ipv4' as const, 'ipv6' as const),
  external: fc.boolean(),
  excluded: fc.boolean(),
  other: fc.boolean(),
  standard: fc.boolean(),
  knows: fc.record({ family: fc.boolean(), nat: fc.boolean() }),
});
/** Nodes of IPv6 clusters have IPv6 addresses. */
const sound = node.map((on) => {
  const given = (one: VpcInterface): VpcInterface => ({ ...one, ipv6: one.ipv6 || on.family === 'ipv6' });
  const { primary, secondary, own } = on;
  return { ...on, primary: given(primary), secondary: secondary.map(given), own: own && given(own) };
});
type Node = typeof node extends fc.Arbitrary<infer T> ? T : never;

function known({ family, external, excluded, other, standard, knows }: Node): Leaving {
  const isPlain = knows.nat;
  return {
    family: knows.family ? family : null,
    translated: isPlain ? !external : null,
    untranslated: isPlain && !external && excluded ? ['192.168.0.0/16'] : [],
    other: knows.family && knows.nat ? other : null,
    podGroups: isPlain ? (standard && !external ? 'traffic within the VPC' : 'all traffic') : null,
  };
}

/** Where one packet of each pod that the node may hold gets, as the plugin sends it. */
function sent(on: Node, target: (typeof TARGETS)[number]): readonly Verdict[] {
  const { primary, secondary, own, family, external, excluded, other, standard } = on;
  const packet = { address: parseAddress(target) as Address, protocol: 'TCP' as const, port: 443 };
  const by = (one: VpcInterface): Verdict => walk(FACTS, one, packet);
  const isIpv6 = packet.address.family === 6;
  if (isIpv6 !== (family === 'ipv6')) return [other ? by(primary) : 'closed'];
  const pods =
    own === null
      ? [primary, ...secondary].flatMap((one) =>
          one.publicSecondary
            ? [true, false].map((publicIpv4) => ({ ...one, publicIpv4 }))
            : [{ ...one, publicIpv4: false }],
        )
      : [own];
  if (isIpv6) return pods.map(by);
  const keeps = external || target === '10.0.3.3' || (excluded && target === '192.168.1.1');
  const strict = own !== null && !standard;
  return keeps || strict ? pods.map(by) : [by(primary)];
}

function verdictOf(routable: Routable, target: string): Verdict {
  if ('unknown' in routable) return 'perhaps';
  const holds = (ranges: Parameters<typeof fromExternalRanges>[0]): boolean =>
    hasPort(portsOf(fromExternalRanges(ranges), parseAddress(target) as Address), 'TCP', 443);
  if (holds(routable.external)) return 'open';
  return routable.undecided?.some(({ external }) => holds(external)) ? 'perhaps' : 'closed';
}

function judged(on: Node): Routable {
  const { primary, secondary, own } = on;
  const ways =
    own === null
      ? waysOfShared({ interfaces: [primary, ...secondary], metadata: null }, known(on))
      : waysOfOwn(own, primary, known(on));
  return createRoutable(FACTS)({
    ways: ways.map(({ among, ...way }) => {
      const [through = primary, ...or] = distinct(among);
      return { through, or, ...way };
    }),
    unknown: [],
  });
}

test('nothing is open or closed that a pod on the node finds otherwise', () => {
  const seen: Record<Verdict, number> = { open: 0, perhaps: 0, closed: 0 };
  fc.assert(
    fc.property(sound, (on) => {
      const routable = judged(on);
      for (const target of TARGETS) {
        const said = verdictOf(routable, target);
        seen[said]++;
        if (said !== 'perhaps') expect([target, ...new Set(sent(on, target))]).toEqual([target, said]);
      }
    }),
    { numRuns: runs(1500) },
  );
  if (DEEP) expect(Math.min(seen.open, seen.perhaps, seen.closed)).toBeGreaterThan(300);
});
