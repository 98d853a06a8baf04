import { compareText } from '../../inventory/workload.ts';
import type { Fields } from '../fields.ts';

/** A pod template inside an object, with the way to it: `spec.jobTemplate.spec.template`. */
export interface FoundTemplate {
  readonly template: Fields;
  readonly path: string;
}

/** Kinds of Kubernetes itself whose objects hold one pod template, with the way to it. */
const BUILT_IN: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  PodTemplate: ['template'],
};

const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(['', 'apps', 'extensions', 'batch']);

/**
 * Kinds of others that make pods, by group. Their templates are found by shape as those of any kind are; one of
 * these without a template that can be read is not evaluated instead of being passed over. Sources:
 * https://argo-rollouts.readthedocs.io/en/stable/features/specification/,
 * https://openkruise.io/docs/user-manuals/cloneset, https://knative.dev/docs/serving/reference/serving-api/,
 * https://docs.openshift.com/container-platform/latest/rest_api/workloads_apis/deploymentconfig-apps-openshift-io-v1.html,
 * https://github.com/kubeflow/spark-operator/blob/master/docs/api-docs.md, https://agent-sandbox.sigs.k8s.io/docs/,
 * https://tekton.dev/docs/pipelines/pipeline-api/, https://argo-workflows.readthedocs.io/en/latest/fields/,
 * https://keda.sh/docs/latest/reference/scaledjob-spec/
 */
const MAKERS: Readonly<Record<string, readonly string[]>> = {
  'argoproj.io': ['Rollout', 'Workflow', 'WorkflowTemplate', 'ClusterWorkflowTemplate', 'CronWorkflow'],
  'apps.kruise.io': ['CloneSet', 'StatefulSet', 'DaemonSet', 'BroadcastJob', 'AdvancedCronJob'],
  'serving.knative.dev': ['Service', 'Configuration', 'Revision'],
  'apps.openshift.io': ['DeploymentConfig'],
  'sparkoperator.k8s.io': ['SparkApplication', 'ScheduledSparkApplication'],
  'agents.x-k8s.io': ['Sandbox'],
  'extensions.agents.x-k8s.io': ['SandboxTemplate'],
  'tekton.dev': ['Task', 'ClusterTask', 'TaskRun', 'Pipeline', 'PipelineRun'],
  'keda.sh': ['ScaledJob'],
};

/** Rules about pods, which hold patterns in the shape of pods and make none. */
const RULES: ReadonlySet<string> = new Set([
  'kyverno.io',
  'policies.kyverno.io',
  'templates.gatekeeper.sh',
  'constraints.gatekeeper.sh',
  'mutations.gatekeeper.sh',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
]);

/** Whether objects of this kind are there to make pods. */
export const makesPods = (group: string, kind: string): boolean =>
  isBuiltIn(group, kind) || (Object.hasOwn(MAKERS, group) && MAKERS[group]?.includes(kind) === true);

const isBuiltIn = (group: string, kind: string): boolean =>
  BUILT_IN_GROUPS.has(group) && Object.hasOwn(BUILT_IN, kind);

/** Templates lie at most so deep: `spec.replicatedJobs[].template.spec.template` of a JobSet is at seven. */
const MAX_DEPTH = 10;
/** One object of this many values is not searched any further; aliases of YAML make them cheap to write. */
const MAX_VALUES = 20_000;

/**
 * Finds the pod templates of an object: of kinds of Kubernetes where they are, of others by their shape. A pod
 * template is what lies under a key that ends in "template" (`template`, `podTemplate`, `workerTemplate`) and has
 * a `spec` whose `containers` all have an image. Without images it only changes a template that an operator has.
 */
export function podTemplatesIn(object: Fields, group: string, kind: string): readonly FoundTemplate[] {
  if (isBuiltIn(group, kind)) {
    const found = walk(object, BUILT_IN[kind] ?? []);
    return found === null ? [] : [found];
  }
  return RULES.has(group) ? [] : search(object).found;
}

