import { deployment } from './builders.ts';
import { configMap, namespace } from './builders-cluster.ts';
import { daemonSet } from './builders-sets.ts';
import type { Build, ClusterDescription } from './cluster.ts';
import { hostPath, mount, mountReadOnly } from './containers.ts';
import { eksAddOn } from './fleet-images.ts';
import { days } from './kubernetes.ts';
import { replicas } from './pod-life.ts';

/** What EKS itself puts into `kube-system`: network, proxy, DNS. */
export function eksAddOns(
  cluster: ClusterDescription,
  options: { readonly pools: readonly string[]; readonly enforcesNetworkPolicies: boolean },
): readonly Build[] {
  const image = (name: string): string => eksAddOn(cluster.region, name);
  const node = { on: options.pools, hostNetwork: true };
  return [
    namespace('kube-system'),
    namespace('default'),
    configMap('kube-system/amazon-vpc-cni', {
      'enable-network-policy-controller': String(options.enforcesNetworkPolicies),
      'enable-windows-ipam': 'false',
    }),

    daemonSet('kube-system/aws-node', {
      ...node,
      age: days(13),
      labels: { 'k8s-app': 'aws-node' },
      init: [
        {
          name: 'aws-vpc-cni-init',
          image: image('amazon-k8s-cni-init:v1.20.3-eksbuild.1'),
          security: { privileged: true },
          mounts: [mount('cni-bin-dir', '/host/opt/cni/bin')],
        },
      ],
      containers: [
        {
          name: 'aws-node',
          image: image('amazon-k8s-cni:v1.20.3-eksbuild.1'),
          security: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
          env: { CLUSTER_NAME: cluster.name, WARM_ENI_TARGET: '1' },
          mounts: [
            mount('cni-bin-dir', '/host/opt/cni/bin'),
            mount('cni-net-dir', '/host/etc/cni/net.d'),
            mount('log-dir', '/host/var/log/aws-routed-eni'),
            mount('xtables-lock', '/run/xtables.lock'),
          ],
        },
        {
          name: 'aws-eks-nodeagent',
          image: image('amazon/aws-network-policy-agent:v1.2.7-eksbuild.1'),
          security: { capabilities: { add: ['NET_ADMIN'] }, privileged: true },
          args: [`--enable-network-policy=${options.enforcesNetworkPolicies}`, '--enable-ipv6=false'],
          mounts: [mount('cni-bin-dir', '/host/opt/cni/bin'), mount('bpf-pin-path', '/sys/fs/bpf')],
        },
      ],
      volumes: [
        hostPath('bpf-pin-path', '/sys/fs/bpf', ''),
        hostPath('cni-bin-dir', '/opt/cni/bin', ''),
        hostPath('cni-net-dir', '/etc/cni/net.d', ''),
        hostPath('log-dir', '/var/log/aws-routed-eni', 'DirectoryOrCreate'),
        hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'),
      ],
    }),

    daemonSet('kube-system/kube-proxy', {
      ...node,
      age: days(19),
      labels: { 'k8s-app': 'kube-proxy' },
      containers: [
        {
          name: 'kube-proxy',
          image: image('eks/kube-proxy:v1.33.3-minimal-eksbuild.4'),
          security: { privileged: true },
          command: ['kube-proxy', '--v=2', '--config=/var/lib/kube-proxy-config/config'],
          mounts: [
            mount('varlog', '/var/log'),
            mount('xtables-lock', '/run/xtables.lock'),
            mountReadOnly('lib-modules', '/lib/modules'),
          ],
        },
      ],
      volumes: [
        hostPath('varlog', '/var/log', ''),
        hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'),
        hostPath('lib-modules', '/lib/modules', ''),
      ],
    }),

    deployment('kube-system/coredns', {
      pods: replicas(2, days(19)),
      labels: { 'k8s-app': 'kube-dns', 'eks.amazonaws.com/component': 'coredns' },
      containers: [
        {
          name: 'coredns',
          image: image('eks/coredns:v1.12.4-eksbuild.1'),
          security: {
            allowPrivilegeEscalation: false,
            capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
          args: ['-conf', '/etc/coredns/Corefile'],
        },
      ],
    }),
  ];
}
