import { apiGroupOf, type Labels, type WorkloadRef } from './names.ts';

/**
 * What owners of pods belong to that live as long as one run, told by labels that operators set on pods and by
 * names that they make: custom objects are never read, so that the auditor needs no rights to them. A workload must
 * not have another name every day, for its findings would be new and gone every day.
 */
interface Parent {
  readonly kind: string;
  /** Its value is the name. */
  readonly label: string;
  /** A label whose value is the kind, which is one of `kinds`; `kind` is what it is without it. */
  readonly kindBy?: { readonly label: string; readonly kinds: readonly string[] };
}

interface Operator {
  /** Of the controller of the pod, or of the ReplicaSet's Deployment. */
  readonly kind: string;
  readonly group: string;
  /** The first whose label the pod has. */
  readonly parents: readonly Parent[];
  /** Whether the name of the controller must begin with that of the parent: labels are anybody's to set. */
  readonly named?: true;
}

const OPERATORS: readonly Operator[] = [
  {
    // https://docs.github.com/en/actions/hosting-your-own-runners/managing-self-hosted-runners-with-actions-runner-controller/troubleshooting-actions-runner-controller-errors#runner-pod
    group: 'actions.github.com',
    kind: 'EphemeralRunner',
    parents: [{ kind: 'AutoscalingRunnerSet', label: 'actions.github.com/scale-set-name' }],
  },
  {
    // actions/actions-runner-controller, controllers/actions.summerwind.net/runnerdeployment_controller.go
    group: 'actions.summerwind.dev',
    kind: 'Runner',
    parents: [{ kind: 'RunnerDeployment', label: 'runner-deployment-name' }],
  },
  {
    // Executors: their controller is the driver's pod. kubeflow/spark-operator, pkg/common/spark.go
    group: '',
    kind: 'Pod',
    parents: [
      { kind: 'SparkApplication', label: 'sparkoperator.k8s.io/app-name' },
      { kind: 'SparkConnect', label: 'sparkoperator.k8s.io/connect-name' },
    ],
  },
  {
    // https://tekton.dev/docs/pipelines/labels/
    group: 'tekton.dev',
    kind: 'PipelineRun',
    parents: [{ kind: 'Pipeline', label: 'tekton.dev/pipeline' }],
  },
  {
    group: 'tekton.dev',
    kind: 'TaskRun',
    parents: [
      { kind: 'Pipeline', label: 'tekton.dev/pipeline' },
      { kind: 'Task', label: 'tekton.dev/task' },
      { kind: 'ClusterTask', label: 'tekton.dev/clusterTask' },
    ],
  },
  {
    // ray-project/kuberay, ray-operator/controllers/ray/utils/constant.go (RayOriginatedFromCRNameLabelKey)
    group: 'ray.io',
    kind: 'RayCluster',
    parents: [
      {
        kind: 'RayCluster',
        label: 'ray.io/originated-from-cr-name',
        kindBy: { label: 'ray.io/originated-from-crd', kinds: ['RayJob', 'RayService'] },
      },
    ],
  },
  {
    // Each revision is a Deployment. https://knative.dev/docs/serving/revisions/
    group: 'apps',
    kind: 'Deployment',
    named: true,
    parents: [
      { kind: 'Service', label: 'serving.knative.dev/service' },
      { kind: 'Configuration', label: 'serving.knative.dev/configuration' },
      // Each revision of a package is one, too. crossplane/crossplane, internal/controller/pkg/runtime
      { kind: 'Provider', label: 'pkg.crossplane.io/provider' },
      { kind: 'Function', label: 'pkg.crossplane.io/function' },
    ],
  },
  {
    // Of the Deployments themselves.
    group: 'serving.knative.dev',
    kind: 'Revision',
    parents: [
      { kind: 'Service', label: 'serving.knative.dev/service' },
      { kind: 'Configuration', label: 'serving.knative.dev/configuration' },
    ],
  },
  {
    // Only where the Job itself was not read. https://keda.sh/docs/latest/reference/scaledjob-spec/ and
    // https://jobset.sigs.k8s.io/docs/reference/labels-and-annotations/
    group: 'batch',
    kind: 'Job',
    parents: [
      { kind: 'ScaledJob', label: 'scaledjob.keda.sh/name' },
      { kind: 'JobSet', label: 'jobset.sigs.k8s.io/jobset-name' },
    ],
  },
];

/** Names that a schedule makes: of the schedule, and the time of the run. */
interface Scheduled {
  readonly group: string;
  readonly kind: string;
  readonly parent: string;
  readonly suffix: RegExp;
}

