import type { Labels } from '../../inventory/names.ts';
import type { NetworkFacts } from '../../inventory/network.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import type { Applied, Policy, Scope } from '../policies/policy.ts';
import { createSelection } from '../policies/select.ts';
import type { Selector } from '../policies/selector.ts';
import { quote } from '../policies/shape.ts';
import { labelOfNamespace, labelOfPod, leftOutBy } from './cilium-identity.ts';
import type { Acting } from './situation.ts';

/** A policy that excludes pods by a label, and selects them where Cilium does not know the label. */
export interface NotMatched {
  readonly policy: Policy;
  /** As it is in identities. */
  readonly label: string;
}

/** Such policies for pods, and a key that is equal for equal sets of them. */
export interface NotMatching {
  readonly key: string;
  /** @param applied policies that select the pods by their text, which are left out */
  readonly unselectedPolicies: (applied: readonly Applied[]) => readonly NotMatched[];
}

const NONE: NotMatching = { key: '', unselectedPolicies: () => [] };

interface NotMatchingInput {
  readonly policies: readonly Policy[];
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly network: Pick<NetworkFacts, 'kinds' | 'settings'>;
}

/**
 * Finds the policies that do not select a pod by their text, but may under Cilium: to it a label that is no part of
 * identities is absent, which `NotIn` and `DoesNotExist` ask for. Nothing is looked up where no policy asks so.
 */
export function createNotMatching({
  policies,
  namespaces,
  network: { kinds, settings },
}: NotMatchingInput): (namespace: string, labels: Labels) => NotMatching {
  const runs = kinds.some(({ agents }) => agents.some(({ engine }) => engine === 'cilium'));
  if (!runs || 'unread' in settings.cilium) return () => NONE;
  const isLeftOut = leftOutBy(settings.cilium.known);
  const originals = new Map<Policy, NotMatched>();
  for (const policy of policies) {
    const { scope, labels } = widen(policy.scope, isLeftOut);
    const [label] = labels;
    if (label !== undefined) originals.set({ ...policy, scope }, { policy, label });
  }
  if (originals.size === 0) return () => NONE;
  const select = createSelection([...originals.keys()], namespaces);
  return (namespace, labels) => {
    const found = select(namespace, labels);
    return {
      key: found.key,
      unselectedPolicies: (applied) => {
        const known = new Set(applied.map(({ policy }) => policy));
        return found
          .applied()
          .flatMap(({ policy }) => originals.get(policy) ?? [])
          .filter(({ policy }) => !known.has(policy));
      },
    };
  };
}

interface Widened {
  readonly scope: Scope;
  /** The labels that it can do without. */
  readonly labels: readonly string[];
}

function widen({ pods, namespaces }: Scope, isLeftOut: (label: string) => boolean): Widened {
  const ofPods = droppedFrom(pods, (key) => isLeftOut(labelOfPod(key)));
  if ('named' in namespaces) {
    return { scope: { namespaces, pods: without(pods, ofPods) }, labels: ofPods.map(labelOfPod) };
  }
  const { matching } = namespaces;
  const ofNamespaces = droppedFrom(matching, (key) => isLeftOut(labelOfNamespace(key)));
  return {
    scope: { namespaces: { matching: without(matching, ofNamespaces) }, pods: without(pods, ofPods) },
    labels: [...ofPods.map(labelOfPod), ...ofNamespaces.map(labelOfNamespace)],
  };
}

/** Keys that only `NotIn` and `DoesNotExist` name: what must be there is an anchor, in all kinds that Cilium reads. */
const droppedFrom = ({ keys, anchors }: Selector, isLeftOut: (key: string) => boolean): readonly string[] =>
  keys.filter((key) => !anchors.some((anchor) => anchor.key === key) && isLeftOut(key));

/** Matches perhaps, where the selector does once these labels are gone. */
function without(selector: Selector, dropped: readonly string[]): Selector {
  if (dropped.length === 0) return selector;
  return {
    ...selector,
    matches(labels) {
      const matched = selector.matches(labels);
      if (matched !== false) return matched;
      const left = Object.entries(labels).filter(([key]) => !dropped.includes(key));
      return selector.matches(Object.fromEntries(left)) === false ? false : null;
    },
  };
}

/** Those that an acting engine reads, or may. */
export function notMatchedBy(
  { engine, ...place }: Acting,
  unselectedPolicies: readonly NotMatched[],
  objectsOf: (policy: Policy) => readonly PolicyObject[],
): readonly NotMatched[] {
  if (engine.name !== 'cilium') return [];
  return unselectedPolicies.filter(({ policy }) =>
    objectsOf(policy).some((object) => engine.enforces(object, place).answer !== 'no'),
  );
}

/** A sentence. */
export const perhapsSelected = ({ policy, label }: NotMatched): string =>
  `Whether ${policy.name} selects the pod too is not known: it excludes pods by ${quote(label)}, a label that Cilium may exclude from identities (labels in cilium-config).`;
