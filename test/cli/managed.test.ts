import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../lambda/findings/finding.ts';
import { run } from './run.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const EKS = '602401143452.dkr.ecr.eu-west-1.amazonaws.com';

/** CoreDNS as EKS installs it, by default with two replicas that were started on one day. */
const coredns = ({
  image = `${EKS}/eks/coredns:latest`,
  readOnly = true,
  labels = '',
  paths = [],
}: {
  readonly image?: string;
  readonly readOnly?: boolean;
  readonly labels?: string;
  readonly paths?: readonly string[];
} = {}): string =>
  ['a', 'b']
    .map(
      (suffix) => `
apiVersion: v1
kind: Pod
metadata:
  name: coredns-5d9c7b4f6-${suffix}
  namespace: kube-system
  labels: { pod-template-hash: 5d9c7b4f6${labels} }
  ownerReferences: [{ apiVersion: apps/v1, kind: ReplicaSet, name: coredns-5d9c7b4f6, uid: "3", controller: true }]
spec:
  nodeName: node-a
  containers:
    - name: coredns
      image: ${image}
      securityContext: { readOnlyRootFilesystem: ${readOnly} }
      volumeMounts: [${paths.map((path, index) => `{ name: v${index}, mountPath: ${path} }`).join(', ')}]
  volumes: [${paths.map((path, index) => `{ name: v${index}, hostPath: { path: ${path} } }`).join(', ')}]
status:
  phase: Running
  startTime: "2026-11-20T12:00:00Z"
  containerStatuses: [{ name: coredns, state: { running: { startedAt: "2026-11-20T12:00:05Z" } } }]
`,
    )
    .join('---');

async function audit(pods: string, { config = '', now = '2026-11-21T12:00:00Z', out = '' } = {}) {
  const argv = [
    ...['audit', '--snapshot', file('pods.yaml', pods), '--now', now, '-o', 'json', '--fail-on', 'low'],
    ...['--allow-incomplete', '--config', file('config.yaml', config)],
    ...(out === '' ? [] : ['--out', join(folder, out)]),
  ];
  const { code, stdout, stderr } = await run(argv);
  expect(stderr.replace(/^Proof of record .*\n.* --expect [0-9a-f]{64}\n/m, '')).toBe('');
  const { findings, summary } = JSON.parse(stdout) as {
    findings: Finding[];
    summary: { findings: { active: number; apart: number; maxSeverity: string | null } };
  };
  return { code, findings, summary: summary.findings };
}

describe('workloads that AWS manages', () => {
  test('they are judged and recorded, and no reason to fail', async () => {
    const { code, findings, summary } = await audit(coredns());
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.map(({ managedBy }) => managedBy)).toEqual(findings.map(() => 'EKS add-on coredns'));
    expect(summary).toMatchObject({ active: 0, apart: findings.length, maxSeverity: null });
    expect(code).toBe(0);
  });

  test('the same workload with an image of somebody else is a reason to fail', async () => {
    const { code, findings, summary } = await audit(coredns({ image: 'docker.io/coredns/coredns:latest' }));
    expect(findings.map(({ managedBy }) => managedBy)).toEqual(findings.map(() => null));
    expect(summary).toMatchObject({ active: findings.length, apart: 0 });
    expect(code).toBe(1);
  });

  test('what is new about them counts, and only in the run that finds it', async () => {
    const out = 'reports';
    await audit(coredns(), { out });
    const second = await audit(coredns({ readOnly: false }), { out, now: '2026-11-22T12:00:00Z' });
    expect(second.findings.filter(({ status }) => status === 'new').map(({ check }) => check)).toContain(
      'writable-root-filesystem',
    );
    expect(second.summary.active).toBe(second.findings.filter(({ status }) => status === 'new').length);
    expect(second.code).toBe(1);
    const third = await audit(coredns({ readOnly: false }), { out, now: '2026-11-23T12:00:00Z' });
    expect(third.summary).toMatchObject({ active: 0, apart: third.findings.length });
    expect(third.code).toBe(0);
  });

  test('a new fact inside a finding that was known counts, and only in the run that finds it', async () => {
    const out = 'reports';
    const logs = coredns({ paths: ['/var/log'] });
    const both = coredns({ paths: ['/var/log', '/etc'] });
    await audit(logs, { out });
    expect((await audit(logs, { out, now: '2026-11-22T12:00:00Z' })).code).toBe(0);
    const third = await audit(both, { out, now: '2026-11-23T12:00:00Z' });
    const changed = third.findings.filter((finding) => finding.changed != null);
    expect(changed).toMatchObject([
      {
        check: 'writable-host-path',
        status: 'open',
        changed: { since: '2026-11-22T12:00:00.000Z', facts: ['can also write /etc on its node'] },
      },
    ]);
    expect([third.code, third.summary.active, third.summary.maxSeverity]).toEqual([1, 1, 'high']);
    const argv = ['audit', '--snapshot', file('pods.yaml', coredns({ paths: ['/'] }))];
    const page = await run([...argv, '--now', '2026-11-23T13:00:00Z', '--out', join(folder, out)]);
    expect(page.stdout).toMatch(
      /^CHANGED +1 known finding became worse\n.*coredns.*HIGH\n.*can also write \/ on/m,
    );
    expect(page.code).toBe(1);
    const later = await audit(coredns({ paths: ['/'] }), { out, now: '2026-11-24T12:00:00Z' });
    expect([later.code, later.summary.active]).toEqual([0, 0]);
  });

  test('the configuration adds others until their last day', async () => {
    const pods = coredns({ image: 'mirror.example.com/eks/coredns:latest' });
    const config = (expires: string) =>
      `managed: { workloads: [{ match: kube-system/Deployment/coredns, reason: mirror, owner: platform, expires: ${expires} }] }`;
    const valid = await audit(pods, { config: config('2026-11-21') });
    expect(valid.findings[0]?.managedBy).toBe('configuration');
    expect(valid.code).toBe(0);
    const expired = await audit(pods, { config: config('2026-11-20') });
    expect(expired.findings[0]?.managedBy).toBeNull();
    expect(expired.code).toBe(1);
  });
});

describe('owners', () => {
  test('rows name the owner that a label, or else the namespace, gives', async () => {
    const config = 'owners: { labels: [team], namespaces: { "kube-*": platform@example.com } }';
    const named = await audit(coredns({ labels: ', team: dns' }), { config });
    expect(new Set(named.findings.map(({ owner }) => owner))).toEqual(new Set(['dns']));
    const other = await audit(coredns(), { config });
    expect(new Set(other.findings.map(({ owner }) => owner))).toEqual(new Set(['platform@example.com']));
    const none = await audit(coredns({ labels: ', team: dns' }));
    expect(new Set(none.findings.map(({ owner }) => owner))).toEqual(new Set([null]));
  });
});
