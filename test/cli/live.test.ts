import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleFleet } from '../sample/fleet/fleet.ts';
import { type Authority, anAuthority, type KeyAndCertificate } from '../support/certificates.ts';
import { startFaultyServer } from '../support/faulty-server.ts';
import { type ApiServer, startApiServer } from '../support/kube-server/api-server.ts';
import { kubeconfigOf } from '../support/kubeconfig.ts';
import { run } from './run.ts';

/** `audit --kubeconfig` against an API server on loopback, as a user would point it at a cluster. */
const NOW = '2026-11-21T12:00:00Z';
const objects = sampleFleet(Date.parse(NOW))[0]?.objects ?? [];
const TOKEN = 'a-bearer-token';

let folder: string;
let authority: Authority;
let certificate: KeyAndCertificate;
let servers: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-'));
  authority = await anAuthority();
  certificate = await authority.issue({ commonName: 'kube-apiserver' });
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function started<T extends { close(): Promise<void> }>(server: T): T {
  servers.push(server);
  return server;
}

function kubeconfig(
  server: string,
  { ca, token, skip = false }: { ca?: string; token?: string; skip?: boolean } = {},
): string {
  const path = join(
    folder,
    `${Math.abs(server.length * 31 + (token?.length ?? 0))}-${servers.length}.kubeconfig`,
  );
  const cluster = {
    server,
    ...(skip ? { 'insecure-skip-tls-verify': true } : {}),
    ...(ca ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') } : {}),
  };
  writeFileSync(path, kubeconfigOf(cluster, { user: token ? { token } : {} }));
  return path;
}

interface Document {
  readonly findings: readonly {
    readonly check: string;
    readonly workload: object;
    readonly container: string | null;
  }[];
  readonly notEvaluated: readonly {
    readonly check: string;
    readonly reason: string;
    readonly workload: object | null;
  }[];
  readonly clusters: readonly { readonly outcome: string; readonly cluster: { readonly name: string } }[];
}

async function audit(path: string): Promise<Document & { readonly code: number }> {
  const { stdout, code } = await run([
    'audit',
    '--kubeconfig',
    path,
    '--now',
    NOW,
    '-o',
    'json',
    '--fail-on',
    'never',
  ]);
  return { ...(JSON.parse(stdout) as Document), code };
}

const keys = ({ findings }: Document) =>
  findings.map(({ check, workload, container }) => JSON.stringify([check, workload, container]));

describe('audit --kubeconfig', () => {
  test('a cluster is audited over plain HTTP', async () => {
    const server: ApiServer = started(await startApiServer({ objects }));
    const found = await audit(kubeconfig(server.url));
    expect(found.clusters).toMatchObject([{ outcome: 'audited', cluster: { name: 'prod' } }]);
    expect(found.findings.length).toBeGreaterThan(100);
  });

  test('a server whose certificate was not verified is marked as such, in the data and in the table', async () => {
    const secure = started(await startApiServer({ objects, token: TOKEN, tls: certificate }));
    const skipping = kubeconfig(secure.url, { skip: true, token: TOKEN });
    expect((await audit(skipping)).clusters).toMatchObject([{ unverified: 'insecure-skip-tls-verify' }]);
    const out = join(folder, 'unverified');
    const { stdout } = await run(['audit', '--kubeconfig', skipping, '--now', NOW, '--out', out]);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'the certificate of the API server was not verified (insecure-skip-tls-verify)',
    );
    const mail = readFileSync(
      join(out, 'runs', readdirSync(join(out, 'runs'))[0] ?? '', 'digest.txt'),
      'utf8',
    );
    expect(mail).toContain('SERVER NOT VERIFIED');
    const verified = await audit(kubeconfig(secure.url, { ca: authority.ca, token: TOKEN }));
    expect(verified.clusters[0]).not.toHaveProperty('unverified');
    const plain = started(await startApiServer({ objects }));
    expect((await audit(kubeconfig(plain.url))).clusters).toMatchObject([{ unverified: 'plain-http' }]);
  });

  test('a cluster is audited over TLS with a private CA and a bearer token, with the same findings as over HTTP and from files', async () => {
    const plain = started(await startApiServer({ objects }));
    const secure = started(await startApiServer({ objects, token: TOKEN, tls: certificate }));
    const found = await audit(kubeconfig(secure.url, { ca: authority.ca, token: TOKEN }));
    expect(keys(found)).toEqual(keys(await audit(kubeconfig(plain.url))));
    const file = join(folder, 'objects.json');
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
    const { stdout } = await run(['audit', '--snapshot', file, '--complete', '--now', NOW, '-o', 'json']);
    expect(keys(JSON.parse(stdout) as Document)).toEqual(keys(found));
  });

  test('with a wrong token or an unknown CA nothing is audited, and the reason is given', async () => {
    const secure = started(await startApiServer({ objects, token: TOKEN, tls: certificate }));
    const wrongToken = await audit(kubeconfig(secure.url, { ca: authority.ca, token: 'wrong' }));
    expect(wrongToken).toMatchObject({ code: 4, findings: [], clusters: [{ outcome: 'failed' }] });
    expect(new Set(wrongToken.notEvaluated.map(({ reason }) => reason))).toEqual(new Set(['unauthorized']));
    const stranger = await anAuthority('another CA');
    const wrongCa = await audit(kubeconfig(secure.url, { ca: stranger.ca, token: TOKEN }));
    expect(wrongCa).toMatchObject({ code: 4, findings: [] });
    expect(new Set(wrongCa.notEvaluated.map(({ reason }) => reason))).toEqual(new Set(['unreachable']));
  });

  test('an unknown context is refused with the list of existing contexts', async () => {
    const server = started(await startApiServer({ objects }));
    const { code, stderr } = await run(['audit', '--kubeconfig', kubeconfig(server.url), '--context', 'dev']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/dev[\s\S]*prod/);
  });

  test('a list that breaks off in every attempt leaves every check not evaluated, and nothing passes', async () => {
    // Everything answers but the second page of pods.
    const server = started(
      await startFaultyServer({ objects: many(1200) }, (_, { url = '' }) =>
        url.includes('/pods') && url.includes('continue=') ? { kind: 'status', status: 500 } : null,
      ),
    );
    const found = await audit(kubeconfig(server.url));
    expect(found.notEvaluated.filter(({ workload }) => workload === null).length).toBeGreaterThanOrEqual(13);
    expect(JSON.stringify((found as unknown as { summary: unknown }).summary)).not.toMatch(/"pass":[1-9]/);
  });
});

/** More pods than fit on one page. */
function many(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p-${String(index).padStart(5, '0')}`, namespace: 'shop', uid: `u${index}` },
    spec: { containers: [{ name: 'app', image: 'nginx' }] },
    status: { phase: 'Running', startTime: NOW },
  }));
}
