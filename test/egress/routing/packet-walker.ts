import { type Address, parseCidr } from '../../../lambda/egress/sets/addresses.ts';
import type { Protocol } from '../../../lambda/egress/sets/port-set.ts';
import {
  type EgressRule,
  isUnread,
  type Route,
  type VpcFacts,
  type VpcInterface,
} from '../../../lambda/inventory/vpc.ts';

export type Verdict = 'open' | 'perhaps' | 'closed';
export interface Packet {
  readonly address: Address;
  readonly protocol: Protocol;
  readonly port: number;
}

const inside = (block: string, { family, value }: Address): boolean => {
  const span = parseCidr(block);
  return span !== null && span.family === family && value >= span.from && value < span.end;
};
const weaker = (a: Verdict, b: Verdict): Verdict =>
  a === 'closed' || b === 'closed' ? 'closed' : a === 'open' ? b : a;

/** Follows one packet through the VPC, rule by rule and route by route. */
export function walk(facts: VpcFacts, from: VpcInterface, packet: Packet): Verdict {
  if (packet.address.family === 6 && !from.ipv6) return 'closed';
  return weaker(
    passesGroups(facts, from.securityGroups, packet),
    follow(facts, from.subnet, { source: from, packet, hops: [] }),
  );
}

function passesGroups(facts: VpcFacts, ids: readonly string[], packet: Packet): Verdict {
  let verdict: Verdict = 'closed';
  for (const id of ids) {
    const group = facts.securityGroups.find((one) => one.id === id);
    if (group === undefined) verdict = 'perhaps';
    for (const rule of group?.egress ?? []) {
      const said = passesRule(facts, rule, packet);
      if (said === 'open') return 'open';
      if (said === 'perhaps') verdict = 'perhaps';
    }
  }
  return verdict;
}

function passesRule(facts: VpcFacts, rule: EgressRule, { address, protocol, port }: Packet): Verdict {
  const name = { TCP: 'tcp', UDP: 'udp', SCTP: '132' }[protocol];
  if (rule.protocol !== '-1' && rule.protocol !== name) return 'closed';
  const ranged = rule.protocol !== '-1' && name !== '132' && rule.fromPort !== null;
  if (ranged && (port < (rule.fromPort ?? 0) || port > (rule.toPort ?? 0))) return 'closed';
  if (rule.cidrs.some((block) => inside(block, address))) return 'open';
  let verdict: Verdict = 'closed';
  for (const list of rule.prefixLists) {
    const blocks = facts.prefixLists.get(list);
    if (blocks === undefined || 'unread' in blocks) verdict = 'perhaps';
    else if (blocks.some((block) => inside(block, address))) return 'open';
  }
  return verdict;
}

interface Hop {
  readonly source: Pick<VpcInterface, 'ipv4' | 'publicIpv4' | 'ipv6'>;
  readonly packet: Packet;
  readonly hops: readonly string[];
}

function follow(facts: VpcFacts, subnet: string, hop: Hop): Verdict {
  const own =
    facts.routeTables.find(({ subnets }) => subnets.includes(subnet)) ??
    facts.routeTables.find(({ main }) => main);
  if (own === undefined) return 'perhaps';
  const blocksOf = ({ destination }: Route): readonly string[] | null => {
    if ('cidr' in destination) return [destination.cidr];
    const blocks = facts.prefixLists.get(destination.prefixList);
    return blocks === undefined || 'unread' in blocks ? null : blocks;
  };
  if (own.routes.some((one) => blocksOf(one) === null)) return 'perhaps';
  const [best, ...others] = own.routes
    .filter((one) => !(one.propagated && inside('10.0.0.0/16', hop.packet.address)))
    .flatMap((route) =>
      (blocksOf(route) ?? [])
        .filter((block) => inside(block, hop.packet.address))
        .map((block) => ({ route, length: Number(block.split('/')[1]) })),
    )
    .sort((a, b) => b.length - a.length || weight(a.route) - weight(b.route));
  if (best === undefined) return 'closed';
  const said = [best, ...others]
    .filter(({ route, length }) => length === best.length && weight(route) === weight(best.route))
    .map(({ route }) => (route.active ? arrive(facts, route, hop) : 'closed'));
  return said.every((one) => one === said[0]) ? (said[0] ?? 'closed') : 'perhaps';
}

const weight = ({ propagated, destination }: Route): number =>
  propagated ? 3 : 'prefixList' in destination ? 2 : 1;

function arrive(facts: VpcFacts, { target, id }: Route, hop: Hop): Verdict {
  const v6 = hop.packet.address.family === 6;
  switch (target) {
    case 'local':
      return 'open';
    case 'internet gateway':
      if (!v6 && hop.source.publicIpv4 === null) return 'perhaps';
      return v6 || hop.source.publicIpv4 ? 'open' : 'closed';
    case 'egress-only internet gateway':
      return v6 ? 'open' : 'closed';
    case 'VPC endpoint':
      return id === 'vpce-1' ? 'open' : 'perhaps';
    case 'NAT gateway':
      return translate(facts, id, hop);
    default:
      return 'perhaps';
  }
}

function translate(facts: VpcFacts, id: string, { packet, hops }: Hop): Verdict {
  const { address } = packet;
  const gateway = isUnread(facts.natGateways) ? undefined : facts.natGateways.find((one) => one.id === id);
  if (gateway === undefined) return 'perhaps';
  if (gateway.state !== 'available' || hops.includes(id) || packet.protocol === 'SCTP') return 'closed';
  if (address.family === 6 && !inside('64:ff9b::/96', address)) return 'closed';
  const behind: Address =
    address.family === 6 ? { family: 4, value: Number(address.value & 0xffff_ffffn) } : address;
  return follow(facts, gateway.subnet ?? '', {
    source: { ipv4: true, publicIpv4: gateway.public, ipv6: false },
    packet: { ...packet, address: behind },
    hops: [...hops, id],
  });
}
