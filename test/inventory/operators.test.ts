import { describe, expect, test } from '@jest/globals';
import { judgeInventory } from '../../lambda/audit/audit-cluster.ts';
import { ownerOfObject, readPod } from '../../lambda/collect/pods/read-pod.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import type { Labels } from '../../lambda/inventory/names.ts';
import { NO_NETWORK } from '../../lambda/inventory/network.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import { type Owners, ownerOf, settle } from '../../lambda/inventory/workload.ts';
import { aPod, aSpec, CLUSTER, DAY, NOW } from '../support/builders.ts';

const ownedBy = (apiVersion: string, kind: string, name: string, labels: Labels = {}): PodRecord =>
  aPod({ name: `${name}-pod`, owner: { apiVersion, kind, name }, labels });

/** As far as the pod itself tells. */
function workload(pod: PodRecord, owners: Owners = new Map()): string {
  const { kind, name } = settle(ownerOf(pod), owners).workload;
  return `${kind}/${name}`;
}

describe('the workload is the last known owner up the chain', () => {
  const CASES: readonly [apiVersion: string, kind: string, name: string, labels: Labels, expected: string][] =
    [
      [
        'actions.github.com/v1alpha1',
        'EphemeralRunner',
        'linux-x64-5k2vt-runner-9bq4w',
        { 'actions.github.com/scale-set-name': 'linux-x64', 'actions-ephemeral-runner': 'True' },
        'AutoscalingRunnerSet/linux-x64',
      ],
      [
        'actions.summerwind.dev/v1alpha1',
        'Runner',
        'ci-x7k2p-9bq4w',
        { 'runner-deployment-name': 'ci' },
        'RunnerDeployment/ci',
      ],
      [
        'v1',
        'Pod',
        'etl-driver',
        { 'spark-role': 'executor', 'sparkoperator.k8s.io/app-name': 'etl' },
        'SparkApplication/etl',
      ],
      [
        'v1',
        'Pod',
        'etl-1767225600000000000-driver',
        { 'sparkoperator.k8s.io/app-name': 'etl-1767225600000000000' },
        'ScheduledSparkApplication/etl',
      ],
      [
        'sparkoperator.k8s.io/v1beta2',
        'SparkApplication',
        'etl-1767225600000000000',
        {},
        'ScheduledSparkApplication/etl',
      ],
      ['argoproj.io/v1alpha1', 'Workflow', 'nightly-1767225600', {}, 'CronWorkflow/nightly'],
      ['argoproj.io/v1alpha1', 'Workflow', 'build-x7k2p', {}, 'Workflow/build-*'],
      ['argoproj.io/v1alpha1', 'Workflow', 'build-nginx', {}, 'Workflow/build-nginx'],
      [
        'tekton.dev/v1',
        'TaskRun',
        'release-x7k2p-compile',
        { 'tekton.dev/pipeline': 'release', 'tekton.dev/task': 'compile' },
        'Pipeline/release',
      ],
      ['tekton.dev/v1', 'TaskRun', 'lint-x7k2p', { 'tekton.dev/task': 'lint' }, 'Task/lint'],
      ['tekton.dev/v1', 'TaskRun', 'adhoc-x7k2p', {}, 'TaskRun/adhoc-*'],
      [
        'ray.io/v1',
        'RayCluster',
        'train-x7k2p',
        { 'ray.io/originated-from-crd': 'RayJob', 'ray.io/originated-from-cr-name': 'train' },
        'RayJob/train',
      ],
      ['ray.io/v1', 'RayCluster', 'train-raycluster-x7k2p', {}, 'RayCluster/train-raycluster-*'],
      [
        'apps/v1',
        'ReplicaSet',
        'hello-00003-deployment-5d9c7b4f6',
        { 'pod-template-hash': '5d9c7b4f6', 'serving.knative.dev/service': 'hello' },
        'Service/hello',
      ],
      [
        'apps/v1',
        'ReplicaSet',
        'provider-aws-0f1e2d3c4b5a-5d9c7b4f6',
        { 'pod-template-hash': '5d9c7b4f6', 'pkg.crossplane.io/provider': 'provider-aws' },
        'Provider/provider-aws',
      ],
      [
        'apps/v1',
        'ReplicaSet',
        'canary-5d9c7b4f6',
        { 'rollouts-pod-template-hash': '5d9c7b4f6' },
        'Rollout/canary',
      ],
      ['example.com/v1', 'Widget', 'w-x7k2p', {}, 'Widget/w-x7k2p'],
    ];
  test.each(
    CASES.map(([apiVersion, kind, name, labels, expected]) => ({
      expected,
      pod: ownedBy(apiVersion, kind, name, labels),
    })),
  )('$pod.owner.kind $pod.owner.name: $expected', ({ pod, expected }) => {
    expect(workload(pod)).toBe(expected);
  });

  test('a label that does not fit the name of the Deployment gives the pod to no other workload', () => {
    const labels = { 'pod-template-hash': '5d9c7b4f6', 'serving.knative.dev/service': 'exempted' };
    expect(workload(ownedBy('apps/v1', 'ReplicaSet', 'web-5d9c7b4f6', labels))).toBe('Deployment/web');
  });

  test('pods that a workflow engine creates for each run share a workload name', () => {
    const bare = (labels: Labels) => workload(aPod({ name: 'x-8sd7f6', owner: null, labels }));
    expect(bare({ kubernetes_pod_operator: 'True', dag_id: 'sales', task_id: 'load' })).toBe(
      'Pod/sales.load-*',
    );
    expect(bare({ jenkins: 'slave', 'jenkins/label': 'maven' })).toBe('Pod/maven-*');
    expect(bare({ 'spark-role': 'driver', 'spark-app-name': 'pi' })).toBe('Pod/pi-*');
    expect(bare({ dag_id: 'sales' })).toBe('Pod/x-8sd7f6');
  });
});

