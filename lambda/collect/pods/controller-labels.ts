import type { Labels, WorkloadRef } from '../../inventory/names.ts';
import { PERHAPS, SOME_VALUE } from '../../inventory/unknown-labels.ts';

const OF_JOBS = [
  'job-name',
  'controller-uid',
  'batch.kubernetes.io/job-name',
  'batch.kubernetes.io/controller-uid',
];

/** Only of Jobs whose completions are indexed. */
const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

/**
 * What each controller of Kubernetes adds to its pods.
 * Source: https://kubernetes.io/docs/reference/labels-annotations-taints/ and
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label
 */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['pod-template-hash'],
  StatefulSet: [
    'controller-revision-hash',
    'statefulset.kubernetes.io/pod-name',
    'apps.kubernetes.io/pod-index',
  ],
  DaemonSet: ['controller-revision-hash', 'pod-template-generation'],
  ReplicaSet: [],
  ReplicationController: [],
  Job: OF_JOBS,
  CronJob: OF_JOBS,
  Pod: [],
};

/** https://argo-rollouts.readthedocs.io/en/stable/features/specification/ */
const ROLLOUTS_HASH = 'rollouts-pod-template-hash';
/** https://docs.openshift.com/container-platform/latest/applications/deployments/what-deployments-are.html */
const OF_DEPLOYMENT_CONFIGS = ['deployment', 'deploymentconfig'];
/** https://spark.apache.org/docs/latest/running-on-kubernetes.html (spark-role, spark-app-selector, spark-exec-id) */
const OF_SPARK = ['spark-role', 'spark-app-selector', 'spark-app-name', 'spark-exec-id', 'spark-version'];

const ANY_CONTROLLERS: ReadonlySet<string> = new Set([
  ...Object.values(ADDED).flat(),
  COMPLETION_INDEX,
  ROLLOUTS_HASH,
  ...OF_DEPLOYMENT_CONFIGS,
  ...OF_SPARK,
]);

/**
 * The labels of a template together with those that controllers will add to its pods, as far as `keys` asks for
 * them. Controllers of other groups add labels of theirs, and those of what they are made of: a Rollout makes
 * ReplicaSets, a ScaledJob Jobs. Which ones is not known, so these may be there.
 */
export function withControllerLabels(
  labels: Labels,
  { kind, group }: { readonly kind: WorkloadRef['kind']; readonly group: string },
  keys: Iterable<string>,
): Labels {
  const found: Record<string, string> = { ...labels };
  const own = BUILT_IN_GROUPS.has(group) && Object.hasOwn(ADDED, kind) ? ADDED[kind] : undefined;
  for (const key of keys) {
    if (Object.hasOwn(labels, key)) continue;
    if (own === undefined ? mayAdd(group, key) : kind.endsWith('Job') && key === COMPLETION_INDEX) {
      found[key] = PERHAPS;
    } else if (own?.includes(key)) found[key] = SOME_VALUE;
  }
  return found;
}

const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(['', 'apps', 'extensions', 'batch']);

/** `serving.knative.dev/service` of the group serving.knative.dev, `agents.x-k8s.io/…` of extensions.agents.x-k8s.io. */
function mayAdd(group: string, key: string): boolean {
  const [prefix = '', name] = key.split('/');
  if (name === undefined || ANY_CONTROLLERS.has(key)) return ANY_CONTROLLERS.has(key);
  return domainOf(prefix) === domainOf(group);
}

const domainOf = (name: string): string => name.split('.').slice(-2).join('.');
