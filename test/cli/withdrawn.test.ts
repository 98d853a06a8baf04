import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from './run.ts';

/** What the next run says of findings that nobody asks for any more. */

const podIn = (namespace: string, name: string, started = '2026-01-01T00:00:00Z') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace, uid: `uid-${name}`, creationTimestamp: started },
  spec: {
    containers: [
      { name: 'main', image: 'example.com/app:1', securityContext: { readOnlyRootFilesystem: true } },
    ],
  },
  status: {
    phase: 'Running',
    startTime: started,
    containerStatuses: [{ name: 'main', state: { running: { startedAt: started } } }],
  },
});

let folder: string;
let day: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'withdrawn-'));
  day = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Row {
  readonly check: string;
  readonly status: string;
  readonly reason?: string;
  readonly firstSeen: string;
  readonly workload: { readonly name: string };
}
interface Document {
  readonly findings: readonly Row[];
  readonly notEvaluated: readonly { readonly check: string }[];
  readonly clusters: readonly {
    readonly excluded?: object;
    readonly tallies: readonly { readonly fail: number }[];
  }[];
}

/** One run a day of the same pods under another configuration. */
async function audit(
  config: string,
  pods: readonly object[] = [podIn('shop', 'cart'), podIn('ci', 'build')],
) {
  day++;
  const snapshot = join(folder, 'pods.json');
  const file = join(folder, 'audit.config.yaml');
  writeFileSync(snapshot, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: pods }));
  writeFileSync(file, config);
  const now = `2026-11-${String(day).padStart(2, '0')}T12:00:00Z`;
  const out = join(folder, 'reports');
  const source = ['--snapshot', snapshot, '--complete', '--config', file, '--now', now, '--out', out];
  const { stdout, stderr, code } = await run(['audit', ...source, '-o', 'json', '--fail-on', 'never']);
  if (stdout === '' || code === 5) throw new Error(stderr);
  return JSON.parse(stdout) as Document;
}

/** Of the last run, in one line. */
function mail(): string {
  const [last = ''] = readdirSync(join(folder, 'reports', 'runs'))
    .sort()
    .reverse();
  return readFileSync(join(folder, 'reports', 'runs', last, 'digest.txt'), 'utf8').replace(/\s+/g, ' ');
}

const OLD = 'pod-too-old';
const about = (document: Document, check = OLD): readonly string[] =>
  document.findings
    .filter((row) => row.check === check)
    .map(({ workload, status, reason }) => `${workload.name} ${reason ? `${status}: ${reason}` : status}`)
    .sort();

describe('a check that was disabled', () => {
  test('a disabled check is a line in the next mail, once, with the number of its withdrawn findings', async () => {
    expect(about(await audit(''))).toEqual(['build new', 'cart new']);
    const next = await audit('checks: { pod-too-old: off }');
    expect(about(next)).toEqual(['build withdrawn: check-off', 'cart withdrawn: check-off']);
    expect(mail()).toContain(
      'CHANGED CONFIGURATION checks.pod-too-old: default -> off * pod-too-old was switched off: 2 findings withdrawn',
    );
    expect(about(await audit('checks: { pod-too-old: off }'))).toEqual([]);
    expect(mail()).not.toContain('CHANGED CONFIGURATION');
  });
});

