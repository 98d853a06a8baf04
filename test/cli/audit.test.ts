import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { problems } from '../report/ocsf/checker.ts';
import { run } from './run.ts';

const NOW = '2026-11-21T12:00:00Z';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'eks-drift-audit-'));
});
interface Row {
  readonly check: string;
  readonly workload: { readonly name: string };
}

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const digest = `sha256:${'0'.repeat(64)}`;

/** A pod that every check passes, as `kubectl get pod -o yaml` shows it, and the policies that close it. */
const hardened = (name = 'good'): string => `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  uid: "1"
  creationTimestamp: "2026-11-20T12:00:00Z"
  ownerReferences: [{ apiVersion: apps/v1, kind: StatefulSet, name: ${name}, uid: "3", controller: true }]
spec:
  nodeName: node-a
  securityContext: { runAsNonRoot: true }
  containers:
    - name: app
      image: registry.example.com/app@${digest}
      securityContext: { readOnlyRootFilesystem: true }
status:
  phase: Running
  startTime: "2026-11-20T12:00:00Z"
  containerStatuses: [{ name: app, imageID: "registry.example.com/app@${digest}", state: { running: { startedAt: "2026-11-20T12:00:05Z" } } }]
`;
const policy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed, namespace: shop }
spec: { podSelector: {}, policyTypes: [Egress] }
`;
/** What makes policies take effect on the node: it is excused from the checks, which are about the others. */
const enforcing = `
apiVersion: v1
kind: ConfigMap
metadata: { name: amazon-vpc-cni, namespace: kube-system }
data: { enable-network-policy-controller: "true" }
---
apiVersion: v1
kind: Node
metadata: { name: node-a, labels: { kubernetes.io/os: linux } }
---
apiVersion: v1
kind: Pod
metadata:
  name: aws-node-abcde
  namespace: kube-system
  creationTimestamp: "2026-11-20T12:00:00Z"
  ownerReferences: [{ apiVersion: apps/v1, kind: DaemonSet, name: aws-node, uid: "2", controller: true }]
spec:
  nodeName: node-a
  hostNetwork: true
  containers:
    - { name: aws-node, image: "cni@${digest}", securityContext: { readOnlyRootFilesystem: true } }
    - name: aws-eks-nodeagent
      image: agent@${digest}
      args: ["--enable-network-policy=true"]
      securityContext: { readOnlyRootFilesystem: true }
status:
  phase: Running
  startTime: "2026-11-20T12:00:00Z"
  containerStatuses:
    - { name: aws-node, state: { running: { startedAt: "2026-11-20T12:00:05Z" } } }
    - { name: aws-eks-nodeagent, state: { running: { startedAt: "2026-11-20T12:00:05Z" } } }
