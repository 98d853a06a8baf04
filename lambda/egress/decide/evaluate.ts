import { type Budget, giveUp, spend, withinBudget, withinWork } from '../../work.ts';
import type { Action, Applied, Policy, Rule } from '../policies/policy.ts';
import { LEAST_STEPS, mostToJoin, mostWork, sizeOf } from '../policies/policy-size.ts';
import { type AddressSet, EVERYTHING, NOTHING, portsAnywhere } from '../sets/address-set.ts';
import { atMost, type Bounds, both, certain, eitherOf, isCertain, without } from '../sets/bounds.ts';
import type { HostMatch } from '../sets/hosts.ts';
import { includesPorts, intersectPorts, type PortSet } from '../sets/port-set.ts';
import { settleTies, type Uncertainty } from './ties.ts';
import { settleVersions } from './versions.ts';

export interface Decision {
  /** Addresses that the pod may reach. */
  readonly reached: Bounds;
  /** Names that it may reach in addition. */
  readonly hosts: readonly HostMatch[];
  /** Those of them that it definitely reaches. */
  readonly definiteHosts: readonly HostMatch[];
  /** Whether everything above is known. */
  readonly certain: boolean;
  /** Computed when it is asked for: the remainders of many rules are large. */
  readonly openings: readonly Opening[];
  /** Allowed because nothing decided. */
  readonly undecided: AddressSet;
  /** What may be unknown though every policy is understood. */
  readonly uncertainties: readonly Uncertainty[];
}

/** Allow rules, and what definitely was not yet decided when they were read: for `--explain`. */
export interface Opening {
  readonly rules: readonly AppliedRule[];
  readonly within: AddressSet;
}

/** Neighbouring rules with the same action: their order does not matter, so they are matched as one. */
interface Run {
  readonly action: Action;
  readonly match: Bounds;
  readonly rules: readonly AppliedRule[];
}

export interface AppliedRule {
  readonly rule: Rule;
  /** Whether its policy definitely selects the pod. */
  readonly definite: boolean;
}

/**
 * What a pod may reach under the policies that select it; the order is that of {@link Policy}.
 * Pure set algebra: the undecided remainder is carried from rule to rule. Where that takes more steps than
 * {@link mostWork} allows, nothing is known.
 *
 * @param budget of the namespace whose pods these are; without it each set of policies has its own
 */
export function decide(applied: readonly Applied[], budget: Budget = { left: mostWork(applied) }): Decision {
  return withinBudget(
    budget,
    { most: mostWork(applied), least: LEAST_STEPS },
    () => {
      // Each rule is looked at a few times before sets are joined.
      spend(applied.reduce((sum, { policy }) => sum + policy.rules.length + sizeOf(policy), 0));
      return decideAll(applied);
    },
    () => tooMuch(applied),
  );
}

/** Of the largest policies, so many are named. */
const MOST_NAMED = 3;

const hostsOfPolicies = new WeakMap<Policy, readonly HostMatch[]>();

/** Looked for once: a thousand sets of policies may hold the same one of a thousand rules. */
function allowedHosts(policy: Policy): readonly HostMatch[] {
  const hosts =
    hostsOfPolicies.get(policy) ??
    policy.rules.flatMap(({ action, hosts: names }) => (action === 'allow' ? names : []));
  hostsOfPolicies.set(policy, hosts);
  return hosts;
}

function tooMuch(applied: readonly Applied[]): Decision {
  const largest = [...applied].sort((a, b) => sizeOf(b.policy) - sizeOf(a.policy)).slice(0, MOST_NAMED);
  const names = [...new Set(largest.map(({ policy }) => policy.name))].sort();
  return {
    reached: atMost(EVERYTHING),
    hosts: applied.flatMap(({ policy }) => allowedHosts(policy)),
    definiteHosts: [],
    certain: false,
    openings: [],
    undecided: NOTHING,
    uncertainties: [
      {
        what: `${names.join(', ')}: too many rules and ports overlap to be compared with each other`,
        remedy: 'Use fewer rules, or combine addresses with the same action and ports in one rule.',
      },
    ],
  };
}

