import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { accessRules } from '../../lambda/access/rules.ts';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
// In this process, which spares twenty starts of another one; the same as bin/eks-drift-audit.ts runs.
import { run } from '../cli/run.ts';
import { AUDITOR_GROUP } from './environment/cluster.ts';
import { type Environment, start } from './environment/environment.ts';
import {
  grant,
  listsIn,
  nameOf,
  type Right,
  SHIPPED_RIGHTS,
  servedRights,
  withholdObjects,
} from './support/access.ts';
import { type AuditDocument, clusterOf, documentOf, scopesOf, talliesOf } from './support/audit-document.ts';
import { PROVEN_CHECKS } from './support/expectations.ts';
import { writeAccess } from './support/kubeconfig.ts';
import { type CliResult, runCli } from './support/run-cli.ts';
import { runShell } from './support/shell.ts';
import { takeSnapshot } from './support/take-snapshot.ts';

// Each audit is a process, which takes its time on a busy machine.
const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);

/** What depends on which policies are enforced. */
const REACH = [
  'egress-insecure-port',
  'egress-instance-metadata',
  'egress-package-registry',
  'egress-unrestricted',
];
/** What the default configuration does not ask for. */
const NOT_ASKED: ReadonlySet<string> = new Set(
  CATALOGUE.filter(({ notAsked }) => (notAsked?.(defaultConfig(), {}) ?? null) !== null).map(({ id }) => id),
);

/** What cannot be said without all policies; the last one for containers whose other facts do not settle it. */
const EGRESS = [
  'egress-insecure-port',
  'egress-instance-metadata',
  'egress-package-registry',
  'egress-policy-not-enforced',
  'egress-unrestricted',
  'mesh-service-entry-broken',
  'runtime-library-update',
];
/** The checks that the lists besides those of policies decide. */
const NEEDED_BY: Readonly<Record<string, readonly string[]>> = {
  pods: [...PROVEN_CHECKS],
  // Where a pod does not say it, its node tells that it runs on Windows, which ignores a read-only root,
  // or on Fargate, which enforces no policy, so that it is open what is reached.
  nodes: [...REACH, 'egress-policy-not-enforced', 'runtime-library-update', 'writable-root-filesystem'],
  // The pods that these decide about stand alone, so that they reach everything whatever the policies say.
  namespaces: ['egress-policy-not-enforced', 'mesh-allows-any'],
  serviceaccounts: ['egress-policy-not-enforced'],
  // Only the names of workloads depend on these.
  'replicasets.apps': [],
  // Whether more pods will come after one that has ended; nothing runs that could have an age.
  'jobs.batch': [...PROVEN_CHECKS].filter(
    (check) => !/^(pod|container)-too-old$|^debug-|^mesh-service-entry-/.test(check),
  ),
};
const isOfMesh = ({ group }: Right): boolean => group.endsWith('.istio.io');

const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-journeys-'));
let environment: Environment;
/** The cluster under the name that snapshots have, so that the ids of findings are comparable. */
let kubeconfig: string;
let full: AuditDocument;
/** What the audit with all rights listed. */
let asked: ReadonlySet<string>;

const OPTIONS = ['-o', 'json', '--fail-on', 'never', '--now', NOW.toISOString()];

beforeAll(async () => {
  environment = await start({ now: NOW });
  const { url, caFile, certificates, requestsOf } = environment.cluster;
  kubeconfig = await writeAccess(join(folder, 'kubeconfig'), {
    name: 'snapshot',
    server: url,
    caFile,
    user: {
      'client-certificate': certificates.certFile('auditor'),
      'client-key': certificates.keyFile('auditor'),
    },
  });
  await grant(environment.cluster, SHIPPED_RIGHTS);
  full = documentOf(await runCli(['audit', '--kubeconfig', kubeconfig, ...OPTIONS]));
  asked = listsIn(await requestsOf(AUDITOR_GROUP));
});

