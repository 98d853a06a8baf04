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
} from '../address-set.ts';
import { type AddressSpan, parseCidr } from '../addresses.ts';
import { cidrsOf } from './security-groups.ts';

/** Traffic that takes one route of a table. */
export interface Routed {
  readonly route: Route;
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
      entries.push({ route, span, length: lengthOf(span) });
    }
  }
  entries.sort((a, b) => b.length - a.length || rankOf(a.route) - rankOf(b.route));
  const tie = ambiguous(entries);
  if (tie !== null) return { unknown: `Two prefix lists in the route table ${id} both hold ${tie}.` };
  return share(entries);
}

/** Addresses of the VPC itself: those of the routes that lead nowhere else. */
export const localAddresses = (tables: readonly RouteTable[]): AddressSet =>
  addressesTo(tables, ({ target }) => target === 'local');

/** Addresses of the destinations of some routes, leaving prefix lists aside. */
export const addressesTo = (tables: readonly RouteTable[], wanted: (route: Route) => boolean): AddressSet =>
  unionAll(
    tables.flatMap(({ routes }) =>
      routes.filter(wanted).flatMap(({ destination }) => {
        const span = 'cidr' in destination ? parseCidr(destination.cidr) : null;
        return span === null ? [] : [fromSpans([span])];
      }),
    ),
  );

function share(entries: readonly Entry[]): readonly Routed[] {
  const local = unionAll(
    entries.filter(({ route }) => route.target === 'local').map(({ span }) => fromSpans([span])),
  );
  const taken = new Map<Route, AddressSet>();
  let rest: AddressSet = EVERYTHING;
  for (const { route, span } of entries) {
    if (isNothing(rest)) break;
    const wanted = route.propagated ? subtract(fromSpans([span]), local) : fromSpans([span]);
    taken.set(route, union(taken.get(route) ?? NOTHING, intersect(rest, wanted)));
    rest = subtract(rest, wanted);
  }
  return [...taken].map(([route, set]) => ({ route, set }));
}

const rankOf = ({ propagated, destination }: Route): number =>
  propagated ? 2 : 'prefixList' in destination ? 1 : 0;

/** "If your route table references multiple prefix lists that have overlapping CIDR blocks to different targets, we randomly choose which route takes priority." */
function ambiguous(entries: readonly Entry[]): string | null {
  const seen = new Map<string, Entry>();
  for (const entry of entries) {
    const { destination, id } = entry.route;
    if (!('prefixList' in destination)) continue;
    const key = `${entry.span.family}/${entry.span.from}/${entry.length}`;
    const other = seen.get(key);
    if (other !== undefined && other.route.id !== id) return `one block for ${other.route.id} and ${id}`;
    seen.set(key, entry);
  }
  return null;
}

function lengthOf(span: AddressSpan): number {
  return span.family === 4
    ? 32 - Math.log2(span.end - span.from)
    : 128 - ((span.end - span.from).toString(2).length - 1);
}
