import type { Config } from '../config/config.ts';
import { matches } from '../config/match.ts';
import type { Labels } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { isUnknownValue } from '../inventory/unknown-labels.ts';
import { compareText } from '../inventory/workload.ts';

type OwnerRules = Config['owners'];

/** Of a name no more is kept: it comes from the cluster. In UTF-16 units. */
const LONGEST = 128;

/**
 * Whom to call about a workload: what the first of the configured annotations of its pods says, else of their labels,
 * else of the namespaces; `null`: nothing says it. Where pods disagree, as in the middle of a change, the answer of the
 * most pods counts, so that no single pod that names the workload as its owner decides; of equal ones the first in the
 * alphabet.
 *
 * @param group the classes of one workload, at least one
 */
export function ownerOf(group: readonly PodClass[], rules: OwnerRules): string | null {
  for (const key of rules.annotations) {
    const owner = agreed(group, key, ({ spec }) => spec.annotations);
    if (owner !== null) return owner;
  }
  for (const key of rules.labels) {
    const owner = agreed(group, key, ({ labels }) => labels);
    if (owner !== null) return owner;
  }
  const [first] = group;
  return first === undefined ? null : ownerOfNamespace(first.workload.namespace, rules);
}

/** Of what is no pod, such as a ServiceEntry. */
export const ownerOfNamespace = (namespace: string, { namespaces }: OwnerRules): string | null =>
  namespaces.find(({ pattern }) => matches(pattern, namespace))?.owner ?? null;

function agreed(
  group: readonly PodClass[],
  key: string,
  textsOf: (subject: PodClass) => Labels | undefined,
): string | null {
  const votes = new Map<string, number>();
  for (const subject of group) {
    const texts = textsOf(subject);
    const text = texts !== undefined && Object.hasOwn(texts, key) ? texts[key] : undefined;
    const owner = text === undefined || isUnknownValue(text) ? '' : plainText(text);
    // A template stands for the pods to come.
    if (owner !== '') votes.set(owner, (votes.get(owner) ?? 0) + Math.max(1, subject.population.count));
  }
  const [best] = [...votes].sort(([a, x], [b, y]) => y - x || compareText(a, b));
  return best?.[0] ?? null;
}

/** One line without anything that cannot be seen: two that look alike are the same. */
const plainText = (text: string): string =>
  text
    .slice(0, LONGEST)
    .replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim();