afterAll(async () => {
  await environment?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('The shipped ClusterRole', () => {
  test('is enough: nothing that an audit asks for is refused', async () => {
    const requests = await environment.cluster.requestsOf(AUDITOR_GROUP);
    expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
    expect(full.notEvaluated.filter(({ reason }) => reason === 'forbidden')).toEqual([]);
  });

  test('is not too much: an audit lists everything that it grants and the cluster has', async () => {
    const served = new Set((await servedRights(environment.cluster)).map(nameOf));
    // Asked for only where there are nodes of Auto Mode.
    served.delete('nodeclasses.eks.amazonaws.com');
    expect([...asked].sort()).toEqual([...served].sort());
    expect(new Set(SHIPPED_RIGHTS.map(({ verb }) => verb))).toEqual(new Set(['list']));
  });

  test('is found complete by access check, and incomplete without one of its rules', async () => {
    const check = ['access', 'check', '--kubeconfig', kubeconfig, '-o', 'json'];
    const before = await run(check);
    expect({ code: before.code, excess: JSON.parse(before.stdout).excess }).toEqual({ code: 0, excess: [] });
    await grantAllBut('jobs.batch');
    const after = await run(check);
    const missing = JSON.parse(after.stdout).rules.filter(({ allowed }: { allowed: boolean }) => !allowed);
    expect([after.code, missing.map(nameOf)]).toEqual([3, ['jobs.batch']]);
    await grant(environment.cluster, SHIPPED_RIGHTS);
  });
});

function withoutRemains({ remainsBy, ...finding }: AuditDocument['findings'][number]) {
  return remainsBy == null || remainsBy.kind === 'policy-not-enforced' ? finding : { ...finding, remainsBy };
}

describe('A snapshot that kubectl takes', () => {
  let file: string;
  beforeAll(async () => {
    file = await takeSnapshot(environment.cluster, folder);
  });

  // Labels of namespaces, owners and nodes are in the snapshot as well. It need not hold every agent of the cluster, so that
  // it does not say what keeps a finding.
  test('gives the findings of the live cluster, with ids and evidence, and the same is left open', async () => {
    const snapshot = documentOf(await runCli(['audit', '--snapshot', file, ...OPTIONS]));
    expect(full.findings.length).toBeGreaterThan(100);
    expect(snapshot.findings.map(withoutRemains)).toEqual(full.findings.map(withoutRemains));
    expect(snapshot.notEvaluated).toEqual(full.notEvaluated);
    expect(clusterOf(snapshot)).toEqual(clusterOf(full));
  });

  test('may come over a pipe', async () => {
    const line = 'cat "$1" | npm run -s cli -- audit --snapshot - -o ndjson --fail-on never --now "$2"';
    const { stdout } = await runShell(line, file, NOW.toISOString());
    const findings = stdout
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    expect(findings.map(withoutRemains)).toEqual(full.findings.map(withoutRemains));
  });
});

describe('Without the right to list', () => {
  test.each(SHIPPED_RIGHTS.map((right) => [nameOf(right), right] as const))(
    '%s, exactly the checks that need it are not evaluated',
    async (name, right) => {
      const result = await auditWithout(name);
      const partial = documentOf(result);
      expectNoFalsePass(partial);
      const changed = changedChecks(partial);
      const needed = isOfMesh(right)
        ? changed.filter((check) => check.startsWith('mesh-'))
        : (NEEDED_BY[name] ?? EGRESS).filter(() => asked.has(name));
      expect({ name, changed }).toEqual({ name, changed: [...needed].sort() });
      for (const check of needed) expectExplained(partial, check, right);
      // The comments of the role promise which checks a rule decides as a whole.
      const promised = accessRules().find((rule) => nameOf(rule) === name)?.checks ?? [];
      const whole = partial.notEvaluated.flatMap(({ check, workload }) => (workload === null ? [check] : []));
      expect(new Set(whole)).toEqual(
        new Set(promised.filter((check) => asked.has(name) && !NOT_ASKED.has(check))),
      );
      expect(result.code).toBe(name === 'pods' ? 4 : 3);
    },
  );

  test.each([
    ['replicasets.apps', 'shapes/ReplicaSet/any-peer', 'ReplicaSet'],
    ['jobs.batch', 'payments/CronJob/reconcile', 'Job'],
  ])('%s, pods are listed under what they themselves name, and that is noted', async (name, owner, kind) => {
    const partial = documentOf(await auditWithout(name));
    const scopes = [...scopesOf(partial.findings), ...scopesOf(partial.notEvaluated)];
    expect(scopes.filter((scope) => scope.startsWith(owner.split('/')[0] ?? ''))).toContainEqual(
      expect.stringMatching(new RegExp(`^${owner} `)),
    );
    expect(clusterOf(partial).notes).toContainEqual(
      expect.stringMatching(
        new RegExp(`may not list ${name}.*listed under the workload that the name of the ${kind} suggests`),
      ),
    );
  });

  test('and to get the ConfigMap of the network plugin, what is enforced is open, with what to grant', async () => {
    await grant(environment.cluster, SHIPPED_RIGHTS);
    await withholdObjects(environment.cluster);
    const partial = documentOf(await run(['audit', '--kubeconfig', kubeconfig, ...OPTIONS]));
    expectNoFalsePass(partial);
    expect(changedChecks(partial)).toEqual([...REACH, 'egress-policy-not-enforced'].sort());
    expect(partial.notEvaluated).toContainEqual(
      expect.objectContaining({
        check: 'egress-policy-not-enforced',
        reason: 'forbidden',
        message: expect.stringContaining('kube-system/amazon-vpc-cni may not be read'),
        remediation: expect.stringContaining('eks-drift-audit access'),
      }),
    );
  });

  test('pods, nothing at all is said of the cluster', async () => {
    const partial = documentOf(await auditWithout('pods'));
    expect(clusterOf(partial)).toMatchObject({ outcome: 'failed', totals: { pods: 0 } });
    expect(partial.findings).toEqual([]);
  });

  test('anything, neither', async () => {
    await grant(environment.cluster, []);
    const { code, stdout } = await run(['audit', '--kubeconfig', kubeconfig, ...OPTIONS]);
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [], summary: { coverage: { complete: false } } });
  });
});

