import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { Finding } from '../../lambda/findings/finding.ts';
import { run } from '../cli/run.ts';
import type { Row } from '../fixes/written.ts';
import type { KubernetesObject } from './environment/api-client.ts';
import { type Environment, start } from './environment/environment.ts';
import { LINUX_NODE } from './seed/nodes.ts';
import { careless, hardened, type PodSpec } from './seed/pods.ts';
import { seed } from './seed/seed.ts';
import type { Seeded } from './seed/seeded.ts';
import {
  cronJob,
  daemonSet,
  deployment,
  replicaSet,
  rollout,
  statefulSet,
  type WorkloadPlan,
} from './seed/workloads.ts';
import { grant, SHIPPED_RIGHTS } from './support/access.ts';

const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const NAMESPACE = 'repair';
const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-journeys-'));
let environment: Environment;

const IMAGE = 'registry.example.com/app:1.0';

/** Every cause of a template that a patch removes; the ConfigMap must stay mounted as it is. */
const SPEC: PodSpec = {
  initContainers: [careless('first', IMAGE), careless('side', IMAGE, { restartPolicy: 'Always' })],
  containers: [
    hardened('second', IMAGE),
    careless('app', IMAGE, {
      securityContext: { capabilities: { drop: ['NET_RAW'] } },
      volumeMounts: [
        { name: 'settings', mountPath: '/etc/app' },
        { name: 'logs', mountPath: '/logs' },
        { name: 'host', mountPath: '/host', readOnly: true },
      ],
    }),
  ],
  volumes: [
    { name: 'settings', configMap: { name: 'settings' } },
    { name: 'logs', hostPath: { path: '/var/log' } },
    { name: 'host', hostPath: { path: '/' } },
    { name: 'cache', emptyDir: {} },
  ],
};

/** JSON patches know no places of volumes, and replace no security context that they do not know. */
const OF_OTHERS: PodSpec = {
  containers: [hardened('second', IMAGE), careless('app', IMAGE)],
  hostNetwork: true,
};

interface Planned {
  readonly kind: string;
  readonly make: (plan: WorkloadPlan, now: Date) => Seeded;
  readonly spec: PodSpec;
}

const PLANNED: readonly Planned[] = [
  { kind: 'Deployment', make: deployment, spec: SPEC },
  { kind: 'StatefulSet', make: statefulSet, spec: SPEC },
  { kind: 'DaemonSet', make: daemonSet, spec: { ...SPEC, hostNetwork: true } },
  { kind: 'ReplicaSet', make: replicaSet, spec: SPEC },
  { kind: 'CronJob', make: cronJob, spec: SPEC },
  { kind: 'Rollout', make: rollout, spec: OF_OTHERS },
];

const API_VERSIONS: Readonly<Record<string, string>> = {
  CronJob: 'batch/v1',
  Rollout: 'argoproj.io/v1alpha1',
};

const planOf = ({ kind, spec }: Planned): WorkloadPlan => ({
  namespace: NAMESPACE,
  name: `of-${kind.toLowerCase()}`,
  spec,
  pods: [{ name: `of-${kind.toLowerCase()}-0`, node: LINUX_NODE, ageHours: 1 }],
});

const objectOf = ({ kind }: Planned): KubernetesObject => ({
  apiVersion: API_VERSIONS[kind] ?? 'apps/v1',
  kind,
  metadata: { name: `of-${kind.toLowerCase()}`, namespace: NAMESPACE },
});

async function stored(object: KubernetesObject): Promise<KubernetesObject> {
  const { admin } = environment.cluster;
  const path = `${await admin.collectionPath(object)}/${object.metadata.name}`;
  return (await admin.request('GET', path)).body as KubernetesObject;
}

