import { spend, withinWork } from '../../work.ts';
import { type Decision, decide } from '../decide/evaluate.ts';
import type { Applied, Rule } from '../policies/policy.ts';
import {
  type AddressSet,
  intersect,
  isNothing,
  portsAnywhere,
  portsEverywhere,
  sameSet,
} from '../sets/address-set.ts';
import { type Bounds, certain } from '../sets/bounds.ts';
import type { HostMatch } from '../sets/hosts.ts';
import { includesPorts, intersectPorts, type PortSet, unionOfPorts } from '../sets/port-set.ts';
import { externalRanges, hostRules } from '../sets/printed.ts';
import type { ExternalRange, HostRule } from '../sets/reach.ts';
import { admits } from './admitted.ts';
import type { Destination } from './destination.ts';
import { NO_POLICY, NO_RULE } from './explain.ts';

/** How much of a destination; `perhaps` depends on which addresses a name has. */
export type Extent = 'all' | 'part' | 'perhaps' | 'unknown' | 'none';

/** How policies stand to a destination. */
export interface TowardDestination {
  readonly declared: Extent;
  /** By host rules alone. */
  readonly byName: Extent;
  /** Of the destination what is definitely reachable by address; of a name none, since it has no addresses here. */
  readonly external: readonly ExternalRange[];
  /** Host rules that admit it, or may. */
  readonly hosts: readonly HostRule[];
  /** Rules that open it, or that close it where all of it is closed. */
  readonly because: readonly string[];
}

/**
 * How much of a destination a set of addresses holds; of a name, whose addresses are not known.
 *
 * @param everywhereOf the ports that are open wherever a name may lead
 */
export function extentOf(
  reach: Bounds,
  { addresses, ports }: Destination,
  everywhereOf: (set: AddressSet) => PortSet = portsEverywhere,
): Extent {
  if (addresses !== null) {
    const definite = intersect(reach.definite, addresses);
    if (sameSet(definite, addresses)) return 'all';
    if (!isNothing(definite)) return 'part';
    return isNothing(intersect(reach.potential, addresses)) ? 'none' : 'unknown';
  }
  const everywhere = intersectPorts(everywhereOf(reach.definite), ports);
  if (everywhere.length > 0) return includesPorts(everywhere, ports) ? 'all' : 'part';
  return intersectPorts(portsAnywhere(reach.potential), ports).length > 0 ? 'perhaps' : 'none';
}

/**
 * How much of a destination host rules admit. A name is admitted or not; an address perhaps, since one
 * of the names may have it.
 */
export function extentByName(hosts: readonly HostMatch[], destination: Destination): Extent {
  const { name, ports } = destination;
  if (name === null) return intersectPorts(portsOf(hosts), ports).length === 0 ? 'none' : 'perhaps';
  const definite: HostMatch[] = [];
  const perhaps: HostMatch[] = [];
  for (const host of hosts) {
    const admitted = admits(host, destination, name);
    if (admitted === null) perhaps.push(host);
    else if (admitted) definite.push(host);
  }
  const open = intersectPorts(portsOf(definite), ports);
  if (open.length > 0) return includesPorts(open, ports) ? 'all' : 'part';
  return intersectPorts(portsOf(perhaps), ports).length > 0 ? 'unknown' : 'none';
}

const portsOf = (hosts: readonly HostMatch[]): PortSet => unionOfPorts(hosts.map(({ ports }) => ports));

const STRENGTH: readonly Extent[] = ['none', 'unknown', 'perhaps', 'part', 'all'];

/** What either of two ways opens. */
export const widerExtent = (a: Extent, b: Extent): Extent =>
  STRENGTH.indexOf(a) >= STRENGTH.indexOf(b) ? a : b;

