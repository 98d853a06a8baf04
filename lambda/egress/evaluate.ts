import { type AddressSet, EVERYTHING, NOTHING, portsAnywhere } from './address-set.ts';
import { atMost, type Bounds, both, certain, either, eitherOf, isCertain, without } from './bounds.ts';
import type { HostMatch } from './hosts.ts';
import type { Action, Policy, Rule } from './policy.ts';
import { includesPorts, intersectPorts } from './port-set.ts';

/** A policy that selects the pod, or may. */
export interface Applied {
  readonly policy: Policy;
  readonly surely: boolean;
}

export interface Decision {
  /** Addresses that the pod may reach. */
  readonly reached: Bounds;
  /** Names that it may reach besides. */
  readonly hosts: readonly HostMatch[];
  /** Whether everything above is known. */
  readonly certain: boolean;
  readonly openings: readonly Opening[];
  /** Allowed because nothing decided. */
  readonly undecided: AddressSet;
}

/** Allow rules in effect, and what surely was not yet decided when they were read: for `--explain`. */
export interface Opening {
  readonly rules: readonly Rule[];
  readonly within: AddressSet;
}

/** Neighbouring rules with the same action: their order does not matter, so they are matched as one. */
interface Run {
  readonly action: Action;
  readonly match: Bounds;
  readonly rules: readonly AppliedRule[];
}

interface AppliedRule {
  readonly rule: Rule;
  readonly surely: boolean;
}

/**
 * What a pod may reach under the policies that select it; the order is that of {@link Policy}.
 * Pure set algebra: the undecided remainder is carried from rule to rule.
 */
export function decide(applied: readonly Applied[]): Decision {
  let remainder = certain(EVERYTHING);
  let reached = certain(NOTHING);
  let hostsCertain = true;
  const hosts: HostMatch[] = [];
  const openings: Opening[] = [];
  for (const tier of inTiers(applied)) {
    let passed = certain(NOTHING);
    for (const { action, match, rules } of runsOf(tier)) {
      const decided = both(remainder, match);
      if (action === 'pass') passed = either(passed, decided);
      if (action === 'allow') {
        reached = either(reached, decided);
        const admitted = rules.flatMap((rule) => hostsWithin(rule, remainder));
        hosts.push(...admitted.map(({ host }) => host));
        hostsCertain &&= admitted.every(({ surely }) => surely);
        openings.push({
          rules: rules.filter(({ surely }) => surely).map(({ rule }) => rule),
          within: remainder.surely,
        });
      }
      remainder = without(remainder, match);
    }
    remainder = either(afterTier(tier, remainder), passed);
  }
  reached = either(reached, remainder);
  return {
    reached,
    hosts,
    certain: hostsCertain && isCertain(reached),
    openings,
    undecided: remainder.surely,
  };
}

function inTiers(applied: readonly Applied[]): readonly (readonly Applied[])[] {
  const byTier = new Map<string, Applied[]>();
  for (const one of applied) {
    const { name, order } = one.policy.tier;
    const key = `${order} ${name}`;
    const tier = byTier.get(key);
    if (tier === undefined) byTier.set(key, [one]);
    else tier.push(one);
  }
  const tiers = [...byTier.values()].map((tier) =>
    tier.sort((a, b) => a.policy.order - b.policy.order || compare(a.policy.name, b.policy.name)),
  );
  return tiers.sort((a, b) => compareTiers(a[0]?.policy, b[0]?.policy));
}

function compareTiers(a: Policy | undefined, b: Policy | undefined): number {
  if (a === undefined || b === undefined) return 0;
  // Subtraction of two infinities is no number.
  if (a.tier.order !== b.tier.order) return a.tier.order < b.tier.order ? -1 : 1;
  return compare(a.tier.name, b.tier.name);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function runsOf(tier: readonly Applied[]): readonly Run[] {
  const groups: AppliedRule[][] = [];
  for (const { policy, surely } of tier) {
    for (const rule of policy.rules) {
      const group = groups.at(-1);
      if (group !== undefined && group[0]?.rule.action === rule.action) group.push({ rule, surely });
      else groups.push([{ rule, surely }]);
    }
  }
  return groups.map((rules) => ({
    action: rules[0]?.rule.action ?? 'deny',
    match: eitherOf(rules.map(boundsOf)),
    rules,
  }));
}

function boundsOf({ rule, surely }: AppliedRule): Bounds {
  return surely ? { surely: rule.covers, possibly: rule.mayCover } : atMost(rule.mayCover);
}

/** What no rule of the tier decided: denied if one of its policies says so, else left to the next tier. */
function afterTier(tier: readonly Applied[], remainder: Bounds): Bounds {
  const denying = tier.filter(({ policy }) => policy.otherwise === 'deny');
  if (denying.some(({ surely }) => surely)) return certain(NOTHING);
  return denying.length > 0 ? atMost(remainder.possibly) : remainder;
}

/**
 * To which addresses a name will resolve is not known, so a host rule counts on every port on which
 * some address was still undecided before it.
 */
function hostsWithin({ rule, surely }: AppliedRule, remainder: Bounds) {
  if (rule.hosts.length === 0) return [];
  const open = portsAnywhere(remainder.possibly);
  const surelyOpen = portsAnywhere(remainder.surely);
  return rule.hosts
    .map((host) => ({ ...host, ports: intersectPorts(host.ports, open) }))
    .filter(({ ports }) => ports.length > 0)
    .map((host) => ({ host, surely: surely && includesPorts(surelyOpen, host.ports) }));
}