const SCHEDULED: readonly Scheduled[] = [
  // Minutes since the epoch. kubernetes pkg/controller/cronjob/cronjob_controllerv2.go (getJobName)
  { group: 'batch', kind: 'Job', parent: 'CronJob', suffix: /-\d{8}$/ },
  // Seconds. argoproj/argo-workflows workflow/cron/operator.go (getChildWorkflowName)
  { group: 'argoproj.io', kind: 'Workflow', parent: 'CronWorkflow', suffix: /-\d{10}$/ },
  // Nanoseconds. kubeflow/spark-operator internal/controller/scheduledsparkapplication/controller.go
  {
    group: 'sparkoperator.k8s.io',
    kind: 'SparkApplication',
    parent: 'ScheduledSparkApplication',
    suffix: /-\d{19}$/,
  },
];

/** Kinds of which each run has its own object, mostly named by `generateName`. */
const ONE_A_RUN: ReadonlySet<string> = new Set([
  'EphemeralRunner',
  'Job',
  'Pipeline', // A PipelineRun without a Pipeline has its own name in that label.
  'PipelineRun',
  'RayCluster',
  'RayJob',
  'Runner',
  'SparkApplication',
  'TaskRun',
  'Workflow',
]);

/** k8s.io/apimachinery pkg/util/rand: five of these, without vowels and what looks like another character. */
const GENERATED = /-[bcdfghjklmnpqrstvwxz2456789]{5}$/;

/** `import-x7k2p` as `import-*`: the name of all that are made alike. */
const allAlike = (name: string): string => name.replace(GENERATED, '-*');

/** @param generateName of an object that has no controller */
export const generatedRef = (ref: WorkloadRef, generateName: string | null): WorkloadRef =>
  generateName ? { ...ref, name: `${generateName}*` } : ref;

/** The last known owner up the chain from one that is told by a pod; the same where none is known. */
export function topOwner(ref: WorkloadRef, apiVersion: string, labels: Labels): WorkloadRef {
  const group = apiGroupOf(apiVersion);
  const operator = OPERATORS.find((one) => one.kind === ref.kind && one.group === group);
  for (const { kind, label, kindBy } of operator?.parents ?? []) {
    const name = labelIn(labels, label);
    if (name === undefined || (operator?.named && !ref.name.startsWith(`${name}-`))) continue;
    const labelled = kindBy && labelIn(labels, kindBy.label);
    return stableName({ ...ref, name, kind: labelled && kindBy?.kinds.includes(labelled) ? labelled : kind });
  }
  return stableName(ref, group);
}

/** @param group of a kind that another group has, too @defaultValue that of the table */
function stableName(ref: WorkloadRef, group?: string): WorkloadRef {
  const schedule = SCHEDULED.find(
    (one) => one.kind === ref.kind && (group ?? one.group) === one.group && one.suffix.test(ref.name),
  );
  if (schedule) return { ...ref, kind: schedule.parent, name: ref.name.replace(schedule.suffix, '') };
  return ONE_A_RUN.has(ref.kind) ? { ...ref, name: allAlike(ref.name) } : ref;
}

/** Pods without a controller that a separate scheduler creates again for each run. */
const BARE: readonly { readonly all: readonly string[]; readonly name: readonly string[] }[] = [
  // apache/airflow providers/cncf/kubernetes: operators/pod.py and pod_generator.py
  { all: ['kubernetes_pod_operator', 'dag_id', 'task_id'], name: ['dag_id', 'task_id'] },
  { all: ['kubernetes_executor', 'dag_id', 'task_id'], name: ['dag_id', 'task_id'] },
  // https://plugins.jenkins.io/kubernetes/ ("jenkins/label")
  { all: ['jenkins', 'jenkins/label'], name: ['jenkins/label'] },
  // A driver of spark-submit. https://spark.apache.org/docs/latest/running-on-kubernetes.html
  { all: ['spark-role', 'spark-app-name'], name: ['spark-app-name'] },
];

/** The name that such pods share, `null` for other ones. */
export function runsOfBarePod(labels: Labels): string | null {
  const found = BARE.find(({ all }) => all.every((label) => labelIn(labels, label) !== undefined));
  return found === undefined ? null : `${found.name.map((label) => labels[label]).join('.')}-*`;
}

const labelIn = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] || undefined : undefined;

/** Every label that has a say in the workload of a pod. */
export const OPERATOR_LABELS: readonly string[] = [
  ...OPERATORS.flatMap(({ parents }) =>
    parents.flatMap(({ label, kindBy }) => (kindBy ? [label, kindBy.label] : [label])),
  ),
  ...new Set(BARE.flatMap(({ all }) => all)),
];
