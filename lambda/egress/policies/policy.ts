import type { Labels } from '../../inventory/names.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import type { ServiceAccounts } from '../../inventory/service-account.ts';
import { type AddressSet, EVERYTHING, NOTHING } from '../sets/address-set.ts';
import type { HostMatch } from '../sets/hosts.ts';
import { MATCH_ALL, type Selector, uncertain } from './selector.ts';

/**
 * The one shape into which every policy kind is parsed.
 *
 * Evaluation reads tiers in ascending order, in a tier its policies by `order` and then `rank`, in a
 * policy its rules as they stand; the first rule that matches decides. What no rule of a tier decides
 * is denied if a policy of the tier that selects the pod says `defaultAction: 'deny'`, and goes to the
 * next tier if none does. What no tier decides is allowed.
 *
 * - additive policies are allow rules in one tier with `defaultAction: 'deny'`;
 * - "deny always wins" is deny rules with an `order` before all allow rules of their tier;
 * - a tier with a default action says it in the `defaultAction` of its policies.
 */
export interface Policy {
  /** For people, e.g. `NetworkPolicy default/frontend`. */
  readonly name: string;
  readonly scope: Scope;
  readonly tier: Tier;
  readonly order: number;
  /**
   * The API within which `order` decides. Policies of one tier that share it and their order, or that
   * name different APIs, have no defined order among each other. Unset: ranks settle equal orders.
   */
  readonly orderedWithin?: string;
  /** Decides between equal orders; the name if unset. */
  readonly rank?: string;
  /** The rank in other versions of what enforces the policy, if it is another there. */
  readonly formerRank?: string;
  readonly defaultAction: 'deny' | 'pass';
  readonly rules: readonly Rule[];
  /** What was not understood: path and value, without a full stop. */
  readonly uncertainties: readonly string[];
  /** What was understood but must be known to read the result right; whole sentences. */
  readonly notes: readonly string[];
}

/** A policy that selects the pod, or may. */
export interface Applied {
  readonly policy: Policy;
  readonly definite: boolean;
}

/** The pods that a policy selects. */
export interface Scope {
  /** The policy's own namespace, or all namespaces whose labels match. */
  readonly namespaces: { readonly named: string } | { readonly matching: Selector };
  readonly pods: Selector;
}

export interface Tier {
  readonly name: string;
  readonly order: number;
}

/** `pass` skips the rest of the tier. */
export type Action = 'allow' | 'deny' | 'pass';

/** Destinations outside the cluster and what to do with traffic to them. */
export interface Rule {
  /** For people, e.g. `NetworkPolicy default/frontend: spec.egress[0]`. */
  readonly source: string;
  readonly action: Action;
  /** What the rule definitely matches. */
  readonly covers: AddressSet;
  /** What it may match, at least `covers`; the same object where the rule is understood wholly. */
  readonly potentialCover: AddressSet;
  readonly hosts: readonly HostMatch[];
}

/** Orders are those of Calico's built-in tiers, the only scale on which the kinds share numbers. */
export const TIERS = {
  unknown: { name: 'unknown', order: Number.NEGATIVE_INFINITY },
  admin: { name: 'kube-admin', order: 1_000 },
  networkPolicy: { name: 'default', order: 1_000_000 },
  baseline: { name: 'kube-baseline', order: 10_000_000 },
} as const satisfies Readonly<Record<string, Tier>>;

/** One policy kind. `parse` is total: it throws on no input. */
export interface PolicyKind {
  readonly apiVersion: string;
  readonly kind: string;
  /**
   * @param object one object of this kind, its `spec` unchecked
   * @param context objects that this one may refer to
   * @returns none if it says nothing about egress
   */
  parse(object: PolicyObject, context: ParseContext): readonly Policy[];
}

/** All objects read, for kinds that refer to others (tiers, network sets, groups of blocks). */
export interface ParseContext {
  readonly objects: readonly PolicyObject[];
  /** Labels of each namespace that could be read. */
  readonly namespaces: ReadonlyMap<string, Labels>;
  readonly serviceAccounts: ServiceAccounts;
  /** From which API Calico's agents read policies; `null`: they do not say. */
  readonly calicoApi: string | null;
  /** Whether the other one shows the same objects, so that either is complete. */
  readonly calicoView: boolean;
}

export const nameOf = ({ kind, namespace, name }: PolicyObject): string =>
  namespace === '' ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;

/** As the policies of an object are named: Calico has its own NetworkPolicy kind next to that of Kubernetes. */
export const shownNameOf = (object: PolicyObject): string =>
  object.namespace !== '' && (object.apiVersion.split('/', 1)[0] ?? '').endsWith('projectcalico.org')
    ? `Calico ${nameOf(object)}`
    : nameOf(object);

/** One of several policies of one name of which one is true: on pods that it selects it may have any effect. */
export const asUncertain = (object: PolicyObject, { name, scope }: Policy, uncertainty: string): Policy => ({
  ...notUnderstood(object, uncertainty),
  name,
  scope: { ...scope, pods: uncertain(scope.pods) },
});

/** A policy of which nothing is known but where it lies: it may allow or deny anything there. */
export function notUnderstood(object: PolicyObject, uncertainty: string): Policy {
  const name = shownNameOf(object);
  const anything = { source: name, covers: NOTHING, potentialCover: EVERYTHING, hosts: [] };
  return {
    name,
    scope: {
      namespaces: object.namespace === '' ? { matching: MATCH_ALL } : { named: object.namespace },
      pods: uncertain(MATCH_ALL),
    },
    tier: TIERS.unknown,
    order: 0,
    defaultAction: 'pass',
    rules: [
      { ...anything, action: 'allow' },
      { ...anything, action: 'deny' },
    ],
    uncertainties: [uncertainty],
    notes: [],
  };
}