describe('an object that makes pods', () => {
  const of = (kind: string, metadata: Record<string, unknown>, apiVersion = 'batch/v1') => {
    const { kind: top, name } = ownerOfObject(
      { apiVersion, kind, metadata },
      { namespace: 'shop', kind, name: String(metadata['name']) },
    );
    return `${top}/${name}`;
  };
  const controlledBy = (apiVersion: string, kind: string, name: string) => ({
    ownerReferences: [{ apiVersion, kind, name, controller: true }],
  });

  test('an object that creates pods belongs to its topmost known controller', () => {
    expect(of('Job', { name: 'a-29456789', ...controlledBy('batch/v1', 'CronJob', 'a') })).toBe('CronJob/a');
    expect(
      of('Job', { name: 'w', ...controlledBy('argoproj.io/v1alpha1', 'Workflow', 'n-1767225600') }),
    ).toBe('CronWorkflow/n');
  });

  test('an object with a generated name shares the name of all that are generated alike', () => {
    expect(of('Job', { name: 'migrate-x7k2p', generateName: 'migrate-' })).toBe('Job/migrate-*');
    expect(of('Job', { name: 'migrate-x7k2p' })).toBe('Job/migrate-x7k2p');
    expect(of('Workflow', { name: 'build-x7k2p' }, 'argoproj.io/v1alpha1')).toBe('Workflow/build-*');
  });
});

describe('where the Job was not read', () => {
  test('the name and labels of an unread Job show what it belongs to, in a stable form', () => {
    const of = (name: string, labels: Labels = {}) => workload(ownedBy('batch/v1', 'Job', name, labels));
    expect(of('backup-29456789')).toBe('CronJob/backup');
    expect(of('queue-x7k2p', { 'scaledjob.keda.sh/name': 'queue' })).toBe('ScaledJob/queue');
    expect(of('train-w-0', { 'jobset.sigs.k8s.io/jobset-name': 'train' })).toBe('JobSet/train');
    expect(of('migrate-x7k2p')).toBe('Job/migrate-*');
    expect(of('migrate')).toBe('Job/migrate');
  });

  test('an owner that was read decides, whatever the name and labels of the Job', () => {
    const pod = ownedBy('batch/v1', 'Job', 'backup-29456789');
    const self = { namespace: 'shop', kind: 'Job', name: 'backup-29456789' };
    expect(workload(pod, new Map([['shop/Job/backup-29456789', self]]))).toBe('Job/backup-29456789');
  });

  test('a Job that is deleted after it was listed keeps its CronJob', () => {
    const pod = ownedBy('batch/v1', 'Job', 'backup-29456789');
    expect(workload(pod, new Map([['shop/Job/backup-29456789', null]]))).toBe('CronJob/backup');
  });
});

