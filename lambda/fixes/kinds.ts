import type { WorkloadRef } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';

/** How objects of a kind that makes pods are changed. */
export interface WorkloadKind {
  /** As kubectl takes it, with the group, so that a kind of the same name of another group is never changed. */
  readonly resource: string;
  readonly apiVersion: string;
  /** The way to the pod template; `null`: it is not known, or it cannot be changed. */
  readonly template: readonly string[] | null;
  /** Kinds of Kubernetes itself are patched by names of containers, kinds of others by their place. */
  readonly patch: 'strategic' | 'json';
  /** How its pods get a new template, or are started anew without one. */
  readonly renew: Renew;
}

/**
 * `rollout`: `kubectl rollout restart`; `argo`: the plugin of Argo Rollouts; `delete`: its pods are deleted one by one and
 * made again; `next-run`: the next run starts from the template; `recreate`: the object itself must be made anew.
 */
export type Renew = 'rollout' | 'argo' | 'delete' | 'next-run' | 'recreate';

const TEMPLATE = ['spec', 'template'];

/**
 * Kinds of Kubernetes, and of others where the place of the pod template is known and there is one. Which fields of a
 * Job can be changed: https://kubernetes.io/docs/concepts/workloads/controllers/job/ (its template cannot).
 * `kubectl rollout restart` takes Deployments, StatefulSets and DaemonSets:
 * https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/
 * Others: https://openkruise.io/docs/user-manuals/advancedstatefulset, https://openkruise.io/docs/user-manuals/advanceddaemonset,
 * https://argo-rollouts.readthedocs.io/en/stable/features/restart/,
 * https://openkruise.io/docs/user-manuals/cloneset, https://knative.dev/docs/serving/reference/serving-api/,
 * https://keda.sh/docs/latest/reference/scaledjob-spec/,
 * https://docs.github.com/en/actions/tutorials/use-actions-runner-controller/deploy-runner-scale-sets
 */
const KINDS: ReadonlyMap<string, WorkloadKind> = new Map<string, WorkloadKind>([
  ['Deployment', builtIn('deployments.apps', 'apps/v1', TEMPLATE, 'rollout')],
  ['StatefulSet', builtIn('statefulsets.apps', 'apps/v1', TEMPLATE, 'rollout')],
  ['DaemonSet', builtIn('daemonsets.apps', 'apps/v1', TEMPLATE, 'rollout')],
  ['ReplicaSet', builtIn('replicasets.apps', 'apps/v1', TEMPLATE, 'delete')],
  ['ReplicationController', builtIn('replicationcontrollers', 'v1', TEMPLATE, 'delete')],
  ['CronJob', builtIn('cronjobs.batch', 'batch/v1', ['spec', 'jobTemplate', 'spec', 'template'], 'next-run')],
  ['Job', builtIn('jobs.batch', 'batch/v1', null, 'recreate')],
  ['Pod', builtIn('pods', 'v1', null, 'recreate')],
  ['Rollout', custom('rollouts.argoproj.io', 'argoproj.io/v1alpha1', TEMPLATE, 'argo')],
  ['CloneSet', custom('clonesets.apps.kruise.io', 'apps.kruise.io/v1alpha1', TEMPLATE, 'delete')],
  [
    'StatefulSet.apps.kruise.io',
    custom('statefulsets.apps.kruise.io', 'apps.kruise.io/v1beta1', TEMPLATE, 'delete'),
  ],
  [
    'DaemonSet.apps.kruise.io',
    custom('daemonsets.apps.kruise.io', 'apps.kruise.io/v1alpha1', TEMPLATE, 'delete'),
  ],
  ['Service', custom('services.serving.knative.dev', 'serving.knative.dev/v1', TEMPLATE, 'delete')],
  [
    'Configuration',
    custom('configurations.serving.knative.dev', 'serving.knative.dev/v1', TEMPLATE, 'delete'),
  ],
  [
    'DeploymentConfig',
    custom('deploymentconfigs.apps.openshift.io', 'apps.openshift.io/v1', TEMPLATE, 'delete'),
  ],
  [
    'AutoscalingRunnerSet',
    custom('autoscalingrunnersets.actions.github.com', 'actions.github.com/v1alpha1', TEMPLATE, 'next-run'),
  ],
  [
    'ScaledJob',
    custom('scaledjobs.keda.sh', 'keda.sh/v1alpha1', ['spec', 'jobTargetRef', 'template'], 'next-run'),
  ],
]);

/**
 * By kind, and by group where it is not the one that the kind is mostly of: a command for the other one would find
 * nothing, or change an object that is another one's. `null`: of the kind only that it has pods is known.
 *
 * @param group the classes of the workload, as far as they are known
 */
export function workloadKindOf({ workload, group }: KindFacts): WorkloadKind | null {
  const apiGroup =
    workload.apiGroup ?? group.find((one) => one.workload.apiGroup !== undefined)?.workload.apiGroup;
  return KINDS.get(apiGroup === undefined ? workload.kind : `${workload.kind}.${apiGroup}`) ?? null;
}

export interface KindFacts {
  readonly workload: WorkloadRef;
  readonly group: readonly Pick<PodClass, 'workload'>[];
}

function builtIn(
  resource: string,
  apiVersion: string,
  template: WorkloadKind['template'],
  renew: Renew,
): WorkloadKind {
  return { resource, apiVersion, template, patch: 'strategic', renew };
}

function custom(
  resource: string,
  apiVersion: string,
  template: readonly string[],
  renew: Renew,
): WorkloadKind {
  return { resource, apiVersion, template, patch: 'json', renew };
}
