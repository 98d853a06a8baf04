import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import type { CheckInfo } from '../../lambda/checks/check.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import type { InventoryRow } from '../../lambda/inventory/inventory.ts';
import { sha256Of } from '../../lambda/store/manifest.ts';
import type { ListPage } from './environment/api-client.ts';
import { type Environment, start } from './environment/environment.ts';
import { grant, SHIPPED_RIGHTS } from './support/access.ts';
import {
  type AuditDocument,
  clusterOf,
  documentOf,
  scopesOf,
  talliesOf,
  workloadText,
} from './support/audit-document.ts';
import { EXPECTED, EXPECTED_OBJECTS, PROVEN_CHECKS } from './support/expectations.ts';
import { writeAccess } from './support/kubeconfig.ts';
import { type CliResult, ONLY_PROOF, runCli } from './support/run-cli.ts';
import { runShell } from './support/shell.ts';

// Each audit is a process, which takes its time on a busy machine.
/** Ages in the cluster count back from here, to the second as Kubernetes keeps times. */
const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const HOUR_LATER = new Date(NOW.getTime() + 3_600_000);

const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-journeys-'));
const reports = join(folder, 'reports');
let environment: Environment;
let ran: CliResult;
let document: AuditDocument;

/** With nothing approved in the configuration one check is not asked. */
const isAsked = ({ notAsked }: CheckInfo): boolean => (notAsked?.(defaultConfig(), {}) ?? null) === null;

function audit(...args: readonly string[]): Promise<CliResult> {
  const { auditorKubeconfig } = environment.cluster;
  return runCli(['audit', '--kubeconfig', auditorKubeconfig, '--now', NOW.toISOString(), ...args]);
}

beforeAll(async () => {
  environment = await start({ now: NOW });
  await grant(environment.cluster, SHIPPED_RIGHTS);
  ran = await audit('-o', 'json', '--out', reports);
  document = documentOf(ran);
});

