import type { Labels } from '../../inventory/names.ts';
import { spend } from '../../work.ts';
import type { Applied, Policy } from './policy.ts';
import type { Selector } from './selector.ts';
import { createSelectorIndex, type Match, type SelectorIndex } from './selector-index.ts';

/** The policies that select a pod, and a key that is equal for equal sets of them. */
export interface Selection {
  readonly key: string;
  readonly applied: () => readonly Applied[];
}

/** The label that the API server keeps on every namespace (`kubernetes.io/metadata.name`, since 1.22). */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** Policies whose namespace matched in the same way, found by the labels of pods. */
interface Group {
  readonly id: string;
  readonly definite: boolean;
  readonly index: SelectorIndex<Policy>;
}

/**
 * Finds the policies of a pod by namespace and then by label. What selects every pod of a group
 * enters the key as the group's id, so that neither lookups nor keys grow with such policies.
 */
export function createSelection(
  policies: readonly Policy[],
  namespaces: ReadonlyMap<string, Labels>,
): (namespace: string, labels: Labels) => Selection {
  const ids = new Map(policies.map((policy, id) => [policy, id]));
  const groups = createGroups(policies, namespaces, ids);
  return (namespace, labels) => {
    const found = groups(namespace).map((group) => ({ group, matches: group.index.find(labels) }));
    return {
      key: found
        .map(({ group, matches }) => keyOf(group, matches, ids))
        .filter((key) => key !== '')
        .join(';'),
      applied: () => found.flatMap(({ group, matches }) => appliedOf(group, matches)),
    };
  };
}

type Ids = ReadonlyMap<Policy, number>;

function keyOf({ id, definite, index }: Group, matches: readonly Match<Policy>[], ids: Ids): string {
  const always = index.always.length > 0 ? [id] : [];
  return [
    ...always,
    ...matches.map((match) => `${ids.get(match.item)}${definite && match.definite ? '' : '?'}`),
  ].join();
}

function appliedOf({ definite, index }: Group, matches: readonly Match<Policy>[]): readonly Applied[] {
  return [
    ...index.always.map((policy) => ({ policy, definite })),
    ...matches.map((match) => ({ policy: match.item, definite: definite && match.definite })),
  ];
}

function createGroups(
  policies: readonly Policy[],
  namespaces: ReadonlyMap<string, Labels>,
  ids: Ids,
): (namespace: string) => readonly Group[] {
  const groupsBySet = new Map<string, Group>();
  const groupOf = (members: readonly Policy[], definite: boolean): readonly Group[] => {
    if (members.length === 0) return [];
    spend(members.length);
    const set = `${members.map((policy) => ids.get(policy)).join()}${definite ? '' : '?'}`;
    const id = `g${groupsBySet.size}`;
    const group = groupsBySet.get(set) ?? { id, definite, index: createSelectorIndex(members, podsOf) };
    groupsBySet.set(set, group);
    return [group];
  };
  const named = byNamespace(policies);
  const byLabels = createSelectorIndex(policies.filter(hasNamespaceSelector), namespaceSelectorOf);
  const everywhere = groupOf(byLabels.always, true);
  const selective = policies.filter(
    (policy) => hasNamespaceSelector(policy) && !namespaceSelectorOf(policy).everything,
  );
  const build = (namespace: string): readonly Group[] => {
    const labels = namespaces.get(namespace);
    spend(selective.length);
    const matches =
      labels === undefined
        ? selective.flatMap((item) => matchByName(item, namespaceSelectorOf(item), namespace))
        : byLabels.find({ ...labels, [NAMESPACE_NAME]: namespace });
    return [
      ...groupOf(named.get(namespace) ?? [], true),
      ...everywhere,
      ...groupOf(itemsOf(matches, true), true),
      ...groupOf(itemsOf(matches, false), false),
    ];
  };
  const built = new Map<string, readonly Group[]>();
  return (namespace) => {
    const groups = built.get(namespace) ?? build(namespace);
    built.set(namespace, groups);
    return groups;
  };
}

/** Of a namespace whose labels are not known only the name is, so any other label may match. */
function matchByName<T>(item: T, selector: Selector, namespace: string): readonly Match<T>[] {
  const byName = { [NAMESPACE_NAME]: namespace };
  const excluded = selector.anchors.some(
    ({ key, values }) => key === NAMESPACE_NAME && values !== null && !values.includes(namespace),
  );
  const decides = selector.keys.length > 0 && selector.keys.every((key) => key === NAMESPACE_NAME);
  const matched = excluded ? false : decides ? selector.matches(byName) : null;
  return matched === false ? [] : [{ item, definite: matched === true }];
}

const podsOf = (policy: Policy) => policy.scope.pods;

const itemsOf = (matches: readonly Match<Policy>[], definite: boolean): readonly Policy[] =>
  matches.filter((match) => match.definite === definite).map(({ item }) => item);

const hasNamespaceSelector = ({ scope }: Policy): boolean => 'matching' in scope.namespaces;

function namespaceSelectorOf({ scope }: Policy) {
  if ('matching' in scope.namespaces) return scope.namespaces.matching;
  throw new TypeError(`The scope of namespace ${scope.namespaces.named} has no selector.`);
}

function byNamespace(policies: readonly Policy[]): ReadonlyMap<string, readonly Policy[]> {
  const map = new Map<string, Policy[]>();
  for (const policy of policies) {
    if (!('named' in policy.scope.namespaces)) continue;
    const list = map.get(policy.scope.namespaces.named);
    if (list === undefined) map.set(policy.scope.namespaces.named, [policy]);
    else list.push(policy);
  }
  return map;
}
