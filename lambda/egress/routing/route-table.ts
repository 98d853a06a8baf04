import { isUnread, type Route, type RouteTable, type VpcFacts } from '../../inventory/vpc.ts';
import {
  type AddressSet,
  EVERYTHING,
  fromSpans,
  intersect,
  isNothing,
  NOTHING,
  subtract,
  union,
  unionAll,
} from '../sets/address-set.ts';
import { type AddressSpan, parseCidr } from '../sets/addresses.ts';
import { cidrsOf } from './security-groups.ts';

/** Traffic that takes one route of a table. */
export interface Routed {
  /** Several where it is not known which one of them it takes. */
  readonly routes: readonly [Route, ...Route[]];
  readonly set: AddressSet;
}

/** A sentence why it is not known where a table sends traffic. */
export interface NotRouted {
  readonly unknown: string;
}

/** The table of a subnet: the one that names it, else the main one. `null`: EC2 did not tell it. */
export const tableOf = (subnet: string, tables: readonly RouteTable[]): RouteTable | null =>
  tables.find(({ subnets }) => subnets.includes(subnet)) ?? tables.find(({ main }) => main) ?? null;

interface Entry {
  readonly route: Route;
  readonly span: AddressSpan;
  /** Bits of the prefix. */
  readonly length: number;
}

/**
 * Divides all addresses among the routes of a table: the longest prefix wins, whatever kind of route it
 * is; of equal ones the static before that of a prefix list before the propagated. A propagated route
 * never takes addresses of the VPC. What no route has goes nowhere.
 * https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
 * https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html
 */
export function divide(
  { id, routes }: RouteTable,
  facts: Pick<VpcFacts, 'prefixLists'>,
): readonly Routed[] | NotRouted {
  const entries: Entry[] = [];
  for (const route of routes) {
    const cidrs =
      'cidr' in route.destination ? [route.destination.cidr] : cidrsOf(route.destination.prefixList, facts);
    if (isUnread(cidrs)) return { unknown: cidrs.unread };
    for (const cidr of cidrs) {
      const span = parseCidr(cidr);
      if (span === null) return { unknown: `A destination in the route table ${id} is not understood.` };
      entries.push({ route, span, length: prefixLength(span) });
    }
  }
  entries.sort((a, b) => b.length - a.length || rankOf(a.route) - rankOf(b.route));
  return share(entries);
}

function share(entries: readonly Entry[]): readonly Routed[] {
  const local = unionAll(
    entries.filter(({ route }) => route.target === 'local').map(({ span }) => fromSpans([span])),
  );
  const taken = new Map<string, Routed>();
  let rest: AddressSet = EVERYTHING;
  for (const { routes, span } of withTies(entries)) {
    if (isNothing(rest)) break;
    const wanted = routes[0].propagated ? subtract(fromSpans([span]), local) : fromSpans([span]);
    const key = JSON.stringify(routes);
    const before = taken.get(key)?.set ?? NOTHING;
    taken.set(key, { routes, set: union(before, intersect(rest, wanted)) });
    rest = subtract(rest, wanted);
  }
  return [...taken.values()];
}

const rankOf = ({ propagated, destination }: Route): number =>
  propagated ? 2 : 'prefixList' in destination ? 1 : 0;

interface Tied extends Pick<Routed, 'routes'> {
  readonly span: AddressSpan;
}

/**
 * Equal entries as one: "If your route table references multiple prefix lists that have overlapping CIDR blocks to
 * different targets, we randomly choose which route takes priority"; of two blocks the more specific one still does.
 * https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
 */
function withTies(entries: readonly Entry[]): readonly Tied[] {
  const found = new Map<string, Tied>();
  for (const { route, span, length } of entries) {
    const key = `${span.family}/${span.from}/${length}/${rankOf(route)}`;
    const { routes } = found.get(key) ?? {};
    if (routes === undefined) found.set(key, { routes: [route], span });
    else if (!routes.some((one) => isSameWay(one, route)))
      found.set(key, { routes: [...routes, route], span });
  }
  return [...found.values()];
}

/** One of them may be a black hole, where the other leads on. */
const isSameWay = (a: Route, b: Route): boolean => a.id === b.id && a.active === b.active;

/** Bits of the prefix of a CIDR block. */
export function prefixLength(span: AddressSpan): number {
  return span.family === 4
    ? 32 - Math.log2(span.end - span.from)
    : 128 - ((span.end - span.from).toString(2).length - 1);
}
