import { describe, expect, test } from '@jest/globals';
import type { PodClass } from '../../lambda/inventory/pod-class.ts';
import { BY_CONFIGURATION, managedBy } from '../../lambda/ownership/managed.ts';
import { MANAGED_BY_AWS } from '../../lambda/ownership/managed-list.ts';
import { isPublishedBy } from '../../lambda/ownership/publishers.ts';
import { createOwnership } from '../../lambda/ownership/whose.ts';
import { aClass, aContainer, aSpec, NOW } from '../support/builders.ts';

const EKS = '602401143452.dkr.ecr.eu-west-1.amazonaws.com';

interface Workload {
  readonly on: string;
  readonly images?: readonly (string | null)[];
  readonly debug?: string;
}

/** One class of `namespace/Kind/name`. */
function classOf({ on, images = [`${EKS}/eks/coredns:v1.11.4-eksbuild.2`], debug }: Workload): PodClass {
  const [namespace = '', kind = '', name = ''] = on.split('/');
  const containers = images.map((image, index) => aContainer(`c${index}`, { image }));
  const spec = aSpec({
    containers:
      debug === undefined
        ? containers
        : [...containers, aContainer('debugger', { image: debug, type: 'ephemeral' })],
  });
  return { ...aClass({ spec }), workload: { namespace, kind, name } };
}

const managed = (...workloads: readonly Workload[]): string | null =>
  managedBy(workloads.map(classOf), [])?.by ?? null;
const COREDNS = 'kube-system/Deployment/coredns';

describe('workloads that AWS manages', () => {
  test('the add-ons of a cluster are known by namespace, kind, name and the account of their registry', () => {
    expect(managed({ on: COREDNS })).toBe('EKS add-on coredns');
    const cni = [`${EKS}/amazon-k8s-cni:v1.21.1`, `${EKS}/amazon/aws-network-policy-agent:v1.4.1`];
    expect(managed({ on: 'kube-system/DaemonSet/aws-node', images: cni })).toBe('EKS add-on vpc-cni');
    const old = '673884943994.dkr.ecr.eu-west-1.amazonaws.com/aws-guardduty-agent:v1.5.0';
    expect(managed({ on: 'amazon-guardduty/DaemonSet/aws-guardduty-agent', images: [old] })).toBe(
      'GuardDuty',
    );
  });

  test.each<[string, Workload]>([
    ['another namespace', { on: 'shop/Deployment/coredns' }],
    ['another kind', { on: 'kube-system/DaemonSet/coredns' }],
    ['a name that begins alike', { on: 'kube-system/Deployment/coredns-2' }],
    ['an image of somebody else', { on: COREDNS, images: ['docker.io/coredns/coredns:1.11'] }],
    [
      'a private mirror',
      { on: COREDNS, images: ['111122223333.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns:v1'] },
    ],
    [
      'a sidecar of somebody else',
      { on: COREDNS, images: [`${EKS}/eks/coredns:v1`, 'ghcr.io/evil/miner:1'] },
    ],
    ['no image', { on: COREDNS, images: [null] }],
  ])('a workload with %s is not managed', (_, workload) => {
    expect(managed(workload)).toBeNull();
  });

  test('one pod with an image of somebody else is enough for a workload not to be managed', () => {
    expect(managed({ on: COREDNS }, { on: COREDNS, images: ['docker.io/library/alpine:3'] })).toBeNull();
  });

  test('a debug container does not take a workload over', () => {
    expect(managed({ on: COREDNS, debug: 'docker.io/library/busybox:1' })).toBe('EKS add-on coredns');
  });

  test('each entry says where AWS lists it, and matches no name alone', () => {
    for (const { workloads, source, namespace } of MANAGED_BY_AWS) {
      expect(source).toMatch(/^https:\/\/(?:docs\.aws\.amazon\.com|github\.com\/awslabs)\//);
      expect(namespace).toMatch(/^[a-z0-9-]+$/);
      for (const workload of workloads) expect(workload).toMatch(/^[A-Z][A-Za-z]+\/[a-z0-9-]+(?:-\*)?$/);
    }
  });
});

describe('images that AWS publishes', () => {
  test.each([
    `${EKS}/eks/kube-proxy:v1.34.1`,
    '602401143452.dkr.ecr-fips.us-east-1.amazonaws.com/eks/coredns:v1',
    '602401143452.dkr-ecr.eu-west-1.on.aws/eks/coredns:v1',
    '918309763551.dkr.ecr.cn-north-1.amazonaws.com.cn/eks/coredns:v1',
    '013241004608.dkr.ecr.us-gov-west-1.amazonaws.com/eks/coredns:v1',
    '877088126301.dkr.ecr.eusc-de-east-1.amazonaws.eu/eks/coredns:v1',
    'public.ecr.aws/eks-distro/kubernetes-csi/livenessprobe:v2',
    'public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1.50.1',
  ])('%s is one', (image) => {
    expect(isPublishedBy('eks', image)).toBe(true);
  });

  test.each([
    null,
    '',
    'coredns',
    EKS,
    `${EKS}/`,
    'docker.io/602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns:v1',
    '602401143452.dkr.ecr.eu-west-1.amazonaws.com.evil.example/eks/coredns:v1',
    'evil-602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns:v1',
    '602401143452.dkr.ecr.eu-west-1.amazonaws.com:5000/eks/coredns:v1',
    '039403964562.dkr.ecr.us-west-2.amazonaws.com/aws-guardduty-agent:v1',
    'public.ecr.aws/docker/library/alpine:3',
    'public.ecr.aws/eks',
    'public.ecr.aws.evil.example/eks/coredns:v1',
  ])('%s is none', (image) => {
    expect(isPublishedBy('eks', image)).toBe(false);
  });
});

describe('workloads that the configuration says are managed', () => {
  const entry = { match: 'kube-system/DaemonSet/our-*', reason: 'platform', owner: 'platform@example.com' };
  const owners = { labels: [], annotations: [], namespaces: [] };
  const byConfig = (on: string, expires: string) =>
    createOwnership({ owners, managed: { workloads: [{ ...entry, expires }] } }, NOW).ofWorkload([
      classOf({ on, images: ['registry.example.com/agent:1'] }),
    ]).managedBy;

  test('they count through the end of their last day', () => {
    expect(byConfig('kube-system/DaemonSet/our-agent', '2026-11-21')).toBe(BY_CONFIGURATION);
    expect(byConfig('kube-system/DaemonSet/our-agent', '2026-11-20')).toBeNull();
  });

  test('their owner is that of the entry, where nothing else names one', () => {
    const ownership = createOwnership(
      { owners, managed: { workloads: [{ ...entry, expires: '2027-01-01' }] } },
      NOW,
    );
    const group = [
      classOf({ on: 'kube-system/DaemonSet/our-agent', images: ['registry.example.com/agent:1'] }),
    ];
    expect(ownership.ofWorkload(group).owner).toBe('platform@example.com');
  });

  test('namespace, kind and name must match', () => {
    expect(byConfig('shop/DaemonSet/our-agent', '2027-01-01')).toBeNull();
    expect(byConfig('kube-system/Deployment/our-agent', '2027-01-01')).toBeNull();
    expect(byConfig('kube-system/DaemonSet/other', '2027-01-01')).toBeNull();
  });
});
