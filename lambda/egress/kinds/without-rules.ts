import type { PolicyObject } from '../../inventory/policy-object.ts';
import { type Fields, field, isFields } from '../policies/shape.ts';

/** The lists of rules for outgoing traffic, whatever the kind. */
const RULES = ['egress', 'egressDeny'] as const;

/**
 * The same object with empty rules in the place of its own, one of each list: it selects the same pods, and costs next
 * to nothing to parse. What it allows or denies means nothing.
 *
 * @param keep what rules say of the pods of the policy for which they count: `source` of Calico's
 */
export function withoutRules(object: PolicyObject, keep: 'sources' | 'nothing'): PolicyObject {
  const { spec, specs } = object;
  return {
    ...object,
    spec: bare(spec, keep),
    ...(Array.isArray(specs) ? { specs: specs.map((one: unknown) => bare(one, keep)) } : {}),
  };
}

function bare(spec: unknown, keep: 'sources' | 'nothing'): unknown {
  if (!isFields(spec)) return spec;
  const lists = RULES.flatMap((name) => {
    const rules = field(spec, name);
    return Array.isArray(rules) && rules.length > 0 ? [[name, stubs(rules, keep)] as const] : [];
  });
  return lists.length === 0 ? spec : { ...spec, ...Object.fromEntries(lists) };
}

function stubs(rules: readonly unknown[], keep: 'sources' | 'nothing'): readonly Fields[] {
  const first = actionOf(rules[0]);
  if (keep === 'nothing') return [first];
  const ofSources = rules.flatMap((rule) => {
    const source = isFields(rule) ? field(rule, 'source') : undefined;
    return source === undefined || source === null ? [] : [{ ...actionOf(rule), source }];
  });
  return [first, ...ofSources];
}

function actionOf(rule: unknown): Fields {
  const action = isFields(rule) ? field(rule, 'action') : undefined;
  return typeof action === 'string' ? { action } : {};
}
