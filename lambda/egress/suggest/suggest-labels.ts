import type { Labels, WorkloadRef } from '../../inventory/names.ts';
import { compareText } from '../../inventory/workload.ts';

/** A workload with the distinct labels of its pods. */
export interface LabelledWorkload {
  readonly workload: WorkloadRef;
  readonly labels: readonly Labels[];
}

export interface ChosenLabels {
  readonly matchLabels: Labels;
  /** Other workloads of the namespace whose pods have these labels, too. */
  readonly alsoSelects: readonly WorkloadRef[];
}

/**
 * Labels that controllers set on each pod, revision or node. They differ among replicas or change with
 * the next rollout, after which a policy that selects on them would leave the pods open.
 * https://kubernetes.io/docs/reference/labels-annotations-taints/ (apps and batch labels, topology),
 * https://argo-rollouts.readthedocs.io/en/stable/features/specification/ (rollouts-pod-template-hash)
 */
const PASSING: readonly RegExp[] = [
  /^(rollouts-)?pod-template-hash$/,
  /^pod-template-generation$/,
  /^controller-revision-hash$/,
  /^statefulset\.kubernetes\.io\/pod-name$/,
  /^apps\.kubernetes\.io\/pod-index$/,
  /^(batch\.kubernetes\.io\/)?(job-name|controller-uid)$/,
  /^batch\.kubernetes\.io\/job-completion-index$/,
  /^topology\.kubernetes\.io\//,
  /^(eks|vpc)\.amazonaws\.com\//,
  // Charts and tools change these with each release.
  /^(app\.kubernetes\.io\/version|helm\.sh\/chart|chart|version|release-revision)$/,
  // A mesh's injector sets these, and where it is switched off they go.
  /\bistio\.io\//,
  /^topology\.istio\.io\//,
];

/**
 * What names an application, most telling first: the recommended labels
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/), then what
 * everybody wrote before there were any.
 */
const NAMING: readonly string[] = [
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'app.kubernetes.io/component',
  'app',
  'k8s-app',
  'name',
  'component',
];

/** `IsQualifiedName` and `IsValidLabelValue`, k8s.io/apimachinery/pkg/util/validation. */
const KEY = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/;

/**
 * Chooses labels that all pods of a workload have and, as far as there are such, no pod of another: the
 * one that names it best, and others only as long as they keep more pods of others out. Few labels
 * survive a change of the rest.
 *
 * @param others workloads of the same namespace
 * @returns null if its pods have no lasting label in common
 */
export function chooseLabels(
  own: LabelledWorkload,
  others: readonly LabelledWorkload[],
): ChosenLabels | null {
  const [first, ...rest] = own.labels;
  const candidates = Object.entries(first ?? {})
    .filter(([key, value]) => isLasting(key) && KEY.test(key) && VALUE.test(value))
    .filter(([key, value]) => rest.every((labels) => has(labels, key, value)))
    .sort(([a], [b]) => rankOf(a) - rankOf(b) || compareText(a, b));
  const [best, ...more] = candidates;
  if (best === undefined) return null;
  const chosen = [best];
  let selected = others.filter((other) => hasAll(other, [best]));
  for (const candidate of more) {
    const left = selected.filter((other) => hasAll(other, [...chosen, candidate]));
    if (left.length === selected.length) continue;
    chosen.push(candidate);
    selected = left;
  }
  return {
    matchLabels: Object.fromEntries(chosen),
    alsoSelects: selected.map(({ workload }) => workload),
  };
}

const isLasting = (key: string): boolean => !PASSING.some((pattern) => pattern.test(key));

function rankOf(key: string): number {
  const rank = NAMING.indexOf(key);
  return rank < 0 ? NAMING.length : rank;
}

const has = (labels: Labels, key: string, value: string): boolean =>
  Object.hasOwn(labels, key) && labels[key] === value;

/** Whether some pod of the workload has all of them. */
const hasAll = ({ labels }: LabelledWorkload, wanted: readonly (readonly [string, string])[]): boolean =>
  labels.some((set) => wanted.every(([key, value]) => has(set, key, value)));
