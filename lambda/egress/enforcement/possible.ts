import type { GapReason } from '../../inventory/gap.ts';
import { spend } from '../../work.ts';
import type { Decision } from '../decide/evaluate.ts';
import type { Applied } from '../policies/policy.ts';
import {
  type AddressSet,
  EVERYTHING,
  intersect,
  portsEverywhere,
  sameSet,
  union,
} from '../sets/address-set.ts';
import { type Bounds, both, certain, either, isCertain } from '../sets/bounds.ts';
import { type HostMatch, hostKey } from '../sets/hosts.ts';
import { includesPorts, samePorts } from '../sets/port-set.ts';

/** Why something is not known, with what to do about it. */
export interface Open {
  readonly reason: GapReason;
  readonly message: string;
  readonly remedy: string;
}

/** Names that pods definitely reach, and those that they may. */
export interface HostBounds {
  readonly definite: readonly HostMatch[];
  readonly potential: readonly HostMatch[];
}

/** Addresses that are open for a reason that is no rule. */
export interface Opened {
  readonly set: AddressSet;
  /** Part of a sentence. */
  readonly because: string;
}

/** What some policies come to. */
export interface Decided {
  readonly decision: Decision;
  /** Their names, sorted. */
  readonly policies: readonly string[];
}

/** What pods reach if policies are enforced in one of the ways in which they may be. */
export interface Option {
  readonly reach: Bounds;
  readonly hosts: HostBounds;
  /** Of the policies that are enforced then, for the reasons. */
  readonly decided: readonly Decided[];
  readonly opened: readonly Opened[];
}

/** All ways in which the policies of some pods may be enforced: one if that is known. */
export interface Possible {
  readonly options: readonly [Option, ...Option[]];
  /** Why there are several, or why the one is not known. */
  readonly unknown: Open | null;
}

const NO_HOSTS: HostBounds = { definite: [], potential: [] };

/** Nothing restricts the pods. */
export const open = (because: string, set: AddressSet = EVERYTHING): Option => ({
  reach: certain(set),
  hosts: NO_HOSTS,
  decided: [],
  opened: [{ set, because }],
});

export const optionOf = (decision: Decision, applied: readonly Applied[]): Option => ({
  reach: decision.reached,
  hosts: { definite: decision.definiteHosts, potential: decision.hosts },
  decided: [{ decision, policies: [...new Set(applied.map(({ policy }) => policy.name))].sort() }],
  opened: [],
});

export const NO_POLICY = 'no policy restricts its egress';

/** Why pods are open of which no policy is enforced. */
export function notEnforced(applied: readonly Applied[]): string {
  const [first, second] = [...new Set(applied.map(({ policy }) => policy.name))].sort();
  if (first === undefined) return NO_POLICY;
  return `nothing enforces ${first}${second === undefined ? '' : ' or any other of its policies'}`;
}

/** More are not distinguished: then only what all have in common is definite. Enough for four kinds of policies. */
const MOST_OPTIONS = 16;

/** Each different option once, or all as one if there are too many. */
function distinct(options: readonly [Option, ...Option[]]): readonly [Option, ...Option[]] {
  const [first, ...others] = options;
  const kept: [Option, ...Option[]] = [first];
  for (const option of others) if (!kept.some((one) => isSame(one, option))) kept.push(option);
  return kept.length <= MOST_OPTIONS ? kept : [kept.reduce(spanning)];
}

const isSame = (a: Option, b: Option): boolean =>
  sameSet(a.reach.definite, b.reach.definite) &&
  sameSet(a.reach.potential, b.reach.potential) &&
  sameHosts(a.hosts.definite, b.hosts.definite) &&
  sameHosts(a.hosts.potential, b.hosts.potential);

const sameHosts = (a: readonly HostMatch[], b: readonly HostMatch[]): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((host, at) => {
      const other = b[at];
      return other !== undefined && isSameHost(host, other);
    }));