async function grantAllBut(name: string): Promise<void> {
  await grant(
    environment.cluster,
    SHIPPED_RIGHTS.filter((right) => nameOf(right) !== name),
  );
}

async function auditWithout(name: string): Promise<CliResult> {
  await grantAllBut(name);
  return run(['audit', '--kubeconfig', kubeconfig, ...OPTIONS]);
}

/** The checks with other counts than with all rights, sorted. */
function changedChecks(partial: AuditDocument): readonly string[] {
  const before = talliesOf(full);
  return [...talliesOf(partial)]
    .filter(([check]) => PROVEN_CHECKS.has(check))
    .filter(([check, tally]) => JSON.stringify(tally) !== JSON.stringify(before.get(check)))
    .map(([check]) => check)
    .sort();
}

/** Nothing that failed or was open with all rights may pass with fewer, and no check may gain a pass. */
function expectNoFalsePass(partial: AuditDocument): void {
  const gained = [...talliesOf(partial)].filter(
    ([check, { pass }]) => pass > (talliesOf(full).get(check)?.pass ?? 0),
  );
  expect(gained).toEqual([]);
  const whole = new Set(
    partial.notEvaluated.flatMap(({ check, workload }) => (workload === null ? [check] : [])),
  );
  const told = new Set([...scopesOf(partial.findings), ...scopesOf(partial.notEvaluated)].map(underTopOwner));
  const lost = [...scopesOf(full.findings), ...scopesOf(full.notEvaluated)]
    .filter((scope) => !whole.has(scope.split(' ')[1] ?? ''))
    .filter((scope) => !told.has(scope));
  expect(lost).toEqual([]);
}

/** Where their owners cannot be read, these two workloads go by other names. */
function underTopOwner(scope: string): string {
  return scope
    .replace('shop/ReplicaSet/search-7d4b9c6f5d ', 'shop/Rollout/search ')
    .replace('payments/Job/reconcile-29380500 ', 'payments/CronJob/reconcile ');
}

/** The check says that it was not evaluated, what could not be read, and what would help. */
function expectExplained(partial: AuditDocument, check: string, { resource }: Right): void {
  // What is said of a container speaks of all policies; what is said of the cluster names the resource.
  const ofContainers =
    check === 'runtime-library-update' && !['pods', 'nodes', 'namespaces', 'jobs'].includes(resource);
  const what = ofContainers ? 'network policies' : resource.replace(/s$/, '');
  const told = partial.notEvaluated.filter(
    (row) =>
      row.check === check &&
      /Grant|See the egress checks of this workload/.test(row.remediation) &&
      `${row.message} ${row.remediation}`.includes(what),
  );
  expect({ check, told: told.length > 0 }).toEqual({ check, told: true });
}
