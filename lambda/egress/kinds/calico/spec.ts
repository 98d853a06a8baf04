import type { PolicyObject } from '../../../inventory/policy-object.ts';
import type { ParseContext } from '../../policies/policy.ts';
import { type Fields, field, isUnset, quote } from '../../policies/shape.ts';
import { wonderAbout } from './accounts.ts';
import { API_VERSION } from './context.ts';
import { readSelector, SERVICE_ACCOUNTS } from './entity.ts';
import { allOf, type Expression, has, TRUE } from './expression.ts';
import type { CalicoRemarks } from './remarks.ts';
import { inNamespace, NAMESPACE_LABEL, OF_NAMESPACE } from './scope.ts';
import { OWN_LABELS } from './selector.ts';

/** What is read of the spec of a NetworkPolicy or GlobalNetworkPolicy beside its rules. */

const COMMON_FIELDS = [
  'tier',
  'order',
  'ingress',
  'egress',
  'selector',
  'types',
  'serviceAccountSelector',
  // "Hints never change the enforcement behaviour of the policy."
  'performanceHints',
];

/** api/pkg/apis/projectcalico/v3/networkpolicy.go and globalnetworkpolicy.go. */
export const SPEC_FIELDS = {
  NetworkPolicy: COMMON_FIELDS,
  GlobalNetworkPolicy: [...COMMON_FIELDS, 'doNotTrack', 'preDNAT', 'applyOnForward', 'namespaceSelector'],
} as const;

export type PolicyKindName = keyof typeof SPEC_FIELDS;

/**
 * Calico's API sets `types` by the rules that are there (`defaultPolicyTypesField`,
 * api/pkg/defaults/networkpolicy.go). Felix applies a policy that has none, as one written past that
 * API can, to both directions ("Back compatibility: no Types means Ingress and Egress",
 * felix/calc/policy_sorter.go).
 */
export function appliesToEgress(
  spec: Fields,
  { apiVersion }: PolicyObject,
  remarks: CalicoRemarks,
): 'definite' | 'potential' | 'no' {
  const types = field(spec, 'types') ?? [];
  const egress = field(spec, 'egress');
  if (!Array.isArray(types) || types.some((type) => type !== 'Ingress' && type !== 'Egress')) {
    remarks.refuse(`spec.types is ${quote(types)} and not a list of Ingress and Egress`);
    return 'potential';
  }
  if (types.length > 0) return types.includes('Egress') ? 'definite' : 'no';
  if (Array.isArray(egress) && egress.length > 0) return 'definite';
  // The admission policy of Calico's own CRDs asks only whether the list is there.
  if (apiVersion === API_VERSION && isUnset(egress)) return 'no';
  remarks.wonder('spec.types is missing, and versions of Calico differ in what that means');
  return 'potential';
}

/**
 * The pods that the policy selects (networkpolicyprocessor.go and globalnetworkpolicyprocessor.go in
 * libcalico-go/lib/backend/syncersv1/updateprocessors). All pods are in some namespace, so `all()` of
 * a namespaceSelector is every pod.
 */
export function readSubject(
  spec: Fields,
  namespace: string | null,
  about: { readonly context: ParseContext; readonly remarks: CalicoRemarks },
): Expression {
  const { remarks } = about;
  const at = { path: 'spec', remarks };
  const expression = allOf([
    namespace === null ? TRUE : inNamespace(namespace),
    readSelector(spec, 'selector', { ...at, place: OWN_LABELS }) ?? TRUE,
    readSelector(spec, 'serviceAccountSelector', { ...at, place: SERVICE_ACCOUNTS }) ?? TRUE,
    readSelector(spec, 'namespaceSelector', {
      ...at,
      place: { prefix: OF_NAMESPACE, all: has(NAMESPACE_LABEL), global: null },
    }) ?? TRUE,
  ]);
  wonderAbout(expression, 'it selects pods', about);
  return expression;
}

/**
 * Felix applies untracked and pre-DNAT policies to host endpoints alone (`tierInfoToProtoTierInfo`,
 * felix/calc/event_sequencer.go). Calico's reference says they are enforced on pods like others:
 * https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy#spec.
 */
export function isForHosts(spec: Fields, remarks: CalicoRemarks): boolean {
  const values = ['doNotTrack', 'preDNAT'].map((name) => {
    const value = field(spec, name) ?? false;
    if (typeof value !== 'boolean') remarks.refuse(`spec.${name} is ${quote(value)} and not true or false`);
    return value !== false;
  });
  const forHosts = values.includes(true);
  if (forHosts) {
    remarks.wonder(
      'with doNotTrack or preDNAT it is for host endpoints, and sources differ in whether it applies to pods',
    );
  }
  return forHosts;
}

/** "If the order is omitted, it may be considered to be infinite." Null, with an uncertainty, if not understood. */
export function readOrder(spec: Fields, remarks: CalicoRemarks): number | null {
  const order = field(spec, 'order') ?? Number.POSITIVE_INFINITY;
  if (typeof order === 'number' && !Number.isNaN(order)) return order;
  remarks.refuse(`spec.order is ${quote(order)} and not a number`);
  return null;
}

/**
 * What decides between policies of the same tier and order: `PolKVLess`, felix/calc/policy_sorter.go,
 * by name, then namespace, then kind since 3.32; before, by namespace and name with the tier's prefix
 * (`convertNetworkPolicyV3ToV1Key` there).
 */
export interface Ranks {
  readonly rank: string;
  readonly formerRank: string;
}

export function ranksOf({ name, namespace }: PolicyObject, kind: PolicyKindName): Ranks {
  const where = kind === 'NetworkPolicy' ? namespace : '';
  const prefixed = name.includes('.') ? name : `default.${name}`;
  return {
    rank: `${name}/${where}/${kind}`,
    formerRank: where === '' ? prefixed : `${where}/${prefixed}`,
  };
}