/**
 * Whether an object of a kind of others may make pods although no whole template was found in it: a template whose
 * containers have no image is completed by an operator, and what was not searched to its end may hold one.
 */
export function mayMakePods(object: Fields, group: string): boolean {
  if (RULES.has(group)) return false;
  const { found, partial, isCut } = search(object);
  return found.length === 0 && (partial || isCut);
}

/**
 * The object whose template makes the pods of this one, of the same namespace: an Argo Rollout may refer to a Deployment,
 * a ReplicaSet or a PodTemplate, whose pods it makes by ReplicaSets of its own
 * (https://argo-rollouts.readthedocs.io/en/stable/migrating/, `WorkloadRef` in pkg/apis/rollouts/v1alpha1/types.go).
 */
export function templateElsewhere(
  { spec }: Fields,
  group: string,
  kind: string,
): { readonly kind: string; readonly name: string } | null {
  if (group !== 'argoproj.io' || kind !== 'Rollout' || !isFields(spec)) return null;
  const { workloadRef } = spec;
  if (!isFields(workloadRef)) return null;
  const { kind: of, name } = workloadRef;
  return typeof of === 'string' && of !== '' && typeof name === 'string' && name !== ''
    ? { kind: of, name }
    : null;
}

function walk(object: Fields, steps: readonly string[]): FoundTemplate | null {
  let found: unknown = object;
  for (const step of steps) found = isFields(found) ? found[step] : undefined;
  return isFields(found) ? { template: found, path: steps.join('.') } : null;
}

interface Place {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
  readonly isTemplate: boolean;
}

/** Those that lie higher are found first: templates do, and aliases may lead in circles. */
function search(object: Fields): Search {
  const found: FoundTemplate[] = [];
  let partial = false;
  let isDeep = false;
  const places: Place[] = [{ value: object['spec'], path: 'spec', depth: 0, isTemplate: false }];
  for (let at = 0; at < Math.min(places.length, MAX_VALUES); at++) {
    const place = places[at] as Place;
    const { value, path, depth, isTemplate } = place;
    if (typeof value !== 'object' || value === null) continue;
    if (isTemplate && isFields(value) && isPodTemplate(value)) found.push({ template: value, path });
    else if (depth >= MAX_DEPTH) isDeep = true;
    else if (places.length < MAX_VALUES) {
      partial ||= isTemplate && isFields(value) && hasContainers(value);
      places.push(...childrenOf(value, place));
    }
  }
  return {
    found: found.sort((a, b) => compareText(a.path, b.path)),
    partial,
    isCut: isDeep || places.length >= MAX_VALUES,
  };
}

interface Search {
  readonly found: readonly FoundTemplate[];
  /** There is a template whose containers do not all have an image. */
  readonly partial: boolean;
  /** Not everything in the object was looked at. */
  readonly isCut: boolean;
}

/** The elements of a list are what the key of the list says: `templates: [...]` of pods. */
function childrenOf(value: object, { path, depth, isTemplate }: Place): readonly Place[] {
  if (Array.isArray(value)) {
    return value.slice(0, MAX_VALUES).map((item, index) => ({
      value: item,
      path: `${path}[${index}]`,
      depth: depth + 1,
      isTemplate,
    }));
  }
  return Object.entries(value).map(([key, child]) => ({
    value: child,
    path: `${path}.${key}`,
    depth: depth + 1,
    isTemplate: /templates?$/i.test(key),
  }));
}

const isPodTemplate = (template: Fields): boolean =>
  hasContainers(template, (one) => typeof one['image'] === 'string' && one['image'] !== '');

/** Containers have a name, which tells them from lists of other things. */
function hasContainers({ spec }: Fields, isWhole: (container: Fields) => boolean = hasName): boolean {
  if (!isFields(spec)) return false;
  const { containers } = spec;
  return (
    Array.isArray(containers) &&
    containers.length > 0 &&
    containers.every((one) => isFields(one) && isWhole(one))
  );
}

const hasName = ({ name }: Fields): boolean => typeof name === 'string' && name !== '';

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
