import type { Labels } from '../../../inventory/names.ts';
import { MATCH_ALL, parseLabelSelector, type Selector, uncertain } from '../../policies/selector.ts';
import { type Fields, field, isFields, isUnset, quote } from '../../policies/shape.ts';

/** One label that a selector asks for, or that it wants to be absent. */
export interface Requirement {
  /** As written, e.g. `k8s:app`. */
  readonly text: string;
  /** Where Cilium has the label from: `k8s`, `reserved`, …; `any` if the key does not say. */
  readonly source: string;
  readonly key: string;
  /** Whether it is in `matchLabels`. */
  readonly exact: boolean;
  /** Whether it holds for an object with this label, or without it. */
  holds(value: string | undefined): boolean;
  /** The same asked of a plain label. */
  on(key: string): Selector;
}

/** The requirements of a selector, all of which must hold. */
export interface Requirements {
  readonly known: readonly Requirement[];
  /** False if there are others, which were not understood. */
  readonly understood: boolean;
}

/**
 * An `EndpointSelector` of Cilium: a `metav1.LabelSelector` whose keys may name the source of the
 * label (pkg/policy/api/selector.go; `GetExtendedKeyFrom` and `parseSource`, pkg/labels/labels.go).
 *
 * @param uncertainties receives a sentence part for everything that was not understood
 */
export function parseRequirements(value: unknown, path: string, uncertainties: string[]): Requirements {
  const wrong: string[] = [];
  // The selector's own reader says what is wrong; the parts are then read one by one.
  parseLabelSelector(value, path, wrong);
  if (isUnset(value)) wrong.push(`${path} is missing`);
  uncertainties.push(...wrong);
  if (!isFields(value)) return { known: [], understood: false };
  const labels = field(value, 'matchLabels');
  const expressions = field(value, 'matchExpressions');
  const written: readonly { readonly expression: Fields; readonly exact: boolean }[] = [
    ...(isFields(labels) ? Object.entries(labels) : []).map(([key, wanted]) => ({
      expression: { key, operator: 'In', values: [wanted] },
      exact: true,
    })),
    ...(Array.isArray(expressions) ? expressions.filter(isFields) : []).map((expression) => ({
      expression,
      exact: false,
    })),
  ];
  const understood = wrong.length === 0;
  const requirements = written.map(({ expression, exact }) => toRequirement(expression, exact));
  return {
    // The selector's own reader has said what is wrong with the others.
    known: understood ? requirements : requirements.filter(({ key, on }) => on(key).keys.length > 0),
    understood,
  };
}

function toRequirement(expression: Fields, exact: boolean): Requirement {
  const written = field(expression, 'key');
  const text = typeof written === 'string' ? written : '';
  const on = (key: string): Selector => {
    const one = { ...expression, key: typeof written === 'string' ? key : written };
    const uncertainties: string[] = [];
    const selector = parseLabelSelector({ matchExpressions: [one] }, '', uncertainties);
    return uncertainties.length === 0 ? selector : uncertain(MATCH_ALL);
  };
  const { source, key } = splitKey(text);
  const holds = (value: string | undefined): boolean => on(key).matches(labelled(key, value)) === true;
  return { text, source, key, exact, holds, on };
}

const labelled = (key: string, value: string | undefined): Labels =>
  value === undefined ? {} : { [key]: value };

const RESERVED = 'reserved';

function splitKey(text: string): { readonly source: string; readonly key: string } {
  if (text.startsWith('$')) return { source: RESERVED, key: text.slice(1) };
  const colon = text.indexOf(':');
  if (colon >= 0) return { source: text.slice(0, colon), key: text.slice(colon + 1) };
  return text.startsWith(`${RESERVED}.`)
    ? { source: RESERVED, key: text.slice(RESERVED.length + 1) }
    : { source: 'any', key: text };
}

export const isReserved = ({ source }: Requirement): boolean => source === RESERVED;

/** Whether labels of Kubernetes objects can meet it. */
export const isOfKubernetes = ({ source }: Requirement): boolean => source === 'k8s' || source === 'any';

/** The label with the name of a pod's namespace (pkg/k8s/apis/cilium.io/const.go). */
export const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
/** Labels of a pod's namespace have this prefix. */
export const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';

export const quoteKey = ({ text }: Requirement): string => quote(text);
