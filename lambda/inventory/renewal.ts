/**
 * Whether a workload none of whose pods lives makes more.
 * `unless done`: while its last pod has not succeeded (a Job tries again). `unread`: that is for its own owner
 * to say, which was not read. `unknown`: its kind is not known here.
 */
export type Renewal = 'always' | 'unless done' | 'never' | 'unread' | 'unknown';

/** Of the kinds of operators that `operators.ts` and `ownerOf` know. */
const CUSTOM_RENEWALS: readonly (readonly [kind: string, renewal: Renewal])[] = [
  ...[
    'AutoscalingListener',
    'AutoscalingRunnerSet',
    'ClusterTask',
    'Configuration',
    'CronWorkflow',
    'EphemeralRunnerSet',
    'Function',
    'Pipeline',
    'Provider',
    'RayCluster',
    'RayService',
    'Rollout',
    'RunnerDeployment',
    'ScaledJob',
    'ScheduledSparkApplication',
    'Service',
    'SparkConnect',
    'Task',
  ].map((kind) => [kind, 'always'] as const),
  ...[
    'EphemeralRunner',
    'JobSet',
    'MPIJob',
    'PipelineRun',
    'PyTorchJob',
    'RayJob',
    'Runner',
    'SparkApplication',
    'TFJob',
    'TaskRun',
    'TrainJob',
    'Workflow',
    'XGBoostJob',
  ].map((kind) => [kind, 'unless done'] as const),
];

/**
 * By kind of the workload. Those of Kubernetes:
 * https://kubernetes.io/docs/concepts/workloads/controllers/ ("a Job … will continue to retry execution of the Pods
 * until a specified number of them successfully terminate"; all others keep their pods running).
 */
const RENEWALS: ReadonlyMap<string, Renewal> = new Map<string, Renewal>([
  ['Deployment', 'always'],
  ['ReplicaSet', 'always'],
  ['StatefulSet', 'always'],
  ['DaemonSet', 'always'],
  ['ReplicationController', 'always'],
  ['CronJob', 'always'],
  ['Job', 'unless done'],
  ...CUSTOM_RENEWALS,
]);

export const renewalOf = (kind: string): Renewal => RENEWALS.get(kind) ?? 'unknown';
