import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../lambda/findings/not-evaluated.ts';
import { run } from '../cli/run.ts';
import { AUDITOR_GROUP, MEASURE_GROUP } from './environment/cluster.ts';
import { type Environment, start } from './environment/environment.ts';
import type { Kubelet, KubeletBehaviour } from './environment/kubelet.ts';
import { whyNoRealNode, withoutRealNode } from './environment/real-node-machine.ts';
import { LINUX_NODE } from './seed/nodes.ts';
import { REAL_NAMESPACE, RUNNING_CONTAINERS, realStaticPods, STATIC_POD } from './seed/real-pods.ts';
import { grant, grantGroup, type Right, SHIPPED_RIGHTS } from './support/access.ts';
import { type AuditDocument, documentOf, scopesOf } from './support/audit-document.ts';
import { addUser } from './support/kubeconfig.ts';
import { isSettled, type NodeClient, openNodeClient, startRealPods } from './support/real-node.ts';
import { runCli } from './support/run-cli.ts';

/** Audits that ask kubelets themselves: stubs, and a real one where the machine can run it. */
const reason = await whyNoRealNode();
if (reason !== undefined) {
  process.stderr.write(withoutRealNode(reason));
}
const onRealNode = reason === undefined ? test : test.skip;

const CHECK = 'writable-layer-drifted';
const PROXY: Right = { group: '', resource: 'nodes/proxy', verb: 'get' };

const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-journeys-'));
let environment: Environment;
let node: NodeClient;
let contexts: readonly string[];
let measuring: readonly string[];

beforeAll(async () => {
  environment = await start(reason === undefined ? { realNode: { staticPods: realStaticPods() } } : {});
  const { cluster } = environment;
  node = await openNodeClient(environment);
  await grant(cluster, SHIPPED_RIGHTS);
  await mayRead('stats');
  if (reason === undefined) {
    await startRealPods(environment);
    await node.summaryThat(isSettled);
  }
  const kubeconfig = await addUser(join(folder, 'kubeconfig'), cluster.auditorKubeconfig, {
    name: 'measure',
    user: { token: node.token },
  });
  contexts = ['--kubeconfig', kubeconfig, '--context', cluster.name];
  measuring = ['--measure-context', 'measure'];
}, 1_800_000);

