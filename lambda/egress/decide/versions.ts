import { runsOf } from '../../inventory/runs.ts';
import { spend } from '../../work.ts';
import type { Action, Applied, Policy, Rule } from '../policies/policy.ts';
import {
  type AddressSet,
  EVERYTHING,
  intersect,
  isNothing,
  NOTHING,
  subtract,
  union,
  unionAll,
} from '../sets/address-set.ts';
import type { HostMatch } from '../sets/hosts.ts';
import type { Settled, Uncertainty } from './ties.ts';

/**
 * Policies of the same order go by rank, and versions of what enforces them may rank them differently
 * ({@link Policy.formerRank}). Where two decide differently about the same destinations, and versions
 * differ in which comes first, either may be decided: a policy before both says so.
 *
 * @param tier the policies of one tier, sorted
 */
export function settleVersions(tier: readonly Applied[]): Settled {
  const differ =
    tier.some(({ policy }) => policy.formerRank !== undefined) &&
    tier.some(({ policy }) => !onlyAllows(policy));
  // Of neighbours in the same order none is exchanged, so no two are: such as thousands of parts of one object.
  const exchanges = tier.some(({ policy }, index) => {
    const next = tier[index + 1];
    return next !== undefined && areExchanged(policy, next.policy);
  });
  if (!differ || !exchanges) return { policies: tier, uncertainties: [] };
  const uncertainties = new Map<string, Uncertainty>();
  const policies = tier.flatMap((one, index) => {
    spend(tier.length - index);
    const exchanged = tier.slice(index + 1).filter((other) => areExchanged(one.policy, other.policy));
    const conflicts = exchanged.flatMap((other): readonly Applied[] => {
      const rules = conflictsOf(one.policy, other.policy);
      if (rules.length === 0) return [];
      if (uncertainties.size < MOST_UNCERTAINTIES) {
        const uncertainty = uncertaintyOf(one.policy, other.policy);
        uncertainties.set(uncertainty.what, uncertainty);
      }
      return [{ policy: { ...one.policy, defaultAction: 'pass', rules }, definite: false }];
    });
    return [...conflicts, one];
  });
  return { policies, uncertainties: [...uncertainties.values()] };
}

/** Pairs of hundreds of policies are tens of thousands, of which a few are named. */
const MOST_UNCERTAINTIES = 100;

/** Whether the first of two was once the second. */
const areExchanged = (first: Policy, second: Policy): boolean =>
  first.order === second.order && formerRankOf(first) > formerRankOf(second);

const formerRankOf = ({ formerRank, rank, name }: Policy): string => formerRank ?? rank ?? name;

const uncertaintyOf = (first: Policy, second: Policy): Uncertainty => ({
  what: `${first.name} and ${second.name} have the same order and different actions for the same destinations, and versions of the network plugin differ in which of them comes first`,
  remedy: 'Give these policies different orders.',
});

/** What a policy may decide by itself. */
interface Effects {
  readonly addresses: ReadonlyMap<Action, AddressSet>;
  readonly hosts: readonly HostMatch[];
}

const known = new WeakMap<Policy, Effects>();

function effectsOf(policy: Policy): Effects {
  const effects = known.get(policy) ?? computeEffects(policy);
  known.set(policy, effects);
  return effects;
}

/** Neighbours with the same action decide the same in any order, so they are joined before they are compared. */
function computeEffects({ rules }: Policy): Effects {
  const addresses = new Map<Action, AddressSet>();
  let left = EVERYTHING;
  for (const run of runsOf(rules, (a, b) => a.action === b.action)) {
    const action = run[0]?.action ?? 'deny';
    const potentialCover = unionAll(run.map((rule) => rule.potentialCover));
    addresses.set(action, union(addresses.get(action) ?? NOTHING, intersect(left, potentialCover)));
    left = subtract(left, unionAll(run.map((rule) => rule.covers)));
  }
  return { addresses, hosts: rules.flatMap(({ hosts }) => hosts) };
}

/** Core policies do, however many rules they have: no rule need be looked into. */
const onlyAllows = ({ rules }: Policy): boolean => rules.every(({ action }) => action === 'allow');

const ACTIONS: readonly Action[] = ['allow', 'deny', 'pass'];

/** What may be decided either way, as rules that may count. */
function conflictsOf(first: Policy, second: Policy): readonly Rule[] {
  if (onlyAllows(first) && onlyAllows(second)) return [];
  const [a, b] = [effectsOf(first), effectsOf(second)];
  // To which addresses a name resolves is not known, so it may be one on which they differ.
  const names = [...(onlyAllows(second) ? [] : a.hosts), ...(onlyAllows(first) ? [] : b.hosts)];
  return ACTIONS.flatMap((action) => {
    const potentialCover = union(
      intersect(a.addresses.get(action) ?? NOTHING, otherThan(action, b)),
      intersect(b.addresses.get(action) ?? NOTHING, otherThan(action, a)),
    );
    const hosts = action === 'allow' ? names : [];
    if (isNothing(potentialCover) && hosts.length === 0) return [];
    return [{ source: first.name, action, covers: NOTHING, potentialCover, hosts }];
  });
}

const otherThan = (action: Action, { addresses }: Effects): AddressSet =>
  [...addresses].reduce((set, [other, decided]) => (other === action ? set : union(set, decided)), NOTHING);
