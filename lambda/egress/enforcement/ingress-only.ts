import type { Labels } from '../../inventory/names.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import { isIngressOnly } from '../kinds/core/network-policy.ts';
import { parsePolicies } from '../kinds/index.ts';
import type { Policy } from '../policies/policy.ts';
import { createSelection } from '../policies/select.ts';
import { field, isFields } from '../policies/shape.ts';

/** Kinds whose policies close the pods that they select, and do so by direction. */
const ISOLATING = ['NetworkPolicy', 'ApplicationNetworkPolicy'];
const GROUPS = ['networking.k8s.io', 'networking.k8s.aws'];

/**
 * Policies that are about incoming traffic alone, as if they denied all that goes out: which pods they select is all
 * that is asked of them.
 */
export function ingressOnlyPolicies(objects: readonly PolicyObject[]): readonly Policy[] {
  const isolating = objects.filter(
    ({ apiVersion, kind }) => ISOLATING.includes(kind) && GROUPS.includes(apiVersion.split('/', 1)[0] ?? ''),
  );
  return parsePolicies(
    isolating.filter(isIngressOnly).map((object) => ({
      ...object,
      spec: {
        podSelector: isFields(object.spec) ? field(object.spec, 'podSelector') : undefined,
        policyTypes: ['Egress'],
      },
    })),
  );
}

/** Whether such policies select a pod, with a key that is equal for equal answers; `null`: not known. */
export function createIngressOnly(
  objects: readonly PolicyObject[],
  namespaces: ReadonlyMap<string, Labels>,
): (namespace: string, labels: Labels) => boolean | null {
  const select = createSelection(ingressOnlyPolicies(objects), namespaces);
  return (namespace, labels) => {
    const found = select(namespace, labels).applied();
    if (found.some(({ definite }) => definite)) return true;
    return found.length > 0 ? null : false;
  };
}
