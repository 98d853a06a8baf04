import type { KubernetesObject } from '../environment/api-client.ts';
import type { Seeded } from './seeded.ts';

export interface TestNode {
  readonly name: string;
  readonly kind: 'linux' | 'windows' | 'fargate';
  /** Where the API server finds the kubelet, of the documentation range 203.0.113.0/24 (RFC 5737). */
  readonly externalIp: string;
}

const DOMAIN = 'eu-west-1.compute.internal';

export const LINUX_NODE = `ip-10-0-1-11.${DOMAIN}`;
export const SECOND_LINUX_NODE = `ip-10-0-2-12.${DOMAIN}`;
export const WINDOWS_NODE = `ip-10-0-3-13.${DOMAIN}`;
export const FARGATE_NODE = `fargate-ip-10-0-4-14.${DOMAIN}`;

/** The node of a real kubelet, which registers itself: see environment/real-node.ts. */
export const REAL_NODE = `ip-10-0-5-15.${DOMAIN}`;
export const REAL_NODE_ADDRESS = '203.0.113.15';

export const NODES: readonly TestNode[] = [
  { name: LINUX_NODE, kind: 'linux', externalIp: '203.0.113.11' },
  { name: SECOND_LINUX_NODE, kind: 'linux', externalIp: '203.0.113.12' },
  { name: WINDOWS_NODE, kind: 'windows', externalIp: '203.0.113.13' },
  { name: FARGATE_NODE, kind: 'fargate', externalIp: '203.0.113.14' },
];

/** A node as EKS registers it. Its kubelet listens on loopback, at the given port. */
export function nodeObject(node: TestNode, kubeletPort: number): Seeded {
  const object: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: node.name, labels: labelsOf(node) },
    spec: { providerID: `aws:///eu-west-1a/${instanceOf(node)}` },
  };
  const status = {
    addresses: [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'ExternalIP', address: node.externalIp },
      { type: 'Hostname', address: node.name },
      { type: 'InternalDNS', address: node.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    capacity: { cpu: '2', memory: '8Gi', pods: '29' },
    conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }],
    nodeInfo: nodeInfoOf(node),
  };
  return { object, status };
}

function labelsOf({ kind, name }: TestNode): Readonly<Record<string, string>> {
  return {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': kind === 'windows' ? 'windows' : 'linux',
    'kubernetes.io/arch': 'amd64',
    'topology.kubernetes.io/region': 'eu-west-1',
    'topology.kubernetes.io/zone': 'eu-west-1a',
    ...(kind === 'fargate'
      ? { 'eks.amazonaws.com/compute-type': 'fargate' }
      : { 'eks.amazonaws.com/nodegroup': `${kind}-nodes` }),
  };
}

function instanceOf({ kind, externalIp }: TestNode): string {
  const last = externalIp.split('.').at(-1);
  return kind === 'fargate' ? `fargate-${last}` : `i-0123456789abcdef${last}`;
}

function nodeInfoOf({ kind }: TestNode): Readonly<Record<string, string>> {
  const windows = kind === 'windows';
  return {
    operatingSystem: windows ? 'windows' : 'linux',
    architecture: 'amd64',
    osImage: windows ? 'Windows Server 2022 Datacenter' : 'Amazon Linux 2023.9.20251105',
    kernelVersion: windows ? '10.0.20348.4294' : '6.12.53-69.119.amzn2023.x86_64',
    containerRuntimeVersion: 'containerd://2.1.4',
    kubeletVersion: 'v1.36.3-eks-1a2b3c4',
    kubeProxyVersion: 'v1.36.3-eks-1a2b3c4',
    machineID: '',
    systemUUID: '',
    bootID: '',
  };
}
