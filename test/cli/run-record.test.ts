import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import { type ApiServer, startApiServer } from '../support/kube-server/api-server.ts';
import { run } from './run.ts';

const NOW = '2026-11-21T12:00:00Z';
const objects = [
  ...(sampleFleet(Date.parse(NOW))[0]?.objects.slice(0, 40) ?? []),
  // It tells that two contexts lead to one cluster.
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: 'u-1' } },
];

let folder: string;
let server: ApiServer;
let kubeconfig: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-'));
  server = await startApiServer({ objects, gitVersion: 'v1.36.1-eks-1a2b3c4' });
  kubeconfig = join(folder, 'kubeconfig');
  const contexts = ['prod', 'prod-again', 'staging'];
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'prod',
      clusters: [{ name: 'c', cluster: { server: server.url } }],
      users: [{ name: 'jane', user: {} }],
      contexts: contexts.map((name) => ({ name, context: { cluster: 'c', user: 'jane' } })),
    }),
  );
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Audits into a folder, and gives the objects of the run. */
async function recordOf(name: string, flags: readonly string[]): Promise<(object: string) => string> {
  const out = join(folder, name);
  await run(['audit', ...flags, '--now', NOW, '--out', out]);
  const [id = ''] = readdirSync(join(out, 'runs'));
  return (object) => readFileSync(join(out, 'runs', id, object), 'utf8');
}

describe('the record of an audit into a folder', () => {
  test('run.json names the version of the server, the user of the kubeconfig, and what was left out', async () => {
    const config = join(folder, 'config.yaml');
    writeFileSync(config, 'clusters: { exclude: [staging] }\n');
    const contexts = ['prod', 'prod-again', 'staging'].flatMap((name) => ['--context', name]);
    const record = await recordOf('live', ['--kubeconfig', kubeconfig, ...contexts, '--config', config]);
    expect(JSON.parse(record('run.json'))).toMatchObject({
      start: 'command',
      tool: { bundleSha256: null },
      targets: [
        {
          outcome: 'audited',
          kubernetesVersion: 'v1.36.1-eks-1a2b3c4',
          principal: 'kubeconfig user jane',
          status: null,
          readAt: '2026-11-21T12:00:00.000Z',
        },
      ],
      leftOut: [
        { name: 'prod-again', arn: null, reason: 'duplicate' },
        { name: 'staging', arn: null, reason: 'excluded' },
      ],
    });
    const hash = createHash('sha256').update(record('config.json')).digest('hex');
    expect(JSON.parse(record('summary.json')).run.config).toBe(hash);
    const manifest = JSON.parse(record('manifest.json'));
    const names = manifest.objects.map(({ key }: { key: string }) => key.split('/').at(-1));
    expect(names).toEqual(expect.arrayContaining(['config.json', 'run.json']));
  });

  test('an audit that records a run says last which run, which number and which manifest, with the command that verifies it', async () => {
    const out = join(folder, 'own reports');
    const { stdout, stderr } = await run(['audit', '--sample', '--now', NOW, '--out', out, '-o', 'json']);
    expect(JSON.parse(stdout)).toHaveProperty('run');
    const [id = ''] = readdirSync(join(out, 'runs'));
    const manifest = createHash('sha256')
      .update(readFileSync(join(out, 'runs', id, 'manifest.json')))
      .digest('hex');
    expect(stderr.trimEnd().split('\n').slice(-2)).toEqual([
      `Proof of record 1, run ${id}, to be kept outside of its store:`,
      `eks-drift-audit verify --store '${out}' --expect ${manifest}`,
    ]);
    const verified = await run(['verify', '--store', out, '--expect', manifest, '-o', 'json']);
    expect(JSON.parse(verified.stdout).points).toContainEqual(
      expect.objectContaining({ point: 'end', outcome: 'pass' }),
    );
  });

  test('an audit that records nothing, or not all of a run, promises no proof', async () => {
    expect((await run(['audit', '--sample', '--now', NOW])).stderr).not.toContain('Proof');
    const blocked = join(folder, 'blocked');
    mkdirSync(blocked);
    writeFileSync(join(blocked, 'latest'), 'a file where a folder should be');
    writeFileSync(join(blocked, 'findings'), 'likewise');
    const { code, stderr } = await run(['audit', '--sample', '--now', NOW, '--out', blocked]);
    expect([code, stderr.includes('Proof')]).toEqual([5, false]);
  });

  test('a written snapshot keeps the version of the server, and nothing of who has read it', async () => {
    const file = join(folder, 'cluster.snapshot');
    await run(['snapshot', '--kubeconfig', kubeconfig, '--now', NOW, '--out', file, '--allow-incomplete']);
    const record = await recordOf('recorded', ['--snapshot', file]);
    expect(JSON.parse(record('run.json')).targets).toMatchObject([
      { kubernetesVersion: 'v1.36.1-eks-1a2b3c4', principal: null },
    ]);
  });

  test('manifests have neither, and the sample says what it knows', async () => {
    const file = join(folder, 'objects.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    const unknown = { kubernetesVersion: null, principal: null, status: null };
    const files = await recordOf('files', ['--snapshot', file]);
    expect(JSON.parse(files('run.json')).targets).toMatchObject([unknown]);
    const sample = await recordOf('sample', ['--sample']);
    const known = { ...unknown, kubernetesVersion: expect.stringMatching(/^v1\.\d+/) };
    expect(JSON.parse(sample('run.json')).targets).toMatchObject([known, known]);
  });
});
