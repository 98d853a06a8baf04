import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { run } from '../cli/run.ts';
import { type Environment, start } from './environment/environment.ts';
import { whyNoRealNode, withoutRealNode } from './environment/real-node-machine.ts';
import { REAL_NAMESPACE, RUNNING_CONTAINERS, realStaticPods, STATIC_POD } from './seed/real-pods.ts';
import { grant, SHIPPED_RIGHTS } from './support/access.ts';
import { type AuditDocument, documentOf, scopesOf, talliesOf } from './support/audit-document.ts';
import { isSettled, type NodeClient, openNodeClient, startRealPods } from './support/real-node.ts';
import { rootfsOf } from './support/summary.ts';
import { takeSnapshot } from './support/take-snapshot.ts';

/** The audit says of each pod on a real node what really happened in its containers. */
const reason = await whyNoRealNode();
if (reason !== undefined) {
  process.stderr.write(withoutRealNode(reason));
}
const onRealNode = reason === undefined ? describe : describe.skip;

const CHECK = 'writable-layer-drifted';

onRealNode('The audit of a real node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-journeys-'));
  let environment: Environment;
  let node: NodeClient;
  let snapshot: readonly string[];

  beforeAll(async () => {
    environment = await start({ realNode: { staticPods: realStaticPods() } });
    node = await openNodeClient(environment);
    await startRealPods(environment);
    await grant(environment.cluster, SHIPPED_RIGHTS);
    await node.grant('stats');
    // One moment in which everything is measured but what cannot be.
    const summary = await node.summaryThat(
      (answer) => isSettled(answer) && rootfsOf(answer, 'rotates-files')?.inodesUsed === 0,
    );
    const file = join(folder, 'summary.json');
    writeFileSync(file, JSON.stringify(summary));
    snapshot = ['--snapshot', await takeSnapshot(environment.cluster, folder), '--snapshot', file];
  }, 1_800_000);

  afterAll(async () => {
    await environment?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const audit = async (limits: object): Promise<AuditDocument> => {
    const config = join(folder, 'audit.config.yaml');
    writeFileSync(config, JSON.stringify({ measure: { writableLayer: 'kubelet' }, limits }));
    return documentOf(
      await run(['audit', ...snapshot, '--config', config, '-o', 'json', '--fail-on', 'never']),
    );
  };

  /** What the check says of the pods on the real node. */
  const verdicts = ({ findings, notEvaluated }: AuditDocument) => {
    const ours = (rows: AuditDocument['findings'] | AuditDocument['notEvaluated']) =>
      scopesOf(
        rows.filter(({ check, workload }) => check === CHECK && workload?.namespace === REAL_NAMESPACE),
      ).map((scope) => scope.replace(`${REAL_NAMESPACE}/`, '').replace(` ${CHECK}`, ''));
    return { fail: ours(findings), open: ours(notEvaluated) };
  };

  test('names who wrote much, in bytes or in files, and nobody else', async () => {
    const document = await audit({ writableLayerMaxBytes: '10Mi', writableLayerMaxInodes: 200 });
    expect(verdicts(document)).toEqual({
      fail: [
        'Deployment/web main',
        'Pod/has-sidecar proxy',
        'Pod/makes-1000-empty-files main',
        `Pod/${STATIC_POD} main`,
        'Pod/writes-20-mib main',
      ],
      open: ['Pod/rotates-files main'],
    });
  });

  test('shows what was measured, and how much less a replica has that did not drift', async () => {
    const { findings } = await audit({ writableLayerMaxBytes: '10Mi', writableLayerMaxInodes: 200 });
    const of = (name: string) =>
      findings.find(({ check, workload }) => check === CHECK && workload.name === name);
    const evidence = of('web')?.evidence as Readonly<Record<string, number>>;
    expect(evidence).toMatchObject({ measured: 2, limitBytes: 10 * 1024 * 1024 });
    expect(evidence.bytes).toBeGreaterThanOrEqual(20 * 1024 * 1024);
    expect(evidence.smallestBytes).toBeLessThan(64 * 1024);
    expect(of('web')?.pods.examples).toEqual(['web-7d4b9c6f5d-bbbbb']);
    expect(of('makes-1000-empty-files')?.evidence).toMatchObject({ limitInodes: 200 });
  });

  test('says of a layer that changed while it was measured that its zeros prove nothing', async () => {
    const { notEvaluated } = await audit({});
    const row = notEvaluated.find(
      ({ check, workload }) => check === CHECK && workload?.name === 'rotates-files',
    );
    expect(row?.reason).toBe('not-sampled');
    expect(row?.message).toContain('a reading of 0 proves nothing');
  });

  test('finds one library replaced with a limit of 1 MiB', async () => {
    const before = verdicts(await audit({ writableLayerMaxBytes: '10Mi' }));
    const after = verdicts(await audit({ writableLayerMaxBytes: '1Mi' }));
    expect(after.fail.filter((scope) => !before.fail.includes(scope))).toEqual(['Pod/replaces-library main']);
  });

  test('judges every container that runs, and none that has ended', async () => {
    const document = await audit({ writableLayerMaxInodes: 1 });
    const { fail, open } = verdicts(document);
    // The two replicas are one workload.
    expect(fail).toHaveLength(RUNNING_CONTAINERS.length - 1);
    expect(open).toEqual(['Pod/rotates-files main']);
    expect([...fail, ...open].filter((scope) => scope.startsWith('Pod/completes '))).toEqual([]);
    expect(talliesOf(document).get(CHECK)?.pass).toBe(0);
  });
});