/** How the policies of a pod stand to a destination, and by which of their rules. */
export function towardDestination(
  { applied, decision }: { readonly applied: readonly Applied[]; readonly decision: Decision },
  destination: Destination,
): TowardDestination {
  const named = extentByName(decision.hosts, destination);
  // Which of the names are certain is not kept.
  const byName = decision.certain || named === 'none' ? named : 'unknown';
  const declared = widerExtent(extentOf(decision.reached, destination), byName);
  const { addresses } = destination;
  return {
    declared,
    byName,
    external: addresses === null ? [] : externalRanges(intersect(decision.reached.definite, addresses)),
    hosts: hostRules(decision.hosts.filter((host) => extentByName([host], destination) !== 'none')),
    because:
      declared === 'none'
        ? closedBy(applied, destination)
        : openedBy(decision, destination, applied.length > 0),
  };
}

const isTouched = (set: AddressSet, destination: Destination): boolean =>
  extentOf(certain(set), destination) !== 'none';

/** A readable number of reasons; a policy may have thousands of rules for one destination. */
const MOST_REASONS = 100;
/** To look for them. */
const MOST_STEPS = 4_000_000;

/** @param all whether these are all there are, as far as is known */
function listed(reasons: readonly string[], all: boolean): readonly string[] {
  const shown = reasons.slice(0, MOST_REASONS);
  const rest = reasons.length - shown.length;
  if (!all)
    return [...shown, `${rest > 0 ? `and ${rest} more; ` : ''}others are too many to compare with it`];
  return rest === 0 ? shown : [...shown, `and ${rest} more`];
}

/** The rules that definitely open some of it. */
function openedBy(decision: Decision, destination: Destination, restricted: boolean): readonly string[] {
  const found = new Set<string>();
  const look = (): boolean => {
    if (isTouched(decision.undecided, destination)) found.add(restricted ? NO_RULE : NO_POLICY);
    for (const { rules, within } of decision.openings) {
      const { addresses } = destination;
      // Less to be compared with each rule than all that was open.
      const asked = addresses === null ? within : intersect(within, addresses);
      for (const { definite, rule } of rules) {
        if (definite && opens(rule, { within, asked }, destination)) found.add(rule.source);
      }
    }
    return true;
  };
  const all = withinWork(MOST_STEPS, look, () => false);
  const undecided = [NO_RULE, NO_POLICY].filter((one) => found.delete(one));
  return listed([...found, ...undecided], all);
}

interface Open {
  readonly within: AddressSet;
  /** As much of it as is asked about. */
  readonly asked: AddressSet;
}

function opens(rule: Rule, { within, asked }: Open, destination: Destination): boolean {
  if (isTouched(intersect(asked, rule.covers), destination)) return true;
  if (rule.hosts.length === 0) return false;
  spend(rule.hosts.length);
  const open = portsAnywhere(within);
  const hosts = rule.hosts.map((host) => ({ ...host, ports: intersectPorts(host.ports, open) }));
  return extentByName(hosts, destination) !== 'none';
}

/** To decide what each policy closes by itself, all of them together. */
const STEPS_TO_CLOSE = 20_000_000;

/** The policies each of which alone closes all of it, with their rule if one denies it. */
function closedBy(applied: readonly Applied[], destination: Destination): readonly string[] {
  const budget = { left: STEPS_TO_CLOSE };
  const alone = applied.filter((one) => {
    const { reached, hosts } = decide([one], budget);
    return extentOf(reached, destination) === 'none' && extentByName(hosts, destination) === 'none';
  });
  const reasons = alone.flatMap(({ policy }) => {
    const denying = policy.rules.filter(
      ({ action, covers }) => action === 'deny' && isTouched(covers, destination),
    );
    return denying.length > 0
      ? denying.map(({ source }) => `${source} denies it`)
      : [`${policy.name}: no rule allows it`];
  });
  if (reasons.length > 0) return listed([...new Set(reasons)].sort(), true);
  const names = [...new Set(applied.map(({ policy }) => policy.name))].sort();
  return [`together: ${listed(names, true).join(', ')}`];
}
