import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { WorkloadChange } from '../../lambda/questions/change.ts';
import { run } from './run.ts';
import { scratchFiles } from './scratch.ts';

const NOW = '2026-11-21T12:00:00Z';
const file = scratchFiles();

const asked = (argv: readonly string[], stdin = '') => run(['egress', '--now', NOW, ...argv], stdin);

const approved = () =>
  file(
    'audit.config.yaml',
    `egress:
  approved:
    - { name: stripe, hosts: [api.stripe.com], ports: [443], protocols: [TCP] }
    - { name: "bank", cidr: 203.0.113.10/32, ports: [443, 8443], protocols: [TCP] }
    - { name: office, cidrs: ["198.51.100.0/24", "2001:db8:51::/48"] }
    - { name: s3, awsService: s3, ports: [443] }
`,
  );

const pod = (name: string, labels: string, owner = '') => `---
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: shop
  labels: { ${labels} }
${owner}spec: { containers: [{ name: app, image: "app:1" }] }
`;
const controlled = (kind: string, name: string) =>
  `  ownerReferences: [{ apiVersion: apps/v1, kind: ${kind}, name: ${name}, uid: u, controller: true }]\n`;
const statefulSet = [0, 1]
  .map((index) =>
    pod(
      `db-${index}`,
      `app: db, statefulset.kubernetes.io/pod-name: db-${index}, controller-revision-hash: db-7`,
      controlled('StatefulSet', 'db'),
    ),
  )
  .join('');

describe('egress --suggest', () => {
  test('the suggested policy allows exactly the destinations that are approved by address', async () => {
    const snapshot = file('pods.yaml', statefulSet + pod('other', 'app: other'));
    const source = ['--snapshot', snapshot, '--config', approved()];
    const { stdout } = await asked([...source, '--suggest', 'shop/db']);
    expect(parse(stdout)).toMatchObject({
      kind: 'NetworkPolicy',
      metadata: { name: 'db-egress', namespace: 'shop' },
      spec: { podSelector: { matchLabels: { app: 'db' } }, policyTypes: ['Egress'] },
    });
    const changed = await asked([...source, '--with', '-', '-o', 'json'], stdout);
    const rows = JSON.parse(changed.stdout) as readonly WorkloadChange[];
    const after = (name: string) => rows.find((row) => row.name === name)?.declared.after;
    const https = [443, 8443].map((port) => ({ protocol: 'TCP', from: port, to: port }));
    expect(after('db')).toEqual({
      external: [
        { from: '198.51.100.0', to: '198.51.100.255', ports: 'all' },
        { from: '203.0.113.10', to: '203.0.113.10', ports: https },
        { from: '2001:db8:51::', to: '2001:db8:51:ffff:ffff:ffff:ffff:ffff', ports: 'all' },
      ],
      hosts: [],
    });
    expect(rows.find(({ name }) => name === 'other')).toMatchObject({ changed: false });
  });

  test('the suggested policy lists in comments what it does not keep and what must be known', async () => {
    const snapshot = file('pods.yaml', statefulSet + pod('twin', 'app: db'));
    const { stdout } = await asked(['--snapshot', snapshot, '--config', approved(), '--suggest', 'shop/db']);
    const comments = stdout
      .split('\n')
      .filter((line) => line.startsWith('#'))
      .map((line) => line.replace(/^# */, ''))
      .join(' ');
    expect(comments).toContain('Not kept: stripe (api.stripe.com on TCP 443) is approved by name');
    expect(comments).toContain('Not kept: s3 (AWS service s3 on');
    expect(comments).toContain('Warning: these labels select shop/Pod/twin, too');
    expect(comments).toContain('Warning: no pod with the label k8s-app: kube-dns was seen in kube-system');
    expect(comments).toContain('its pods would reach exactly this');
    expect(comments).toContain('Whether it would be enforced is not known');
    expect(stdout).toContain('    # bank\n    - to:');
  });

  test('the suggestion names the policies that allow more, and the one that it would replace', async () => {
    const { stdout, code } = await asked(['--sample', '--suggest', 'storefront/web', '-o', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      cluster: 'shop-prod',
      policy: { metadata: { name: 'web-egress' } },
      alsoSelects: [],
      replaces: null,
      others: ['NetworkPolicy storefront/web'],
      beyond: { external: [{ from: '0.0.0.0' }, { from: '::' }] },
      because: ['NetworkPolicy storefront/web: spec.egress[1]'],
      dnsSeen: true,
    });
    const policy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db-egress, namespace: shop }
spec: { podSelector: {}, egress: [{}] }
`;
    const replaced = await asked([
      '--snapshot',
      file('pods.yaml', statefulSet + policy),
      '--suggest',
      'shop/db',
      '-o',
      'json',
    ]);
    expect(JSON.parse(replaced.stdout)).toMatchObject({
      replaces: 'NetworkPolicy shop/db-egress',
      others: [],
      beyond: { external: [] },
    });
  });

  test('there is no suggestion for pods that cannot be selected or restricted', async () => {
    const host = pod('agent', 'app: agent').replace('spec: {', 'spec: { hostNetwork: true,');
    const snapshot = file(
      'pods.yaml',
      [
        statefulSet,
        host,
        pod('bare', 'pod-template-hash: x'),
        pod('db', 'app: db'),
        pod('"e\\u001b[2J"', 'app: e'),
      ].join(''),
    );
    for (const [which, message] of [
      ['shop/agent', 'uses the network of its node'],
      ['shop/bare', 'have no stable label in common'],
      ['shop/nobody', 'No workload shop/nobody was read'],
      ['shop/db', 'names several workloads (shop/Pod/db of snapshot, shop/StatefulSet/db of snapshot)'],
      ['shop/e\u001b[2J', 'shop/Pod/e\\u{1b}[2J cannot be used as the name of a policy'],
      ['shop/', '--suggest takes one workload'],
    ] as const) {
      const { code, stderr, stdout } = await asked(['--snapshot', snapshot, '--suggest', which]);
      expect(stderr).toContain(message);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
    expect((await asked(['--snapshot', snapshot, '--suggest', 'shop/StatefulSet/db'])).code).toBe(0);
  });

  test('the suggestion does not call objects missing that could not be read', async () => {
    const snapshot = file('broken.yaml', `${statefulSet}---\nkind: [`);
    const { code, stderr } = await asked(['--snapshot', snapshot, '--suggest', 'shop/nobody']);
    expect(code).toBe(4);
    expect(stderr).toContain('neither valid YAML nor JSON');
    expect((await asked(['--snapshot', snapshot, '--suggest', 'shop/db'])).code).toBe(3);
  });

  test('names of the configuration cannot end a comment or reach the terminal', async () => {
    const config = file(
      'evil.yaml',
      'egress: { approved: [{ name: "a\\nkind: Secret\\u001b[2J\\u202e", cidr: 192.0.2.1/32 }, { name: "b\\n- x", hosts: [a.test] }] }\n',
    );
    const { stdout } = await asked([
      '--snapshot',
      file('pods.yaml', statefulSet),
      '--config',
      config,
      '--suggest',
      'shop/db',
    ]);
    expect(parse(stdout).kind).toBe('NetworkPolicy');
    expect(stdout).toContain('# a\\nkind: Secret\\u{1b}[2J\\u{202e}');
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });
});
