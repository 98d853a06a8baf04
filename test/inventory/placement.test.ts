import { describe, expect, test } from '@jest/globals';
import { readPod } from '../../lambda/collect/pods/read-pod.ts';
import { createPodFold, type FoldResult } from '../../lambda/inventory/fold.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import { aPod } from '../support/builders.ts';

/** A pod of the VPC CNI, as kubectl shows it. */
function awsNode({
  on = 'node-a',
  namespace = 'kube-system',
  enabled = 'true',
  change = {},
} = {}): PodRecord {
  return readPod({
    metadata: {
      name: `aws-node-${on}`,
      namespace,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', controller: true }],
    },
    spec: {
      nodeName: on,
      hostNetwork: true,
      containers: [
        {
          name: 'aws-node',
          env: [
            { name: 'NETWORK_POLICY_ENFORCING_MODE', value: 'strict' },
            { name: 'PASSWORD', value: 'x' },
          ],
        },
        {
          name: 'aws-eks-nodeagent',
          image: 'example.com/aws-network-policy-agent:v1.4.1-eksbuild.1',
          args: ['--enable-ipv6=false', `--enable-network-policy=${enabled}`],
        },
      ],
      ...change,
    },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'aws-eks-nodeagent', state: { running: {} } }],
    },
  });
}

function fold(...pods: readonly PodRecord[]): FoldResult {
  const made = createPodFold({
    labelKeys: new Set(),
    nodes: new Map([
      ['node-a', { os: 'linux', compute: 'ec2' }],
      ['fargate-1', { os: 'linux', compute: 'fargate' }],
    ]),
  });
  for (const pod of pods) made.add(pod);
  return made.finish(new Map());
}

const placementsOf = ({ classes }: FoldResult) =>
  classes.find(({ workload }) => workload.name === 'web')?.placements;

describe('the agents on a node', () => {
  test('the agents of a node are known from its pods, whether these are read before or after the others', () => {
    const expected = [
      {
        pods: 1,
        network: {
          compute: 'ec2',
          agents: [
            {
              engine: 'vpc-cni',
              container: 'aws-eks-nodeagent',
              version: '1.4.1',
              enabled: true,
              ipv6: false,
              mode: 'strict',
              egressV4: null,
              egressV6: null,
              podGroups: 'all traffic',
              externalSnat: false,
              untranslated: [],
              running: true,
            },
          ],
        },
      },
    ];
    expect(placementsOf(fold(aPod(), awsNode()))).toEqual(expected);
    expect(placementsOf(fold(awsNode(), aPod()))).toEqual(expected);
  });

  test.each([
    ['in a namespace of anybody', { namespace: 'shop' }],
    ['that is not on the network of its node', { change: { hostNetwork: false } }],
  ])('pods %s are not taken for the VPC CNI', (_, facts) => {
    expect(placementsOf(fold(awsNode(facts), aPod()))).toEqual([
      { pods: 1, network: { compute: 'ec2', agents: [] } },
    ]);
  });

  test('agents do not enforce policies where the node agent is left out', () => {
    const record = awsNode({ change: { containers: [{ name: 'aws-node' }] } });
    expect(record.spec.policyAgent).toMatchObject({ engine: 'vpc-cni', enabled: false });
  });

  test.each([
    ['maybe', null],
    ['0', false],
    ['True', true],
  ])('agents parse --enable-network-policy=%s as Go does', (enabled, expected) => {
    expect(awsNode({ enabled }).spec.policyAgent?.enabled).toBe(expected);
  });

  test('agents are uncertain while two of them on a node differ', () => {
    const found = placementsOf(fold(awsNode(), awsNode({ enabled: 'false' }), aPod()));
    expect(found?.[0]?.network?.agents).toMatchObject([{ enabled: null }]);
  });
});

describe('the pods of a class', () => {
  test('pods of a class are counted by the compute type and the agents of their nodes', () => {
    const found = fold(
      aPod(),
      aPod({ name: 'b' }),
      aPod({ name: 'c', nodeName: 'fargate-1' }),
      aPod({ name: 'd', nodeName: null }),
    );
    expect(placementsOf(found)?.map(({ pods, network }) => [pods, network?.compute ?? null])).toEqual([
      [2, 'ec2'],
      [1, 'fargate'],
      [1, null],
    ]);
  });

  test('ended pods of a class count only if nothing else runs, and their node still exists', () => {
    const ended = { phase: 'Succeeded', nodeName: 'fargate-1' };
    expect(placementsOf(fold(aPod(), aPod({ name: 'b', ...ended })))).toMatchObject([{ pods: 1 }]);
    expect(placementsOf(fold(aPod({ ...ended })))).toMatchObject([
      { pods: 1, network: { compute: 'fargate' } },
    ]);
    expect(placementsOf(fold(aPod({ ...ended, nodeName: 'gone' })))).toEqual([]);
  });
});
