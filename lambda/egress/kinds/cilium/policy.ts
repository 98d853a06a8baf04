import type { PolicyObject } from '../../../inventory/policy-object.ts';
import {
  nameOf,
  notUnderstood,
  type ParseContext,
  type Policy,
  type Rule,
  type Scope,
  TIERS,
} from '../../policies/policy.ts';
import { uncertain } from '../../policies/selector.ts';
import { type Fields, field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { EVERYTHING, NOTHING } from '../../sets/address-set.ts';
import { atMost } from '../../sets/bounds.ts';
import type { CiliumRemarks } from './remarks.ts';
import { type CiliumRule, parseRule } from './rule.ts';
import { readSubject } from './scope.ts';
import { checkSections } from './sections.ts';

/** `Rule`, pkg/policy/api/rule.go. The last three change nothing of what is allowed. */
const FIELDS = [
  'endpointSelector',
  'nodeSelector',
  'ingress',
  'ingressDeny',
  'egress',
  'egressDeny',
  'enableDefaultDeny',
  'labels',
  'description',
  'log',
];

const CLUSTERWIDE = 'CiliumClusterwideNetworkPolicy';

/**
 * A CiliumNetworkPolicy or CiliumClusterwideNetworkPolicy. Authority: pkg/policy/api and
 * pkg/k8s/apis/cilium.io/v2 of cilium/cilium, and
 * https://docs.cilium.io/en/stable/security/policy/
 */
export function parseCiliumPolicy(object: PolicyObject, context: ParseContext): readonly Policy[] {
  const isClusterwide = object.kind === CLUSTERWIDE;
  const subject = isClusterwide ? { ...object, namespace: '' } : object;
  if (!isClusterwide && object.namespace === '') {
    return [notUnderstood(subject, 'metadata.namespace is missing')];
  }
  const specs = specsOf(subject);
  if (typeof specs === 'string') return [notUnderstood(subject, specs)];
  const refusals: string[] = [];
  const drafts = specs.flatMap(({ path, spec }) => {
    const remarks = { name: nameOf(subject), uncertainties: [], notes: [], refusals };
    const namespace = isClusterwide ? null : object.namespace;
    return parseSpec(spec, { path, namespace, context, remarks });
  });
  return drafts.flatMap(toPolicies);
}

interface Spec {
  readonly path: string;
  readonly spec: Fields;
}

/** An object has one rule in `spec`, or several in `specs`, or both. A text says what is not understood. */
function specsOf({ spec, specs }: PolicyObject): readonly Spec[] | string {
  const list = isUnset(specs) ? [] : specs;
  if (!Array.isArray(list)) return `specs is ${quote(list)} and not a list`;
  const all: readonly { readonly path: string; readonly spec: unknown }[] = [
    ...(isUnset(spec) ? [] : [{ path: 'spec', spec }]),
    ...list.map((one: unknown, index) => ({ path: `specs[${index}]`, spec: one })),
  ];
  const result: Spec[] = [];
  for (const { path, spec: one } of all) {
    if (!isFields(one)) return `${path} is ${quote(one)} and not an object`;
    const [strange] = unknownFields(one, FIELDS);
    if (strange !== undefined) return `${path} has the unknown field ${quote(strange)}`;
    result.push({ path, spec: one });
  }
  return result;
}

interface SpecPlace {
  readonly path: string;
  /** Null for a clusterwide policy. */
  readonly namespace: string | null;
  readonly context: ParseContext;
  readonly remarks: CiliumRemarks;
}

/** One rule in Cilium's sense: whom it selects, what it allows and denies. */
interface Draft {
  readonly scope: Scope;
  readonly allow: readonly CiliumRule[];
  readonly deny: readonly CiliumRule[];
  /** Whether what no rule allows is denied; null if that is not known. */
  readonly closes: boolean | null;
  readonly remarks: CiliumRemarks;
}

function parseSpec(spec: Fields, place: SpecPlace): readonly Draft[] {
  checkSections(spec, place.path, place.remarks);
  const scope = readScope(spec, place);
  const allow = readRules(spec, 'egress', place);
  const deny = readRules(spec, 'egressDeny', place);
  const closes = closesEgress(spec, allow.length + deny.length > 0, place);
  if (scope === null || (allow.length + deny.length === 0 && closes === false)) return [];
  return [{ scope, allow, deny, closes, remarks: place.remarks }];
}

/** @returns null if the rule selects no pods, but nodes or nothing */
function readScope(spec: Fields, { path, namespace, context, remarks }: SpecPlace): Scope | null {
  const endpoints = field(spec, 'endpointSelector');
  const nodes = field(spec, 'nodeSelector');
  if (!isUnset(nodes) && (namespace !== null || !isUnset(endpoints))) {
    remarks.refusals.push(
      isUnset(endpoints)
        ? `${path}.nodeSelector is for clusterwide policies`
        : `${path} has both endpointSelector and nodeSelector`,
    );
  }
  if (isUnset(endpoints) && !isUnset(nodes)) return null;
  if (isUnset(endpoints)) remarks.refusals.push(`${path} has neither endpointSelector nor nodeSelector`);
  return readSubject(endpoints ?? {}, {
    path: `${path}.endpointSelector`,
    namespace,
    namespaces: context.namespaces,
    remarks,
  });
}

function readRules(spec: Fields, name: 'egress' | 'egressDeny', place: SpecPlace): readonly CiliumRule[] {
  const value = field(spec, name) ?? [];
  const path = `${place.path}.${name}`;
  const at = { ...place, action: name === 'egress' ? 'allow' : 'deny' } as const;
  if (Array.isArray(value)) {
    return value.map((rule: unknown, index) => parseRule(rule, { ...at, path: `${path}[${index}]` }));
  }
  place.remarks.refusals.push(`${path} is ${quote(value)} and not a list`);
  const source = `${place.remarks.name}: ${path}`;
  return [{ source, match: atMost(EVERYTHING), hosts: [], uncertainHosts: [] }];
}

/**
 * "If not specified, the default is true for each traffic direction that has rules, and false
 * otherwise" (`EnableDefaultDeny`, pkg/policy/api/rule.go).
 */
function closesEgress(spec: Fields, hasRules: boolean, { path, remarks }: SpecPlace): boolean | null {
  const setting = field(spec, 'enableDefaultDeny') ?? {};
  const egress = isFields(setting) ? (field(setting, 'egress') ?? hasRules) : null;
  const strange = isFields(setting) && unknownFields(setting, ['ingress', 'egress']).length > 0;
  if (typeof egress !== 'boolean' || strange) {
    remarks.uncertainties.push(`${path}.enableDefaultDeny is ${quote(setting)}`);
    return null;
  }
  if (hasRules || !egress) return egress;
  // "If enabled, this causes all traffic not explicitly allowed to be dropped", but the code asks only
  // rules that have something for egress (`computePolicyEnforcementAndRules`, pkg/policy/repository.go).
  remarks.uncertainties.push(`${path}.enableDefaultDeny is set for egress, for which ${path} has no rules`);
  return null;
}

/**
 * "Deny policies take precedence over allow policies, regardless of whether they are a Cilium Network
 * Policy, a Clusterwide Cilium Network Policy or even a Kubernetes Network Policy", and the allow rules
 * of all three add up: so all are in one tier, deny rules first.
 * https://docs.cilium.io/en/stable/security/policy/deny/
 */
function toPolicies({ scope, allow, deny, closes, remarks }: Draft): readonly Policy[] {
  const { name, refusals } = remarks;
  const uncertainScope: Scope = { ...scope, pods: uncertain(scope.pods) };
  const base: Omit<Policy, 'rules'> = {
    name,
    scope: refusals.length === 0 ? scope : uncertainScope,
    tier: TIERS.networkPolicy,
    order: ORDER.allow,
    defaultAction: 'pass',
    uncertainties: [...refusals, ...remarks.uncertainties],
    notes: remarks.notes,
  };
  const uncertainHosts = allow.filter((rule) => rule.uncertainHosts.length > 0);
  return [
    ...(deny.length === 0
      ? []
      : [{ ...base, order: ORDER.deny, rules: deny.map((rule) => toRule(rule, 'deny')) }]),
    {
      ...base,
      defaultAction: closes === true ? 'deny' : 'pass',
      rules: allow.map((rule) => toRule(rule, 'allow')),
    },
    ...(closes === null
      ? [{ ...base, scope: uncertainScope, defaultAction: 'deny' as const, rules: [] }]
      : []),
    ...(uncertainHosts.length === 0
      ? []
      : [{ ...base, scope: uncertainScope, rules: uncertainHosts.map(toUncertainHosts) }]),
  ];
}

/** Among each other allow rules have no order, nor have deny rules. */
const ORDER = { deny: Number.NEGATIVE_INFINITY, allow: 1000 } as const;

const toRule = ({ source, match, hosts }: CiliumRule, action: 'allow' | 'deny'): Rule => ({
  source,
  action,
  covers: match.definite,
  potentialCover: match.potential,
  hosts,
});

const toUncertainHosts = ({ source, uncertainHosts }: CiliumRule): Rule => ({
  source,
  action: 'allow',
  covers: NOTHING,
  potentialCover: NOTHING,
  hosts: uncertainHosts,
});