/** Either of two: definitely what both reach, potentially what one of them reaches. */
export function spanning(a: Option, b: Option): Option {
  return {
    reach: {
      definite: intersect(a.reach.definite, b.reach.definite),
      potential: union(a.reach.potential, b.reach.potential),
    },
    hosts: {
      definite: a.hosts.definite.filter(hostsIn(b.hosts.definite)),
      potential: [...a.hosts.potential, ...b.hosts.potential],
    },
    ...reasonsOf(a, b),
  };
}

/** What pods reach of which some fare so and some so. */
const joined = (a: Option, b: Option): Option => ({
  reach: either(a.reach, b.reach),
  hosts: {
    definite: [...a.hosts.definite, ...b.hosts.definite],
    potential: [...a.hosts.potential, ...b.hosts.potential],
  },
  ...reasonsOf(a, b),
});

/** What is left of traffic that must pass both; of a name, where the other leaves every address open. */
const passedBoth = (a: Option, b: Option): Option => ({
  reach: both(a.reach, b.reach),
  hosts: {
    definite: [...hostsThrough(a, b), ...hostsThrough(b, a)],
    potential: [...a.hosts.potential, ...b.hosts.potential],
  },
  ...reasonsOf(a, b),
});

function hostsThrough({ hosts }: Option, other: Option): readonly HostMatch[] {
  if (hosts.definite.length === 0) return [];
  const everywhere = portsEverywhere(other.reach.definite);
  const isInOther = hostsIn(other.hosts.definite);
  return hosts.definite.filter((host) => includesPorts(everywhere, host.ports) || isInOther(host));
}

const isSameHost = (a: HostMatch, b: HostMatch): boolean =>
  a === b || (a.host === b.host && a.wildcard === b.wildcard && samePorts(a.ports, b.ports));

/** Whether a host is among others: policies may name tens of thousands, which are not compared in pairs. */
function hostsIn(hosts: readonly HostMatch[]): (host: HostMatch) => boolean {
  spend(hosts.length);
  const keys = new Set(hosts.map(hostKey));
  return (host) => keys.has(hostKey(host));
}

const reasonsOf = (a: Option, b: Option): Pick<Option, 'decided' | 'opened'> => ({
  decided: [...new Set([...a.decided, ...b.decided])],
  opened: [...a.opened, ...b.opened],
});

type Combine = (a: Option, b: Option) => Option;

/** Each option of the one with each of the other. */
function combined(a: Possible, b: Possible, combine: Combine): Possible {
  const [first, ...others] = a.options.flatMap((one) => b.options.map((other) => combine(one, other)));
  if (first === undefined) throw new TypeError('Pods have at least one reach.');
  return settled([first, ...others], a.unknown ?? b.unknown);
}

/** Pods on several kinds of nodes: what any of them reaches. */
export const anyOf = (a: Possible, b: Possible): Possible => combined(a, b, joined);

/** Several engines on one node: what all of them let pass. */
export const throughBoth = (a: Possible, b: Possible): Possible => combined(a, b, passedBoth);

/** Pods of which it is not known how they fare. */
export function oneOf(parts: readonly [Possible, ...Possible[]], unknown: Open | null): Possible {
  const [first, ...others] = parts;
  const [option, ...further] = first.options;
  const options: Possible['options'] = [option, ...further, ...others.flatMap((part) => part.options)];
  return settled(options, parts.find((part) => part.unknown !== null)?.unknown ?? unknown);
}

/** Changes what is reached of each option. */
export const mapOptions = (
  { options: [first, ...others], unknown }: Possible,
  change: (option: Option) => Option,
): Possible => settled([change(first), ...others.map(change)], unknown);

/** Where all ways come to the same, it is known. */
function settled(options: Possible['options'], unknown: Open | null): Possible {
  const kept = distinct(options);
  return { options: kept, unknown: kept.length === 1 && isKnown(kept[0]) ? null : unknown };
}

/** Whether all is known of what is reached. */
export const isKnown = ({ reach, hosts }: Option): boolean =>
  hosts.definite.length === hosts.potential.length && isCertain(reach);
