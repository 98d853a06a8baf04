import type { ClusterContext, SampleNode } from './cluster.ts';
import {
  hex,
  instant,
  type Json,
  type KubeObject,
  type Labels,
  minutes,
  numberFrom,
  seconds,
  uidOf,
} from './kubernetes.ts';
import { managedBy } from './managed-fields.ts';

/** The Node objects of a cluster. */
export function nodeObjects(cluster: ClusterContext): readonly KubeObject[] {
  return cluster.nodes.map((node) => nodeObject(cluster, node));
}

/** `metadata.uid` of a node: static pods' mirrors name it as their owner. */
export const nodeUid = (cluster: ClusterContext, node: SampleNode): string =>
  uidOf(`${cluster.name}/Node/${node.name}`);

function nodeObject(cluster: ClusterContext, node: SampleNode): KubeObject {
  const created = cluster.now - node.pool.age;
  const labels = nodeLabels(cluster, node);
  const annotations = {
    'alpha.kubernetes.io/provided-node-ip': node.ip,
    'node.alpha.kubernetes.io/ttl': '0',
    'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
  };
  const spec = nodeSpec(cluster, node);
  const status = nodeStatus(cluster, node);
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      annotations,
      creationTimestamp: instant(created),
      labels,
      managedFields: [
        managedBy({
          manager: 'kubelet',
          apiVersion: 'v1',
          at: created,
          fields: { metadata: { annotations, labels }, spec },
        }),
        managedBy({
          manager: 'kubelet',
          apiVersion: 'v1',
          at: cluster.now - seconds(40),
          fields: { status },
          subresource: 'status',
        }),
      ],
      name: node.name,
      resourceVersion: String(80_000_000 + numberFrom(node.name, 9_000_000)),
      uid: nodeUid(cluster, node),
    },
    spec,
    status,
  };
}

const instanceId = (cluster: ClusterContext, node: SampleNode): string =>
  `i-0${hex(`${cluster.name}/instance/${node.name}`, 16)}`;

function nodeLabels(cluster: ClusterContext, node: SampleNode): Labels {
  const common = {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': osOf(node),
    'failure-domain.beta.kubernetes.io/region': cluster.region,
    'failure-domain.beta.kubernetes.io/zone': node.zone,
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': osOf(node),
    'topology.kubernetes.io/region': cluster.region,
    'topology.kubernetes.io/zone': node.zone,
  };
  if (node.pool.type === 'fargate') return { ...common, 'eks.amazonaws.com/compute-type': 'fargate' };
  const instance = {
    ...common,
    'node.kubernetes.io/instance-type': node.pool.instanceType,
    pool: node.pool.name,
  };
  if (node.pool.type === 'self-managed') return instance;
  return {
    ...instance,
    'eks.amazonaws.com/capacityType': 'ON_DEMAND',
    'eks.amazonaws.com/nodegroup': `${cluster.name}-${node.pool.name}`,
    'eks.amazonaws.com/nodegroup-image': `ami-0${hex(`${cluster.name}/ami/${node.pool.name}`, 16)}`,
  };
}

const osOf = (node: SampleNode): string => (node.pool.type === 'windows' ? 'windows' : 'linux');

function nodeSpec(cluster: ClusterContext, node: SampleNode): Json {
  const zone = node.zone;
  if (node.pool.type === 'fargate') {
    return {
      providerID: `aws:///${zone}/${hex(`${cluster.name}/fargate/${node.name}`, 10)}/${node.name}`,
      taints: [{ effect: 'NoSchedule', key: 'eks.amazonaws.com/compute-type', value: 'fargate' }],
    };
  }
  const providerID = `aws:///${zone}/${instanceId(cluster, node)}`;
  if (!node.pool.dedicated) return { providerID };
  return { providerID, taints: [{ effect: 'NoSchedule', key: 'dedicated', value: node.pool.name }] };
}

function nodeStatus(cluster: ClusterContext, node: SampleNode): Json {
  const capacity = {
    cpu: '4',
    'ephemeral-storage': '83873772Ki',
    'hugepages-2Mi': '0',
    memory: '16121076Ki',
    pods: '58',
  };
  return {
    addresses: [
      { address: node.ip, type: 'InternalIP' },
      { address: node.name, type: 'InternalDNS' },
      { address: node.name, type: 'Hostname' },
    ],
    allocatable: { ...capacity, cpu: '3920m', 'ephemeral-storage': '76224326324', memory: '15104244Ki' },
    capacity,
    conditions: nodeConditions(cluster, node),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: nodeInfo(cluster, node),
  };
}

function nodeConditions(cluster: ClusterContext, node: SampleNode): readonly Json[] {
  const condition = (type: string, status: string, reason: string, message: string): Json => ({
    lastHeartbeatTime: instant(cluster.now - minutes(2)),
    lastTransitionTime: instant(cluster.now - node.pool.age + seconds(25)),
    message,
    reason,
    status,
    type,
  });
  return [
    condition(
      'MemoryPressure',
      'False',
      'KubeletHasSufficientMemory',
      'kubelet has sufficient memory available',
    ),
    condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
  ];
}

function nodeInfo(cluster: ClusterContext, node: SampleNode): Json {
  const windows = node.pool.type === 'windows';
  const id = hex(`${cluster.name}/machine/${node.name}`, 32);
  return {
    architecture: 'amd64',
    bootID: uidOf(`boot/${id}`),
    containerRuntimeVersion: windows ? 'containerd://1.7.27' : 'containerd://2.1.4',
    kernelVersion: windows ? '10.0.20348.3932' : '6.12.40-64.114.amzn2023.x86_64',
    kubeProxyVersion: cluster.version,
    kubeletVersion: cluster.version,
    machineID: id,
    operatingSystem: osOf(node),
    osImage: windows ? 'Windows Server 2022 Datacenter' : 'Amazon Linux 2023.8.20250915',
    systemUUID: uidOf(`system/${id}`),
  };
}