afterAll(async () => {
  await environment?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Grants the measuring group to get these subresources of nodes. */
async function mayRead(...subresources: readonly string[]): Promise<void> {
  const rules = subresources.map((name) => ({ group: '', resource: `nodes/${name}`, verbs: ['get'] }));
  await grantGroup(environment.cluster, MEASURE_GROUP, rules);
  if (reason === undefined) {
    await answers(subresources.length > 0 ? 200 : 403);
  }
}

/** Waits until the real kubelet answers so: it and the API server remember for a second what was allowed. */
async function answers(status: number): Promise<void> {
  await node.answerOnce('/stats/summary', status);
}

function configFor(way: string): string {
  const config = join(folder, `${way}.config.yaml`);
  const limits = { writableLayerMaxBytes: '10Mi', writableLayerMaxInodes: 200 };
  writeFileSync(config, JSON.stringify({ measure: { writableLayer: way }, limits }));
  return config;
}

const OPTIONS = ['-o', 'json', '--fail-on', 'never'];

async function audit(way: string, ...flags: readonly string[]): Promise<AuditDocument> {
  return documentOf(await run(['audit', ...contexts, ...flags, '--config', configFor(way), ...OPTIONS]));
}

const byKubelet = (): Promise<AuditDocument> => audit('kubelet', ...measuring);

/** The rows of the check, of the namespace on the real node or of the others. */
function rowsOf<Row extends Finding | NotEvaluated>(rows: readonly Row[], real: boolean): readonly Row[] {
  return rows.filter(
    ({ check, workload }) => check === CHECK && (workload?.namespace === REAL_NAMESPACE) === real,
  );
}

const scopesOnRealNode = (rows: readonly (Finding | NotEvaluated)[]): readonly string[] =>
  scopesOf(rowsOf(rows, true)).map((scope) =>
    scope.replace(`${REAL_NAMESPACE}/`, '').replace(` ${CHECK}`, ''),
  );

const DRIFTED = [
  'Deployment/web main',
  'Pod/has-sidecar proxy',
  'Pod/makes-1000-empty-files main',
  `Pod/${STATIC_POD} main`,
  'Pod/writes-20-mib main',
];
/** Seldom all of its files are there when they are counted; then it has too many. */
const ROTATES = 'Pod/rotates-files main';
/** Two replicas are one workload, and what rotates files runs as well. */
const JUDGED = RUNNING_CONTAINERS.length;

/** What the audit must say of the real node: who drifted, and that of one container nothing is known, or too much. */
function expectTruth({ findings, notEvaluated }: AuditDocument): void {
  const [fail, open] = [scopesOnRealNode(findings), scopesOnRealNode(notEvaluated)];
  expect(fail.filter((scope) => scope !== ROTATES)).toEqual(DRIFTED);
  expect(open.filter((scope) => scope !== ROTATES)).toEqual([]);
  expect([...fail, ...open]).toContain(ROTATES);
}

/** Whether every container on the real node is open for this reason and no other. */
function expectAllOpen({ findings, notEvaluated }: AuditDocument, why: string): void {
  expect(scopesOnRealNode(findings)).toEqual([]);
  const open = rowsOf(notEvaluated, true);
  expect(open).toHaveLength(JUDGED);
  expect(new Set(open.map((row) => row.reason))).toEqual(new Set([why]));
}

describe('The kubelet of a real node is asked', () => {
  onRealNode('itself: the audit says what each container really did', async () => {
    // The API server learns of starts after the kubelet knows them: until then a reading is not that of the container.
    for (let left = 6; ; left--) {
      try {
        expectTruth(await byKubelet());
        return;
      } catch (error) {
        if (left === 0) throw error;
        await sleep(5_000);
      }
    }
  });

  onRealNode('with a token that the audit makes for the measuring role', async () => {
    const { aws, cluster, auditorCredentials } = environment;
    const args = ['audit', '--eks', cluster.name, '--config', configFor('kubelet'), ...OPTIONS];
    expectTruth(documentOf(await runCli(args, aws.environmentFor(auditorCredentials))));
  });

  onRealNode('once for a written snapshot, which gives the same', async () => {
    const file = join(folder, 'measured.snapshot');
    const config = ['--config', configFor('kubelet')];
    const { code, stderr } = await run(['snapshot', '--out', file, ...contexts, ...measuring, ...config]);
    expect([code, stderr.includes('error')]).toEqual([0, false]);
    expectTruth(documentOf(await run(['audit', '--snapshot', file, ...config, ...OPTIONS])));
  });

  onRealNode('and not believed without nodes/stats', async () => {
    await mayRead();
    expectAllOpen(await byKubelet(), 'forbidden');
    await mayRead('stats');
  });

  onRealNode('and not believed without the access entry of the measuring role', async () => {
    const { cluster, auditorRoleArn, measureRoleArn } = environment;
    const auditor = { principalArn: auditorRoleArn, kubernetesGroups: [AUDITOR_GROUP] };
    await cluster.setAccessEntries([auditor]);
    await answers(401);
    expectAllOpen(await byKubelet(), 'unauthorized');
    await cluster.setAccessEntries([
      auditor,
      { principalArn: measureRoleArn, kubernetesGroups: [MEASURE_GROUP] },
    ]);
    await answers(200);
  });

  onRealNode('and not found without the right to list nodes', async () => {
    const { cluster } = environment;
    const isList = ({ group, resource }: Right): boolean => group === '' && resource === 'nodes';
    await grant(
      cluster,
      SHIPPED_RIGHTS.filter((right) => !isList(right)),
    );
    expectAllOpen(await byKubelet(), 'forbidden');
    await grant(cluster, SHIPPED_RIGHTS);
  });

  onRealNode('never with the credentials that read the cluster', async () => {
    const asked = (): readonly number[] => environment.kubelets.map(({ requests }) => requests());
    const before = asked();
    expectAllOpen(await audit('kubelet'), 'unauthorized');
    expect(asked()).toEqual(before);
  });

  onRealNode('through the API server, by who may get nodes/proxy', async () => {
    expectAllOpen(await audit('api-server-proxy'), 'forbidden');
    await grant(environment.cluster, [...SHIPPED_RIGHTS, PROXY]);
    const document = await audit('api-server-proxy');
    await grant(environment.cluster, SHIPPED_RIGHTS);
    expectTruth(document);
  });
});

describe('A kubelet that does not answer as it should leaves its containers open', () => {
  const kubelet = (): Kubelet | undefined =>
    environment.kubelets.find(({ nodeName }) => nodeName === LINUX_NODE);

  afterAll(() => kubelet()?.behave('usual'));

  const open = async (): Promise<AuditDocument['notEvaluated']> => {
    const { findings, notEvaluated } = await byKubelet();
    expect(rowsOf(findings, false)).toEqual([]);
    return rowsOf(notEvaluated, false);
  };

  /** On a busy machine the time for a kubelet may be over before it has answered, well or not. */
  const openInTime = async (): Promise<AuditDocument['notEvaluated']> => {
    let rows = await open();
    for (let tries = 0; tries < 5 && rows.some((row) => row.reason === 'timeout'); tries++)
      rows = await open();
    return rows;
  };

  test.each<[KubeletBehaviour, string]>([
    ['unauthorized', 'unauthorized'],
    ['forbidden', 'forbidden'],
    ['failing', 'server-error'],
    ['slow', 'timeout'],
    ['trickling', 'timeout'],
    ['cut', 'unreachable'],
    ['huge', 'too-large'],
    ['nonsense', 'malformed-object'],
    ['strange-authority', 'unreachable'],
    ['strange-address', 'unreachable'],
    ['gone', 'unreachable'],
  ])('%s: %s', async (behaviour, why) => {
    await kubelet()?.behave('usual');
    const before = scopesOf(await openInTime());
    await kubelet()?.behave(behaviour);
    const after = (await (why === 'timeout' ? open() : openInTime())).filter(({ message }) =>
      message.includes(LINUX_NODE),
    );
    expect(new Set(after.map((row) => row.reason))).toEqual(new Set([why]));
    // They were measured a moment ago, and are not what is never measured.
    expect(after.length).toBeGreaterThan(5);
    expect(scopesOf(after).filter((scope) => before.includes(scope)).length).toBeLessThan(after.length);
  });
});
