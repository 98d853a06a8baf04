import {
  type Exit,
  isUnread,
  type Traffic,
  type Unread,
  type VpcFacts,
  type VpcInterface,
  type WaysOut,
} from '../../inventory/vpc.ts';
import {
  type AddressSet,
  EVERYTHING,
  intersect,
  isNothing,
  subtract,
  union,
  unionAll,
} from '../sets/address-set.ts';
import { parseCidr } from '../sets/addresses.ts';
import { externalRanges } from '../sets/printed.ts';
import type { ExternalRange, Unknown } from '../sets/reach.ts';
import { anyOf, type Bounded, bothOf, definite, oneOf, perhaps, within } from './bounded.ts';
import { ALL_IPV4, familiesOf, routedFrom } from './routes.ts';
import { allowedBy } from './security-groups.ts';
import { unfiltered } from './unfiltered.ts';
import { blocksOf, setOf, spansTo } from './vpc-blocks.ts';

/** What the VPC lets traffic of some pods reach; it never says that a policy denies the rest. */
export type Routable =
  | {
      /** Disjoint, merged, sorted; IPv6 after IPv4. */
      readonly external: readonly ExternalRange[];
      /** Ranges of which it is not known, each with the reason; left out where there are none. */
      readonly undecided?: readonly UndecidedRanges[];
    }
  | Unknown;

export interface UndecidedRanges {
  readonly external: readonly ExternalRange[];
  readonly because: string;
}

/** Answers for the ways out of one class what the VPC lets through. */
export type RoutableOf = (exits: WaysOut) => Routable;

/** What an answer leaves aside; all of it can only make it smaller. */
export const NOT_READ =
  'Routable: network ACLs, VPC Block Public Access and firewalls in the VPC are not read; they can only make it smaller.';

/**
 * What the security groups and route tables of a VPC let traffic reach, and what beyond is not known. Each
 * kind of interface is judged once.
 */
export function createRoutable(facts: VpcFacts | Unread | undefined): RoutableOf {
  if (facts === undefined) return () => ({ unknown: NOT_FROM_EKS });
  if (isUnread(facts)) return () => ({ unknown: facts.unread });
  // Equal ways are one object.
  const judged = new Map<Exit, Bounded>();
  const reach = reachOf(facts);
  return ({ ways, unknown }) => {
    const parts = ways.map((way) => {
      const found = judged.get(way) ?? reach(way);
      judged.set(way, found);
      return found;
    });
    return answer(anyOf([...parts, ...unknown.map((because) => perhaps(EVERYTHING, because))]));
  };
}

const NOT_FROM_EKS =
  'What the VPC routes is not known: this source has no data about the VPC. Audit the cluster with --eks and AWS credentials.';

function reachOf(facts: VpcFacts): (way: Exit) => Bounded {
  const blocks = blocksOf(facts.routeTables);
  const local: Local = { known: setOf(blocks.known), perhaps: setOf(blocks.perhaps) };
  // Security groups of peered VPCs may be named, too: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
  const peers = spansTo(
    facts.routeTables,
    ({ target }) => target === 'VPC peering connection' || target === 'transit gateway',
  );
  const members = unionAll([local.known, local.perhaps, setOf(peers)]);
  const services = unfiltered(blocks);
  const reach = (through: VpcInterface): Bounded => {
    const allowed = allowedBy(through.securityGroups, facts, members);
    const routed = routedFrom(through.subnet, through, facts);
    return anyOf([bothOf(allowed, routed), within(services, familiesOf(through))]);
  };
  return ({ through, or = [], traffic, untranslated = [] }) => {
    const kept = { ...local, known: union(local.known, ipv4Of(untranslated)) };
    return bothOf(oneOf([through, ...or].map(reach), WHICH_WAY), trafficSet(traffic, kept));
  };
}

const WHICH_WAY =
  'Which network interface and address of the node this traffic uses is not known, and not all of them allow it.';

/** The VPC CNI ignores what is not an IPv4 block, too (`parseCIDRString`, pkg/networkutils/network.go there). */
const ipv4Of = (cidrs: readonly string[]): AddressSet =>
  setOf(cidrs.map(parseCidr).filter((span) => span?.family === 4));

/** Addresses of the VPC, and those that may be. */
interface Local {
  readonly known: AddressSet;
  readonly perhaps: AddressSet;
}

function trafficSet(traffic: Traffic, local: Local): Bounded {
  if (traffic === 'all') return definite(EVERYTHING);
  const open = subtract(local.perhaps, local.known);
  const uncertainty = perhaps(intersect(ALL_IPV4, open), PERHAPS_LOCAL);
  const outside = subtract(ALL_IPV4, union(local.known, open));
  return traffic === 'outside IPv4'
    ? anyOf([definite(outside), uncertainty])
    : anyOf([definite(subtract(EVERYTHING, union(outside, intersect(ALL_IPV4, open)))), uncertainty]);
}

const PERHAPS_LOCAL =
  'Whether this is a block of the VPC, whose local route got another target, is not read; traffic within the VPC leaves with other security groups.';

function answer({ open, undecided }: Bounded): Routable {
  if (undecided.length === 0) return { external: externalRanges(open) };
  if (isNothing(open)) return { unknown: undecided.map(({ because }) => because).join(' ') };
  return {
    external: externalRanges(open),
    undecided: undecided.map(({ set, because }) => ({ external: externalRanges(set), because })),
  };
}
