import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApiServer } from '../support/kube-server/api-server.ts';
import { run } from './run.ts';

const NOW = '2026-11-21T12:00:00Z';
/** As EC2 names instances by their ids, which tell no address. */
const NODE = 'i-0a1b2c3d4e5f60718.eu-west-1.compute.internal';

interface Facts {
  readonly hostNetwork?: boolean;
  readonly phase?: string;
  /** Of its node, the address of IPv4 first. */
  readonly hostIPs?: readonly string[];
}

const pod = (name: string, podIP: string, facts: Facts = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `${name}-0`,
    namespace: 'shop',
    uid: name,
    labels: { app: name },
    // Of pods without an owner the VPC CNI takes no policy.
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name, controller: true }],
  },
  spec: {
    nodeName: NODE,
    hostNetwork: facts.hostNetwork ?? false,
    containers: [{ name: 'app', image: 'app:1' }],
  },
  status: {
    phase: facts.phase ?? 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    ...(facts.hostIPs && { hostIP: facts.hostIPs[0], hostIPs: facts.hostIPs.map((ip) => ({ ip })) }),
  },
});

/** For pods of its name alone. */
const policyTo = (app: string, cidr: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: `to-${app}`, namespace: 'shop' },
  spec: {
    podSelector: { matchLabels: { app } },
    policyTypes: ['Egress'],
    egress: [{ to: [{ ipBlock: { cidr } }], ports: [{ protocol: 'TCP', port: 5432 }] }],
  },
});

const agent = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'kube-system',
    uid: name,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', controller: true }],
  },
  spec: {
    nodeName: NODE,
    hostNetwork: true,
    containers: [
      { name: 'aws-node', image: 'x/amazon-k8s-cni:v1.21.1' },
      {
        name: 'aws-eks-nodeagent',
        image: 'x/amazon/aws-network-policy-agent:v1.2.7',
        args: ['--enable-network-policy=true', '--enable-ipv6=false'],
      },
    ],
  },
  status: {
    phase: 'Running',
    podIP: '10.0.9.9',
    containerStatuses: ['aws-node', 'aws-eks-nodeagent'].map((container) => ({
      name: container,
      state: { running: { startedAt: NOW } },
    })),
  },
});

const objects = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
  { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE, labels: { 'kubernetes.io/os': 'linux' } } },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
    data: { 'enable-network-policy-controller': 'true' },
  },
  agent('aws-node-1'),
  pod('database', '10.0.1.5'),
  pod('cache', '10.0.1.6', { hostIPs: ['10.0.5.5', '2001:db8::5'] }),
  pod('monitor', '10.0.1.7', { hostNetwork: true }),
  // The node of a pod that has ended may have gone, and another machine have its address.
  pod('import', '10.0.1.8', { phase: 'Succeeded', hostIPs: ['10.0.5.6'] }),
  ...[
    ['to-pod', '10.0.1.5/32'],
    ['to-two-pods', '10.0.1.5/32'],
    ['to-another', '10.0.1.4/32'],
    ['to-both', '10.0.1.4/31'],
    ['to-host-network', '10.0.1.7/32'],
    ['to-node', '10.0.5.5/32'],
    ['to-node-of-ended', '10.0.5.6/32'],
    ['to-ended', '10.0.1.8/32'],
  ].flatMap(([name = '', cidr = '']) => [pod(name, '10.0.7.1'), policyTo(name, cidr)]),
  { ...policyTo('to-two-pods', '10.0.1.6/32'), metadata: { name: 'second', namespace: 'shop' } },
];

let folder: string;
let server: Awaited<ReturnType<typeof startApiServer>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pod-addresses-'));
  server = await startApiServer({ objects });
  const kubeconfig = `apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: "${server.url}"}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\n`;
  writeFileSync(join(folder, 'kubeconfig'), kubeconfig);
  writeFileSync(
    join(folder, 'dump.json'),
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
  );
  writeFileSync(
    join(folder, 'audit.config.yaml'),
    'egress: { approved: [{ name: x, cidrs: [192.0.2.0/24] }] }\n',
  );
  const kept = await run([
    'snapshot',
    '--out',
    join(folder, 'written'),
    '--kubeconfig',
    join(folder, 'kubeconfig'),
  ]);
  expect(kept.code).toBe(0);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** The workloads to which egress-unapproved objects, with the ranges that it names. */
async function unapproved(...source: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const { stdout } = await run([
    'audit',
    ...source,
    ...['--config', join(folder, 'audit.config.yaml'), '--now', NOW, '-o', 'json', '--fail-on', 'never'],
  ]);
  const { findings } = JSON.parse(stdout) as {
    findings: {
      check: string;
      workload: { name: string };
      evidence: { ranges: { from: string; to: string }[] };
    }[];
  };
  return Object.fromEntries(
    findings
      .filter(({ check, workload }) => check === 'egress-unapproved' && workload.name.startsWith('to-'))
      .map(({ workload, evidence }) => [
        workload.name,
        evidence.ranges.map(({ from, to }) => `${from}-${to}`).join(),
      ]),
  );
}

describe('egress-unapproved', () => {
  test.each([
    ['a cluster', ['--kubeconfig', 'kubeconfig']],
    ['a written snapshot', ['--snapshot', 'written']],
    ['a dump', ['--snapshot', 'dump.json', '--complete']],
  ])(
    'the egress-unapproved check of %s uses the addresses of pods and nodes, whatever their names are',
    async (_, [option = '', name = '', ...more]) => {
      expect(await unapproved(option, join(folder, name), ...more)).toEqual({
        'to-another': '10.0.1.4-10.0.1.4',
        'to-both': '10.0.1.4-10.0.1.5',
        'to-node-of-ended': '10.0.5.6-10.0.5.6',
        'to-ended': '10.0.1.8-10.0.1.8',
      });
    },
  );
});
