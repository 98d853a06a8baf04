import type { PolicyObject } from '../../../inventory/policy-object.ts';
import {
  nameOf,
  notUnderstood,
  type Policy,
  type PolicyKind,
  type Rule,
  TIERS,
} from '../../policies/policy.ts';
import { parseLabelSelector, uncertain } from '../../policies/selector.ts';
import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING } from '../../sets/address-set.ts';
import { atMost, type Bounds, certain } from '../../sets/bounds.ts';
import type { HostMatch } from '../../sets/hosts.ts';
import { onPortBounds, parsePeers, parsePorts, type Remarks } from './network-policy-rule.ts';

/**
 * Core `NetworkPolicy`. Authority: the comments of k8s.io/api/networking/v1/types.go, its defaults
 * (kubernetes/pkg/apis/networking/v1/defaults.go) and its validation
 * (kubernetes/pkg/apis/networking/validation/validation.go). What validation would refuse has no
 * defined meaning and is unknown here, as are fields that this version does not know.
 */
export const networkPolicy: PolicyKind = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  parse: (object) =>
    parseIsolatingPolicy(object, (rule, path, remarks) => ({
      match: destinations(rule, path, remarks),
      hosts: [],
    })),
};

/** What an egress rule matches. */
export type ParseEgressRule = (
  rule: unknown,
  path: string,
  remarks: Remarks,
) => { readonly match: Bounds; readonly hosts: readonly HostMatch[] };

const SPEC_FIELDS = ['podSelector', 'ingress', 'egress', 'policyTypes'];

/** Whether a policy of this form is definitely about incoming traffic alone. */
export const isIngressOnly = ({ spec }: PolicyObject): boolean =>
  isFields(spec) && unknownFields(spec, SPEC_FIELDS).length === 0 && affectsEgress(spec, []) === false;

/** A policy that isolates the pods it selects, and whose rules allow. */
export function parseIsolatingPolicy(object: PolicyObject, parseRule: ParseEgressRule): readonly Policy[] {
  const spec = isUnset(object.spec) ? {} : object.spec;
  if (!isFields(spec)) return [notUnderstood(object, `spec is ${quote(spec)} and not an object`)];
  const [strange] = unknownFields(spec, SPEC_FIELDS);
  if (strange !== undefined) return [notUnderstood(object, `spec has the unknown field ${quote(strange)}`)];

  const remarks: Remarks = { name: nameOf(object), uncertainties: [], notes: [] };
  const affected = affectsEgress(spec, remarks.uncertainties);
  if (affected === false) return [];
  const selector = parseLabelSelector(field(spec, 'podSelector'), 'spec.podSelector', remarks.uncertainties);
  if (object.namespace === '') remarks.uncertainties.push('metadata.namespace is missing');
  return [
    {
      name: remarks.name,
      scope: {
        namespaces:
          object.namespace === ''
            ? { matching: uncertain(parseLabelSelector(null, '', [])) }
            : { named: object.namespace },
        pods: affected === null ? uncertain(selector) : selector,
      },
      // Policies only add up: allow rules in one tier, and what none allows is denied. Calico places
      // them among its own policies (`K8sNetworkPolicyToCalico`,
      // libcalico-go/lib/backend/k8s/conversion/conversion.go; ranks are those of calico-spec.ts).
      tier: TIERS.networkPolicy,
      order: 1000,
      rank: `${object.name}/${object.namespace}/KubernetesNetworkPolicy`,
      formerRank: `${object.namespace}/knp.default.${object.name}`,
      defaultAction: 'deny',
      rules: parseEgress(field(spec, 'egress'), parseRule, remarks),
      uncertainties: remarks.uncertainties,
      notes: remarks.notes,
    },
  ];
}

/**
 * "If this field is not specified, it will default based on the existence of ingress or egress
 * rules". An empty list of types, or of egress rules, counts as absent (`SetDefaults_NetworkPolicy`
 * asks for the length).
 *
 * @returns null if it cannot be known
 */
function affectsEgress(spec: Fields, uncertainties: string[]): boolean | null {
  const types = field(spec, 'policyTypes');
  if (isUnset(types) || (Array.isArray(types) && types.length === 0)) {
    const egress = field(spec, 'egress');
    if (isUnset(egress)) return false;
    return Array.isArray(egress) ? egress.length > 0 : null;
  }
  if (Array.isArray(types)) {
    if (types.includes('Egress')) return true;
    if (types.every((type) => type === 'Ingress')) return false;
  }
  uncertainties.push(`spec.policyTypes is ${quote(types)} and not a list of Ingress and Egress`);
  return null;
}

/** An egress section that is empty or missing allows nothing. */
function parseEgress(value: unknown, parseRule: ParseEgressRule, remarks: Remarks): readonly Rule[] {
  if (isUnset(value)) return [];
  if (!Array.isArray(value)) {
    remarks.uncertainties.push(`spec.egress is ${quote(value)} and not a list`);
    return [toRule(`${remarks.name}: spec.egress`, { match: atMost(EVERYTHING), hosts: [] })];
  }
  return value.map((rule: unknown, index) => {
    const path = `spec.egress[${index}]`;
    return toRule(`${remarks.name}: ${path}`, parseRule(rule, path, remarks));
  });
}

const toRule = (source: string, { match, hosts }: ReturnType<ParseEgressRule>): Rule => ({
  source,
  action: 'allow',
  covers: match.definite,
  potentialCover: match.potential,
  hosts,
});

/** "This rule matches traffic only if the traffic matches both ports and to." */
export function destinations(
  rule: unknown,
  path: string,
  remarks: Remarks,
  parseTo: typeof parsePeers = parsePeers,
): Bounds {
  if (!isFields(rule)) {
    remarks.uncertainties.push(`${path} is ${quote(rule)} and not a rule`);
    return atMost(EVERYTHING);
  }
  const [strange] = unknownFields(rule, ['to', 'ports']);
  if (strange !== undefined) {
    remarks.uncertainties.push(`${path} has the unknown field ${quote(strange)}`);
    return atMost(EVERYTHING);
  }
  const to = field(rule, 'to');
  const ports = field(rule, 'ports');
  // "If this field is empty or missing, this rule matches all destinations" and "all ports".
  const peers = isEmpty(to) ? certain(EVERYTHING) : parseTo(to, `${path}.to`, remarks);
  return isEmpty(ports) ? peers : onPortBounds(peers, parsePorts(ports, `${path}.ports`, remarks));
}

const isEmpty = (value: unknown): boolean => isUnset(value) || (Array.isArray(value) && value.length === 0);
