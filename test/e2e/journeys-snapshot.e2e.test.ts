import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
// In this process, which spares a dozen starts of another one; the same as bin/eks-drift-audit.ts runs.
import { run } from '../cli/run.ts';
import { AUDITOR_GROUP } from './environment/cluster.ts';
import { type Environment, start } from './environment/environment.ts';
import { grant, nameOf, SHIPPED_RIGHTS, withholdObjects } from './support/access.ts';
import { type AuditDocument, clusterOf, documentOf } from './support/audit-document.ts';

const NOW = new Date(Math.floor(Date.now() / 1000) * 1000);
const OPTIONS = ['-o', 'json', '--fail-on', 'never', '--now', NOW.toISOString()];

const folder = mkdtempSync(join(tmpdir(), 'eks-drift-auditor-journeys-'));
let environment: Environment;
let live: readonly string[];
let full: AuditDocument;

beforeAll(async () => {
  environment = await start({ now: NOW });
  live = ['--kubeconfig', environment.cluster.auditorKubeconfig];
  await grant(environment.cluster, SHIPPED_RIGHTS);
  full = documentOf(await run(['audit', ...live, ...OPTIONS]));
});

afterAll(async () => {
  await environment?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const grantAllBut = (name: string): Promise<void> =>
  grant(
    environment.cluster,
    SHIPPED_RIGHTS.filter((right) => nameOf(right) !== name),
  );

interface Case {
  readonly rights: string;
  readonly given: () => Promise<void>;
  /** Whether something is open because of them. */
  readonly open: boolean;
}

const CASES: readonly Case[] = [
  { rights: 'all rights', given: () => grant(environment.cluster, SHIPPED_RIGHTS), open: false },
  ...['networkpolicies.networking.k8s.io', 'nodes', 'jobs.batch'].map((name) => ({
    rights: `all rights but to list ${name}`,
    given: () => grantAllBut(name),
    // Without Jobs, names differ and nothing is open.
    open: name !== 'jobs.batch',
  })),
  {
    rights: 'all rights but to get single objects',
    given: async () => {
      await grant(environment.cluster, SHIPPED_RIGHTS);
      await withholdObjects(environment.cluster);
    },
    open: true,
  },
];

describe('A written snapshot', () => {
  test.each(CASES)('with $rights gives what the live cluster gives', async ({ rights, given, open }) => {
    await given();
    const file = join(folder, `${rights.replaceAll(' ', '-')}.snapshot`);
    const taken = await run(['snapshot', '--out', file, ...live, '--now', NOW.toISOString()]);
    const expected = await run(['audit', ...live, ...OPTIONS]);
    const found = await run(['audit', '--snapshot', file, ...OPTIONS]);
    const [ofLive, ofFile] = [documentOf(expected), documentOf(found)];
    expect(ofFile.findings).toEqual(ofLive.findings);
    expect(ofFile.notEvaluated).toEqual(ofLive.notEvaluated);
    expect(clusterOf(ofFile)).toEqual(clusterOf(ofLive));
    expect(found.code).toBe(expected.code);
    expect(ofFile.findings.length).toBeGreaterThan(50);
    // The rights matter: it is not the same answer each time.
    const refused = ofLive.notEvaluated.filter(({ reason }) => reason === 'forbidden');
    expect(refused.length > 0).toBe(open);
    const isWhole = rights === 'all rights';
    expect(isDeepStrictEqual([ofFile, clusterOf(ofFile)], [full, clusterOf(full)])).toBe(isWhole);
    expect(taken.code).toBe(isWhole ? 0 : 3);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('answers what pods may reach, too', async () => {
    await grant(environment.cluster, SHIPPED_RIGHTS);
    const file = join(folder, 'egress.snapshot');
    await run(['snapshot', '--out', file, ...live]);
    const asked = await run(['egress', ...live, '-o', 'json']);
    const answered = await run(['egress', '--snapshot', file, '-o', 'json']);
    expect(JSON.parse(answered.stdout)).toEqual(JSON.parse(asked.stdout));
    expect(JSON.parse(asked.stdout).length).toBeGreaterThan(20);
  });

  test('is not made where pods may not be listed', async () => {
    await grantAllBut('pods');
    const file = join(folder, 'nothing.snapshot');
    const { code, stderr } = await run(['snapshot', '--out', file, ...live]);
    expect([code, statSync(file, { throwIfNoEntry: false })]).toEqual([4, undefined]);
    expect(stderr).toContain('pods');
  });

  test('asks for nothing that the audit may not', async () => {
    await grant(environment.cluster, SHIPPED_RIGHTS);
    const since = (await environment.cluster.requestsOf(AUDITOR_GROUP)).length;
    await run(['snapshot', '--out', join(folder, 'again.snapshot'), ...live]);
    const requests = (await environment.cluster.requestsOf(AUDITOR_GROUP)).slice(since);
    expect(requests.length).toBeGreaterThan(10);
    expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
  });
});