`;
const closed = `${policy}---${enforcing}`;

/** The agent needs the network of its node, and so it reaches everything. */
const agentExempt = (): string => {
  const checks = [
    'host-network',
    'unrestricted',
    'insecure-port',
    'package-registry',
    'unapproved',
    'instance-metadata',
  ];
  return checks
    .map(
      (check) =>
        `  - { check: egress-${check}, namespace: kube-system, reason: network plugin, owner: a@example.com, expires: 2027-01-31 }\n`,
    )
    .join('');
};
const configured = (exemptions = ''): readonly string[] => [
  '--config',
  file('exempt.yaml', `exemptions:\n${agentExempt()}${exemptions}`),
];
const writable = hardened('bad').replace('readOnlyRootFilesystem: true', 'readOnlyRootFilesystem: false');

const audit = (...argv: readonly string[]) => run(['audit', '--now', NOW, ...argv]);

describe('exit codes', () => {
  test('the exit code is 0 when everything was checked and nothing reaches --fail-on', async () => {
    const path = file('good.yaml', `${hardened()}---${closed}`);
    const { code, stdout } = await audit('--snapshot', path, '--complete', '-o', 'json', ...configured());
    const { findings, notEvaluated } = JSON.parse(stdout);
    expect(notEvaluated).toEqual([]);
    expect(findings.filter(({ status }: { status: string }) => status !== 'exempt')).toEqual([]);
    expect(code).toBe(0);
  });

  test('the exit code is 1 when a finding reaches --fail-on, and 0 when none does', async () => {
    const path = file('bad.yaml', `${writable}---${closed}`);
    const failing = async (on: string) =>
      (await audit('--snapshot', path, '--complete', '--fail-on', on, ...configured())).code;
    expect(await failing('medium')).toBe(1);
    expect(await failing('high')).toBe(0);
    expect(await failing('never')).toBe(0);
  });

  test('the exit code is 2 for wrong usage, with a sentence that says what to do', async () => {
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [['--snapshot', join(folder, 'none.yaml')], /none\.yaml/],
      [['--sample', '--snapshot', folder], /one kind of source.*--snapshot and --sample/],
      [['--snapshot', folder], /no manifest|no .*YAML/i],
      [['--sample', '--now', 'yesterday'], /--now takes an RFC 3339 time/],
      [
        ['--sample', '--fail-on', 'all'],
        /Allowed choices are critical, high, medium, low, new-critical, new-high, new-medium, new-low, never/,
      ],
      [['--sample', '--config', join(folder, 'none.yaml')], /there is no such file/],
      [['--sample', '--what'], /unknown option/],
    ];
    for (const [argv, message] of cases) {
      const { code, stderr, stdout } = await run(['audit', ...argv]);
      expect({ argv, code, stdout }).toEqual({ argv, code: 2, stdout: '' });
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  });

  test('the exit code is 3 when something was not evaluated, unless that is allowed', async () => {
    const path = file('tag.yaml', `${hardened().replace(`@${digest}`, '@sha256:short')}---${closed}`);
    expect((await audit('--snapshot', path, '--complete', ...configured())).code).toBe(3);
    expect((await audit('--snapshot', path, '--complete', '--allow-incomplete', ...configured())).code).toBe(
      0,
    );
  });

  test('the exit code is 3 where nothing in the snapshot shows whether the policies are enforced', async () => {
    const path = file('bare.yaml', `${hardened()}---${policy}`);
    const { code, stdout } = await audit('--snapshot', path, '--complete', '-o', 'json');
    const { findings, notEvaluated } = JSON.parse(stdout);
    expect(findings).toEqual([]);
    // A policy that perhaps nothing enforces perhaps closes nothing.
    expect(notEvaluated.map(({ check, workload }: Row) => [check, workload.name])).toEqual(
      [
        'egress-insecure-port',
        'egress-instance-metadata',
        'egress-package-registry',
        'egress-policy-not-enforced',
        'egress-unrestricted',
      ].map((check) => [check, 'good']),
    );
    expect(code).toBe(3);
  });

  test('the exit code is 4 when no target could be audited', async () => {
    const path = file(
      'kubeconfig',
      `apiVersion: v1
