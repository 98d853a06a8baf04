import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Authority, anAuthority } from '../support/certificates.ts';
import { send, startApiServer } from '../support/kube-server/api-server.ts';
import { aSummary, type KubeletServer, startKubeletServer, withJson } from '../support/kubelet-server.ts';
import { startOciServer } from '../support/oci-server.ts';
import { run } from './run.ts';

/** Audits that measure writable layers, of a cluster on loopback with one node and one pod. */
const NOW = '2026-11-29T07:00:05Z';
const PROXY = '/api/v1/nodes/a/proxy/stats/summary';

const podOf = (image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop', uid: 'u', creationTimestamp: '2026-11-20T00:00:00Z' },
  spec: { nodeName: 'a', containers: [{ name: 'app', image }] },
  status: {
    phase: 'Running',
    startTime: '2026-11-20T00:00:00Z',
    containerStatuses: [
      { name: 'app', image, imageID: image, state: { running: { startedAt: '2026-11-20T00:00:00Z' } } },
    ],
  },
});

const nodeAt = (port: number) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'a', labels: { 'kubernetes.io/os': 'linux' } },
  status: {
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    conditions: [{ type: 'Ready', status: 'True' }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  },
});

let authority: Authority;
let folder: string;
let kubelet: KubeletServer;
/** What the API server was asked. */
let asked: IncomingMessage[];
let kubeconfig: string;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  authority = await anAuthority();
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'measure-'));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  rmSync(folder, { recursive: true });
});

interface Cluster {
  readonly summary?: object;
  /** What the API server's proxy answers. @defaultValue what the kubelet says */
  readonly proxy?: { readonly status: number; readonly body: object };
  readonly image?: string;
}

async function serve({
  summary = aSummary('a', { bytes: 50_331_648, inodes: 412 }),
  proxy,
  image = 'example.com/app@sha256:0',
}: Cluster = {}) {
  kubelet = await startKubeletServer({ authority, answer: withJson(summary) });
  cleanups.push(() => kubelet.close());
  asked = [];
  const api = await startApiServer(
    {
      objects: [podOf(image), nodeAt(kubelet.port)],
      tls: await authority.issue({ commonName: 'kube-apiserver' }),
    },
    (request, response, answer) => {
      asked.push(request);
      if (request.url === PROXY) withJson(proxy?.body ?? summary, proxy?.status)(request, response);
      else send(request, response, answer);
    },
  );
  cleanups.push(() => api.close());
  kubeconfig = join(folder, 'kubeconfig');
  const ca = Buffer.from(authority.ca).toString('base64');
  const user = (name: string) => ({ name, user: { token: `token-of-${name}` } });
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'prod',
      clusters: [
        { name: 'c', cluster: { server: api.url, 'certificate-authority-data': ca } },
        { name: 'other', cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': ca } },
      ],
      users: [user('reader'), user('measurer')],
      contexts: [
        { name: 'prod', context: { cluster: 'c', user: 'reader' } },
        { name: 'prod-measure', context: { cluster: 'c', user: 'measurer' } },
        { name: 'prod-again', context: { cluster: 'c', user: 'reader' } },
        { name: 'elsewhere', context: { cluster: 'other', user: 'measurer' } },
      ],
    }),
  );
}

function config(writableLayer: string): readonly string[] {
  const path = join(folder, `${writableLayer}.yaml`);
  writeFileSync(path, `measure: { writableLayer: ${writableLayer} }\n`);
  return ['--config', path];
}

interface Row {
  readonly check: string;
  readonly reason: string;
  readonly message: string;
}

async function audit(...argv: readonly string[]) {
  const flags = ['audit', '-o', 'json', '--fail-on', 'never', '--now', NOW];
  const { code, stdout, stderr } = await run([...flags, ...argv]);
  if (stdout === '') return { code, stderr, failed: [], open: [], document: null };
  const document = JSON.parse(stdout) as {
    readonly findings: readonly Row[];
    readonly notEvaluated: readonly Row[];
    readonly run: unknown;
  };
  const ours = (rows: readonly Row[]) => rows.filter(({ check }) => check === 'writable-layer-drifted');
  return { code, stderr, failed: ours(document.findings), open: ours(document.notEvaluated), document };
}

const live = (...argv: readonly string[]) => audit('--kubeconfig', kubeconfig, ...argv);
const tokensAt = (requests: readonly IncomingMessage[]) => [
  ...new Set(requests.map(({ headers }) => headers.authorization)),
];

describe('audit with measure.writableLayer: kubelet', () => {
  test('kubelets get the token of the measuring user, and the API server that of the reader', async () => {
    await serve();
    const { failed, open } = await live('--measure-context', 'prod-measure', ...config('kubelet'));
    expect(failed).toHaveLength(1);
    expect(failed[0]?.message).toContain('48 MiB');
    expect(open).toEqual([]);
    expect(tokensAt(kubelet.requests)).toEqual(['Bearer token-of-measurer']);
    expect(tokensAt(asked)).toEqual(['Bearer token-of-reader']);
  });

  test('a small layer passes', async () => {
    await serve({ summary: aSummary('a') });
    const { failed, open } = await live('--measure-context', 'prod-measure', ...config('kubelet'));
    expect([failed, open]).toEqual([[], []]);
    expect(kubelet.requests).toHaveLength(1);
  });

  test('the token with which the cluster is read is never sent to a node', async () => {
    await serve();
    const { failed, open } = await live(...config('kubelet'));
    expect(failed).toEqual([]);
    expect(open).toMatchObject([{ reason: 'unauthorized' }]);
    expect(open[0]?.message).toContain('not sent to nodes');
    expect(kubelet.requests).toEqual([]);
  });

  test.each([
    ['prod', 'the user "reader" that reads the cluster'],
    ['prod-again', 'the user "reader" that reads the cluster'],
    ['elsewhere', 'which is not audited'],
  ])('the context %s is refused for measuring', async (context, message) => {
    await serve();
    const { code, stderr } = await live('--measure-context', context, ...config('kubelet'));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect([kubelet.requests, asked]).toEqual([[], []]);
  });

  test('a context for measuring without measuring is refused', async () => {
    await serve();
    const { code, stderr } = await live('--measure-context', 'prod-measure');
    expect(code).toBe(2);
    expect(stderr).toContain('measure.writableLayer: kubelet, which the configuration does not set');
  });

  test('without measuring no kubelet is asked and the check does not run', async () => {
    await serve();
    const { failed, open } = await live(...config('off'));
    expect([failed, open, kubelet.requests]).toEqual([[], [], []]);
    expect(asked.filter(({ url }) => url === PROXY)).toEqual([]);
  });
});