describe('a namespace that was excluded', () => {
  const exclude = 'namespaces: { exclude: ["ci*"] }';

  test('an excluded namespace is a line in the next mail, and its findings are withdrawn once', async () => {
    const first = await audit('');
    const ofCi = first.findings.filter(({ workload }) => workload.name === 'build').length;
    const next = await audit(exclude);
    expect(about(next)).toEqual(['build withdrawn: namespace-excluded', 'cart open']);
    expect(mail()).toContain(
      `namespaces.exclude: ci* added * the namespace ci was excluded: ${ofCi} findings withdrawn`,
    );
    expect(about(await audit(exclude))).toEqual(['cart open']);
  });

  test('an excluded namespace is not judged, and the coverage says how many pods that leaves out', async () => {
    const { clusters, findings, notEvaluated } = await audit(exclude);
    expect(new Set(findings.map(({ workload }) => workload.name))).toEqual(new Set(['cart']));
    expect(JSON.stringify(notEvaluated)).not.toContain('build');
    expect(clusters[0]?.excluded).toEqual([{ namespace: 'ci', pods: 1 }]);
    expect(mail()).toContain('1 pod in 1 excluded namespace (ci) not judged.');
    const args = [
      'audit',
      '--snapshot',
      join(folder, 'pods.json'),
      '--config',
      join(folder, 'audit.config.yaml'),
    ];
    const { stdout } = await run([...args, '--complete', '--now', '2026-11-02T12:00:00Z']);
    expect(stdout).toContain('not judged: 1 pod in 1 excluded namespace (ci)');
  });

  test('the excluded namespaces cannot be all namespaces', async () => {
    const file = join(folder, 'all.yaml');
    writeFileSync(file, 'namespaces: { exclude: ["*"] }');
    const { stderr, stdout, code } = await run(['config', 'validate', file]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain('"*" would exclude every namespace');
  });
});

describe('a limit that was changed', () => {
  const limit = (days: number): string => `limits: { podMaxAge: ${days}d, containerMaxAge: ${days}d }`;

  test('a changed limit withdraws what passes by it alone; a restarted pod is fixed, a deleted one gone', async () => {
    const before = [podIn('shop', 'cart'), podIn('shop', 'pay'), podIn('shop', 'old')];
    expect(about(await audit(limit(30), before))).toEqual(['cart new', 'old new', 'pay new']);
    const now = [podIn('shop', 'cart'), podIn('shop', 'pay', '2026-11-01T18:00:00Z')];
    const next = await audit(limit(1000), now);
    expect(about(next)).toEqual(['cart withdrawn: limit-changed', 'old gone', 'pay fixed']);
    expect(mail()).toContain('pod-too-old has a new limit: 1 finding withdrawn');
    expect(about(await audit(limit(1000), now))).toEqual([]);
  });

  test('a finding is as old as it was when the limit changes back', async () => {
    await audit(limit(30));
    await audit(limit(1000));
    await audit(limit(1000));
    const { findings } = await audit(limit(30));
    const [row] = findings.filter(({ check }) => check === OLD);
    expect(row).toMatchObject({ status: 'new', firstSeen: '2026-11-01T12:00:00.000Z' });
  });

  test('a finding that was fixed in between starts a new age', async () => {
    await audit(limit(30), [podIn('shop', 'cart')]);
    await audit(limit(30), [podIn('shop', 'cart', '2026-11-01T18:00:00Z')]);
    const { findings } = await audit(limit(30), [podIn('shop', 'cart')]);
    expect(findings.find(({ check }) => check === OLD)?.firstSeen).toBe('2026-11-03T12:00:00.000Z');
  });
});

describe('a check that is switched on again', () => {
  test('a check that is enabled again finds what it found before, with its old age', async () => {
    await audit('');
    await audit('checks: { pod-too-old: off }');
    const again = await audit('');
    const rows = again.findings.filter(({ check }) => check === OLD);
    expect(rows.map(({ firstSeen }) => firstSeen)).toEqual([
      '2026-11-01T12:00:00.000Z',
      '2026-11-01T12:00:00.000Z',
    ]);
  });

  test('a check that is enabled again is said to be the reason of its news, which are not listed as such', async () => {
    await audit('checks: { pod-too-old: off }');
    await audit('');
    expect(mail()).toContain(
      'CHANGED CONFIGURATION checks.pod-too-old: off -> default * pod-too-old was switched on: 2 findings new (2 medium)',
    );
    expect(mail()).toMatch(/: 2 new, /);
    expect(mail()).not.toContain('NEW: ');
  });
});

describe('what a changed configuration makes new', () => {
  const limit = (days: number): string => `limits: { podMaxAge: ${days}d, containerMaxAge: ${days}d }`;

  test('a lower limit is said to be the reason of what passes by the former one, and a new workload is news', async () => {
    const pods = [podIn('shop', 'cart')];
    await audit(limit(1000), pods);
    await audit(limit(30), [...pods, podIn('shop', 'late')]);
    expect(mail()).toContain('limits.podMaxAge: 1000d -> 30d');
    expect(mail()).toContain('* pod-too-old has a new limit: 2 findings new (2 medium)');
    expect(mail()).toMatch(
      /NEW: 4 findings from 1 cause \* high namespace shop in snapshot: .* in shop\/Pod\/late, 4 findings /,
    );
  });

  test('a namespace that is no longer excluded is said to be the reason of its news', async () => {
    await audit('namespaces: { exclude: ["ci*"] }');
    await audit('');
    expect(mail()).toMatch(/\* the namespace ci is no longer excluded: \d+ findings new/);
    expect(mail()).not.toContain('NEW: ');
  });
});

describe('destinations that are approved now', () => {
  const meta = (name: string, namespace = 'kube-system') => ({ metadata: { name, namespace } });
  const running = podIn('kube-system', 'aws-node-abcde');
  const cart = podIn('shop', 'cart-0');
  const ownedBy = (kind: string, name: string) => ({
    ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `uid-of-${name}`, controller: true }],
  });
  const state = { running: { startedAt: running.status.startTime } };
  /** Pods that reach two blocks, by a policy that the VPC CNI enforces. */
  const confined = [
    {
      ...cart,
      metadata: { ...cart.metadata, ...ownedBy('StatefulSet', 'cart') },
      spec: { ...cart.spec, nodeName: 'node-a' },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      ...meta('partners', 'shop'),
      spec: {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: [
          {
            to: ['203.0.113.0/24', '198.51.100.0/24'].map((cidr) => ({ ipBlock: { cidr } })),
            ports: [{ port: 443 }],
          },
        ],
      },
    },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a', labels: { 'kubernetes.io/os': 'linux' } } },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      ...meta('amazon-vpc-cni'),
      data: { 'enable-network-policy-controller': 'true' },
    },
    {
      ...running,
      metadata: { ...running.metadata, ...ownedBy('DaemonSet', 'aws-node') },
      spec: {
        nodeName: 'node-a',
        hostNetwork: true,
        containers: [
          { name: 'aws-node', image: 'cni:1' },
          { name: 'aws-eks-nodeagent', image: 'agent:1', args: ['--enable-network-policy=true'] },
        ],
      },
      status: {
        ...running.status,
        containerStatuses: ['aws-node', 'aws-eks-nodeagent'].map((name) => ({ name, state })),
      },
    },
  ];

  test('newly approved destinations withdraw what passes by them alone, and nothing counts as fixed', async () => {
    const approve = (cidrs: string) =>
      `{ namespaces: { exclude: [kube-system] }, egress: { approved: [{ name: partners, cidrs: [${cidrs}] }] } }`;
    const check = 'egress-unapproved';
    expect(about(await audit(approve('203.0.113.0/24'), confined), check)).toEqual(['cart new']);
    expect(about(await audit(approve('203.0.113.0/24, 198.51.100.0/24'), confined), check)).toEqual([
      'cart withdrawn: configuration-changed',
    ]);
    expect(mail()).toContain('egress-unapproved is judged by other settings: 1 finding withdrawn');
  });
});