afterAll(async () => {
  await environment?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('The verdicts on a real cluster', () => {
  const of = (workload: string, scopes: readonly string[]): readonly string[] =>
    scopes
      .filter((scope) => scope.startsWith(`${workload} `))
      .map((scope) => scope.slice(workload.length + 1))
      .filter((verdict) => PROVEN_CHECKS.has(verdict.split(' ')[0] ?? ''));

  test.each([...EXPECTED, ...EXPECTED_OBJECTS])('%s', (workload, { fail, open }) => {
    expect({
      fail: of(workload, scopesOf(document.findings)),
      open: of(workload, scopesOf(document.notEvaluated)),
    }).toEqual({ fail: [...fail].sort(), open: [...open].sort() });
  });

  test('are on every workload there is, and nothing is left open for the whole cluster', () => {
    expect(clusterOf(document).totals.workloads).toBe(EXPECTED.size);
    expect(document.notEvaluated.filter(({ workload }) => workload === null)).toEqual([]);
  });

  test('prove every check that the default configuration asks', () => {
    expect([...PROVEN_CHECKS].sort()).toEqual(
      CATALOGUE.filter(isAsked)
        .map(({ id }) => id)
        .sort(),
    );
  });

  test.each([...PROVEN_CHECKS])(
    '%s fails for a workload that was made for it, and passes for another',
    (check) => {
      const failing = [...EXPECTED.values(), ...EXPECTED_OBJECTS.values()].filter(({ fail }) =>
        fail.some((one) => one.split(' ')[0] === check),
      );
      const tally = talliesOf(document).get(check);
      expect({ check, designed: failing.length > 0, passed: (tally?.pass ?? 0) > 0 }).toEqual({
        check,
        designed: true,
        passed: true,
      });
      expect(tally?.fail).toBe(
        scopesOf(document.findings).filter((scope) => scope.split(' ')[1] === check).length,
      );
    },
  );

  test('count every workload, and every container, once', () => {
    const total = (check: string): number => {
      const { pass = 0, fail = 0, notEvaluated = 0 } = talliesOf(document).get(check) ?? {};
      return pass + fail + notEvaluated;
    };
    const rows = inventory();
    const containers = (running: boolean): number =>
      new Set(
        rows.flatMap(({ namespace, workload, images }) =>
          images
            .filter(({ startedAt }) => !running || startedAt !== null)
            .map(({ container }) => `${workloadText({ namespace, ...workload })} ${container}`),
        ),
      ).size;
    expect(total('egress-unrestricted')).toBe(EXPECTED.size);
    // The pods of one CronJob have all succeeded, so that it has no age.
    expect(total('pod-too-old')).toBe(EXPECTED.size - 1);
    expect(total('writable-root-filesystem')).toBe(containers(false));
    expect(total('container-too-old')).toBe(containers(true));
  });

  test('tell the age of pods and of containers, completed pods and restarts left out', () => {
    const finding = (check: string, name: string) =>
      document.findings.find((one) => one.check === check && one.workload.name === name);
    expect(finding('pod-too-old', 'erp')?.evidence).toMatchObject({ oldestAgeSeconds: 400 * 86_400 });
    expect(finding('container-too-old', 'erp')?.evidence).toMatchObject({ oldestAgeSeconds: 90 * 86_400 });
    expect(finding('pod-too-old', 'frontend')?.pods.count).toBe(2);
    expect(finding('container-too-old', 'frontend')?.pods).toMatchObject({
      count: 1,
      examples: ['frontend-7d4b9c6f5d-aaaaa'],
    });
    expect(finding('pod-too-old', 'import')?.pods).toMatchObject({ count: 1, examples: ['import-jjjjj'] });
    expect(clusterOf(document).totals).toMatchObject({ completed: 2, terminating: 1, nodes: 4 });
    expect(document.notEvaluated).toContainEqual(
      expect.objectContaining({ check: 'pod-too-old', reason: 'clock-skew' }),
    );
  });
});

describe('Exit codes', () => {
  test('1: a finding reaches --fail-on', () => {
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(ONLY_PROOF)]);
  });

  test('3: none does, but not everything could be decided', async () => {
    expect((await audit('--fail-on', 'never')).code).toBe(3);
  });

  test('0: that is allowed; by npm, as from a checkout', async () => {
    const { auditorKubeconfig } = environment.cluster;
    const line = 'npm run -s cli -- audit --kubeconfig "$1" --now "$2" --fail-on never --allow-incomplete';
    const { code, stdout, stderr } = await runShell(line, auditorKubeconfig, NOW.toISOString());
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('can replace its libraries');
  });

  test('2: the context does not exist', async () => {
    const { code, stdout, stderr } = await audit('--context', 'nowhere');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('The kubeconfig has no context "nowhere". Its contexts are: e2e.');
  });

  test('the exit code is 4 where the cluster does not accept the credentials', async () => {
    const { name, url, caFile } = environment.cluster;
    const access = { name, server: url, caFile, user: { token: 'k8s-aws-v1.expired' } };
    const kubeconfig = await writeAccess(join(folder, 'stranger'), access);
    const result = await runCli(['audit', '--kubeconfig', kubeconfig, '-o', 'json', '--allow-incomplete']);
    expect(result.code).toBe(4);
    const { findings, notEvaluated, clusters } = documentOf(result);
    expect([findings.length, clusters.map(({ outcome }) => outcome)]).toEqual([0, ['failed']]);
    const asked = CATALOGUE.filter(isAsked).map(({ id }) => id);
    expect(new Set(notEvaluated.map(({ check }) => check))).toEqual(new Set(asked));
    expect(new Set(notEvaluated.map(({ reason }) => reason))).toEqual(new Set(['unauthorized']));
  });
});

