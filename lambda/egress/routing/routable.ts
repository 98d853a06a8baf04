import {
  type Exit,
  isUnread,
  type Traffic,
  type Unread,
  type VpcFacts,
  type WaysOut,
} from '../../inventory/vpc.ts';
import { type AddressSet, EVERYTHING, isNothing, subtract, union } from '../address-set.ts';
import { externalRanges } from '../answer.ts';
import type { ExternalRange, Unknown } from '../model.ts';
import { anyOf, type Bounded, bothOf, perhaps, surely, within } from './bounded.ts';
import { addressesTo, localAddresses } from './route-table.ts';
import { ALL_IPV4, familiesOf, routedFrom } from './routes.ts';
import { allowedBy } from './security-groups.ts';
import { unfiltered } from './unfiltered.ts';

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

export const NOT_FROM_EKS =
  'What the VPC routes is not known: this source tells nothing of the VPC. Audit the cluster with --eks and AWS credentials.';

function reachOf(facts: VpcFacts): (way: Exit) => Bounded {
  const local = localAddresses(facts.routeTables);
  // Security groups of peered VPCs may be named, too: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html
  const members = union(
    local,
    addressesTo(
      facts.routeTables,
      ({ target }) => target === 'VPC peering connection' || target === 'transit gateway',
    ),
  );
  return ({ through, traffic }) => {
    const allowed = allowedBy(through.securityGroups, facts, members);
    const routed = routedFrom(through.subnet, through, facts);
    const services = within(surely(unfiltered(local)), familiesOf(through));
    return within(anyOf([bothOf(allowed, routed), services]), trafficSet(traffic, local));
  };
}

function trafficSet(traffic: Traffic, local: AddressSet): AddressSet {
  const outside = subtract(ALL_IPV4, local);
  if (traffic === 'all') return EVERYTHING;
  return traffic === 'outside IPv4' ? outside : subtract(EVERYTHING, outside);
}

function answer({ open, undecided }: Bounded): Routable {
  if (undecided.length === 0) return { external: externalRanges(open) };
  if (isNothing(open)) return { unknown: undecided.map(({ because }) => because).join(' ') };
  return {
    external: externalRanges(open),
    undecided: undecided.map(({ set, because }) => ({ external: externalRanges(set), because })),
  };
}