kind: Config
current-context: gone
clusters: [{ name: gone, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: u, user: { token: t } }]
contexts: [{ name: gone, context: { cluster: gone, user: u } }]
`,
    );
    const { code, stdout } = await audit('--kubeconfig', path, '-o', 'json', '--allow-incomplete');
    expect(code).toBe(4);
    const { notEvaluated, findings } = JSON.parse(stdout);
    expect(findings).toEqual([]);
    expect(notEvaluated[0]).toMatchObject({
      reason: 'unreachable',
      workload: null,
      cluster: { name: 'gone' },
    });
  });
});

test('an exemption by annotation counts where the configuration accepts it, and nowhere else', async () => {
  const asked = {
    check: 'writable-root-filesystem',
    reason: 'vendor',
    owner: 'a@example.com',
    expires: '2027-01-31',
  };
  const pod = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'erp', namespace: 'legacy' },
    spec: {
      template: {
        metadata: { annotations: { 'eks-drift-auditor.dev/exempt': JSON.stringify(asked) } },
        spec: { containers: [{ name: 'app', image: 'r.example.com/erp:1' }] },
      },
    },
  };
  const path = file('asks.json', JSON.stringify(pod));
  const statusOf = async (accepted: boolean) => {
    const config = file('accepts.yaml', `exemptionAnnotations: ${accepted}\n`);
    const { stdout } = await audit('--snapshot', path, '--config', config, '-o', 'json');
    const { findings } = JSON.parse(stdout) as { findings: { check: string; status: string }[] };
    return findings.find(({ check }) => check === asked.check)?.status;
  };
  expect(await statusOf(true)).toBe('exempt');
  expect(await statusOf(false)).toBe('new');
});

describe('snapshots', () => {
  test('standard input is accepted as a source', async () => {
    const { stdout } = await run(
      ['audit', '--now', NOW, '--snapshot', '-', '-o', 'ndjson'],
      `${writable}---${policy}`,
    );
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).check),
    ).toEqual(['writable-root-filesystem']);
  });

  test('a file that cannot be parsed is named with its line; the rest is audited and nothing passes', async () => {
    file('broken.yaml', 'a: [1,\nb: {');
    file('bad.yaml', `${writable}---${closed}`);
    const { code, stdout } = await audit('--snapshot', folder, '-o', 'json', '--fail-on', 'never');
    const { findings, notEvaluated, summary } = JSON.parse(stdout);
    expect(findings.map(({ check }: { check: string }) => check)).toContain('writable-root-filesystem');
    expect(notEvaluated[0].message).toMatch(/broken\.yaml.*(line )?[0-9]/);
    expect(JSON.stringify(summary)).not.toMatch(/"pass":[1-9]/);
    expect(code).toBe(3);
  });

  describe('findings about manifests', () => {
    const web = `# Source: web
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: app
          image: nginx
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: outside, namespace: shop }
spec: { hosts: [a.example.com], ports: [{ number: 443, name: https, protocol: HTTPS }], resolution: STATIC }
`;
    type Located = Row & { readonly container: string | null; readonly origin?: unknown };
    const originsIn = (findings: readonly Located[]) =>
      findings.map(({ workload, container, origin }) => [`${workload.name} ${container}`, origin]);

    test('findings about manifests give the file and the line of the container, else of the object', async () => {
      const path = file('web.yaml', web);
      const { stdout } = await audit('--snapshot', path, '-o', 'json');
      const { findings } = JSON.parse(stdout) as { findings: Located[] };
      const origins = originsIn(findings);
      expect(origins).toContainEqual(['web app', { file: path, line: 11 }]);
      expect(origins).toContainEqual(['web null', { file: path, line: 2 }]);
      expect(origins).toContainEqual(['outside null', { file: path, line: 14 }]);
      expect(findings.filter(({ origin }) => origin === undefined)).toEqual([]);
    });

    test('findings about standard input give the line, in NDJSON and in CSV', async () => {
      const args = ['audit', '--now', NOW, '--snapshot', '-', '-o'];
      const { stdout } = await run([...args, 'ndjson'], web);
      const rows = stdout
        .trim()
        .split('\n')
        .map((line): Located => JSON.parse(line));
      expect(originsIn(rows)).toContainEqual(['web app', { file: '-', line: 11 }]);
      expect(originsIn(rows)).toContainEqual(['outside null', { file: '-', line: 14 }]);
      const csv = await run([...args, 'csv'], web);
      const [header = '', ...lines] = csv.stdout.trim().split('\r\n');
      expect(header).toContain(',file,line,');
      expect(lines.filter((line) => /,'-,(?:2|11|14),/.test(line))).toHaveLength(rows.length);
    });

    test('findings that several objects share give the line of the first of them', async () => {
      const job = (image: string) =>
        `apiVersion: batch/v1\nkind: Job\nmetadata: { generateName: import-, namespace: shop }\nspec:\n  template: { spec: { containers: [{ name: app, image: ${image} }] } }\n`;
      const { stdout } = await audit(
        '--snapshot',
        file('jobs.yaml', `${job('a')}---\n${job('b')}`),
        '-o',
        'ndjson',
      );
      const rows = stdout
        .trim()
        .split('\n')
        .map((line): Located => JSON.parse(line));
      expect(new Set(rows.map(({ container, origin }) => `${container} ${JSON.stringify(origin)}`))).toEqual(
        new Set([
          `null ${JSON.stringify({ file: join(folder, 'jobs.yaml'), line: 1 })}`,
          `app ${JSON.stringify({ file: join(folder, 'jobs.yaml'), line: 5 })}`,
        ]),
      );
    });

    test('findings of a ReplicaSet or a pod give its line, whatever workload it is counted as', async () => {
      const controller = (kind: string, name: string) =>
        `ownerReferences: [{ apiVersion: apps/v1, kind: ${kind}, name: ${name}, uid: x, controller: true }]`;
      const spec = 'spec: { containers: [{ name: app, image: a }] }';
      const text = `apiVersion: apps/v1
