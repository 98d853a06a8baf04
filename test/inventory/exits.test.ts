import { describe, expect, test } from '@jest/globals';
import { readPod } from '../../lambda/collect/read-pod.ts';
import { createPodFold, type NodeFacts } from '../../lambda/inventory/fold.ts';
import type { PodRecord } from '../../lambda/inventory/model.ts';
import {
  type Exits,
  type Machine,
  unreadVpc,
  type VpcInterface,
  type VpcReading,
} from '../../lambda/inventory/vpc.ts';
import { aPod } from '../support/builders.ts';

const anInterface = (subnet: string, ...securityGroups: readonly string[]): VpcInterface => ({
  subnet,
  securityGroups,
  ipv4: true,
  publicIpv4: false,
  ipv6: false,
});
const machine = (...interfaces: readonly [VpcInterface, ...VpcInterface[]]): Machine => ({
  interfaces,
  metadata: { enabled: true, tokens: 'optional', hopLimit: 2, ipv6: false },
});

const A = anInterface('subnet-a', 'sg-node');
const B = anInterface('subnet-b', 'sg-node');
const POD = anInterface('subnet-a', 'sg-pod');

const reading = (facts: Partial<VpcReading> = {}): VpcReading => ({
  machines: new Map([
    ['node-a', machine(A)],
    ['node-a2', machine({ ...A })],
    ['node-b', machine(B)],
  ]),
  podInterfaces: new Map([['eni-1', POD]]),
  facts: { unread: 'not of interest' },
  ...facts,
});

function fold(
  pods: readonly PodRecord[],
  vpc: VpcReading | undefined,
  nodes: ReadonlyMap<string, NodeFacts> = new Map(),
) {
  const made = createPodFold({ labelKeys: new Set(), nodes });
  for (const pod of pods) made.add(pod);
  return made.finish(new Map(), vpc && { vpc });
}

const exitsOf = (pods: readonly PodRecord[], vpc: VpcReading | undefined = reading()): Exits | undefined =>
  fold(pods, vpc).classes.find(({ workload }) => workload.name === 'web')?.exits;

/** A pod of the VPC CNI on a node. */
const cni = (on: string, env: Readonly<Record<string, string>> = {}): PodRecord =>
  readPod({
    metadata: {
      name: `aws-node-${on}`,
      namespace: 'kube-system',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', controller: true }],
    },
    spec: {
      nodeName: on,
      hostNetwork: true,
      containers: [
        { name: 'aws-node', env: Object.entries(env).map(([name, value]) => ({ name, value })) },
        { name: 'aws-eks-nodeagent', args: ['--enable-network-policy=true'] },
      ],
    },
    status: { phase: 'Running' },
  });

test('hybrid nodes are no instances of the VPC', () => {
  const nodes = new Map([['node-h', { os: 'linux', compute: 'hybrid' } as const]]);
  const { classes } = fold([aPod({ nodeName: 'node-h' })], reading(), nodes);
  expect(classes[0]?.exits).toMatchObject({
    ways: [],
    unknown: ['Hybrid nodes are outside of the VPC: what is routed there is not read.'],
  });
});

test('pods leave by the interfaces of their nodes, equal ones once for any number of nodes', () => {
  const pods = ['node-a', 'node-a2', 'node-b', 'node-b'].map((nodeName) => aPod({ nodeName }));
  expect(exitsOf(pods)).toMatchObject({
    ways: [
      { through: A, traffic: 'all' },
      { through: B, traffic: 'all' },
    ],
    unknown: [],
  });
});

test('all interfaces of a node count: which one a pod takes is not read', () => {
  const vpc = reading({
    machines: new Map([['node-a', machine(A, anInterface('subnet-pods', 'sg-eniconfig'))]]),
  });
  expect(exitsOf([aPod()], vpc)?.ways.map(({ through }) => through.subnet)).toEqual([
    'subnet-a',
    'subnet-pods',
  ]);
});

test('a source without a VPC says nothing of ways out', () => {
  const [made] = fold([aPod()], undefined).classes;
  expect(made).not.toHaveProperty('exits');
});

