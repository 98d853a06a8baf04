import type { Action, Applied, Policy, Rule } from '../policies/policy.ts';
import {
  type AddressSet,
  EVERYTHING,
  intersect,
  isNothing,
  NOTHING,
  portsAnywhere,
  subtract,
  union,
} from '../sets/address-set.ts';
import { atMost, type Bounds, both, certain, eitherOf, without } from '../sets/bounds.ts';
import { includesPorts, intersectPorts } from '../sets/port-set.ts';

/** Why something cannot be known though every policy is understood. */
export interface Uncertainty {
  /** Without a full stop. */
  readonly what: string;
  /** One sentence: what to do about it. */
  readonly remedy: string;
}

/** The policies of one tier, in order, without ties among them. */
export interface Settled {
  readonly policies: readonly Applied[];
  readonly uncertainties: readonly Uncertainty[];
}

/**
 * Replaces policies whose order among each other is not defined by policies that say the same in any
 * order: what only one of them decides, or all alike, is decided; the rest may be decided either way.
 *
 * "If two (or more) policies in the same tier with the same priority could match a connection, then
 * the implementation can apply any of the matching policies to the connection" (network-policy-api,
 * apis/v1alpha2/clusternetworkpolicy_types.go, `priority`).
 *
 * @param tier the policies of one tier, sorted
 */
export function settleTies(tier: readonly Applied[]): Settled {
  if (!tier.some(({ policy }) => policy.orderedWithin !== undefined))
    return { policies: tier, uncertainties: [] };
  const settled = groupsOf(tier).map((group) =>
    group.length > 1 ? settle(group) : { policies: group, uncertainties: [] },
  );
  return {
    policies: settled.flatMap(({ policies }) => policies),
    uncertainties: settled.flatMap(({ uncertainties }) => uncertainties),
  };
}

/** Neighbours that are tied. Nothing orders policies of different APIs, whatever their numbers. */
function groupsOf(tier: readonly Applied[]): readonly (readonly Applied[])[] {
  const apis = new Set(tier.flatMap(({ policy }) => policy.orderedWithin ?? []));
  if (apis.size > 1) return [tier];
  const groups: Applied[][] = [];
  for (const one of tier) {
    const group = groups.at(-1);
    const last = group?.at(-1)?.policy;
    const tied = one.policy.orderedWithin !== undefined && one.policy.orderedWithin === last?.orderedWithin;
    if (group !== undefined && tied && last?.order === one.policy.order) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

/** A rule with what it decides in its own policy, after the rules before it. */
interface Effect {
  readonly rule: Rule;
  readonly decides: Bounds;
  /** What no earlier rule of its policy decided. */
  readonly left: Bounds;
}

interface Member {
  readonly policy: Policy;
  /** Whether it definitely selects the pod. */
  readonly definite: boolean;
  readonly effects: readonly Effect[];
}

function settle(group: readonly Applied[]): Settled {
  const members = group.map(memberOf);
  const decided = decidedBy(members);
  const others = othersOf(decided);
  const first = members[0]?.policy;
  if (first === undefined) return { policies: [], uncertainties: [] };
  const rules = (action: Action): readonly Rule[] =>
    members.flatMap(({ effects }) =>
      effects
        .filter(({ rule }) => rule.action === action)
        .map(({ rule, decides }) => ({
          ...rule,
          covers: subtract(decides.definite, others[action]),
          potentialCover: decides.potential,
          hosts: [],
        })),
    );
  const all = eitherOf(ACTIONS.map((action) => decided[action]));
  const closing: Rule = {
    source: first.name,
    action: 'deny',
    covers: all.definite,
    potentialCover: all.potential,
    hosts: [],
  };
  const hosts = hostRules(members);
  const policy = (some: readonly Rule[], definite = true): Applied => ({
    policy: { ...first, rules: some },
    definite,
  });
  return {
    policies: [
      policy([...rules('allow'), ...hosts.certain]),
      policy(hosts.uncertain, false),
      // What is decided either way must not go on to later rules as if it were undecided.
      policy([...rules('deny'), ...rules('pass'), closing]),
    ],
    uncertainties: conflicts(members, others, hosts.uncertain.length > 0),
  };
}

function memberOf({ policy, definite }: Applied): Member {
  let left = certain(EVERYTHING);
  const effects = policy.rules.map((rule): Effect => {
    const matched = definite
      ? { definite: rule.covers, potential: rule.potentialCover }
      : atMost(rule.potentialCover);
    const effect = { rule, decides: both(left, matched), left };
    left = without(left, matched);
    return effect;
  });
  return { policy, definite, effects };
}

const ACTIONS = ['allow', 'deny', 'pass'] as const satisfies readonly Action[];

type ByAction<Value> = Readonly<Record<Action, Value>>;

/** Joined all at once: with hundreds of tied policies, one after the other would take minutes. */
function decidedBy(members: readonly Member[]): ByAction<Bounds> {
  const effects = members.flatMap((member) => member.effects);
  const by = (action: Action): Bounds =>
    eitherOf(effects.filter(({ rule }) => rule.action === action).map(({ decides }) => decides));
  return { allow: by('allow'), deny: by('deny'), pass: by('pass') };
}

/** For each action what some rule with another one may decide. */
const othersOf = ({ allow, deny, pass }: ByAction<Bounds>): ByAction<AddressSet> => ({
  allow: union(deny.potential, pass.potential),
  deny: union(allow.potential, pass.potential),
  pass: union(allow.potential, deny.potential),
});

/** Names that are allowed, each on the ports on which any address was left for it to resolve to. */
function hostRules(members: readonly Member[]) {
  const rules: { readonly certain: Rule[]; readonly uncertain: Rule[] } = { certain: [], uncertain: [] };
  for (const member of members) {
    const naming = member.effects.filter(({ rule }) => rule.hosts.length > 0);
    if (naming.length === 0) continue;
    const others = othersOf(decidedBy(members.filter((other) => other !== member)));
    for (const { rule, left } of naming) {
      const open = portsAnywhere(left.potential);
      const definitelyOpen = portsAnywhere(subtract(left.definite, others.allow));
      const hosts = rule.hosts
        .map((host) => ({ ...host, ports: intersectPorts(host.ports, open) }))
        .filter(({ ports }) => ports.length > 0);
      const isCertain = member.definite && hosts.every(({ ports }) => includesPorts(definitelyOpen, ports));
      const bare = { ...rule, covers: NOTHING, potentialCover: NOTHING, hosts };
      rules[isCertain ? 'certain' : 'uncertain'].push(bare);
    }
  }
  return rules;
}

/** More are not named: hundreds of policies may have one priority. */
const MOST_NAMED = 5;

const named = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(' and ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more policies`;

function conflicts(
  members: readonly Member[],
  others: ByAction<AddressSet>,
  hosts: boolean,
): readonly Uncertainty[] {
  const involved = members.filter(({ effects }) =>
    effects.some(({ rule, decides }) => !isNothing(intersect(decides.potential, others[rule.action]))),
  );
  const names = [...new Set((hosts ? members : involved).map(({ policy }) => policy.name))].sort();
  if (names.length < 2) return [];
  return [
    {
      what: `${named(names)} have different actions for the same destinations, and no specification defines which of them applies`,
      remedy: 'Give these policies different priorities, and keep to one policy API in a tier.',
    },
  ];
}
