import {
  isUnread,
  type NatGateway,
  type Route,
  type RouteTarget,
  type VpcFacts,
  type VpcInterface,
} from '../../inventory/vpc.ts';
import { type AddressSet, EVERYTHING, fromCidrs, intersect, onPorts, unionAll } from '../sets/address-set.ts';
import { toNat64 } from '../sets/nat64.ts';
import { everyPortOf, unionPorts } from '../sets/port-set.ts';
import { anyOf, type Bounded, CLOSED, definite, oneOf, perhaps, within } from './bounded.ts';
import { divide, tableOf } from './route-table.ts';

/** The addresses that traffic leaves with. */
export type Source = Pick<VpcInterface, 'ipv4' | 'publicIpv4' | 'ipv6'>;

export const ALL_IPV4 = fromCidrs(['0.0.0.0/0']);
const ALL_IPV6 = fromCidrs(['::/0']);

/** All addresses of the families that a source has an address of. */
export const familiesOf = ({ ipv4, ipv6 }: Source): AddressSet =>
  unionAll([...(ipv4 ? [ALL_IPV4] : []), ...(ipv6 ? [ALL_IPV6] : [])]);

/** Where the route table of a subnet lets traffic of a source go. */
export function routedFrom(subnet: string, source: Source, facts: VpcFacts): Bounded {
  const table = tableOf(subnet, facts.routeTables);
  return table === null
    ? perhaps(EVERYTHING, `EC2 returned no route table for the subnet ${subnet}.`)
    : routedBy(table.id, { source, facts, passed: [] });
}

interface Way {
  readonly source: Source;
  readonly facts: VpcFacts;
  /** NAT gateways on the way: routes through them may lead in a circle. */
  readonly passed: readonly string[];
}

function routedBy(tableId: string, way: Way): Bounded {
  const { facts, source } = way;
  const table = facts.routeTables.find(({ id }) => id === tableId);
  if (table === undefined) return perhaps(EVERYTHING, `EC2 did not describe the route table ${tableId}.`);
  const divided = divide(table, facts);
  const families = familiesOf(source);
  if ('unknown' in divided) return perhaps(families, divided.unknown);
  return anyOf(
    divided.map(({ routes, set }) =>
      oneOf(
        routes.map((route) => beyond(route, intersect(set, families), way)),
        `Prefix lists in the route table ${tableId} hold the same block for ${routes.map(({ id }) => id).join(' and ')}, and AWS chooses one of these routes at random.`,
      ),
    ),
  );
}

/** What of the traffic that takes a route arrives, as far as the VPC decides. */
function beyond(route: Route, set: AddressSet, way: Way): Bounded {
  if (!route.active) return CLOSED;
  switch (route.target) {
    case 'local':
      return definite(set);
    // "To enable communication over the internet for IPv4, your instance must have a public IPv4 address."
    // https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html
    case 'internet gateway':
      return way.source.publicIpv4 === null
        ? anyOf([definite(intersect(set, ALL_IPV6)), perhaps(intersect(set, ALL_IPV4), PERHAPS_PUBLIC)])
        : definite(way.source.publicIpv4 ? set : intersect(set, ALL_IPV6));
    // https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html
    case 'egress-only internet gateway':
      return definite(intersect(set, ALL_IPV6));
    case 'NAT gateway':
      return throughNat(route, set, way);
    case 'VPC endpoint':
      return throughEndpoint(route, set, way.facts);
    default:
      return perhaps(set, notRead(route.target, route.id));
  }
}

const PERHAPS_PUBLIC =
  'Some addresses that pods may have are public ones and others are not, and an internet gateway takes no others.';

const notRead = (target: RouteTarget, id: string): string =>
  `It is routed to the ${target === 'other' ? 'target' : target} ${id}, and what lies beyond that is not read.`;

/**
 * A gateway endpoint leads to its service (https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html),
 * one of a Gateway Load Balancer to an appliance. Interface endpoints are addresses of the VPC.
 */
function throughEndpoint({ target, id }: Route, set: AddressSet, { endpoints }: VpcFacts): Bounded {
  if (isUnread(endpoints)) return perhaps(set, endpoints.unread);
  const endpoint = endpoints.find((one) => one.id === id);
  return endpoint?.type === 'Gateway' ? definite(set) : perhaps(set, notRead(target, id));
}

/** "A NAT gateway supports the following protocols: TCP, UDP, and ICMP." */
const NAT_PORTS = unionPorts(everyPortOf('TCP'), everyPortOf('UDP'));

/**
 * From a NAT gateway on, the routes of its own subnet count and no security group; a private one has no
 * public address. https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html
 */
function throughNat({ target, id }: Route, set: AddressSet, way: Way): Bounded {
  const { natGateways } = way.facts;
  if (isUnread(natGateways)) return perhaps(set, natGateways.unread);
  const gateway = natGateways.find((one) => one.id === id);
  if (gateway === undefined) return perhaps(set, notRead(target, id));
  if (gateway.state !== 'available' || way.passed.includes(id)) return CLOSED;
  const table = tableOfNat(gateway, way.facts);
  if (table === null) return perhaps(set, `EC2 returned no route table for the NAT gateway ${id}.`);
  const source = { ipv4: true, publicIpv4: gateway.public, ipv6: false };
  const behind = routedBy(table, { source, facts: way.facts, passed: [...way.passed, id] });
  return within(anyOf([behind, translated(behind)]), onPorts(set, NAT_PORTS));
}

function tableOfNat({ subnet, routeTable }: NatGateway, { routeTables }: VpcFacts): string | null {
  if (routeTable !== null) return routeTable;
  return subnet === null ? null : (tableOf(subnet, routeTables)?.id ?? null);
}

/**
 * The IPv6 addresses by which a NAT gateway reaches IPv4 ones; it takes no others.
 * https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html
 */
function translated({ open, undecided }: Bounded): Bounded {
  return anyOf([
    definite(toNat64(open)),
    ...undecided.map(({ set, because }) => perhaps(toNat64(set), because)),
  ]);
}
