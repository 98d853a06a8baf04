import { deployment } from './builders.ts';
import { cronJob, job } from './builders-batch.ts';
import { egressPolicy, everyone, namespace, toDns } from './builders-cluster.ts';
import { barePod, customController, sparkApplication } from './builders-pods.ts';
import { daemonSet, statefulSet } from './builders-sets.ts';
import type { Build, ClusterDescription } from './cluster.ts';
import { emptyDir, HARDENED, hostPath, memoryDir, mount, NON_ROOT, pinned } from './containers.ts';
import { eksAddOns } from './fleet-addons.ts';
import { days, hours, minutes } from './kubernetes.ts';
import { replicas } from './pod-life.ts';

export const ANALYTICS_CLUSTER: ClusterDescription = {
  name: 'analytics-prod',
  accountId: '444455556666',
  region: 'us-east-1',
  vpc: '10.60',
  version: 'v1.32.9-eks-113cf36',
  pools: [
    { name: 'general', type: 'managed', count: 6, instanceType: 'm7i.2xlarge', age: days(44) },
    { name: 'gpu', type: 'managed', count: 2, instanceType: 'g6.2xlarge', age: days(36), dedicated: true },
  ],
};

const POOLS = ['general', 'gpu'];

const ecr = (image: string): string => `444455556666.dkr.ecr.us-east-1.amazonaws.com/analytics/${image}`;

const AIRFLOW = ecr('airflow:2.11.0-12');

/**
 * The analytics platform. The auditor may not list network policies here, so whatever its pods could
 * reach remains open: no egress check may pass.
 */
export const ANALYTICS: readonly Build[] = [
  ...eksAddOns(ANALYTICS_CLUSTER, { pools: POOLS, enforcesNetworkPolicies: false }),

  namespace('airflow', { team: 'data-engineering' }),
  // There are policies; that nobody may see them must not read as if there were none.
  egressPolicy('airflow/default-deny-egress', everyone, [toDns]),

  deployment('airflow/airflow-scheduler', {
    pods: replicas(2, days(41)),
    init: [
      { name: 'wait-for-migrations', image: AIRFLOW, security: NON_ROOT, args: ['airflow', 'db', 'check'] },
    ],
    containers: [
      { name: 'scheduler', image: AIRFLOW, security: NON_ROOT, port: 8793, memory: '2Gi' },
      { name: 'git-sync', image: pinned('registry.k8s.io/git-sync/git-sync:v4.4.0'), security: HARDENED },
    ],
    volumes: [emptyDir('dags')],
  }),

  statefulSet('airflow/airflow-worker', {
    pods: replicas(12, days(33)),
    role: 'analytics-airflow-worker',
    claims: ['logs'],
    containers: [
      {
        name: 'worker',
        image: AIRFLOW,
        security: NON_ROOT,
        memory: '4Gi',
        mounts: [mount('logs', '/opt/airflow/logs')],
      },
    ],
  }),

  namespace('etl', { team: 'data-engineering' }),

  cronJob('etl/dbt-nightly', {
    schedule: '30 1 * * *',
    runs: [
      [{ age: hours(9), state: 'completed' }],
      [
        { age: hours(34), state: 'failed' },
        { age: hours(33), state: 'completed' },
      ],
      [{ age: hours(57), state: 'completed' }],
    ],
    containers: [{ name: 'dbt', image: ecr('dbt:1.10.9'), security: HARDENED }],
  }),

  // The operator owns the driver pod, and the driver pod owns its executors.
  sparkApplication('etl/sessionize', {
    pods: replicas(17, hours(2)),
    role: 'analytics-spark',
    containers: [
      {
        name: 'spark',
        image: ecr('spark-py:3.5.6'),
        security: { runAsUser: 185 },
        memory: '8Gi',
        mounts: [mount('spill', '/var/data/spill')],
      },
    ],
    volumes: [emptyDir('spill')],
  }),

  namespace('streaming', { team: 'streaming' }),

  customController('streaming/events-kafka', {
    apiVersion: 'core.strimzi.io/v1beta2',
    kind: 'StrimziPodSet',
    pods: replicas(3, days(40)),
    containers: [
      {
        name: 'kafka',
        image: pinned('quay.io/strimzi/kafka:0.47.0-kafka-4.0.0'),
        security: HARDENED,
        memory: '6Gi',
        mounts: [mount('tmp', '/tmp')],
      },
    ],
    volumes: [memoryDir('tmp', '10Mi')],
  }),

  deployment('streaming/event-collector', {
    pods: replicas(24, days(5)),
    containers: [
      { name: 'event-collector', image: pinned(ecr('event-collector')), security: HARDENED, port: 8080 },
    ],
  }),

  namespace('ml', { team: 'ml-platform' }),

  deployment('ml/ranking-server', {
    pods: replicas(4, days(7)),
    pool: 'gpu',
    role: 'analytics-models',
    containers: [
      {
        name: 'triton',
        image: 'nvcr.io/nvidia/tritonserver:25.08-py3',
        security: NON_ROOT,
        port: 8000,
        memory: '12Gi',
        mounts: [mount('shm', '/dev/shm')],
      },
    ],
    volumes: [memoryDir('shm', '4Gi')],
  }),

  // Nine days of training, in an image that installs its requirements when it starts.
  job('ml/train-embeddings', {
    pods: [{ age: days(9) }],
    pool: 'gpu',
    containers: [
      {
        name: 'train',
        image: 'pytorch/pytorch:latest',
        memory: '24Gi',
        command: ['sh', '-c', 'pip install -r requirements.txt && python train.py'],
      },
    ],
  }),

  daemonSet('ml/nvidia-device-plugin', {
    on: ['gpu'],
    age: days(35),
    containers: [
      {
        name: 'nvidia-device-plugin',
        image: 'nvcr.io/nvidia/k8s-device-plugin:v0.17.4',
        security: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        mounts: [mount('device-plugins', '/var/lib/kubelet/device-plugins')],
      },
    ],
    volumes: [hostPath('device-plugins', '/var/lib/kubelet/device-plugins', '')],
  }),

  namespace('notebooks', { team: 'data-science' }),

  // JupyterHub makes bare pods. This one is root, writable and full of packages that no scan has seen.
  barePod('notebooks/jupyter-alice', {
    life: { age: days(38) },
    labels: { app: 'jupyterhub', component: 'singleuser-server' },
    containers: [
      {
        name: 'notebook',
        image: 'quay.io/jupyter/scipy-notebook:latest',
        security: { runAsUser: 0 },
        memory: '8Gi',
        command: ['start-singleuser.sh', '--allow-root'],
      },
    ],
  }),

  namespace('bi', { team: 'insights' }),

  deployment('bi/metabase', {
    pods: [{ age: days(43), restarted: days(39) }],
    containers: [{ name: 'metabase', image: 'metabase/metabase:v0.55.8', port: 3000, memory: '3Gi' }],
  }),

  // Just rolled out, nothing to complain about.
  deployment('bi/report-mailer', {
    pods: replicas(2, minutes(1)),
    containers: [{ name: 'report-mailer', image: pinned(ecr('report-mailer:1.0.0')), security: HARDENED }],
  }),
];
