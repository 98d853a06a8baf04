import { SERVICE_ACCOUNT } from '../../../inventory/service-account.ts';
import type { Scope } from '../../policies/policy.ts';
import {
  allOf,
  anyOf,
  type Expression,
  evaluate,
  isFalse,
  isIn,
  isTrue,
  type LabelTest,
  TRUE,
  toSelector,
} from './expression.ts';

/** Labels that Calico gives to endpoints (api/pkg/apis/projectcalico/v3/constants.go). */
export const NAMESPACE_LABEL = 'projectcalico.org/namespace';
export const SERVICE_ACCOUNT_LABEL = 'projectcalico.org/serviceaccount';
const ORCHESTRATOR_LABEL = 'projectcalico.org/orchestrator';

/** The labels of their namespace, as endpoints inherit them (libcalico-go/lib/backend/k8s/conversion/constants.go). */
export const OF_NAMESPACE = 'pcns.';
/** "A label that can be used to match a serviceaccount or namespace name exactly." */
export const NAME_LABEL = 'projectcalico.org/name';

/** The label that the API server keeps on every namespace, and the engine with it. */
export const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

export const inNamespace = (name: string): Expression => isIn(NAMESPACE_LABEL, [name]);

/** An expression about pods, taken apart: what it asks of the namespace, and what of the pod. */
interface Term {
  readonly namespace: Expression;
  readonly pod: Expression;
}

/** More alternatives than this are not worth the work. */
const MOST_TERMS = 50;

/**
 * The scopes that together are the pods for which the expression holds; none if it holds for no pod.
 *
 * @returns null if the expression mixes namespaces and pods beyond reason
 */
export function scopesOf(expression: Expression): readonly Scope[] | null {
  return (
    split(expression)?.map(({ namespace, pod }) => ({
      namespaces: namespacesOf(namespace),
      pods: toSelector(pod),
    })) ?? null
  );
}

function namespacesOf(expression: Expression): Scope['namespaces'] {
  if (expression.is === 'label' && expression.key === NAMESPACE_NAME) {
    const [name, ...others] = expression.values ?? [];
    if (name !== undefined && others.length === 0) return { named: name };
  }
  return { matching: toSelector(expression) };
}

function split(expression: Expression): readonly Term[] | null {
  switch (expression.is) {
    case 'constant':
      return isFalse(expression) ? [] : [{ namespace: TRUE, pod: expression }];
    case 'label':
      return [termOf(expression)].filter(isPossible);
    default: {
      const parts = expression.parts.map(split);
      const terms = parts.flatMap((part) => (part === null ? [] : [part]));
      if (terms.length < parts.length) return null;
      return expression.is === 'any' ? merge(terms.flat()) : product(terms);
    }
  }
}

const isPossible = ({ namespace, pod }: Term): boolean => !isFalse(namespace) && !isFalse(pod);

/**
 * Felix drops labels of pods that pretend to be of the namespace or the service account, and sets the
 * others itself ("this prevents a wep from pretending it is in another namespace",
 * libcalico-go/lib/backend/syncersv1/updateprocessors/workloadendpointprocessor.go), so the pod's own
 * labels under these keys are never asked.
 */
function termOf(test: LabelTest): Term {
  const ofNamespace = (key: string): Term => ({ namespace: { ...test, key }, pod: TRUE });
  if (test.key === NAMESPACE_LABEL) return ofNamespace(NAMESPACE_NAME);
  if (test.key.startsWith(OF_NAMESPACE)) {
    const key = test.key.slice(OF_NAMESPACE.length);
    return ofNamespace(key === NAME_LABEL ? NAMESPACE_NAME : key);
  }
  if (test.key === ORCHESTRATOR_LABEL) {
    return { namespace: TRUE, pod: { is: 'constant', value: evaluate(test, () => 'k8s') } };
  }
  if (test.key === SERVICE_ACCOUNT_LABEL) return { namespace: TRUE, pod: { ...test, key: SERVICE_ACCOUNT } };
  return { namespace: TRUE, pod: test };
}

/** Alternatives that ask only one of the two are one term each. */
function merge(terms: readonly Term[]): readonly Term[] | null {
  const onlyPod = terms.filter(({ namespace }) => isTrue(namespace));
  const onlyNamespace = terms.filter(({ namespace, pod }) => !isTrue(namespace) && isTrue(pod));
  const mixed = terms.filter(({ namespace, pod }) => !isTrue(namespace) && !isTrue(pod));
  const merged = [
    ...(onlyPod.length > 0 ? [{ namespace: TRUE, pod: anyOf(onlyPod.map(({ pod }) => pod)) }] : []),
    ...(onlyNamespace.length > 0
      ? [{ namespace: anyOf(onlyNamespace.map(({ namespace }) => namespace)), pod: TRUE }]
      : []),
    ...mixed,
  ];
  const everything = merged.find(({ namespace, pod }) => isTrue(namespace) && isTrue(pod));
  if (everything !== undefined) return [everything];
  return merged.length > MOST_TERMS ? null : merged;
}

function product(parts: readonly (readonly Term[])[]): readonly Term[] | null {
  // Most parts are one condition; joined one by one, thousands of them would be copied for each.
  const single = parts.flatMap((part) => (part.length === 1 ? part : []));
  let terms: readonly Term[] = [join(single)];
  for (const part of parts) {
    if (part.length === 1) continue;
    if (terms.length * part.length > MOST_TERMS) return null;
    terms = terms.flatMap((term) => part.map((other) => join([term, other])));
  }
  return terms.filter(isPossible);
}

const join = (terms: readonly Term[]): Term => ({
  namespace: allOf(terms.map(({ namespace }) => namespace)),
  pod: allOf(terms.map(({ pod }) => pod)),
});
