import { type AddressSet, EVERYTHING, NOTHING, portsAnywhere } from './address-set.ts';
import { atMost, type Bounds, both, certain, either, eitherOf, isCertain, without } from './bounds.ts';
import type { HostMatch } from './hosts.ts';
import type { Action, Applied, Policy, Rule } from './policy.ts';
import { includesPorts, intersectPorts } from './port-set.ts';
import { type Doubt, settleTies } from './ties.ts';
import { settleVersions } from './versions.ts';

export interface Decision {
  /** Addresses that the pod may reach. */
  readonly reached: Bounds;
  /** Names that it may reach besides. */
  readonly hosts: readonly HostMatch[];
  /** Those of them that it surely reaches. */
  readonly surelyHosts: readonly HostMatch[];
  /** Whether everything above is known. */
  readonly certain: boolean;
  readonly openings: readonly Opening[];
  /** Allowed because nothing decided. */
  readonly undecided: AddressSet;
  /** What may be unknown though every policy is understood. */
  readonly doubts: readonly Doubt[];
}

/** Allow rules, and what surely was not yet decided when they were read: for `--explain`. */
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
  /** Whether its policy surely selects the pod. */
  readonly surely: boolean;
}

/**
 * What a pod may reach under the policies that select it; the order is that of {@link Policy}.
 * Pure set algebra: the undecided remainder is carried from rule to rule.
 */
export function decide(applied: readonly Applied[]): Decision {
  let remainder = certain(EVERYTHING);
  let reached = certain(NOTHING);
  const hosts: HostMatch[] = [];
  const surelyHosts: HostMatch[] = [];
  const openings: Opening[] = [];
  const doubts: Doubt[] = [...selectionDoubts(applied)];
  for (const tier of inTiers(applied)) {
    const versions = settleVersions(tier);
    const settled = settleTies(versions.policies);
    doubts.push(...versions.doubts, ...settled.doubts);
    const runs = runsOf(settled.policies);
    const closed = deniesRest(tier) === true;
    let passed = certain(NOTHING);
    for (const [index, { action, match, rules }] of runs.entries()) {
      const decided = both(remainder, match);
      if (action === 'pass') passed = either(passed, decided);
      if (action === 'allow') {
        reached = either(reached, decided);
        const named = rules.flatMap((rule) => hostsWithin(rule, remainder));
        hosts.push(...named.map(({ host }) => host));
        surelyHosts.push(...named.flatMap(({ host, surely }) => (surely ? [host] : [])));
        openings.push({ rules, within: remainder.surely });
      }
      // Nothing asks for the remainder of the last rules of a tier that denies it.
      if (!closed || index < runs.length - 1) remainder = without(remainder, match);
    }
    remainder = either(afterTier(tier, remainder), passed);
  }
  reached = either(reached, remainder);
  return {
    reached,
    hosts,
    surelyHosts,
    certain: hosts.length === surelyHosts.length && isCertain(reached),
    openings,
    undecided: remainder.surely,
    doubts,
  };
}

/** A policy may be understood, and yet not be known to select the pod: by labels of its namespace, or of templates. */
function selectionDoubts(applied: readonly Applied[]): readonly Doubt[] {
  return applied
    .filter(({ policy, surely }) => !surely && policy.doubts.length === 0)
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

/** Runs of policies that surely select the pod: computed once, since many pods have the policy. */
const knownRuns = new WeakMap<Policy, readonly Run[]>();

function runsOfPolicy({ policy, surely }: Applied): readonly Run[] {
  const runs = knownRuns.get(policy) ?? joinRules(policy.rules);
  knownRuns.set(policy, runs);
  if (surely) return runs;
  return runs.map(({ action, match, rules }) => ({
    action,
    match: atMost(match.possibly),
    rules: rules.map(({ rule }) => ({ rule, surely })),
  }));
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
    match: eitherOf(group.map(({ covers, mayCover }) => ({ surely: covers, possibly: mayCover }))),
    rules: group.map((rule) => ({ rule, surely: true })),
  }));
}

/** Whether the tier denies what none of its rules decides: if one of its policies says so. */
function deniesRest(tier: readonly Applied[]): boolean | null {
  const denying = tier.filter(({ policy }) => policy.otherwise === 'deny');
  if (denying.some(({ surely }) => surely)) return true;
  return denying.length > 0 ? null : false;
}

/** What goes on to the next tier of what no rule decided. */
function afterTier(tier: readonly Applied[], remainder: Bounds): Bounds {
  const denied = deniesRest(tier);
  if (denied === true) return certain(NOTHING);
  return denied === null ? atMost(remainder.possibly) : remainder;
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
