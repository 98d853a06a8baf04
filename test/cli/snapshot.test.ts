import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import { startApiServer } from '../support/kube-server/api-server.ts';
import { DEEP } from '../support/runs.ts';
import { run } from './run.ts';

const NOW = '2026-11-21T12:00:00Z';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'snapshot-'));
  path = join(folder, 'fleet.snapshot');
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Document {
  readonly run: object;
  readonly clusters: readonly { readonly notes: readonly string[] }[];
  readonly findings: readonly { readonly id: string; readonly owner: string | null }[];
  readonly notEvaluated: readonly { readonly message: string }[];
}

async function audit(...argv: readonly string[]): Promise<Document & { readonly code: number }> {
  const { code, stdout } = await run(['audit', '-o', 'json', '--fail-on', 'never', ...argv]);
  return { code, ...JSON.parse(stdout) };
}

/** The sample has a configuration of its own where none is given. */
const configured = (): readonly string[] => {
  const config = join(folder, 'audit.config.yaml');
  writeFileSync(config, 'egress: { approved: [{ name: all, cidrs: [203.0.113.0/24] }] }\n');
  return ['--config', config];
};

const take = (...argv: readonly string[]) => run(['snapshot', '--out', path, ...argv]);
const lines = (): readonly string[] => gunzipSync(readFileSync(path)).toString().trimEnd().split('\n');