const asked = async <T>(command: string, ...args: readonly string[]): Promise<T> => {
  const { auditorKubeconfig } = environment.cluster;
  const { stdout, stderr } = await run([
    command,
    '--kubeconfig',
    auditorKubeconfig,
    '--now',
    NOW.toISOString(),
    '-o',
    'json',
    ...args,
  ]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as T;
};

const findings = async (): Promise<readonly Finding[]> =>
  (await asked<{ findings: readonly Finding[] }>('audit')).findings.filter(
    ({ workload }) => workload.namespace === NAMESPACE,
  );

/** In place of controllers: the pods go, and others come from the template as it is now. */
async function replacePods(planned: Planned): Promise<void> {
  const { admin } = environment.cluster;
  const plan = planOf(planned);
  for (const { name } of plan.pods) {
    await admin.request('DELETE', `/api/v1/namespaces/${NAMESPACE}/pods/${name}?gracePeriodSeconds=0`);
  }
  if (planned.kind === 'CronJob') {
    const path = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${plan.name}-29380500`;
    await admin.request('DELETE', `${path}?propagationPolicy=Background`);
  }
  const { spec } = (await stored(objectOf(planned))) as unknown as { spec: Templated };
  const template = spec.template ?? spec.jobTemplate?.spec.template;
  if (template === undefined) throw new Error(`${plan.name} has no template.`);
  await seed(admin, planned.make({ ...plan, spec: template.spec }, NOW));
}

interface Templated {
  readonly template?: { readonly spec: PodSpec };
  readonly jobTemplate?: { readonly spec: { readonly template: { readonly spec: PodSpec } } };
}

let rows: readonly Row[];
let before: readonly Finding[];
let after: readonly Finding[];

beforeAll(async () => {
  environment = await start({ now: NOW });
  await grant(environment.cluster, SHIPPED_RIGHTS);
  const { admin } = environment.cluster;
  await admin.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await admin.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace: NAMESPACE },
  });
  for (const planned of PLANNED) await seed(admin, planned.make(planOf(planned), NOW));
  before = await findings();
  rows = await asked<readonly Row[]>('fixes', `${NAMESPACE}/`, '--write', folder);
  for (const row of rows)
    for (const { file, command, draft } of row.files) await apply({ row, file, command, draft });
  for (const planned of PLANNED) await replacePods(planned);
  after = await findings();
});

afterAll(async () => {
  await environment?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Applied extends Pick<Row['files'][number], 'file' | 'command' | 'draft'> {
  readonly row: Row;
}

/** As kubectl does: `--type json` is RFC 6902, else the type is strategic; drafts are applied as they are. */
async function apply({ row, file, command, draft }: Applied): Promise<void> {
  const { admin } = environment.cluster;
  for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
    const content = document.toJS() as KubernetesObject;
    if (draft) {
      const kept = await admin.apply(content);
      expect(kept['spec']).toEqual(content['spec']);
      continue;
    }
    const { kind, name } = row.object;
    const of = {
      apiVersion: API_VERSIONS[kind] ?? 'apps/v1',
      kind,
      metadata: { name, namespace: NAMESPACE },
    };
    const type = command?.includes('--type json') ? 'json-patch' : 'strategic-merge-patch';
    expect(command).toContain(` patch ${kind.toLowerCase()}s.`);
    const { status, body } = await admin.request('PATCH', `${await admin.collectionPath(of)}/${name}`, {
      contentType: `application/${type}+json`,
      content,
    });
    if (status !== 200) throw new Error(`${file}: ${JSON.stringify(body)}`);
  }
}

const idsOf = (of: readonly Row[]): readonly string[] =>
  of.flatMap(({ causes }) => causes.flatMap(({ findings: ids }) => ids));

describe('Fixes that a real API server applied', () => {
  test('concern every finding, and what they do not say remains is gone', () => {
    const fixed = rows.filter(({ files }) => files.length > 0);
    const remaining = fixed.flatMap(({ files }) => files.flatMap((file) => file.remaining ?? []));
    const gone = new Set(idsOf(fixed).filter((id) => !remaining.includes(id)));
    expect(after.filter(({ id }) => gone.has(id)).map(textOf)).toEqual([]);
    expect(new Set(fixed.map(({ kind }) => kind))).toEqual(
      new Set(['no-egress-policy', 'host-network', 'writable-root', 'node-path', 'unbounded-volume']),
    );
    expect(idsOf(rows).toSorted()).toEqual(before.map(({ id }) => id).toSorted());
  });

  test('bring no finding that they did not name', () => {
    const known = new Set(before.map(({ id }) => id));
    const named = new Set(
      rows.flatMap(({ files }) => files.flatMap((file) => file.appearing ?? [])).map(({ check }) => check),
    );
    expect(after.filter(({ id, check }) => !known.has(id) && !named.has(check)).map(textOf)).toEqual([]);
  });

  test.each(PLANNED)('touch nothing else of a $kind', async (planned) => {
    const { spec } = (await stored(objectOf(planned))) as unknown as { spec: Templated };
    const pod = (spec.template ?? spec.jobTemplate?.spec.template)?.spec;
    expect(pod?.containers.map(({ name }) => name)).toEqual(['second', 'app']);
    expect(pod?.containers.map(({ image }) => image)).toEqual([IMAGE, IMAGE]);
    if (planned.spec !== OF_OTHERS) {
      expect(pod).toMatchObject({
        initContainers: [{ name: 'first' }, { name: 'side', restartPolicy: 'Always' }],
        containers: [
          {},
          {
            securityContext: { capabilities: { drop: ['NET_RAW'] }, readOnlyRootFilesystem: true },
            volumeMounts: [
              { name: 'settings', mountPath: '/etc/app' },
              { name: 'logs', mountPath: '/logs', readOnly: true },
              { name: 'host', mountPath: '/host', readOnly: true, recursiveReadOnly: 'Enabled' },
            ],
          },
        ],
        volumes: [
          { name: 'settings', configMap: { name: 'settings' } },
          { name: 'logs', hostPath: { path: '/var/log' } },
          { name: 'host', hostPath: { path: '/' } },
          { name: 'cache', emptyDir: { sizeLimit: '1Gi' } },
        ],
      });
    }
  });

  test('a JSON patch is refused where another container has taken the place', async () => {
    const { admin } = environment.cluster;
    const name = 'of-rollout';
    const path = `/apis/argoproj.io/v1alpha1/namespaces/${NAMESPACE}/rollouts/${name}`;
    const row = rows.find(({ kind, object }) => kind === 'writable-root' && object.name === name);
    const [file] = row?.files ?? [];
    const content = parseAllDocuments(readFileSync(file?.file ?? '', 'utf8'))[0]?.toJS() as object;
    await admin.request('PATCH', path, {
      contentType: 'application/merge-patch+json',
      content: {
        spec: { template: { spec: { containers: [careless('app', IMAGE), hardened('second', IMAGE)] } } },
      },
    });
    const { status } = await admin.request('PATCH', path, {
      contentType: 'application/json-patch+json',
      content,
    });
    expect(status).toBe(422);
  });
});

const textOf = ({ check, workload, container }: Finding): string =>
  `${check} ${workload.kind}/${workload.name} ${container ?? ''}`;