describe('a pod that owns pods', () => {
  const driver = ownedBy('sparkoperator.k8s.io/v1beta2', 'SparkApplication', 'etl');
  const executor = { ...ownedBy('v1', 'Pod', driver.name), name: 'etl-exec-1' };

  function workloadsOf(pods: readonly PodRecord[]) {
    const fold = createPodFold({ labelKeys: new Set(), nodes: new Map() });
    for (const pod of pods) fold.add(pod);
    expect(fold.lookups()).toEqual([]);
    return fold
      .finish(fold.withPods(new Map()))
      .classes.map(({ workload: { kind, name }, population }) => `${kind}/${name} ${population.count}`);
  }

  test('a pod that owns pods passes its workload on to them, in whichever order they are listed', () => {
    expect(workloadsOf([driver, executor])).toEqual(['SparkApplication/etl 1', 'SparkApplication/etl 1']);
    expect(workloadsOf([executor, driver])).toEqual(['SparkApplication/etl 1', 'SparkApplication/etl 1']);
  });

  test('a pod that owns pods passes its workload on after it has ended, too', () => {
    expect(workloadsOf([executor, { ...driver, phase: 'Failed' }])).toEqual(['SparkApplication/etl 1']);
  });

  test('an owning pod that was not read is itself the workload', () => {
    expect(workloadsOf([executor])).toEqual([`Pod/${driver.name} 1`]);
  });

  test('a pod does not pass its workload on to pods of another namespace', () => {
    expect(workloadsOf([{ ...driver, namespace: 'other' }, executor])).toContain(`Pod/${driver.name} 1`);
  });
});

test('runners that live for one job each are one workload with the same findings every day', () => {
  const runner = (name: string, day: number): PodRecord =>
    readPod({
      metadata: {
        name,
        namespace: 'ci',
        labels: { 'actions.github.com/scale-set-name': 'linux-x64' },
        ownerReferences: [
          { apiVersion: 'actions.github.com/v1alpha1', kind: 'EphemeralRunner', name, controller: true },
        ],
      },
      spec: { containers: [{ name: 'runner', image: 'runner:1' }], nodeName: 'n1' },
      status: { phase: 'Running', startTime: new Date(NOW + day * DAY).toISOString() },
    });
  const idsOf = (pods: readonly PodRecord[]) => {
    const fold = createPodFold({ labelKeys: new Set(), nodes: new Map() });
    for (const pod of pods) fold.add(pod);
    const { classes, totals } = fold.finish(new Map());
    const inventory = {
      cluster: CLUSTER,
      classes,
      policies: [],
      mesh: [],
      meshConfigs: new Map(),
      namespaces: new Map(),
      network: NO_NETWORK,
      gaps: [],
      notes: [],
      totals: { ...totals, nodes: 1 },
    };
    return judgeInventory(inventory, { config: defaultConfig(), now: NOW + 2 * DAY })
      .findings.map(({ id }) => id)
      .sort();
  };
  const first = idsOf([runner('linux-x64-5k2vt-runner-9bq4w', 0), runner('linux-x64-5k2vt-runner-hx2zq', 0)]);
  expect(first.length).toBeGreaterThan(2);
  expect(idsOf([runner('linux-x64-8w4nd-runner-c6mgt', 1)])).toEqual(first);
});

test('labels of operators keep apart pods that are alike in all else', () => {
  const spec = aSpec();
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'driver' };
  const fold = createPodFold({ labelKeys: new Set(), nodes: new Map() });
  for (const app of ['a', 'b', 'a']) {
    fold.add(aPod({ spec, owner, labels: { 'sparkoperator.k8s.io/app-name': app } }));
  }
  expect(fold.finish(new Map()).classes.map(({ workload: { name } }) => name)).toEqual(['a', 'b']);
});
