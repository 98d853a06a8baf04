import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import { CATALOGUE } from '../../lambda/checks/catalogue.ts';
import { EXAMPLE_NOW, type Example } from '../../lambda/checks/example.ts';
import { run } from '../cli/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(CATALOGUE.map((check) => [check.id, check] as const))('%s', (id, { examples }) => {
  test('a check has an example that fails and one that passes', () => {
    const verdicts = examples.map(({ verdict }) => verdict);
    expect(verdicts).toContain('fail');
    expect(verdicts).toContain('pass');
  });

  test.each(examples.map((example) => [`${example.title}: ${example.verdict}`, example] as const))(
    '%s',
    async (_, example) => {
      expect(await verdictOf(id, example)).toBe(example.verdict);
    },
  );
});

interface Row {
  readonly check: string;
}

/** What the command line says of the example. */
async function verdictOf(check: string, example: Example): Promise<string> {
  const file = join(folder, 'objects.json');
  const config = join(folder, 'audit.config.yaml');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objectsOf(example) }));
  // What makes the node enforce policies is not part of the example.
  const given = parse(example.config ?? '') ?? {};
  writeFileSync(config, JSON.stringify({ ...given, namespaces: { exclude: ['kube-system'] } }));
  const { code, stdout, stderr } = await run(
    ['audit', '--snapshot', file, '--complete', '--config', config, '--now', EXAMPLE_NOW].concat([
      '-o',
      'json',
      '--fail-on',
      'never',
      '--allow-incomplete',
    ]),
  );
  if (code !== 0) return stderr;
  const { clusters, findings, notEvaluated } = JSON.parse(stdout);
  const [{ tallies }] = clusters;
  const isMeant = (row: Row) => row.check === check;
  if (findings.some(isMeant)) return 'fail';
  if (notEvaluated.some(isMeant)) return 'not-evaluated';
  return tallies.some((tally: Row & { readonly pass: number }) => isMeant(tally) && tally.pass > 0)
    ? 'pass'
    : 'not-applicable';
}

function objectsOf({ pod = '{}', others = '' }: Example): readonly unknown[] {
  return [...WORLD, merged(POD, parse(pod)), ...parseAllDocuments(others).flatMap((one) => one.toJS() ?? [])];
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Fields of mappings are merged, everything else is replaced. */
function merged(base: unknown, over: unknown): unknown {
  if (!isMapping(base) || !isMapping(over)) return over;
  const fields = Object.entries(over).map(([key, value]) => [
    key,
    key in base ? merged(base[key], value) : value,
  ]);
  return { ...base, ...Object.fromEntries(fields) };
}

const ownedBy = (kind: string, name: string) => [{ apiVersion: 'apps/v1', kind, name, controller: true }];
const STARTED = '2026-02-28T12:00:00Z';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'app-0',
    namespace: 'shop',
    labels: { app: 'app' },
    ownerReferences: ownedBy('StatefulSet', 'app'),
  },
  spec: { nodeName: 'ec2', containers: [{ name: 'app', image: 'registry.example.com/app:1.4.2' }] },
  status: { phase: 'Running', startTime: STARTED, podIP: '10.0.1.7' },
};

const AGENT = ['aws-node', 'aws-eks-nodeagent'];

/** What {@link EXAMPLE_WORLD} says: a Linux node where the VPC CNI enforces policies. */
const WORLD: readonly unknown[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: 'ec2', labels: { 'kubernetes.io/os': 'linux' } } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
    data: { 'enable-network-policy-controller': 'true' },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'aws-node',
      namespace: 'kube-system',
      ownerReferences: ownedBy('DaemonSet', 'aws-node'),
    },
    spec: {
      nodeName: 'ec2',
      hostNetwork: true,
      containers: [
        { name: 'aws-node', image: 'x/amazon-k8s-cni:v1.21.1' },
        {
          name: 'aws-eks-nodeagent',
          image: 'x/amazon/aws-network-policy-agent:v1.2.7',
          args: ['--enable-network-policy=true'],
        },
      ],
    },
    status: {
      phase: 'Running',
      startTime: STARTED,
      podIP: '10.0.9.9',
      containerStatuses: AGENT.map((name) => ({ name, state: { running: { startedAt: STARTED } } })),
    },
  },
];
