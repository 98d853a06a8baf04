import type { JsonObject } from '../encoding/encode.ts';
import { ARCHETYPES } from './archetypes.ts';
import {
  mix,
  namespaceCount,
  namespaceName,
  namespaceOfWorkload,
  nodeCount,
  nodeName,
  workloadCount,
  workloadName,
} from './values.ts';

/** A list of objects that are made when they are asked for. */
export interface SmallList {
  readonly kind: string;
  readonly apiVersion: string;
  readonly count: number;
  item(index: number): JsonObject;
}

/** What is listed beside pods, by path. */
export function smallLists(pods: number): Readonly<Record<string, SmallList>> {
  const jobs = Array.from({ length: workloadCount(pods) }, (_, index) => index).filter(
    (workload) => ARCHETYPES[workload % ARCHETYPES.length]?.kind === 'Job',
  );
  return {
    '/api/v1/nodes': { kind: 'Node', apiVersion: 'v1', count: nodeCount(pods), item: node },
    '/api/v1/namespaces': {
      kind: 'Namespace',
      apiVersion: 'v1',
      count: namespaceCount(pods),
      item: namespace,
    },
    '/apis/batch/v1/jobs': {
      kind: 'Job',
      apiVersion: 'batch/v1',
      count: jobs.length,
      item: (index) => job(jobs[index] as number),
    },
    '/apis/apps/v1/replicasets': { kind: 'ReplicaSet', apiVersion: 'apps/v1', count: 0, item: () => ({}) },
    '/apis/networking.k8s.io/v1/networkpolicies': {
      kind: 'NetworkPolicy',
      apiVersion: 'networking.k8s.io/v1',
      count: namespaceCount(pods),
      item: policy,
    },
  };
}

const CREATED = '2026-03-01T08:00:00Z';

function metadata(name: string, more: JsonObject = {}): JsonObject {
  return { name, uid: name, resourceVersion: '1', creationTimestamp: CREATED, ...more };
}

function node(index: number): JsonObject {
  const name = nodeName(index);
  return {
    metadata: metadata(name, {
      labels: {
        'beta.kubernetes.io/arch': 'arm64',
        'beta.kubernetes.io/instance-type': 'm7g.4xlarge',
        'beta.kubernetes.io/os': 'linux',
        'eks.amazonaws.com/capacityType': 'ON_DEMAND',
        'eks.amazonaws.com/nodegroup': 'general',
        'failure-domain.beta.kubernetes.io/region': 'eu-west-1',
        'failure-domain.beta.kubernetes.io/zone': `eu-west-1${'abc'[index % 3]}`,
        'kubernetes.io/arch': 'arm64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': 'm7g.4xlarge',
        'topology.kubernetes.io/region': 'eu-west-1',
        'topology.kubernetes.io/zone': `eu-west-1${'abc'[index % 3]}`,
      },
      annotations: {
        'alpha.kubernetes.io/provided-node-ip': '10.100.100.100',
        'csi.volume.kubernetes.io/nodeid': `{"ebs.csi.aws.com":"i-${mix(index, 1).toString(16)}"}`,
        'node.alpha.kubernetes.io/ttl': '300',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    }),
  };
}

function namespace(index: number): JsonObject {
  const name = namespaceName(index);
  return {
    metadata: metadata(name, {
      labels: { 'kubernetes.io/metadata.name': name, stage: index % 2 ? 'prod' : 'test' },
    }),
  };
}

/** Every third was made by a CronJob. */
function job(workload: number): JsonObject {
  const name = workloadName(workload);
  const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name: `c-${name}`, uid: name, controller: true };
  return {
    metadata: metadata(name, {
      namespace: namespaceOfWorkload(workload),
      ...(workload % 3 === 0 ? { ownerReferences: [owner] } : {}),
    }),
  };
}

/** Half of the namespaces let everything out; the others a few ranges, by tier. */
function policy(index: number): JsonObject {
  const open = index % 2 === 0;
  const block = (cidr: string): JsonObject => ({ ipBlock: { cidr } });
  const inside = { to: [block('10.0.0.0/8')], ports: [{ port: 443, protocol: 'TCP' }] };
  const partner = { to: [block(`203.0.${index % 256}.0/24`)], ports: [{ port: 443, protocol: 'TCP' }] };
  return {
    metadata: metadata('egress', { namespace: namespaceName(index) }),
    spec: {
      podSelector: open ? { matchLabels: { tier: 'front' } } : {},
      policyTypes: ['Egress'],
      egress: [
        inside,
        partner,
        ...(open ? [{ to: [block('0.0.0.0/0')], ports: [{ port: 443, protocol: 'TCP' }] }] : []),
      ],
    },
  };
}
