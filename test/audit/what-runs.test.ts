import { describe, expect, test } from '@jest/globals';
import { auditCluster } from '../../lambda/audit/audit-cluster.ts';
import { collectCluster } from '../../lambda/collect/collect-cluster.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { openKubeApi } from '../../lambda/connect/kube/kube-api.ts';
import { inventoryRows } from '../../lambda/run/inventory-rows.ts';
import { CLUSTER, NOW } from '../support/builders.ts';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { startApiServer } from '../support/kube-server/api-server.ts';

const cleanups = closedAfterEach();

interface Named {
  readonly name: string;
  readonly owner?: readonly [apiVersion: string, kind: string, name: string];
  readonly phase?: string;
  readonly metadata?: object;
}

const object = (apiVersion: string, kind: string, { name, owner, metadata }: Named) => ({
  apiVersion,
  kind,
  metadata: {
    name,
    namespace: 'shop',
    uid: `${kind}-${name}`,
    creationTimestamp: '2026-11-01T00:00:00Z',
    ...(owner && {
      ownerReferences: [
        { apiVersion: owner[0], kind: owner[1], name: owner[2], uid: owner[2], controller: true },
      ],
    }),
    ...metadata,
  },
});

const pod = ({ phase = 'Succeeded', ...named }: Named) => ({
  ...object('v1', 'Pod', named),
  spec: { nodeName: 'n', containers: [{ name: 'app', image: 'i:1' }] },
  status: { phase, startTime: '2026-11-01T00:00:00Z' },
});

const BATCH = 'batch/v1';
const ofJob = (job: string, phase?: string) =>
  pod({ name: `${job}-pod`, owner: [BATCH, 'Job', job], ...(phase === undefined ? {} : { phase }) });
const job = (name: string, facts: Omit<Named, 'name'> = {}) => object(BATCH, 'Job', { name, ...facts });

const OBJECTS = [
  ofJob('backup-29456789'),
  job('backup-29456789', { owner: [BATCH, 'CronJob', 'backup'] }),
  ofJob('migrate-x7k2p', 'Failed'),
  job('migrate-x7k2p', { metadata: { generateName: 'migrate-' } }),
  ofJob('done'),
  job('done'),
  // Its Job was deleted after it had been listed.
  ofJob('vanished'),
  pod({
    name: 'etl-driver',
    owner: ['sparkoperator.k8s.io/v1beta2', 'SparkApplication', 'etl'],
    phase: 'Running',
  }),
  pod({ name: 'etl-exec-1', owner: ['v1', 'Pod', 'etl-driver'], phase: 'Running' }),
];

async function audit(denied: readonly string[] = [], objects: readonly object[] = OBJECTS) {
  const deny = denied.map((resource) => ({ resource }));
  const server = await startApiServer({ objects: [...objects], deny });
  const api = openKubeApi({ server: server.url, credentials: async () => ({ headers: {}, tls: {} }) });
  cleanups.push(
    () => server.close(),
    () => api.close(),
  );
  const rows: string[] = [];
  const observer = inventoryRows('c', {
    add: (line) => {
      const { pod: name, workload } = JSON.parse(line) as {
        pod: string;
        workload: { kind: string; name: string };
      };
      rows.push(`${name}: ${workload.kind}/${workload.name}`);
    },
    restart: () => undefined,
  });
  const target = {
    identity: CLUSTER,
    collect: (hooks: Parameters<Parameters<typeof auditCluster>[0]['collect']>[0]) =>
      collectCluster(CLUSTER, api, { ...hooks, observer }),
  };
  const result = await auditCluster(target, { config: defaultConfig(), now: NOW });
  const workloadsIn = (
    scopes: readonly { check: string; workload: { kind: string; name: string } | null }[],
  ) =>
    scopes
      .filter(({ check }) => check === 'writable-root-filesystem')
      .flatMap(({ workload }) => (workload === null ? [] : [`${workload.kind}/${workload.name}`]))
      .sort();
  return {
    fail: workloadsIn(result.findings),
    open: workloadsIn(result.notEvaluated),
    rows: rows.sort(),
    result,
  };
}

describe('pods that have ended in a live cluster', () => {
  test('ended pods are judged where their controller will create more, and ignored where not', async () => {
    const { fail, open, result } = await audit();
    expect(fail).toEqual(['CronJob/backup', 'Job/migrate-*', 'SparkApplication/etl']);
    expect(open).toEqual([]);
    expect(result.totals).toMatchObject({ pods: 6, completed: 4, workloads: 5 });
  });

  test('ended pods are not evaluated where Jobs may not be listed, under stable names', async () => {
    const { fail, open, result } = await audit(['jobs']);
    expect(fail).toEqual(['SparkApplication/etl']);
    expect(open).toEqual(['CronJob/backup', 'Job/done', 'Job/migrate-*', 'Job/vanished']);
    expect(result.notes).toContainEqual(expect.stringMatching(/not evaluated if they have ended/));
  });

  test('ended pods are in the inventory under the same names', async () => {
    expect((await audit()).rows).toEqual([
      'backup-29456789-pod: CronJob/backup',
      'done-pod: Job/done',
      'etl-driver: SparkApplication/etl',
      'etl-exec-1: SparkApplication/etl',
      'migrate-x7k2p-pod: Job/migrate-*',
      'vanished-pod: Job/vanished',
    ]);
  });
});

describe('controllers of which only the metadata is read', () => {
  // Their items are of kind PartialObjectMetadata in meta.k8s.io/v1, which says nothing of what they are.
  test('are changed as what they are', async () => {
    const { result } = await audit(
      [],
      [
        ofJob('import', 'Running'),
        job('import'),
        pod({ name: 'alone-pod', owner: ['apps/v1', 'ReplicaSet', 'alone'], phase: 'Running' }),
        object('apps/v1', 'ReplicaSet', { name: 'alone' }),
      ],
    );
    const fixes = result.findings
      .filter(({ check }) => check === 'writable-root-filesystem')
      .map(({ workload, fix }) => [workload.apiGroup, fix?.text.split(',')[0]]);
    expect(fixes).toEqual([
      [undefined, 'In the manifest of Job shop/import'],
      [undefined, 'In ReplicaSet shop/alone'],
    ]);
  });
});
