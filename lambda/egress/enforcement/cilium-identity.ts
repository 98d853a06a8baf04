import type { CiliumSettings } from '../../inventory/engine-settings.ts';
import type { PolicyObject } from '../../inventory/policy-object.ts';
import { SERVICE_ACCOUNT } from '../../inventory/service-account.ts';
import { LEFT_OUT, SERVICE_ACCOUNT_LABEL } from '../kinds/cilium/scope.ts';
import { NAMESPACE_LABELS } from '../kinds/cilium/selector.ts';
import type { Policy } from '../policies/policy.ts';
import { quote } from '../policies/shape.ts';
import type { Enforces } from './policy-engine.ts';
import type { Acting } from './situation.ts';

export const IDENTITY_LABELS =
  'https://docs.cilium.io/en/stable/operations/performance/scalability/identity-relevant-labels/';

/**
 * Whether an engine enforces a policy for the pods that it selects. Cilium finds them by the labels that are part of
 * their identities, and nobody by any other label: by a NetworkPolicy of Kubernetes as by one of its own.
 * Source: `filterLabels`, pkg/labelsfilter/filter.go (cilium/cilium), and the link above.
 */
export function enforcesPolicy(policy: Policy, object: PolicyObject, acting: Acting): Enforces {
  const { engine, settings } = acting;
  const answer = engine.enforces(object, acting);
  if (engine.name !== 'cilium' || answer.answer !== 'yes' || 'unread' in settings.cilium) return answer;
  const label = leftOutLabel(policy, settings.cilium.known);
  if (label === null) return answer;
  const why = `it selects pods by ${quote(label)}, a label that Cilium may exclude from identities (labels in cilium-config)`;
  return { answer: 'unknown', why, link: IDENTITY_LABELS };
}

function leftOutLabel({ scope }: Policy, settings: CiliumSettings): string | null {
  const { pods, namespaces } = scope;
  const asked = [
    ...pods.keys.map(labelOfPod),
    ...('matching' in namespaces ? namespaces.matching.keys.map(labelOfNamespace) : []),
  ];
  return asked.find(leftOutBy(settings)) ?? null;
}

/** Labels as they stand in identities. */
export const labelOfPod = (key: string): string => (key === SERVICE_ACCOUNT ? SERVICE_ACCOUNT_LABEL : key);
export const labelOfNamespace = (key: string): string => NAMESPACE_LABELS + key;

/** Whether a label may be no part of identities. */
export function leftOutBy({ identityLabels }: CiliumSettings): (label: string) => boolean {
  const filter = identityLabels === null ? null : parseFilter(identityLabels);
  return (label) => filter === null || !isDefinitePart(label, filter);
}

interface Filter {
  readonly includes: readonly Pattern[];
  readonly ignores: readonly Pattern[];
}

interface Pattern {
  /** Whether labels of Kubernetes can match it; `null`: sources differ. */
  readonly ofKubernetes: boolean | null;
  /** The characters with which keys begin, `null` for any one; `null` as a whole: it is another expression. */
  readonly start: readonly (string | null)[] | null;
}

/** Built-in patterns that keep what one that is added does not name. */
const KEPT: readonly Pattern[] = ['app.kubernetes.io', NAMESPACE_LABELS].map((start) => ({
  ofKubernetes: true,
  start: [...start],
}));

function isDefinitePart(key: string, { includes, ignores }: Filter): boolean {
  if (LEFT_OUT.test(key) || ignores.some((pattern) => matches(pattern, key) !== false)) return false;
  // "Once at least one inclusive label pattern is added, only labels that match […] may be considered."
  return includes.length === 0 || [...KEPT, ...includes].some((pattern) => matches(pattern, key) === true);
}

function matches({ ofKubernetes, start }: Pattern, key: string): boolean | null {
  if (ofKubernetes === false) return false;
  if (start === null) return null;
  const begins = key.length >= start.length && start.every((one, at) => one === null || one === key[at]);
  return begins && ofKubernetes === null ? null : begins;
}

/** `parseLabelPrefix`: `[SOURCE:][!]EXPRESSION`, divided by spaces. */
function parseFilter(text: string): Filter {
  const parsed = text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const colon = word.indexOf(':');
      const rest = word.slice(colon + 1);
      const ignores = rest.startsWith('!');
      const source = colon < 0 ? '' : word.slice(0, colon);
      return {
        ignores,
        pattern: { ofKubernetes: isKubernetes(source), start: startOf(ignores ? rest.slice(1) : rest) },
      };
    });
  const patterns = (wanted: boolean): readonly Pattern[] =>
    parsed.filter(({ ignores }) => ignores === wanted).map(({ pattern }) => pattern);
  return { includes: patterns(false), ignores: patterns(true) };
}

/** The documentation writes patterns with the source `any`, which the code compares like any other. */
const isKubernetes = (source: string): boolean | null =>
  source === '' || source === 'k8s' ? true : source === 'any' ? null : false;

/** Expressions of a cluster are compared and never run, since they may be made to take for ever. */
function startOf(expression: string): Pattern['start'] {
  const found = /^\^?((?:\\?\.|[\w/-])+?)(?:\.\*)?$/.exec(expression);
  const parts = found?.[1]?.match(/\\?./g) ?? null;
  return parts?.map((part) => (part === '.' ? null : part.slice(-1))) ?? null;
}
