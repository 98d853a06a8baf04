import { type Fields, field, isFields, isUnset } from '../../policies/shape.ts';
import type { CiliumRemarks } from './remarks.ts';

const SECTIONS = ['ingress', 'ingressDeny', 'egress', 'egressDeny'];

/** `IngressCommonRule`, pkg/policy/api/ingress.go: one of these in a rule. */
const INGRESS_PEERS = ['fromEndpoints', 'fromCIDR', 'fromCIDRSet', 'fromEntities', 'fromNodes', 'fromGroups'];

/**
 * Looks for what the agent refuses outside the egress rules, since then these do not count either:
 * `Rule.Validate` and `IngressRule.Validate`, pkg/policy/api/rule_validation.go.
 */
export function checkSections(spec: Fields, path: string, remarks: CiliumRemarks): void {
  if (SECTIONS.every((name) => isEmpty(field(spec, name)))) {
    remarks.refusals.push(`${path} has no rules at all`);
  }
  for (const name of ['ingress', 'ingressDeny']) {
    const rules = field(spec, name);
    if (!Array.isArray(rules)) continue;
    for (const [index, rule] of rules.entries()) {
      if (isFields(rule)) checkIngress(rule, `${path}.${name}[${index}]`, remarks);
    }
  }
}

function checkIngress(rule: Fields, path: string, { refusals }: CiliumRemarks): void {
  const peers = INGRESS_PEERS.filter((name) => !isEmpty(field(rule, name)));
  if (peers.length > 1) {
    refusals.push(`${path} combines ${peers.join(' and ')}, which must be in separate rules`);
  }
  if (peers.includes('fromNodes')) {
    refusals.push(`${path}.fromNodes needs node selector labels to be enabled in Cilium, which is not known`);
  }
  if (!isEmpty(field(rule, 'icmps')) && !isEmpty(field(rule, 'toPorts'))) {
    refusals.push(`${path} has both toPorts and icmps`);
  }
}

const isEmpty = (value: unknown): boolean => isUnset(value) || (Array.isArray(value) && value.length === 0);
