import type { Route, RouteTable, RouteTarget } from '../../inventory/vpc.ts';
import { type AddressSet, fromSpans, isNothing, subtract, unionAll } from '../sets/address-set.ts';
import { type AddressSpan, parseCidr } from '../sets/addresses.ts';
import { prefixLength } from './route-table.ts';

/** The CIDR blocks of a VPC, as far as its route tables tell: each has a local route in all of them. */
export interface VpcBlocks {
  /** One by one: blocks that adjoin are still several. */
  readonly known: readonly AddressSpan[];
  /** Destinations of routes that may have been local ones, until they got another target. */
  readonly perhaps: readonly AddressSpan[];
}

/** By what the target of a local route can be replaced. */
const REPLACES_LOCAL: ReadonlySet<RouteTarget> = new Set([
  'NAT gateway',
  'network interface',
  'VPC endpoint',
]);

/** How long prefixes of VPCs are: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const LENGTHS = { 4: { least: 16, most: 28 }, 6: { least: 44, most: 60 } } as const;

/**
 * The target of a local route can be replaced by a NAT gateway, a network interface or a Gateway Load Balancer
 * endpoint; where that is done in every table, none names the block as local any more.
 * https://docs.aws.amazon.com/vpc/latest/userguide/replace-local-route-target.html
 */
export function blocksOf(tables: readonly RouteTable[]): VpcBlocks {
  const known = distinct(spansTo(tables, ({ target }) => target === 'local'));
  const local = setOf(known);
  const replaced = spansTo(tables, ({ target, propagated }) => !propagated && REPLACES_LOCAL.has(target));
  const perhaps = distinct(replaced).filter((span) => {
    const { least, most } = LENGTHS[span.family];
    const length = prefixLength(span);
    return length >= least && length <= most && !isNothing(subtract(fromSpans([span]), local));
  });
  return { known, perhaps };
}

/** Addresses of some blocks. */
export const setOf = (spans: readonly AddressSpan[]): AddressSet =>
  unionAll(spans.map((span) => fromSpans([span])));

/** Destinations of some routes, leaving prefix lists aside. */
export const spansTo = (
  tables: readonly RouteTable[],
  wanted: (route: Route) => boolean,
): readonly AddressSpan[] =>
  tables.flatMap(({ routes }) =>
    routes.filter(wanted).flatMap(({ destination }) => {
      const span = 'cidr' in destination ? parseCidr(destination.cidr) : null;
      return span === null ? [] : [span];
    }),
  );

const distinct = (spans: readonly AddressSpan[]): readonly AddressSpan[] => [
  ...new Map(spans.map((span) => [`${span.from}-${span.end}/${span.family}`, span])).values(),
];