describe('What --out writes', () => {
  test('is the tree of a cluster whose account is not known, and a manifest that vouches for it', () => {
    const [run = ''] = readdirSync(join(reports, 'runs'));
    const partition = `account=none/region=none/cluster=e2e`;
    const date = `date=${NOW.toISOString().slice(0, 10)}`;
    const { objects } = JSON.parse(
      readFileSync(join(reports, 'runs', run, 'manifest.json'), 'utf8'),
    ) as Manifest;
    const lasting = files().filter((path) => !/^(latest|state)\//.test(path));
    const sealed = ['manifest.json', 'SHA256SUMS'].map((name) => `runs/${run}/${name}`);
    expect(lasting).toEqual([...objects.map(({ key }) => key), ...sealed].sort());
    expect(files()).toEqual(
      expect.arrayContaining([
        `findings/${partition}/${date}/${run}.ndjson.gz`,
        `inventory/${partition}/${date}/${run}.ndjson.gz`,
        'latest/report.html',
        'latest/summary.json',
        ...['digest.txt', 'findings.csv', 'report.html', 'summary.json'].map((name) => `runs/${run}/${name}`),
        expect.stringMatching(new RegExp(`^state/${partition}/uid=[0-9a-f-]{36}/state\\.json\\.gz$`)),
      ]),
    );
    for (const { key, sha256 } of objects) {
      expect([key, sha256Of(readFileSync(join(reports, key)))]).toEqual([key, sha256]);
    }
  });

  test('has one row a pod, under the workload at the top of its owners', async () => {
    const { items } = (await environment.cluster.admin.request('GET', '/api/v1/pods')).body as ListPage;
    const rows = inventory();
    expect(rows.map(({ uid }) => uid).sort()).toEqual(items.map(({ metadata }) => metadata.uid).sort());
    expect(new Set(rows.map(({ namespace, workload }) => workloadText({ namespace, ...workload })))).toEqual(
      new Set(EXPECTED.keys()),
    );
    expect(rows.filter(({ terminating }) => terminating).map(({ pod }) => pod)).toEqual(['stuck']);
  });

  test('has the findings that were printed', () => {
    const rows = read('findings/') as AuditDocument['findings'];
    expect(rows.map(({ id }) => id).sort()).toEqual(document.findings.map(({ id }) => id).sort());
  });

  test('has a mail that says first that something is open, and counts right', () => {
    const digest = digestOf(0);
    // What AWS runs is counted apart in a first audit, but for debug containers.
    const counted = document.findings.filter(
      ({ managedBy, check }) => managedBy == null || check === 'debug-container-attached',
    );
    const causes = new Set(counted.map(({ id, cause }) => cause?.id ?? id)).size;
    expect(digest).toMatch(
      new RegExp(
        `^Subject: EKS audit INCOMPLETE: first run, ${causes} causes .*open; [0-9]+ not evaluated\n`,
      ),
    );
    // In a first mail what is open of single workloads follows what to fix first; the headline has counted it before.
    const order = [
      'INCOMPLETE:',
      'FIX FIRST:',
      'SINGLE WORKLOADS NOT EVALUATED',
      'Audit of',
      'Full report:',
    ].map((part) => digest.indexOf(part));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(Math.min(...order)).toBeGreaterThan(0);
    expect(digest.replace(/\s+/g, ' ')).toContain(`, ${counted.length} open findings.`);
    const body = digest
      .split('\n')
      .slice(1)
      .filter((line) => !line.includes(reports) && !line.trimStart().startsWith('$ '));
    expect(body.filter((line) => line.length > 72)).toEqual([]);
    expect(digest).not.toMatch(/[^\n\x20-\x7e]/);
  });
});

describe('The next run', () => {
  test('knows what was resolved by deleting a pod, and that all else is still there', async () => {
    const gone = '/api/v1/namespaces/legacy/pods/ahead-of-time?gracePeriodSeconds=0';
    expect((await environment.cluster.admin.request('DELETE', gone)).status).toBe(200);
    const again = await audit('-o', 'json', '--out', reports, '--now', HOUR_LATER.toISOString());
    const { findings } = documentOf(again);
    expect(findings.map(({ id }) => id).sort()).toEqual(document.findings.map(({ id }) => id).sort());
    const resolved = findings.filter(({ status }) => status === 'gone');
    expect(new Set(resolved.map(({ workload }) => workload.name))).toEqual(new Set(['ahead-of-time']));
    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['open', 'gone']));
    expect(digestOf(1)).toMatch(new RegExp(`GONE with their workloads: ${resolved.length} findings`));
  });
});

interface Manifest {
  readonly objects: readonly { readonly key: string; readonly sha256: string }[];
}

function files(): readonly string[] {
  return readdirSync(reports, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(reports.length + 1))
    .sort();
}

/** The rows of the first file under this folder. */
function read(under: string): unknown {
  const path = files().find((name) => name.startsWith(under)) ?? '';
  const text = gunzipSync(readFileSync(join(reports, path))).toString();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const inventory = (): readonly InventoryRow[] => read('inventory/') as readonly InventoryRow[];

/** Of the first, second … run. */
function digestOf(run: number): string {
  const name = readdirSync(join(reports, 'runs')).sort()[run] ?? '';
  return readFileSync(join(reports, 'runs', name, 'digest.txt'), 'utf8');
}