describe('snapshot --out', () => {
  test('an audit of a snapshot gives what the live audit gave, refusals included', async () => {
    expect((await take('--sample', '--now', NOW)).code).toBe(3);
    const live = await audit('--sample', '--now', NOW, ...configured());
    const written = await audit('--snapshot', path, ...configured());
    expect(live.notEvaluated.some(({ message }) => /forbidden/.test(message))).toBe(true);
    expect(written.findings.length).toBeGreaterThan(50);
    expect(written).toEqual(live);
  });

  test('other configurations and questions about egress give the same for a snapshot as live', async () => {
    await take('--sample', '--now', NOW);
    const config = join(folder, 'strict.yaml');
    writeFileSync(
      config,
      'preset: strict\nlimits:\n  overrides:\n    - { match: { labels: { app: cart } }, podMaxAge: 1h }\n',
    );
    expect(await audit('--snapshot', path, '--config', config)).toEqual(
      await audit('--sample', '--now', NOW, '--config', config),
    );
    for (const question of [[], ['--explain'], ['--to', '1.1.1.1:443']]) {
      const answer = async (...source: readonly string[]) =>
        (await run(['egress', '-o', 'json', ...question, ...source])).stdout;
      expect(await answer('--snapshot', path)).toBe(await answer('--sample', '--now', NOW));
    }
  });

  test.each([
    // Each of its requests is tried again with the waits of a live audit.
    ...(DEEP ? [['nodes', 503] as const] : []),
    ['nodes', 403],
    ['jobs', 403],
    ['serviceentries', 403],
  ])('a list of %s answered by %d leads to the same gaps in the same words', async (resource, status) => {
    const [shop] = sampleFleet(Date.parse(NOW));
    const server = await startApiServer(
      { objects: shop?.objects ?? [] },
      status === 403
        ? undefined
        : (request, response, answer) => {
            const refused = request.url?.startsWith(`/api/v1/${resource}`) === true;
            response
              .writeHead(refused ? status : answer.status, answer.headers)
              .end(refused ? '' : answer.body);
          },
    );
    const denied =
      status === 403 ? await startApiServer({ objects: shop?.objects ?? [], deny: [{ resource }] }) : server;
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      `apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "${denied.url}"}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n`,
    );
    try {
      await take('--kubeconfig', kubeconfig, '--now', NOW);
      const live = await audit('--kubeconfig', kubeconfig, '--now', NOW);
      const written = await audit('--snapshot', path);
      expect(live.notEvaluated.length).toBeGreaterThan(0);
      expect(written.findings).toEqual(live.findings);
      expect(written.notEvaluated).toEqual(live.notEvaluated);
      expect(written.clusters).toEqual(live.clusters);
    } finally {
      await server.close();
      if (denied !== server) await denied.close();
    }
  });

  test('a snapshot holds nothing but what an audit reads', async () => {
    const secret = 'hunter2-not-to-be-kept';
    const server = await startApiServer({
      objects: [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'p',
            namespace: 'shop',
            uid: 'u',
            annotations: { a: secret },
            managedFields: [{ manager: secret }],
          },
          spec: {
            containers: [
              {
                name: 'app',
                image: 'a',
                command: [secret],
                args: [secret],
                env: [{ name: 'PASSWORD', value: secret }],
              },
            ],
          },
          status: { phase: 'Running' },
        },
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'aws-node-1',
            namespace: 'kube-system',
            uid: 'v',
            ownerReferences: [
              { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', controller: true },
            ],
          },
          spec: {
            hostNetwork: true,
            nodeName: 'n',
            containers: [
              {
                name: 'aws-node',
                image: 'x/amazon-k8s-cni:v1.20.0',
                env: [{ name: 'PASSWORD', value: secret }],
              },
              {
                name: 'aws-eks-nodeagent',
                image: 'x/agent:v1.2.0',
                args: ['--enable-network-policy=true', secret],
              },
            ],
          },
          status: {
            phase: 'Running',
            containerStatuses: ['aws-node', 'aws-eks-nodeagent'].map((name) => ({
              name,
              state: { running: { startedAt: NOW } },
            })),
          },
        },
        {
          apiVersion: 'v1',
          kind: 'Node',
          metadata: { name: 'n', annotations: { a: secret } },
          status: { images: [{ names: [secret] }] },
        },
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: {
            name: 'p',
            namespace: 'shop',
            annotations: { 'kubectl.kubernetes.io/last-applied-configuration': secret },
          },
          spec: { podSelector: {} },
        },
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
          data: { 'enable-network-policy-controller': 'true', other: secret },
        },
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 's', namespace: 'shop' },
          data: { password: secret },
        },
        {
          apiVersion: 'batch/v1',
          kind: 'Job',
          metadata: { name: 'j', namespace: 'shop' },
          spec: { template: { spec: { containers: [{ args: [secret] }] } } },
        },
      ],
    });
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      `apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "${server.url}"}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {token: ${secret}}}]\n`,
    );
    try {
      expect((await take('--kubeconfig', kubeconfig)).code).toBe(0);
      const text = lines().join('\n');
      expect(text).toContain('"aws-node-1"');
      expect(text).toContain('enable-network-policy-controller');
      expect(text).not.toContain(secret);
      expect(statSync(path).mode & 0o777).toBe(0o600);
    } finally {
      await server.close();
    }
  });

  // These are no gaps of the audit, which says them where they decide.
  test.each([
    ['configmaps', '/api/v1/namespaces/kube-system/configmaps/amazon-vpc-cni'],
    ['jobs', '/apis/batch/v1/jobs'],
  ])('the snapshot command exits with 3 and names what was refused: %s', async (resource, asked) => {
    const server = await startApiServer({
      objects: [
        { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a' } },
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'a',
            namespace: 'shop',
            ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: '1', controller: true }],
          },
          spec: { nodeName: 'node-a', containers: [{ name: 'a', image: 'a' }] },
          status: { phase: 'Running' },
        },
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'aws-node-1',
            namespace: 'kube-system',
            ownerReferences: [
              { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', uid: '2', controller: true },
            ],
          },
          spec: {
            hostNetwork: true,
            nodeName: 'node-a',
            containers: [
              { name: 'aws-node', image: 'x/amazon-k8s-cni:v1.20.0' },
              { name: 'aws-eks-nodeagent', image: 'x/agent:v1.2.0', args: ['--enable-network-policy=true'] },
            ],
          },
          status: {
            phase: 'Running',
            containerStatuses: ['aws-node', 'aws-eks-nodeagent'].map((name) => ({
              name,
              state: { running: { startedAt: NOW } },
            })),
          },
        },
      ],
      deny: [{ resource }],
    });
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      `apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "${server.url}"}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n`,
    );
    try {
      const { code, stderr, stdout } = await take('--kubeconfig', kubeconfig);
      expect({ code, stdout }).toEqual({ code: 3, stdout: `${path}\n` });
      expect(stderr).toContain(`The API server gave no answer to ${asked} (forbidden).`);
      expect((await take('--kubeconfig', kubeconfig, '--allow-incomplete')).code).toBe(0);
    } finally {
      await server.close();
    }
  });

  test('a snapshot holds the annotations by which the configuration names owners, and no others', async () => {
    const server = await startApiServer({
      objects: [
        {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: {
            name: 'p',
            namespace: 'shop',
            uid: 'u',
            annotations: { 'example.com/team': 'team-a', 'example.com/token': 'hunter2' },
          },
          spec: { nodeName: 'n', containers: [{ name: 'app', image: 'a:latest' }] },
          status: { phase: 'Running' },
        },
        { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } },
      ],
    });
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      `apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "${server.url}"}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n`,
    );
    const config = join(folder, 'audit.config.yaml');
    writeFileSync(config, 'owners: { annotations: [example.com/team] }\n');
    try {
      await take('--kubeconfig', kubeconfig, '--config', config);
      expect(lines().join('\n')).not.toContain('hunter2');
      const named = await audit('--snapshot', path, '--config', config);
      expect(new Set(named.findings.map(({ owner }) => owner))).toEqual(new Set(['team-a']));
      expect(named.clusters[0]?.notes.join()).not.toContain('owners.annotations');

      await take('--kubeconfig', kubeconfig);
      expect(lines().join('\n')).not.toContain('team-a');
      const unnamed = await audit('--snapshot', path, '--config', config);
      expect(new Set(unnamed.findings.map(({ owner }) => owner))).toEqual(new Set([null]));
      expect(unnamed.clusters[0]?.notes.join()).toContain(
        'The snapshot was written without example.com/team (owners.annotations)',
      );
    } finally {
      await server.close();
    }
  });

  test('a snapshot of an unreachable cluster leaves no file', async () => {
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(
      kubeconfig,
      'apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n',
    );
    const { code, stderr, stdout } = await take('--kubeconfig', kubeconfig);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/c: not read\./);
    expect(readdirSync(folder)).toEqual(['kubeconfig']);
  });

  test('the snapshot command reads clusters only, and says where it could not write', async () => {
    const files = await run(['snapshot', '--out', path, '--snapshot', folder]);
    expect(files).toMatchObject({ code: 2, stderr: expect.stringMatching(/reads clusters, not files/) });
    const complete = await run(['snapshot', '--out', path, '--sample', '--complete']);
    expect(complete).toMatchObject({ code: 2, stderr: expect.stringMatching(/unknown option '--complete'/) });
    expect((await run(['snapshot', '--help'])).stdout).not.toMatch(/--snapshot <|--complete/);
    const folderGiven = await run(['snapshot', '--out', path, '--kubeconfig', folder]);
    expect(folderGiven).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot be read: it is a folder\./),
    });
    const nowhere = await run(['snapshot', '--sample', '--out', join(folder, 'no', 'such')]);
    expect(nowhere).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/cannot be written to .*: there is no such file or folder\./),
    });
  });
});

