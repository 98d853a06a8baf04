import { describe, expect, test } from '@jest/globals';
import { podTemplatesIn } from '../../../lambda/collect/pods/pod-templates.ts';
import { run } from '../../cli/run.ts';

const template = {
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'app', image: 'nginx' }] },
};

const object = (type: string, spec: object) => {
  const [apiVersion = '', kind = ''] = type.split(' ');
  return { apiVersion, kind, metadata: { name: 'x', namespace: 'shop' }, spec };
};

const MAKERS: readonly (readonly [type: string, spec: object, paths: readonly string[]])[] = [
  ['argoproj.io/v1alpha1 Rollout', { template }, ['spec.template']],
  ['apps.kruise.io/v1alpha1 CloneSet', { template }, ['spec.template']],
  ['apps.kruise.io/v1beta1 StatefulSet', { template }, ['spec.template']],
  ['apps.kruise.io/v1alpha1 DaemonSet', { template }, ['spec.template']],
  ['serving.knative.dev/v1 Service', { template }, ['spec.template']],
  ['apps.openshift.io/v1 DeploymentConfig', { template }, ['spec.template']],
  ['agents.x-k8s.io/v1alpha1 Sandbox', { podTemplate: template }, ['spec.podTemplate']],
  ['extensions.agents.x-k8s.io/v1alpha1 SandboxTemplate', { podTemplate: template }, ['spec.podTemplate']],
  ['keda.sh/v1alpha1 ScaledJob', { jobTargetRef: { template } }, ['spec.jobTargetRef.template']],
  [
    'sparkoperator.k8s.io/v1beta2 SparkApplication',
    { driver: { template }, executor: { template } },
    ['spec.driver.template', 'spec.executor.template'],
  ],
  [
    'kubeflow.org/v1 PyTorchJob',
    { pytorchReplicaSpecs: { Worker: { template } } },
    ['spec.pytorchReplicaSpecs.Worker.template'],
  ],
  [
    'ray.io/v1 RayCluster',
    { headGroupSpec: { template }, workerGroupSpecs: [{ template }] },
    ['spec.headGroupSpec.template', 'spec.workerGroupSpecs[0].template'],
  ],
  [
    'jobset.x-k8s.io/v1alpha2 JobSet',
    { replicatedJobs: [{ name: 'a', template: { spec: { template } } }] },
    ['spec.replicatedJobs[0].template.spec.template'],
  ],
  ['batch.volcano.sh/v1alpha1 Job', { tasks: [{ template }] }, ['spec.tasks[0].template']],
  [
    'example.com/v1 Anything',
    { some: { deep: { workerTemplate: template } } },
    ['spec.some.deep.workerTemplate'],
  ],
];

async function audit(...objects: readonly object[]) {
  const items = { apiVersion: 'v1', kind: 'List', items: objects };
  const argv = ['audit', '--snapshot', '-', '--now', '2026-11-21T12:00:00Z', '-o', 'json'];
  const { code, stdout } = await run(argv, JSON.stringify(items));
  const { findings, notEvaluated } = JSON.parse(stdout) as {
    findings: { check: string; container: string | null; workload: { kind: string; name: string } }[];
    notEvaluated: { check: string; message: string; workload: { kind: string } | null }[];
  };
  return { code, findings, notEvaluated };
}

