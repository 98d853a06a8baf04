import { describe, expect, test } from '@jest/globals';
import { fixOf } from '../../lambda/fixes/fix.ts';

const DEFAULT = 'Do what the check says.';

/** What the cause of a policy that is not enforced says, and its finding. */
const fixFor = (because: string, arn: string | null = null) =>
  fixOf({
    cluster: { name: 'prod', arn, accountId: null, region: arn === null ? null : 'eu-west-1' },
    cause: {
      kind: 'policy-not-enforced',
      object: { kind: 'Cluster', namespace: null, name: 'prod', part: because },
    },
    workload: { namespace: 'shop', kind: 'Deployment', name: 'web' },
    group: [],
    pods: { count: 1, names: [] },
    origin: null,
    managedBy: null,
    because,
    remediation: DEFAULT,
  });

/** The sentences that the engine gives (lambda/egress/enforcement), each with what turns enforcement on. */
const REASONS: readonly (readonly [string, RegExp])[] = [
  ['The pod runs on Fargate, where no network policy is enforced.', /EC2 nodes/],
  ['The pod runs on Windows, where the VPC CNI enforces no network policy.', /security groups/],
  [
    'AWS documents that the VPC CNI does not apply network policies to standalone pods, which no controller owns.',
    /as a Deployment or a Job/,
  ],
  [
    'The controller of the VPC CNI is disabled: enable-network-policy-controller of the ConfigMap kube-system/amazon-vpc-cni is not "true".',
    /ConfigMap kube-system\/amazon-vpc-cni/,
  ],
  [
    'On the node of the pod, the VPC CNI has network policies disabled, and no other engine runs there.',
    /enableNetworkPolicy: "true"/,
  ],
  [
    'On the node of the pod, Calico has network policies disabled, and no other engine runs there.',
    /Let the agent/,
  ],
  ['No agent of Cilium runs on the node of the pod.', /Let the agent/],
  ['No agent of the VPC CNI or Calico runs on the node of the pod.', /Let the agent/],
  ['No agent of the VPC CNI runs on the node of the pod.', /Let the agent/],
  ['The VPC CNI does not read this kind.', /Write the policy as a NetworkPolicy/],
  ['Cilium does not read this kind.', /Write the policy as a NetworkPolicy/],
  ['Calico does not read this kind.', /Write the policy as a NetworkPolicy/],
  ['Calico removed this kind in 3.32, and 3.33.0 runs.', /as a ClusterNetworkPolicy/],
  ['Cilium reads this kind from 1.20 on, and 1.18.0 runs.', /Update the network plugin/],
  [
    'Cilium is configured not to read this kind (enable-k8s-networkpolicy: false).',
    /Set that key to "true" in the ConfigMap cilium-config/,
  ],
  [
    'Cilium is configured not to enforce policies (enable-policy: never in cilium-config).',
    /enable-policy: default/,
  ],
  [
    'The VPC CNI applies policies only to the primary interface of a pod: traffic of the other address family is not restricted.',
    /switch off the other one/,
  ],
];

describe('What turns enforcement on depends on why nothing enforces', () => {
  test.each(REASONS)('%s', (because, expected) => {
    const { text, risk } = fixFor(because);
    expect(text).toMatch(expected);
    expect(text.length).toBeLessThan(320);
    expect(risk).not.toBeNull();
  });

  test('what is not known is said as the check says it', () => {
    expect(fixFor('Something that no release said before.').text).toBe(DEFAULT);
  });

  test('only a cluster of EKS has a command that shows its add-on, which changes nothing', () => {
    const off =
      'On the node of the pod, the VPC CNI has network policies disabled, and no other engine runs there.';
    expect(fixFor(off).command).toBeNull();
    expect(fixFor(off, 'arn:aws:eks:eu-west-1:111122223333:cluster/prod').command).toBe(
      'aws eks describe-addon --cluster-name prod --region eu-west-1 --addon-name vpc-cni',
    );
  });
});