describe('audit with measure.writableLayer: api-server-proxy', () => {
  test('the API server passes the question on, and no node is asked directly', async () => {
    await serve();
    const { failed } = await live(...config('api-server-proxy'));
    expect(failed).toHaveLength(1);
    expect(kubelet.requests).toEqual([]);
    expect(asked.filter(({ url }) => url === PROXY)).toHaveLength(1);
  });

  test.each([
    [403, 'forbidden'],
    [503, 'unreachable'],
    [500, 'server-error'],
    [404, 'server-error'],
  ])('an answer of %i leaves the layer open: %s', async (status, reason) => {
    await serve({ proxy: { status, body: { kind: 'Status', apiVersion: 'v1', code: status } } });
    const { failed, open } = await live(...config('api-server-proxy'));
    expect(failed).toEqual([]);
    expect(open).toMatchObject([{ reason }]);
    expect(open[0]?.message).toContain('(node a)');
  });
});

describe('egress', () => {
  const egress = (...argv: readonly string[]) =>
    run(['egress', '-o', 'json', '--kubeconfig', kubeconfig, '--now', NOW, ...argv]);

  test('offers no context for measuring, since it measures nothing', async () => {
    await serve();
    const { code, stderr } = await egress('--measure-context', 'prod-measure', ...config('kubelet'));
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--measure-context'");
    expect([kubelet.requests, asked]).toEqual([[], []]);
  });

  test.each(['kubelet', 'api-server-proxy'])(
    'asks no kubelet where the configuration measures: %s',
    async (way) => {
      await serve();
      const { stdout } = await egress(...config(way));
      expect(JSON.parse(stdout)).toMatchObject([{ name: 'web', pods: 1 }]);
      expect(kubelet.requests).toEqual([]);
      expect(asked.map(({ url }) => url)).not.toContain(PROXY);
    },
  );

  test('asks no registry where the configuration asks them', async () => {
    const { host, requests, close } = await startOciServer({ repositories: {} });
    cleanups.push(close);
    await serve({ image: `${host}/app:1` });
    const path = join(folder, 'registry.yaml');
    writeFileSync(path, JSON.stringify({ images: { registry: 'sbom-presence', registries: [{ host }] } }));
    expect(JSON.parse((await egress('--config', path)).stdout)).toMatchObject([{ name: 'web' }]);
    expect(requests).toEqual([]);
    await live('--config', path);
    expect(requests).not.toEqual([]);
  });
});

describe('snapshots of measured clusters', () => {
  const take = (...argv: readonly string[]) =>
    run(['snapshot', '--kubeconfig', kubeconfig, '--now', NOW, '--out', join(folder, 's'), ...argv]);

  test.each([
    { answer: 'a reading', cluster: {}, complete: true },
    { answer: 'zeros', cluster: { summary: aSummary('a', { bytes: 0, inodes: 0 }) }, complete: true },
    {
      answer: 'a refusal',
      cluster: { proxy: { status: 403, body: { kind: 'Status' } } },
      complete: false,
    },
    {
      answer: 'a kubelet that cannot be reached',
      cluster: { proxy: { status: 503, body: { kind: 'Status' } } },
      complete: false,
    },
  ])('an audit of a snapshot says what the live audit says: $answer', async ({ cluster, complete }) => {
    await serve(cluster);
    const flags = config('api-server-proxy');
    const taken = await take(...flags);
    expect(taken.code).toBe(complete ? 0 : 3);
    expect(taken.stderr.includes('1 kubelet gave no statistics')).toBe(!complete);
    const expected = await live(...flags);
    const { failed, open } = await audit('--snapshot', join(folder, 's'), ...flags);
    expect(failed.length + open.length).toBe(1);
    expect([failed, open]).toEqual([expected.failed, expected.open]);
  });

  test('readings from kubelets are written, too, and hold nothing else of their answers', async () => {
    await serve();
    expect((await take('--measure-context', 'prod-measure', ...config('kubelet'))).code).toBe(0);
    await kubelet.close();
    const { failed } = await audit('--snapshot', join(folder, 's'), ...config('kubelet'));
    expect(failed).toHaveLength(1);
    const written = gunzipSync(readFileSync(join(folder, 's'))).toString();
    expect(written).toContain('"podRef":{"name":"web","namespace":"shop"}');
    expect(written).not.toContain('token-of');
  });

  test('a snapshot without readings leaves this one check open and nothing else', async () => {
    await serve();
    expect((await take(...config('off'))).code).toBe(0);
    const { open, document } = await audit('--snapshot', join(folder, 's'), ...config('kubelet'));
    expect(open).toMatchObject([{ reason: 'not-in-snapshot' }]);
    const without = await audit('--snapshot', join(folder, 's'), ...config('off'));
    expect(document?.notEvaluated.length).toBe((without.document?.notEvaluated.length ?? 0) + 1);
  });
});
