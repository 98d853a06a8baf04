import type { Publisher } from './publishers.ts';

/** Workloads that AWS makes, in which namespace, and who publishes their images. */
export interface ManagedByAws {
  /** How rows and people call what manages them. */
  readonly managedBy: string;
  readonly namespace: string;
  /** Kind and name, as patterns; never of the name alone. */
  readonly workloads: readonly string[];
  readonly publisher: Publisher;
  /** Where AWS lists the add-on. */
  readonly source: string;
}

const GUIDE = 'https://docs.aws.amazon.com/eks/latest/userguide';
const ADD_ONS = `${GUIDE}/workloads-add-ons-available-eks.html`;

const addOn = (
  name: string,
  workloads: readonly string[],
  {
    namespace = 'kube-system',
    source = ADD_ONS,
  }: { readonly namespace?: string; readonly source?: string } = {},
): ManagedByAws => ({ managedBy: `EKS add-on ${name}`, namespace, workloads, publisher: 'eks', source });

/**
 * What AWS puts into clusters. What EKS Auto Mode runs for nodes (network, proxy, DNS, storage, pod identity) is part
 * of their image and no pod (https://docs.aws.amazon.com/eks/latest/userguide/automode.html), so it has no entry.
 * Community add-ons that people operate themselves, such as cert-manager and external-dns, are theirs; of these only
 * metrics-server is here, which eksctl installs into new clusters (https://docs.aws.amazon.com/eks/latest/eksctl/addons.html).
 */
export const MANAGED_BY_AWS: readonly ManagedByAws[] = [
  addOn('vpc-cni', ['DaemonSet/aws-node'], { source: `${ADD_ONS}#add-ons-vpc-cni` }),
  addOn('kube-proxy', ['DaemonSet/kube-proxy'], {
    source: `${ADD_ONS}#add-ons-kube-proxy`,
  }),
  addOn('coredns', ['Deployment/coredns'], { source: `${ADD_ONS}#add-ons-coredns` }),
  addOn(
    'aws-ebs-csi-driver',
    ['Deployment/ebs-csi-controller', 'DaemonSet/ebs-csi-node', 'DaemonSet/ebs-csi-node-windows'],
    {
      source: `${ADD_ONS}#add-ons-aws-ebs-csi-driver`,
    },
  ),
  addOn('aws-efs-csi-driver', ['Deployment/efs-csi-controller', 'DaemonSet/efs-csi-node'], {
    source: `${ADD_ONS}#add-ons-aws-efs-csi-driver`,
  }),
  addOn('aws-fsx-csi-driver', ['Deployment/fsx-csi-controller', 'DaemonSet/fsx-csi-node'], {
    source: `${ADD_ONS}#add-ons-aws-fsx-csi-driver`,
  }),
  addOn('aws-mountpoint-s3-csi-driver', ['Deployment/s3-csi-controller', 'DaemonSet/s3-csi-node'], {
    source: `${ADD_ONS}#mountpoint-for-s3-add-on`,
  }),
  // Since version 2 the driver starts a pod for each volume, in a namespace that it makes for them.
  addOn('aws-mountpoint-s3-csi-driver', ['Pod/mp-*'], {
    namespace: 'mount-s3',
    source: 'https://github.com/awslabs/mountpoint-s3-csi-driver/blob/main/docs/ARCHITECTURE.md',
  }),
  addOn('snapshot-controller', ['Deployment/snapshot-controller'], {
    source: `${ADD_ONS}#addons-csi-snapshot-controller`,
  }),
  addOn('eks-pod-identity-agent', ['DaemonSet/eks-pod-identity-agent'], {
    source: `${ADD_ONS}#add-ons-pod-id`,
  }),
  addOn('eks-node-monitoring-agent', ['DaemonSet/eks-node-monitoring-agent', 'DaemonSet/dcgm-server'], {
    source: `${ADD_ONS}#add-ons-eks-node-monitoring-agent`,
  }),
  addOn('metrics-server', ['Deployment/metrics-server'], { source: `${GUIDE}/community-addons.html` }),
  // Names by the templates of https://github.com/aws-observability/helm-charts, from which the add-on is made.
  addOn(
    'amazon-cloudwatch-observability',
    [
      'Deployment/amazon-cloudwatch-observability-controller-manager',
      'DaemonSet/cloudwatch-agent',
      'DaemonSet/cloudwatch-agent-windows',
      'DaemonSet/cloudwatch-agent-windows-container-insights',
      'Deployment/cloudwatch-agent-cluster-scraper',
      'DaemonSet/fluent-bit',
      'DaemonSet/fluent-bit-windows',
      'DaemonSet/dcgm-exporter',
      'DaemonSet/neuron-monitor',
      'DaemonSet/node-exporter',
      'Deployment/cwagent-kube-state-metrics',
    ],
    { namespace: 'amazon-cloudwatch', source: `${ADD_ONS}#amazon-cloudwatch-observability` },
  ),
  addOn('aws-network-flow-monitoring-agent', ['DaemonSet/aws-network-flow-monitor-agent'], {
    namespace: 'amazon-network-flow-monitor',
    source: `${ADD_ONS}#addons-network-flow`,
  }),
  addOn(
    'adot',
    ['Deployment/opentelemetry-operator', 'Deployment/opentelemetry-operator-controller-manager'],
    {
      namespace: 'opentelemetry-operator-system',
      source: `${ADD_ONS}#add-ons-adot`,
    },
  ),
  {
    managedBy: 'GuardDuty',
    namespace: 'amazon-guardduty',
    workloads: ['DaemonSet/aws-guardduty-agent'],
    publisher: 'guardduty',
    source: `${ADD_ONS}#add-ons-guard-duty`,
  },
];