function decideAll(applied: readonly Applied[]): Decision {
  let openings: readonly Opening[] | null = null;
  return {
    ...carryRemainder(applied, () => {}),
    get openings() {
      if (openings === null) {
        const found: Opening[] = [];
        carryRemainder(applied, (opening) => found.push(opening));
        openings = found;
      }
      return openings;
    },
  };
}

function carryRemainder(
  applied: readonly Applied[],
  onOpening: (opening: Opening) => void,
): Omit<Decision, 'openings'> {
  let remainder = certain(EVERYTHING);
  const reached: Bounds[] = [];
  const named: ReturnType<typeof hostsOf>[] = [];
  const uncertainties: Uncertainty[] = [...selectionUncertainties(applied)];
  for (const tier of inTiers(applied)) {
    const versions = settleVersions(tier);
    const settled = settleTies(versions.policies);
    uncertainties.push(...versions.uncertainties, ...settled.uncertainties);
    const runs = runsOf(settled.policies);
    const closed = deniesRest(tier) === true;
    const passed: Bounds[] = [];
    for (const [index, { action, match, rules }] of runs.entries()) {
      const decided = both(remainder, match);
      if (action === 'pass') passed.push(decided);
      if (action === 'allow') {
        reached.push(decided);
        named.push(hostsOf(rules, remainder));
        onOpening({ rules, within: remainder.definite });
      }
      // Nothing asks for the remainder of the last rules of a tier that denies it.
      if (!closed || index < runs.length - 1) remainder = without(remainder, match);
    }
    remainder = eitherOf([afterTier(tier, remainder), ...passed]);
  }
  const all = eitherOf([...reached, remainder]);
  const hosts = named.flat();
  const names = hosts.map(({ host }) => host);
  // One list where it can be one: what is asked of it is then answered once.
  const allDefinite = hosts.every(({ definite }) => definite);
  return {
    reached: all,
    hosts: names,
    definiteHosts: allDefinite ? names : hosts.flatMap(({ host, definite }) => (definite ? [host] : [])),
    certain: allDefinite && isCertain(all),
    undecided: remainder.definite,
    uncertainties,
  };
}

/** A policy may be understood, and yet not be known to select the pod: by labels of its namespace, or of templates. */
function selectionUncertainties(applied: readonly Applied[]): readonly Uncertainty[] {
  return applied
    .filter(({ policy, definite }) => !definite && policy.uncertainties.length === 0)
    .map(({ policy }) =>
      'named' in policy.scope.namespaces
        ? {
            what: `${policy.name}: whether it selects the pod depends on a label that a controller will add, whose value is not known before`,
            remedy: 'Select the pod by labels of its template, or audit the cluster in which it runs.',
          }
        : {
            what: `${policy.name}: whether it selects the pod depends on labels of its namespace, which were not read`,
            remedy: 'Grant list on namespaces, or include the Namespace objects, and audit again.',
          },
    );
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
    tier.sort((a, b) => a.policy.order - b.policy.order || compare(rankOf(a.policy), rankOf(b.policy))),
  );
  return tiers.sort((a, b) => compareTiers(a[0]?.policy, b[0]?.policy));
}

function compareTiers(a: Policy | undefined, b: Policy | undefined): number {
  if (a === undefined || b === undefined) return 0;
  // Subtraction of two infinities is no number.
  if (a.tier.order !== b.tier.order) return a.tier.order < b.tier.order ? -1 : 1;
  return compare(a.tier.name, b.tier.name);
}

const rankOf = ({ rank, name }: Policy): string => rank ?? name;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The runs of a tier: those of its policies, joined where one ends and the next begins with the same action. */
function runsOf(tier: readonly Applied[]): readonly Run[] {
  const groups: Run[][] = [];
  for (const run of tier.flatMap(runsOfPolicy)) {
    const group = groups.at(-1);
    if (group !== undefined && group[0]?.action === run.action) group.push(run);
    else groups.push([run]);
  }
  return groups.map((runs) => ({
    action: runs[0]?.action ?? 'deny',
    match: eitherOf(runs.map(({ match }) => match)),
    rules: runs.flatMap(({ rules }) => rules),
  }));
}