describe('pod templates of kinds that are not those of Kubernetes', () => {
  test.each(MAKERS)('the pod templates of %s are found and judged', async (type, spec, paths) => {
    const [apiVersion = '', kind = ''] = type.split(' ');
    const found = podTemplatesIn(object(type, spec), apiVersion.split('/')[0] ?? '', kind);
    expect(found.map(({ path }) => path)).toEqual(paths);
    const { findings } = await audit(object(type, spec));
    expect(findings).toContainEqual(
      expect.objectContaining({
        check: 'writable-root-filesystem',
        workload: { namespace: 'shop', kind, name: 'x' },
      }),
    );
  });

  test('a PodTemplate of Kubernetes has its template at the top level', async () => {
    const { findings } = await audit({
      apiVersion: 'v1',
      kind: 'PodTemplate',
      metadata: { name: 't' },
      template,
    });
    expect(findings.map(({ check }) => check)).toContain('writable-root-filesystem');
  });

  test.each([
    ['argoproj.io/v1alpha1 Rollout', { template: { spec: {} } }],
    ['argoproj.io/v1alpha1 Workflow', { templates: [{ name: 'a', container: { image: 'alpine' } }] }],
    ['tekton.dev/v1 Task', { steps: [{ name: 'a', image: 'alpine' }] }],
    ['sparkoperator.k8s.io/v1beta2 SparkApplication', { image: 'spark', driver: { cores: 1 } }],
    ['apps/v1 Deployment', { template: { spec: { containers: 7 } } }],
    // Completed by an operator, which alone knows the image and the rest.
    [
      'elasticsearch.k8s.elastic.co/v1 Elasticsearch',
      { nodeSets: [{ podTemplate: { spec: { containers: [{ name: 'elasticsearch' }] } } }] },
    ],
    // Deeper than is searched.
    ['example.com/v1 Deep', Array.from({ length: 12 }).reduce<object>((inner) => ({ inner }), { template })],
    ['apps/v1 Deployment', {}],
  ])(
    'an object %s with an unreadable template is not evaluated, and is never an all clear',
    async (type, spec) => {
      const { code, notEvaluated } = await audit(object(type, spec));
      const { kind } = object(type, spec);
      expect(notEvaluated.filter(({ workload }) => workload?.kind === kind)).not.toEqual([]);
      expect([3, 4]).toContain(code);
    },
  );

  test('pods of an operator beside its object are judged, and the object asks nothing more', async () => {
    const db = object('example.com/v1 Db', { podTemplate: { spec: { containers: [{ name: 'db' }] } } });
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'db-0', namespace: 'shop', uid: 'u1' },
      spec: { containers: [{ name: 'db', image: 'db:1' }] },
      status: { phase: 'Running', startTime: '2026-11-20T12:00:00Z' },
    };
    const { notEvaluated } = await audit(db, pod);
    expect(notEvaluated.filter(({ workload }) => workload?.kind === 'Db')).toEqual([]);
  });

  test.each([
    [
      'a rule about pods',
      'kyverno.io/v1 ClusterPolicy',
      { rules: [{ validate: { pattern: { spec: { template } } } }] },
    ],
    [
      'a template of something else',
      'bitnami.com/v1alpha1 SealedSecret',
      { template: { metadata: {}, data: {} } },
    ],
    [
      'what an operator adds to its own template',
      'example.com/v1 Db',
      { podTemplate: { spec: { containers: [{ name: 'db' }] } } },
    ],
  ])('a field with %s is no pod template', (_name, type, spec) => {
    const [apiVersion = '', kind = ''] = type.split(' ');
    expect(podTemplatesIn(object(type, spec), apiVersion.split('/')[0] ?? '', kind)).toEqual([]);
  });

  test.each<[string, object, readonly string[]]>([
    ['the default of the controller where none is given', {}, ['egress-unrestricted']],
    ['an empty one denies all', { networkPolicy: {} }, []],
    [
      'one with rules allows these',
      { networkPolicy: { egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] } },
      [],
    ],
    [
      'an unmanaged one has no policy',
      { networkPolicyManagement: 'Unmanaged', networkPolicy: {} },
      ['egress-instance-metadata', 'egress-unrestricted'],
    ],
  ])('a SandboxTemplate has its own network policy: %s', async (_name, spec, expected) => {
    const type = 'extensions.agents.x-k8s.io/v1alpha1 SandboxTemplate';
    const { findings, notEvaluated } = await audit(object(type, { podTemplate: template, ...spec }));
    const checks = ['egress-unrestricted', 'egress-instance-metadata'];
    const found = findings.map(({ check }) => check).filter((check) => checks.includes(check));
    expect(found.sort()).toEqual(expected);
    expect(notEvaluated.filter(({ check }) => check === 'egress-unrestricted')).toEqual([]);
  });

  test('YAML aliases that go in circles or expand to millions of values end', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    circle['list'] = Array.from({ length: 50_000 }, () => ({ a: 1 }));
    expect(podTemplatesIn({ spec: circle }, 'example.com', 'X')).toEqual([]);
  });
});
