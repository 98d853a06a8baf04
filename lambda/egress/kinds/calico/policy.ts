import type { PolicyObject } from '../../../inventory/policy-object.ts';
import { notUnderstood, type ParseContext, type Policy } from '../../policies/policy.ts';
import { field, isFields, isUnset, quote, unknownFields } from '../../policies/shape.ts';
import { CRD_VERSION, uncertaintyOfApi } from './context.ts';
import { leaveUnplaced, place } from './placing.ts';
import { type CalicoRemarks, createRemarks } from './remarks.ts';
import { type CalicoRule, parseRule } from './rule.ts';
import {
  appliesToEgress,
  isForHosts,
  type PolicyKindName,
  ranksOf,
  readOrder,
  readSubject,
  SPEC_FIELDS,
} from './spec.ts';
import { type CalicoTier, DEFAULT_TIER, tierNamed } from './tiers.ts';

/**
 * A NetworkPolicy or GlobalNetworkPolicy of Calico. Authority: api/pkg/apis/projectcalico/v3 and
 * Felix, which enforces them (projectcalico/calico), and
 * https://docs.tigera.io/calico/latest/reference/resources/networkpolicy
 */
export function parseCalicoPolicy(
  object: PolicyObject,
  kind: PolicyKindName,
  context: ParseContext,
): readonly Policy[] {
  const namespace = kind === 'NetworkPolicy' ? object.namespace : null;
  // Kubernetes has a NetworkPolicy too.
  const name = namespace === null ? `${kind} ${object.name}` : `Calico ${kind} ${namespace}/${object.name}`;
  const spec = isUnset(object.spec) ? {} : object.spec;
  const refused = refusalOf(spec, kind, namespace);
  if (!isFields(spec) || refused !== null)
    return nothingKnown(object, { name, namespace, uncertainty: refused ?? '' });

  const remarks = createRemarks(name);
  const uncertainty = uncertaintyOfApi(context);
  if (uncertainty !== null) remarks.wonder(uncertainty);
  const applies = appliesToEgress(spec, object, remarks);
  if (applies === 'no') return [];
  const forHosts = isForHosts(spec, remarks);
  const pods = readSubject(spec, namespace, { context, remarks });
  const order = readOrder(spec, remarks);
  const tier = readTier(object, field(spec, 'tier') ?? '', { context, remarks });
  const rules = readRules(field(spec, 'egress'), { namespace, context, remarks });
  const isUncertain = uncertainty !== null || forHosts || applies === 'potential' || remarks.refused();
  const { serviceAccounts } = context;
  const ranks = ranksOf(object, kind);
  const draft = { namespace, serviceAccounts, pods, rules, remarks, ranks, uncertain: isUncertain };
  return tier === null || order === null ? leaveUnplaced(draft) : place(draft, tier, order);
}

function refusalOf(spec: unknown, kind: PolicyKindName, namespace: string | null): string | null {
  if (!isFields(spec)) return `spec is ${quote(spec)} and not an object`;
  const [strange] = unknownFields(spec, SPEC_FIELDS[kind]);
  if (strange !== undefined) return `spec has the unknown field ${quote(strange)}`;
  return namespace === '' ? 'metadata.namespace is missing' : null;
}

function nothingKnown(
  object: PolicyObject,
  about: { readonly name: string; readonly namespace: string | null; readonly uncertainty: string },
): readonly Policy[] {
  const { rules, ...policy } = notUnderstood(
    { ...object, namespace: about.namespace ?? '' },
    about.uncertainty,
  );
  const named = rules.map((rule) => ({ ...rule, source: about.name }));
  return [{ ...policy, name: about.name, rules: named }];
}

/**
 * Up to 3.31 Felix took the tier from the name (`TierFromPolicyName`, libcalico-go/lib/names there),
 * and only the API saw to it that name and spec agree.
 *
 * @returns null, with an uncertainty, if the tier is not known
 */
function readTier(
  { apiVersion, name }: PolicyObject,
  value: unknown,
  { context, remarks }: { readonly context: ParseContext; readonly remarks: CalicoRemarks },
): CalicoTier | null {
  if (typeof value !== 'string') {
    remarks.refuse(`spec.tier is ${quote(value)} and not a name`);
    return null;
  }
  const tierName = value === '' ? DEFAULT_TIER : value;
  const [prefix = '', rest] = name.split('.', 2);
  const reserved = ['knp', 'kanp', 'kbanp', 'ossg'].includes(prefix);
  if (apiVersion === CRD_VERSION && rest !== undefined && !reserved && prefix !== tierName) {
    remarks.wonder(`its name is of tier ${quote(prefix)}, but spec.tier is ${quote(tierName)}`);
    return null;
  }
  const found = tierNamed(tierName, context);
  if ('tier' in found) return found.tier;
  remarks.wonder(found.uncertainty);
  return null;
}

function readRules(
  value: unknown,
  place: {
    readonly namespace: string | null;
    readonly context: ParseContext;
    readonly remarks: CalicoRemarks;
  },
): readonly CalicoRule[] {
  if (isUnset(value)) return [];
  if (Array.isArray(value)) {
    return value.map((rule: unknown, index) => parseRule(rule, { ...place, path: `spec.egress[${index}]` }));
  }
  place.remarks.refuse(`spec.egress is ${quote(value)} and not a list`);
  return [parseRule(null, { ...place, path: 'spec.egress' })];
}
