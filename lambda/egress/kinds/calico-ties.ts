import { type AddressSet, intersect, isNothing, NOTHING, union } from '../address-set.ts';
import type { Action, Policy, Rule, Scope } from '../policy.ts';
import { type Selector, uncertain } from '../selector.ts';
import type { Effects } from './calico-placing.ts';
import type { Placed } from './calico-policy.ts';
import type { Ranks } from './calico-spec.ts';

/**
 * Policies of the same tier and order go by name, but not by the same name in all versions of Calico
 * ({@link Ranks}). Where two decide differently about the same destinations, and versions differ in
 * which comes first, either may be decided for the pods that both select: a policy before both says so.
 */
export function tiesAmong(placed: readonly Placed[]): readonly Policy[] {
  const groups = groupBy(placed, ({ tier, order }) => `${tier.order} ${tier.name} ${order}`);
  return [...groups.values()].flatMap((group) => pairsOf(group).flatMap(([a, b]) => tieOf(a, b)));
}

function groupBy<K>(placed: readonly Placed[], keyOf: (one: Placed) => K): ReadonlyMap<K, readonly Placed[]> {
  const groups = new Map<K, Placed[]>();
  for (const one of placed) {
    const group = groups.get(keyOf(one));
    if (group === undefined) groups.set(keyOf(one), [one]);
    else group.push(one);
  }
  return groups;
}

/** Pairs that can differ: policies of two namespaces select no pod in common, and allowing is no conflict. */
function pairsOf(group: readonly Placed[]): readonly (readonly [Placed, Placed])[] {
  const byNamespace = groupBy(group, ({ namespace }) => namespace);
  const global = byNamespace.get(null) ?? [];
  return [...byNamespace.values()].flatMap((members) =>
    members.flatMap((one, i) => {
      const others = [...members.slice(i + 1), ...(one.namespace === null ? [] : global)];
      return others
        .filter((other) => !onlyAllows(one.effects) || !onlyAllows(other.effects))
        .map((other) => [one, other] as const);
    }),
  );
}

const onlyAllows = (effects: Effects): boolean => [...effects.keys()].every((action) => action === 'allow');

function tieOf(a: Placed, b: Placed): readonly Policy[] {
  if (isBefore(a.ranks, b.ranks) || isBefore(b.ranks, a.ranks)) return [];
  const rules = conflictsOf(a, b);
  if (rules.length === 0) return [];
  const [first, second] = a.ranks.today < b.ranks.today ? [a, b] : [b, a];
  return first.scopes.flatMap((one) =>
    second.scopes.flatMap((other) => {
      const scope = bothScopes(one, other);
      if (scope === null) return [];
      return [
        {
          name: first.name,
          scope,
          tier: { name: first.tier.name, order: first.tier.order },
          order: first.order,
          // Directly before the first: one character less.
          rank: first.ranks.today.slice(0, -1),
          otherwise: 'next' as const,
          rules,
          doubts: [
            `it has the same order as ${second.name}, and versions of Calico differ in which of them comes first`,
          ],
          notes: [],
        },
      ];
    }),
  );
}

/** Whether it comes first in all versions. */
const isBefore = (a: Ranks, b: Ranks): boolean => a.before < b.before && a.today < b.today;

const ACTIONS: readonly Action[] = ['allow', 'deny', 'pass'];

/** What may be decided either way, as rules that may count. */
function conflictsOf(a: Placed, b: Placed): readonly Rule[] {
  return ACTIONS.flatMap((action) => {
    const mayCover = union(
      intersect(a.effects.get(action) ?? NOTHING, otherThan(action, b.effects)),
      intersect(b.effects.get(action) ?? NOTHING, otherThan(action, a.effects)),
    );
    // To which addresses a name resolves is not known, so it may be one on which they differ.
    const hosts =
      action === 'allow'
        ? [...(onlyAllows(b.effects) ? [] : a.hosts), ...(onlyAllows(a.effects) ? [] : b.hosts)]
        : [];
    if (isNothing(mayCover) && hosts.length === 0) return [];
    return [{ source: a.name, action, covers: NOTHING, mayCover, hosts }];
  });
}

const otherThan = (action: Action, effects: Effects): AddressSet =>
  [...effects].reduce((set, [other, decided]) => (other === action ? set : union(set, decided)), NOTHING);

/** The pods in both; null if there are none. */
function bothScopes(a: Scope, b: Scope): Scope | null {
  const pods = uncertain(bothSelect(a.pods, b.pods));
  if (!('named' in a.namespaces)) {
    return 'named' in b.namespaces
      ? { namespaces: b.namespaces, pods }
      : { namespaces: { matching: bothSelect(a.namespaces.matching, b.namespaces.matching) }, pods };
  }
  const differ = 'named' in b.namespaces && b.namespaces.named !== a.namespaces.named;
  return differ ? null : { namespaces: a.namespaces, pods };
}

const bothSelect = (a: Selector, b: Selector): Selector => ({
  everything: a.everything && b.everything,
  keys: [...new Set([...a.keys, ...b.keys])],
  anchors: [...a.anchors, ...b.anchors],
  matches(labels) {
    const [one, other] = [a.matches(labels), b.matches(labels)];
    if (one === false || other === false) return false;
    return one === null || other === null ? null : true;
  },
});
