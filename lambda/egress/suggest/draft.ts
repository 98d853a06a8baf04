import type { Labels } from '../../inventory/names.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import { DNS_RULE, ruleOf, type SuggestBasis, type SuggestedRule } from './suggest.ts';

/**
 * Everything that has a pod network address of its own, in any namespace: an empty selector selects all. Nodes, the API
 * server and pods on the network of their node are none of these.
 * Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/#behavior-of-to-and-from-selectors
 */
const IN_CLUSTER: SuggestedRule = {
  reason: 'pods of this cluster',
  rule: { to: [{ namespaceSelector: {} }] },
};

/** What a draft leaves open: names, the pods of the cluster, and what is approved by address. */
export const keptRules = ({ approved, services = new Map() }: SuggestBasis): readonly SuggestedRule[] => [
  DNS_RULE,
  IN_CLUSTER,
  ...approved.flatMap((entry) => ruleOf(entry, services)),
];

export interface DraftPlace {
  readonly name: string;
  readonly namespace: string;
  /** Empty: all pods of the namespace. */
  readonly matchLabels: Labels;
}

/** A policy that leaves only that open for some pods, as an object for files. */
export const draftOf = (
  { name, namespace, matchLabels }: DraftPlace,
  rules: readonly SuggestedRule[],
): DraftObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace },
  spec: {
    podSelector: Object.keys(matchLabels).length === 0 ? {} : { matchLabels },
    policyTypes: ['Egress'],
    egress: rules.map(({ rule }) => rule),
  },
});

export interface DraftObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Labels };
  readonly spec: object;
}

/** As it would be read from the cluster. */
export const policyOfDraft = ({ apiVersion, kind, metadata, spec }: DraftObject): PolicyObject => ({
  apiVersion,
  kind,
  labels: {},
  ...metadata,
  spec,
});

/**
 * A NetworkPolicy of which some egress rules are replaced by those that a draft keeps; `null` for other kinds, and where
 * the rules are not as named.
 *
 * @param indexes of `spec.egress`
 */
export function narrowed(
  policy: PolicyObject,
  indexes: ReadonlySet<number>,
  rules: readonly SuggestedRule[],
): DraftObject | null {
  const { apiVersion, kind, namespace, name, labels, spec } = policy;
  if (kind !== 'NetworkPolicy' || apiVersion !== 'networking.k8s.io/v1') return null;
  if (typeof spec !== 'object' || spec === null || !('egress' in spec) || !Array.isArray(spec.egress)) {
    return null;
  }
  const egress: readonly unknown[] = spec.egress;
  if (![...indexes].every((index) => index < egress.length)) return null;
  const kept = egress.filter((_, index) => !indexes.has(index));
  return {
    apiVersion,
    kind,
    metadata: { name, namespace, ...(Object.keys(labels).length === 0 ? {} : { labels }) },
    spec: { ...spec, egress: [...kept, ...rules.map(({ rule }) => rule)] },
  };
}