kind: ReplicaSet
metadata: { name: web-1, namespace: shop, ${controller('Deployment', 'web')} }
spec: { template: { ${spec} } }
---
apiVersion: v1
kind: Pod
metadata: { name: db-0, namespace: shop, ${controller('StatefulSet', 'db')} }
${spec}
`;
      const { stdout } = await audit('--snapshot', file('x.yaml', text), '-o', 'json');
      const { findings } = JSON.parse(stdout) as { findings: Located[] };
      expect(new Set(originsIn(findings).map((row) => JSON.stringify(row)))).toEqual(
        new Set(
          [
            ['web app', 4],
            ['web null', 1],
            ['db app', 9],
            ['db null', 6],
          ].map(([scope, line]) => JSON.stringify([scope, { file: join(folder, 'x.yaml'), line }])),
        ),
      );
    });

    test('findings of a dump give no file, since a dump is not a source', async () => {
      const path = file('dump.yaml', `${web}---${hardened()}`);
      const { stdout } = await audit('--snapshot', path, '-o', 'json');
      const { findings } = JSON.parse(stdout) as { findings: Located[] };
      expect(findings.length).toBeGreaterThan(1);
      expect(findings.filter((finding) => 'origin' in finding)).toEqual([]);
    });
  });

  test('a policy of a kind that is not understood leaves egress not evaluated instead of guessing', async () => {
    const unknown =
      'apiVersion: policy.example.com/v1\nkind: NetworkPolicy\nmetadata: { name: x, namespace: shop }\nspec: {}\n';
    const path = file('all.yaml', `${hardened()}---${closed}---\n${unknown}`);
    // Of a group that nobody knows it is no policy of ours, and is ignored.
    expect((await audit('--snapshot', path, '--complete', ...configured())).code).toBe(0);
  });

  test('a ten-megabyte annotation and hostile names do no harm', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'x',
        namespace: 'shop',
        annotations: { big: 'x'.repeat(10_000_000), __proto__: 'y' },
      },
      spec: { containers: [{ name: 'app', image: '=cmd|\u001b[31m<script>' }] },
    };
    const path = file('big.json', JSON.stringify(pod));
    const table = await audit('--snapshot', path);
    expect(table.stdout).not.toContain('\u001b[31m');
    expect(table.stdout.length).toBeLessThan(50_000);
  });
});

describe('output', () => {
  test('the output of -o json is one document with the parts of SPEC §4 and nothing else', async () => {
    const { stdout, stderr } = await audit('--sample', '-o', 'json');
    const document = JSON.parse(stdout);
    expect(Object.keys(document)).toEqual(['run', 'clusters', 'summary', 'findings', 'notEvaluated']);
    expect(document.run).toMatchObject({
      startedAt: '2026-11-21T12:00:00.000Z',
      version: expect.any(String),
    });
    expect(Object.keys(document.findings[0]).sort()).toEqual(
      [
        'id',
        'check',
        'status',
        'severity',
        'cluster',
        'workload',
        'owner',
        'managedBy',
        'container',
        'pods',
        'evidence',
        'message',
        'impliedBy',
        'cause',
        'fix',
        'remediation',
        'controls',
        'firstSeen',
        'lastSeen',
        'exemption',
      ].sort(),
    );
    expect(stderr).toBe('');
  });

  test('the output of -o csv has a header and a row for each finding', async () => {
    const [csv, json] = [await audit('--sample', '-o', 'csv'), await audit('--sample', '-o', 'json')];
    expect(csv.stdout.trim().split(/\r?\n/)).toHaveLength(JSON.parse(json.stdout).findings.length + 1);
  });

  test.each(['table', 'json', 'ndjson', 'csv'])(
    'the %s output is the same byte for byte under --now',
    async (format) => {
      const first = await audit('--sample', '-o', format);
      expect((await audit('--sample', '-o', format)).stdout).toBe(first.stdout);
      expect(first.stdout.length).toBeGreaterThan(1000);
    },
  );
});

describe('--out', () => {
  const tree = (): readonly string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
      .sort();

  test('the option --out writes the tree of SPEC §9, byte for byte the same when repeated', async () => {
    await audit('--sample', '--out', folder);
    const first = new Map(tree().map((path) => [path, readFileSync(join(folder, path)).toString('base64')]));
    const shape = [...first.keys()].map((path) => path.replace(/\d{8}T\d{6}Z-[0-9a-f]{8}/, 'RUN'));
    expect(shape).toEqual(
      expect.arrayContaining([
        'findings/account=111122223333/region=eu-west-1/cluster=shop-prod/date=2026-11-21/RUN.ndjson.gz',
        'inventory/account=111122223333/region=eu-west-1/cluster=shop-prod/date=2026-11-21/RUN.ndjson.gz',
        'latest/summary.json',
        'runs/RUN/digest.txt',
        'runs/RUN/findings.csv',
        'runs/RUN/findings.ocsf.ndjson.gz',
        'runs/RUN/manifest.json',
        'runs/RUN/summary.json',
        'state/account=111122223333/region=eu-west-1/cluster=shop-prod/state.json.gz',
      ]),
    );
    rmSync(folder, { recursive: true });
    await audit('--sample', '--out', folder);
    for (const path of tree())
      expect({ path, same: first.get(path) === readFileSync(join(folder, path)).toString('base64') }).toEqual(
        { path, same: true },
      );
  });

  test('each finding and each row that was not evaluated of the sample has one valid event of OCSF', async () => {
    await audit('--sample', '--out', folder);
    const rows = (name: RegExp) =>
      tree()
        .filter((path) => name.test(path))
        .flatMap((path) =>
          gunzipSync(readFileSync(join(folder, path)))
            .toString()
            .split('\n'),
        )
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line));
    const events = rows(/findings\.ocsf\.ndjson\.gz$/);
    expect(events.flatMap((event) => problems(event))).toEqual([]);
    const gaps = rows(/not-evaluated\.ndjson\.gz$/);
    const ids = rows(/^findings\//).map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(100);
    expect(gaps.length).toBeGreaterThan(5);
    const uids = (status: number) =>
      events
        .filter(({ compliance }) => (compliance.status_id === 2) === (status === 2))
        .map(({ finding_info }) => finding_info.uid);
    expect(uids(3).sort()).toEqual(ids.sort());
    expect(uids(2)).toHaveLength(gaps.length);
    expect(new Set(uids(2)).size).toBe(gaps.length);
  });

  test('the inventory has one row per pod, under its workload, including owners that were looked up', async () => {
    await audit('--sample', '--out', folder);
    const path = tree().find((name) => name.startsWith('inventory') && name.includes('shop-prod')) ?? '';
    const rows = gunzipSync(readFileSync(join(folder, path)))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(rows.map(({ namespace, pod }) => `${namespace}/${pod}`)).size).toBe(177);
    expect(rows.find(({ namespace }) => namespace === 'checkout').workload).toEqual({
      kind: 'Rollout',
      name: 'checkout-ui',
    });
    expect(rows.some(({ workload }) => workload.kind === 'CronJob')).toBe(true);
    expect(
      rows.some(({ workload }) => workload.kind === 'ReplicaSet' && workload.name !== 'price-import'),
    ).toBe(false);
  });

  test('the next run with the same --out folder classifies findings as new, open, fixed and gone', async () => {
    const snapshot = file('pods.yaml', `${writable}---${policy}`);
    const out = join(folder, 'reports');
    const findings = async (
      now: string,
    ): Promise<readonly { check: string; status: string; firstSeen: string }[]> => {
      const { stdout } = await run([
        'audit',
        '--snapshot',
        snapshot,
        '--now',
        now,
        '--out',
        out,
        '-o',
        'json',
      ]);
      return JSON.parse(stdout).findings;
    };
    expect(await findings('2026-11-21T12:00:00Z')).toMatchObject([{ status: 'new' }]);
    expect(await findings('2026-11-22T12:00:00Z')).toMatchObject([
      { status: 'open', firstSeen: '2026-11-21T12:00:00.000Z' },
    ]);
    writeFileSync(snapshot, `${hardened('bad')}---${policy}`);
    expect(await findings('2026-11-23T12:00:00Z')).toMatchObject([
      { status: 'fixed', check: 'writable-root-filesystem' },
    ]);
    expect(await findings('2026-11-24T12:00:00Z')).toEqual([]);
    writeFileSync(snapshot, `${writable}---${policy}`);
    expect(await findings('2026-11-25T12:00:00Z')).toMatchObject([{ status: 'new' }]);
    writeFileSync(snapshot, `${hardened('good')}---${policy}`);
    expect(await findings('2026-11-26T12:00:00Z')).toMatchObject([
      { status: 'gone', check: 'writable-root-filesystem' },
    ]);
  });
});

describe('config', () => {
  test('the command config validate says where the error is', async () => {
    const path = file('audit.config.yaml', 'limits:\n  podMaxAge: soon\n  podMaxAeg: 1d\n');
    const { code, stderr } = await run(['config', 'validate', path]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/audit\.config\.yaml:2:\d+: limits\.podMaxAge/);
    expect(stderr).toMatch(/audit\.config\.yaml:3:\d+.*podMaxAeg.*podMaxAge/);
  });

  test('a valid configuration is confirmed, and its limits are used', async () => {
    const config = file('audit.config.yaml', 'limits: { podMaxAge: 1h }\n');
    expect(await run(['config', 'validate', config])).toMatchObject({ code: 0 });
    const pods = file('pods.yaml', `${hardened()}---${policy}`);
    const { stdout } = await audit('--snapshot', pods, '--config', config, '-o', 'ndjson');
    expect(JSON.parse(stdout.split('\n')[0] ?? '')).toMatchObject({ check: 'pod-too-old' });
  });

  test('an exemption takes a finding out of --fail-on until it expires', async () => {
    const pods = file('pods.yaml', `${writable}---${closed}`);
    const exemption = (expires: string): string =>
      `  - { check: writable-root-filesystem, namespace: shop, reason: vendor, owner: a@example.com, expires: ${expires} }\n`;
    const failing = (expires: string) =>
      audit('--snapshot', pods, '--complete', '--fail-on', 'medium', ...configured(exemption(expires)));
    expect((await failing('2026-11-21')).code).toBe(0);
    expect((await failing('2026-11-20')).code).toBe(1);
  });

  test('the command config schema prints a JSON Schema', async () => {
    const { stdout } = await run(['config', 'schema']);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  });
});

describe('checks', () => {
  test('the command checks lists all checks and explains one', async () => {
    expect((await run(['checks'])).stdout).toMatch(/pod-too-old[\s\S]*runtime-library-update/);
    expect((await run(['checks', 'explain', 'pod-too-old'])).stdout).toMatch(/status\.startTime/);
    const { code, stderr } = await run(['checks', 'explain', 'pod-to-old']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/Did you mean pod-too-old/);
  });
});
