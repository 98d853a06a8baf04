import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import type { InventoryRow } from '../../lambda/inventory/inventory.ts';
import { run } from '../cli/run.ts';
import type { ListPage } from './environment/api-client.ts';
import { type Environment, start } from './environment/environment.ts';
import { seedFleet } from './seed/fleet.ts';
import { LINUX_NODE } from './seed/nodes.ts';
import { careless, pod } from './seed/pods.ts';
import { seed } from './seed/seed.ts';
import { grant, SHIPPED_RIGHTS } from './support/access.ts';
import { type AuditDocument, clusterOf, documentOf, talliesOf } from './support/audit-document.ts';
import { eksToken } from './support/eks-token.ts';
import { type Gate, openGate } from './support/gate.ts';
import { type TokenSettings, tokenCommand, writeAccess } from './support/kubeconfig.ts';
import type { CliResult } from './support/run-cli.ts';

const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const FLEET = 1_200;
const TOKEN_LIVES = 15 * 60;

const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-journeys-'));
/** Of the last audit. */
const reports = join(folder, 'reports');
let environment: Environment;
let gate: Gate;
/** Of an audit that nothing interferes with. */
let calm: AuditDocument;
let podNames: readonly string[];

beforeAll(async () => {
  environment = await start({ now: NOW });
  await grant(environment.cluster, SHIPPED_RIGHTS);
  await seedFleet(environment.cluster.admin, { now: NOW, pods: FLEET });
  podNames = await listPodNames();
  calm = documentOf(await audit(environment.cluster.url));
});

afterAll(async () => {
  await environment?.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  gate = await openGate(environment.cluster);
});

afterEach(() => gate.close());

/** An audit through a server address, by a fresh token unless another user is given. */
async function audit(server: string, user?: object): Promise<CliResult> {
  const { caFile } = environment.cluster;
  rmSync(reports, { recursive: true, force: true });
  const settings = tokenSettings();
  const kubeconfig = await writeAccess(join(folder, 'kubeconfig'), {
    name: 'fleet',
    server,
    caFile,
    user: user ?? { token: await eksToken(settings) },
  });
  const options = ['--now', NOW.toISOString(), '--fail-on', 'never', '-o', 'json'];
  return run(['audit', '--kubeconfig', kubeconfig, ...options, '--out', reports]);
}

function tokenSettings(): Omit<TokenSettings, 'signedSecondsAgo'> {
  const { aws, cluster, auditorCredentials } = environment;
  return { credentials: auditorCredentials, region: aws.region, cluster: cluster.name };
}

async function listPodNames(): Promise<readonly string[]> {
  const { items } = (await environment.cluster.admin.request('GET', '/api/v1/pods')).body as ListPage;
  return items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).sort();
}

/** Every pod in the inventory that the last audit wrote; nobody twice, nobody missing. */
function inventoried(): readonly string[] {
  const path =
    readdirSync(reports, { recursive: true, encoding: 'utf8' }).find((name) =>
      /^inventory.*gz$/.test(name),
    ) ?? '';
  const rows = gunzipSync(readFileSync(join(reports, path)))
    .toString()
    .trim()
    .split('\n');
  return rows
    .map((row) => JSON.parse(row) as InventoryRow)
    .map(({ namespace, pod: name }) => `${namespace}/${name}`)
    .sort();
}

function expectAsCalm(result: CliResult): void {
  expect(documentOf(result)).toMatchObject({
    clusters: calm.clusters,
    findings: calm.findings,
    notEvaluated: calm.notEvaluated,
  });
  expect(inventoried()).toEqual(podNames);
}

const whole = [
  { continued: false, status: 200 },
  { continued: true, status: 200 },
  { continued: true, status: 200 },
];