describe('audit --snapshot of a written snapshot', () => {
  test('an audit of a snapshot counts ages until it was written, unless --now says otherwise', async () => {
    await take('--sample', '--now', NOW);
    expect((await audit('--snapshot', path)).run).toMatchObject({ startedAt: '2026-11-21T12:00:00.000Z' });
    const later = await audit('--snapshot', path, '--now', '2026-12-21T12:00:00Z');
    expect(later.run).toMatchObject({ startedAt: '2026-12-21T12:00:00.000Z' });
  });

  test('an audit takes several snapshots, with manifests beside them', async () => {
    await take('--sample', '--now', NOW);
    const pod = join(folder, 'pod.yaml');
    writeFileSync(
      pod,
      'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: nginx}]}\n',
    );
    const { clusters } = await audit('--snapshot', path, '--snapshot', path, '--snapshot', pod, '--now', NOW);
    expect(clusters).toHaveLength(3);
  });

  test('a truncated snapshot, or one of another format, is refused in one sentence', async () => {
    await take('--sample', '--now', NOW);
    const whole = readFileSync(path);
    const text = gunzipSync(whole).toString();
    const cases: readonly (readonly [Buffer, RegExp])[] = [
      [whole.subarray(0, whole.length - 20), /is damaged or incomplete/],
      [gzipSync(text.trimEnd().split('\n').slice(0, -1).join('\n')), /is damaged or incomplete/],
      [gzipSync(text.replace(/^.*"end":true.*\n/m, '')), /is damaged or incomplete/],
      [gzipSync(text.split('\n').toSpliced(3, 2).join('\n')), /is damaged or incomplete/],
      [gzipSync(text.replace('"version":1', '"version":99')), /has format 99/],
      [gzipSync(text.replace('"spec.hostNetwork",', '')), /did not read spec.hostNetwork of pods/],
      [
        gzipSync(text.replace('"spec.policyAgent.untranslated",', '')),
        /did not read spec.policyAgent.untranslated of pods/,
      ],
      [gzipSync('apiVersion: v1\nkind: Pod\n'), /not a snapshot of eks-drift-audit/],
    ];
    for (const [bytes, message] of cases) {
      writeFileSync(path, bytes);
      const { code, stderr, stdout } = await run(['audit', '--snapshot', path]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(message);
    }
    writeFileSync(path, whole);
    appendFileSync(path, 'tail');
    expect((await run(['audit', '--snapshot', path])).code).toBe(2);
  });

  test('an audit of a snapshot without the answer to a request has no verdict', async () => {
    await take('--sample', '--now', NOW);
    const kept = lines().map((line) =>
      line.replace('"key":"/api/v1/pods?limit=500', '"key":"/api/v1/pods?limit=7'),
    );
    writeFileSync(path, gzipSync(`${kept.join('\n')}\n`));
    const { notEvaluated, code } = await audit('--snapshot', path);
    expect(code).toBe(4);
    expect(notEvaluated[0]?.message).toMatch(/does not hold the answer to \/api\/v1\/pods/);
  });
});
