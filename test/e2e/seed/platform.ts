import type { KubernetesObject } from '../environment/api-client.ts';
import { SHAPED_APPS } from './network-policies.ts';
import { LINUX_NODE, SECOND_LINUX_NODE } from './nodes.ts';
import { careless, hardened, type PodPlan, pod } from './pods.ts';
import type { Seeded } from './seeded.ts';
import { daemonSet, deployment, replicaSet } from './workloads.ts';

const EKS_REGISTRY = '602401143452.dkr.ecr.eu-west-1.amazonaws.com';
const AGE_HOURS = 15 * 24;

/** What the cluster itself runs: network plugin with its policy agent, DNS, an agent on every node. */
export function platform(now: Date): readonly Seeded[] {
  return [...networkPlugin(now), ...dns(now), nodeAgent(now), logReader(now), ...tenants(now)];
}

/** Objects that say how the network plugin and the mesh are set up, and services. */
export function platformConfig(): readonly KubernetesObject[] {
  const configMap = (namespace: string, name: string, data: object): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data,
  });
  const service = (namespace: string, name: string, spec: object): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec,
  });
  return [
    configMap('kube-system', 'amazon-vpc-cni', { 'enable-network-policy-controller': 'true' }),
    configMap('istio-system', 'istio', { mesh: 'outboundTrafficPolicy:\n  mode: REGISTRY_ONLY\n' }),
    service('kube-system', 'kube-dns', {
      clusterIP: '172.20.0.10',
      selector: { 'k8s-app': 'kube-dns' },
      ports: [{ name: 'dns', port: 53, protocol: 'UDP' }],
    }),
    service('shop', 'frontend', {
      selector: { app: 'frontend' },
      ports: [{ port: 443, targetPort: 'https' }],
    }),
    service('shop', 'mail', { type: 'ExternalName', externalName: 'smtp.example.com' }),
  ];
}

function networkPlugin(now: Date): readonly Seeded[] {
  return [
    daemonSet(
      {
        namespace: 'kube-system',
        name: 'aws-node',
        labels: { 'k8s-app': 'aws-node' },
        spec: {
          hostNetwork: true,
          containers: [
            careless('aws-node', `${EKS_REGISTRY}/amazon-k8s-cni:v1.21.1`),
            careless('aws-eks-nodeagent', `${EKS_REGISTRY}/amazon/aws-network-policy-agent:v1.3.0`, {
              args: ['--enable-ipv6=false', '--enable-network-policy=true'],
              securityContext: { privileged: true },
            }),
          ],
        },
        pods: [
          { name: 'aws-node-nnnnn', node: LINUX_NODE, ageHours: AGE_HOURS },
          { name: 'aws-node-ppppp', node: SECOND_LINUX_NODE, ageHours: AGE_HOURS },
        ],
      },
      now,
    ),
  ];
}

function dns(now: Date): readonly Seeded[] {
  return [
    deployment(
      {
        namespace: 'kube-system',
        name: 'coredns',
        labels: { 'k8s-app': 'kube-dns' },
        spec: { containers: [hardened('coredns', `${EKS_REGISTRY}/eks/coredns:v1.12.4`)] },
        pods: [{ name: 'coredns-7d4b9c6f5d-qqqqq', node: LINUX_NODE, ageHours: AGE_HOURS }],
      },
      now,
    ),
  ];
}

function nodeAgent(now: Date): Seeded {
  const mounts = [
    { name: 'host', mountPath: '/host' },
    { name: 'logs', mountPath: '/var/log', readOnly: true },
  ];
  return daemonSet(
    {
      namespace: 'platform',
      name: 'node-agent',
      spec: {
        hostNetwork: true,
        hostPID: true,
        containers: [careless('agent', 'public.ecr.aws/example/node-agent:9', { volumeMounts: mounts })],
        volumes: [
          { name: 'host', hostPath: { path: '/' } },
          { name: 'logs', hostPath: { path: '/var/log' } },
        ],
      },
      pods: [{ name: 'node-agent-rrrrr', node: LINUX_NODE, ageHours: 29 * 24 }],
    },
    now,
  );
}

/** Sees files of its node, and can change none of them. */
function logReader(now: Date): Seeded {
  const mounts = [{ name: 'logs', mountPath: '/var/log', readOnly: true }];
  return daemonSet(
    {
      namespace: 'platform',
      name: 'log-reader',
      spec: {
        containers: [hardened('reader', 'public.ecr.aws/example/log-reader:2', { volumeMounts: mounts })],
        volumes: [{ name: 'logs', hostPath: { path: '/var/log' } }],
      },
      pods: [{ name: 'log-reader-ttttt', node: SECOND_LINUX_NODE, ageHours: AGE_HOURS }],
    },
    now,
  );
}

/**
 * Pods for the policies: one for each shape, in a ReplicaSet, and one for each policy kind, which stands alone: the
 * VPC CNI applies no policy to these.
 */
function tenants(now: Date): readonly Seeded[] {
  const shaped = SHAPED_APPS.map((app) => {
    const { node, ageHours, spec } = tenantPod({ namespace: 'shapes', name: app });
    const pods = [{ name: `${app}-x7k2p`, ageHours, ...(node && { node }) }];
    return replicaSet({ namespace: 'shapes', name: app, spec, pods }, now);
  });
  const others = [
    { namespace: 'tenant-admin', name: 'api' },
    { namespace: 'tenant-cluster', name: 'api' },
    { namespace: 'tenant-aws', name: 'api' },
    { namespace: 'tenant-calico', name: 'api', labels: { tenant: 'calico' } },
    { namespace: 'tenant-cilium', name: 'builder' },
    { namespace: 'tenant-cilium', name: 'vault', labels: { isolated: 'true' } },
  ];
  return [...shaped, ...others.map((tenant) => pod(tenantPod(tenant), now))];
}

function tenantPod(tenant: Pick<PodPlan, 'namespace' | 'name' | 'labels'>): PodPlan {
  return {
    ...tenant,
    labels: { app: tenant.name, ...tenant.labels },
    node: SECOND_LINUX_NODE,
    ageHours: 24,
    spec: { containers: [hardened('app', 'public.ecr.aws/example/app:1.0.0')] },
  };
}

/** A pod that a kubelet runs from a file, shown in the API by its mirror. */
export function mirrorPod(now: Date, nodeUid: string): Seeded {
  return pod(
    {
      namespace: 'kube-system',
      name: `kube-proxy-${LINUX_NODE}`,
      node: LINUX_NODE,
      labels: { 'k8s-app': 'kube-proxy' },
      annotations: {
        'kubernetes.io/config.mirror': '5f2c0d3b8e7a41c9',
        'kubernetes.io/config.source': 'file',
      },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: LINUX_NODE, uid: nodeUid, controller: true }],
      ageHours: 70 * 24,
      spec: {
        hostNetwork: true,
        containers: [
          careless('kube-proxy', `${EKS_REGISTRY}/eks/kube-proxy:v1.36.3`, {
            securityContext: { privileged: true },
          }),
        ],
      },
    },
    now,
  );
}