describe('A list of more pods than fit on a page', () => {
  test('is read to its end', async () => {
    const result = await audit(gate.url);
    expectAsCalm(result);
    expect(gate.pages).toEqual(whole);
    expect(clusterOf(documentOf(result)).totals.pods).toBe(podNames.length);
    const fleet = calm.findings.filter(({ workload }) => workload.namespace === 'fleet');
    expect(new Set(fleet.map(({ check }) => check))).toContain('writable-root-filesystem');
    expect(new Set(fleet.map(({ pods }) => pods.count))).toEqual(new Set([FLEET]));
  });

  test('is that of one moment, though pods come and go while it is read', async () => {
    const { admin } = environment.cluster;
    const marker = (name: string) =>
      pod(
        {
          namespace: 'shapes',
          name,
          node: LINUX_NODE,
          ageHours: 1,
          spec: { containers: [careless('app', 'busybox:1')] },
        },
        NOW,
      );
    const remove = (name: string) =>
      admin.request('DELETE', `/api/v1/namespaces/shapes/pods/${name}?gracePeriodSeconds=0`);
    await seed(admin, marker('zz-before'));
    gate.atSecondPage(async () => {
      await remove('zz-before');
      await seed(admin, marker('zz-after'));
    });
    const result = await audit(gate.url);
    await remove('zz-after');
    expect(gate.pages).toEqual(whole);
    expect(inventoried()).toEqual([...podNames, 'shapes/zz-before'].sort());
    expect(clusterOf(documentOf(result)).totals.pods).toBe(podNames.length + 1);
  });

  test('a list restarts when its continue token has expired (410), and no pod counts twice', async () => {
    const { cluster } = environment;
    gate.atSecondPage(async () => {
      // The new server has no copy of the past in memory, and etcd has none either.
      await cluster.admin.apply({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'empty', labels: { moved: 'on' } },
      });
      await cluster.compact();
      await cluster.apiServer.kill();
      await cluster.apiServer.start();
    });
    expectAsCalm(await audit(gate.url));
    expect(gate.pages).toEqual([
      { continued: false, status: 200 },
      { continued: true, status: 410 },
      ...whole,
    ]);
  });
});

test('A token that expires in the middle of a list is renewed, and the list goes on', async () => {
  const file = join(folder, 'token-settings.json');
  const hold = (signedSecondsAgo: number): void =>
    writeFileSync(file, JSON.stringify({ ...tokenSettings(), signedSecondsAgo }));
  // Enough for the first page on a busy machine.
  const left = 15;
  hold(TOKEN_LIVES - left);
  gate.atSecondPage(async () => {
    hold(0);
    // The API server remembers for ten seconds whom it let in, at the last moment, too.
    await sleep((left + 11) * 1000);
  });
  expectAsCalm(await audit(gate.url, tokenCommand(file)));
  expect(gate.pages).toEqual([whole[0], { continued: true, status: 401 }, ...whole.slice(1)]);
});

describe('An API server that dies in the middle of a list', () => {
  test('and comes back is asked again, and the list goes on where it was', async () => {
    const { apiServer } = environment.cluster;
    gate.atSecondPage(async () => {
      await apiServer.kill();
      gate.holdUntil(apiServer.start());
    });
    expectAsCalm(await audit(gate.url));
    expect(gate.pages).toEqual([whole[0], { continued: true, status: null }, ...whole.slice(1)]);
  });

  test('and stays away leaves every check not evaluated, whatever was read before', async () => {
    gate.atSecondPage(() => environment.cluster.apiServer.kill());
    const result = await audit(gate.url);
    const document = documentOf(result);
    expect(result.code).toBe(3);
    const { totals, notes } = clusterOf(document);
    expect(totals.pods).toBe(500);
    expect([...talliesOf(document).values()].filter(({ pass }) => pass > 0)).toEqual([]);
    const open = document.notEvaluated.filter(
      ({ workload, reason }) => workload === null && reason === 'unreachable',
    );
    expect(open.map(({ check }) => check).sort()).toEqual(
      // With nothing approved in the configuration one check is not asked.
      CATALOGUE.filter(({ notAsked }) => (notAsked?.(defaultConfig(), {}) ?? null) === null)
        .map(({ id }) => id)
        .sort(),
    );
    expect(open[0]?.message).toContain('(after 500 pods)');
    expect(notes).toContainEqual(
      expect.stringContaining('listed under the workload that the name of the Job suggests'),
    );
  });
});