/** Runs of policies that definitely select the pod: computed once, since many pods have the policy. */
const knownRuns = new WeakMap<Policy, readonly Run[]>();

function runsOfPolicy({ policy, definite }: Applied): readonly Run[] {
  const runs = knownRuns.get(policy) ?? joinedOnce(policy);
  if (definite) return runs;
  return runs.map(({ action, match, rules }) => ({
    action,
    match: atMost(match.potential),
    rules: rules.map(({ rule }) => ({ rule, definite })),
  }));
}

/** Policies whose rules are too many to be joined, whatever other ones there are. */
const notJoined = new WeakSet<Policy>();

/** What was too much once is too much again: pods may fare in many ways, each of which is decided. */
function joinedOnce(policy: Policy): readonly Run[] {
  if (notJoined.has(policy)) giveUp();
  const joined = withinWork<readonly Run[] | null>(
    mostToJoin(policy),
    () => joinRules(policy.rules),
    () => null,
  );
  if (joined === null) {
    notJoined.add(policy);
    return giveUp();
  }
  knownRuns.set(policy, joined);
  return joined;
}

function joinRules(rules: readonly Rule[]): readonly Run[] {
  const groups: Rule[][] = [];
  for (const rule of rules) {
    const group = groups.at(-1);
    if (group !== undefined && group[0]?.action === rule.action) group.push(rule);
    else groups.push([rule]);
  }
  return groups.map((group) => ({
    action: group[0]?.action ?? 'deny',
    match: eitherOf(
      group.map(({ covers, potentialCover }) => ({ definite: covers, potential: potentialCover })),
    ),
    rules: group.map((rule) => ({ rule, definite: true })),
  }));
}

/** Whether the tier denies what none of its rules decides: if one of its policies says so. */
function deniesRest(tier: readonly Applied[]): boolean | null {
  const denying = tier.filter(({ policy }) => policy.defaultAction === 'deny');
  if (denying.some(({ definite }) => definite)) return true;
  return denying.length > 0 ? null : false;
}

/** What goes on to the next tier of what no rule decided. */
function afterTier(tier: readonly Applied[], remainder: Bounds): Bounds {
  const denied = deniesRest(tier);
  if (denied === true) return certain(NOTHING);
  return denied === null ? atMost(remainder.potential) : remainder;
}

/**
 * To which addresses a name will resolve is not known, so a host rule counts on every port on which
 * some address was still undecided before it.
 */
function hostsOf(rules: readonly AppliedRule[], remainder: Bounds) {
  const naming = rules.filter(({ rule }) => rule.hosts.length > 0);
  if (naming.length === 0) return [];
  const open = portsAnywhere(remainder.potential);
  const definitelyOpen = portsAnywhere(remainder.definite);
  return naming.flatMap(({ rule, definite }) => {
    spend(rule.hosts.length);
    const onOpen = openPorts(open, definitelyOpen);
    return rule.hosts.flatMap((host) => {
      const { ports, certain } = onOpen(host.ports);
      if (ports.length === 0) return [];
      return [{ host: ports === host.ports ? host : { ...host, ports }, definite: definite && certain }];
    });
  });
}

/** The hosts of a rule share their ports, so that these are looked at once. */
function openPorts(open: PortSet, definitelyOpen: PortSet) {
  const known = new Map<PortSet, { readonly ports: PortSet; readonly certain: boolean }>();
  return (of: PortSet) => {
    const before = known.get(of);
    if (before !== undefined) return before;
    const ports = intersectPorts(of, open);
    const found = { ports, certain: includesPorts(definitelyOpen, ports) };
    known.set(of, found);
    return found;
  };
}