describe('a pod with an interface of its own', () => {
  const pod = aPod({ networkInterface: 'eni-1' });

  test.each([
    ['strict, which is the default', {}, [{ through: POD, traffic: 'all' }]],
    ['strict', { POD_SECURITY_GROUP_ENFORCING_MODE: 'strict' }, [{ through: POD, traffic: 'all' }]],
    [
      'standard: traffic out of the VPC has the address and the groups of the node',
      { POD_SECURITY_GROUP_ENFORCING_MODE: 'standard' },
      [
        { through: POD, traffic: 'all but outside IPv4' },
        { through: A, traffic: 'outside IPv4' },
      ],
    ],
    [
      'standard, with source NAT outside',
      { POD_SECURITY_GROUP_ENFORCING_MODE: 'standard', AWS_VPC_K8S_CNI_EXTERNALSNAT: 'true' },
      [{ through: POD, traffic: 'all' }],
    ],
    [
      'a mode that nobody knows: both count',
      { POD_SECURITY_GROUP_ENFORCING_MODE: 'lenient' },
      [
        { through: POD, traffic: 'all' },
        { through: A, traffic: 'outside IPv4' },
      ],
    ],
  ])('%s', (_, env, ways) => {
    expect(exitsOf([pod, cni('node-a', env)])).toMatchObject({ ways, unknown: [] });
  });

  test('without the agent of the node both count', () => {
    expect(exitsOf([pod])?.ways.map(({ traffic }) => traffic)).toEqual(['all', 'outside IPv4']);
  });

  test('and another node is left by that alone', () => {
    const exits = exitsOf([pod, aPod({ nodeName: 'node-b' }), cni('node-a'), cni('node-b')]);
    expect(exits?.ways.map(({ through }) => through)).toEqual([B, POD]);
  });

  test('with replicas that have none, those leave by the node', () => {
    expect(exitsOf([pod, aPod(), cni('node-a')])?.ways).toEqual([
      { through: A, traffic: 'all' },
      { through: POD, traffic: 'all' },
    ]);
  });

  test('is unknown where EC2 does not list it, or was not allowed to', () => {
    const all = [pod, cni('node-a')];
    expect(exitsOf(all, reading({ podInterfaces: new Map() }))?.unknown).toEqual([
      expect.stringMatching(/does not list/),
    ]);
    expect(exitsOf(all, reading({ podInterfaces: { unread: 'Denied. Allow it.' } }))).toMatchObject({
      ways: [],
      unknown: ['Denied. Allow it.'],
    });
  });
});

describe('the kinds of nodes where pods share interfaces', () => {
  const own = aPod({ networkInterface: 'eni-1' });
  const ended = aPod({ phase: 'Succeeded' });

  test.each([
    ['a pod without one of its own', [aPod()], ['ec2']],
    ['a pod with one', [own], []],
    ['one of each on a node', [own, aPod()], ['ec2']],
    ['one of each on nodes of two kinds', [own, aPod({ nodeName: 'node-b' })], ['auto']],
    ['a pod on a node that was not read', [aPod({ nodeName: 'node-x' })], ['unknown']],
    ['pods that ended or never began', [ended, aPod({ nodeName: null })], []],
  ])('%s', (_, pods, kinds) => {
    const nodes = new Map([
      ['node-a', { os: null, compute: 'ec2' as const }],
      ['node-b', { os: null, compute: 'auto' as const }],
    ]);
    expect(fold(pods, reading(), nodes).classes[0]?.exits?.sharedOn).toEqual(kinds);
  });
});

describe('what is not known', () => {
  test('a node that EC2 does not list leaves the others standing', () => {
    const pods = ['node-a', 'node-x', 'node-y'].map((nodeName) => aPod({ nodeName }));
    const exits = exitsOf(pods);
    expect(exits?.ways).toHaveLength(1);
    expect(exits?.unknown).toEqual([
      expect.stringMatching(/no instance of the VPC for the node node-x and 1 more/),
    ]);
  });

  test('a node that EC2 does not list is told of each class that is there', () => {
    const on = (name: string) =>
      aPod({ nodeName: 'node-x', owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name } });
    const { classes } = fold([on('one'), on('other')], reading());
    const reason = expect.stringMatching(/no instance of the VPC for the node node-x,/);
    expect(classes.map(({ exits }) => exits?.unknown)).toEqual([[reason], [reason]]);
  });

  test('pods on no node, and manifests', () => {
    for (const pod of [aPod({ nodeName: null, phase: 'Pending' }), aPod({ source: 'template' })]) {
      expect(exitsOf([pod])).toMatchObject({ ways: [], unknown: [expect.stringMatching(/on no node/)] });
    }
  });

  test('pods that ended count where nothing else runs, but not on nodes that are gone', () => {
    const ended = (nodeName: string) => aPod({ nodeName, phase: 'Succeeded' });
    expect(exitsOf([ended('node-a'), ended('node-gone')])).toMatchObject({
      ways: [{ through: A, traffic: 'all' }],
      unknown: [],
    });
    expect(exitsOf([ended('node-gone')])?.unknown).toEqual([expect.stringMatching(/on no node/)]);
    expect(exitsOf([ended('node-a'), aPod({ nodeName: 'node-b' })])?.ways).toEqual([
      { through: B, traffic: 'all' },
    ]);
  });

  test('all of it when nothing could be read', () => {
    expect(exitsOf([aPod()], unreadVpc('Denied. Allow it.'))).toMatchObject({
      ways: [],
      unknown: ['Denied. Allow it.'],
    });
  });
});

test('metadata options of the instance stand beside what a node is', () => {
  const { network } = fold([aPod()], reading());
  expect(network.nodes.get('node-a')?.metadata).toEqual({
    enabled: true,
    tokens: 'optional',
    hopLimit: 2,
    ipv6: false,
  });
  expect(fold([aPod()], undefined).network.nodes.get('node-a')).not.toHaveProperty('metadata');
});
