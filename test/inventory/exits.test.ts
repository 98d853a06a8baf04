import { describe, expect, test } from '@jest/globals';
import { readPod } from '../../lambda/collect/pods/read-pod.ts';
import type { IpFamily } from '../../lambda/inventory/engine-settings.ts';
import { createPodFold, type NodeFacts } from '../../lambda/inventory/fold.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import {
  type Exits,
  type Machine,
  unreadVpc,
  type VpcInterface,
  type VpcReading,
} from '../../lambda/inventory/vpc.ts';
import { aPod, aSpec } from '../support/builders.ts';

const anInterface = (subnet: string, ...securityGroups: readonly string[]): VpcInterface => ({
  subnet,
  securityGroups,
  ipv4: true,
  publicIpv4: false,
  publicSecondary: false,
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
  { nodes = new Map(), ipFamily }: Known = {},
) {
  const made = createPodFold({ labelKeys: new Set(), nodes });
  for (const pod of pods) made.add(pod);
  return made.finish(new Map(), { ...(vpc && { vpc }), ...(ipFamily && { ipFamily }) });
}

interface Known {
  readonly nodes?: ReadonlyMap<string, NodeFacts>;
  readonly ipFamily?: IpFamily;
}

const exitsOf = (
  pods: readonly PodRecord[],
  vpc: VpcReading | undefined = reading(),
  known: Known = {},
): Exits | undefined => fold(pods, vpc, known).classes.find(({ workload }) => workload.name === 'web')?.exits;

/** A pod of the VPC CNI on a node. */
const cni = (
  on: string,
  env: Readonly<Record<string, string>> = {},
  { args = ['--enable-network-policy=true'], more = {} }: { args?: string[]; more?: object } = {},
): PodRecord =>
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
        { name: 'aws-node', env: Object.entries(env).map(([name, value]) => ({ name, value })), ...more },
        { name: 'aws-eks-nodeagent', args },
      ],
    },
    status: { phase: 'Running' },
  });

test('hybrid nodes are no instances of the VPC', () => {
  const nodes = new Map([['node-h', { os: 'linux', compute: 'hybrid' } as const]]);
  const { classes } = fold([aPod({ nodeName: 'node-h' })], reading(), { nodes });
  expect(classes[0]?.exits).toMatchObject({
    ways: [],
    unknown: ['Hybrid nodes are outside the VPC, and their routes are not read.'],
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

describe('a pod that shares the interfaces of its node', () => {
  const PUBLIC = { ...A, publicIpv4: true };
  const PODS = anInterface('subnet-pods', 'sg-eniconfig');
  const onNode = (...interfaces: readonly [VpcInterface, ...VpcInterface[]]) =>
    reading({ machines: new Map([['node-a', machine(...interfaces)]]) });
  const waysOf = (
    interfaces: readonly [VpcInterface, ...VpcInterface[]],
    env: Readonly<Record<string, string>> | null = {},
    known: Known = {},
  ) => exitsOf([aPod(), ...(env === null ? [] : [cni('node-a', env)])], onNode(...interfaces), known)?.ways;

  test('a pod leaves the VPC by the primary interface and its address, and stays in it by its own interface', () => {
    expect(waysOf([PUBLIC, PODS])).toEqual([
      { through: PUBLIC, traffic: 'outside IPv4' },
      { through: A, or: [PODS], traffic: 'all but outside IPv4' },
    ]);
  });

  test('a pod leaves by the only interface of its node', () => {
    expect(waysOf([A, { ...A }])).toEqual([{ through: A, traffic: 'all' }]);
  });

  test('a pod with external SNAT leaves with its own address, which is not public', () => {
    expect(waysOf([PUBLIC, PODS], { AWS_VPC_K8S_CNI_EXTERNALSNAT: 'true' })).toEqual([
      { through: A, or: [PODS], traffic: 'all' },
    ]);
  });

  test('a pod with external SNAT may leave with its own public address where a secondary address has an Elastic IP', () => {
    const given = { ...PUBLIC, publicSecondary: true };
    expect(waysOf([given], { AWS_VPC_K8S_CNI_EXTERNALSNAT: 'true' })).toEqual([
      { through: { ...given, publicIpv4: null }, traffic: 'all' },
    ]);
  });

  test('a pod keeps its own address to ranges without source NAT', () => {
    const env = { AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: '192.168.0.0/16, 172.16.0.0/12' };
    const untranslated = ['192.168.0.0/16', '172.16.0.0/12'];
    expect(waysOf([PUBLIC], env)).toEqual([
      { through: PUBLIC, traffic: 'outside IPv4', untranslated },
      { through: A, traffic: 'all but outside IPv4', untranslated },
    ]);
  });

  test.each([
    ['no agent of the VPC CNI', null],
    ['ranges that leave by the primary interface', { AWS_EXTERNAL_SERVICE_CIDRS: '10.9.0.0/16' }],
    ['a value that is no boolean', { AWS_VPC_K8S_CNI_EXTERNALSNAT: 'perhaps' }],
  ])('%s: the pod may leave either way', (_, env) => {
    expect(waysOf([PUBLIC, PODS], env)).toEqual([{ through: PUBLIC, or: [A, PODS], traffic: 'all' }]);
  });

  test('a pod may leave either way where the settings of the VPC CNI are in a ConfigMap', () => {
    const elsewhere = cni('node-a', {}, { more: { envFrom: [{ configMapRef: { name: 'cni' } }] } });
    expect(exitsOf([aPod(), elsewhere], onNode(PUBLIC))?.ways).toEqual([
      { through: PUBLIC, or: [A], traffic: 'all' },
    ]);
  });

  const DUAL = { ...PUBLIC, ipv6: true };
  const IPV6_ALONE = { ...A, ipv4: false, ipv6: true };

  test('a pod of an IPv4 cluster has no IPv6 address, whatever its node has', () => {
    expect(waysOf([DUAL])).toEqual([
      { through: PUBLIC, traffic: 'outside IPv4' },
      { through: A, traffic: 'all but outside IPv4' },
    ]);
    expect(waysOf([{ ...A, ipv6: true }], null, { ipFamily: 'ipv4' })).toContainEqual({
      through: A,
      traffic: 'all',
    });
  });

  test('a pod of an IPv4 cluster leaves by the IPv6 address of the node where the VPC CNI allows it', () => {
    expect(waysOf([DUAL], { ENABLE_V6_EGRESS: 'true' })).toContainEqual({
      through: IPV6_ALONE,
      traffic: 'all',
    });
  });

  test('a pod of an IPv6 cluster has its own IPv6 address, and uses the IPv4 address of the node unless that is off', () => {
    const known = { ipFamily: 'ipv6' } as const;
    expect(waysOf([DUAL], {}, known)).toEqual([
      { through: PUBLIC, traffic: 'all' },
      { through: IPV6_ALONE, traffic: 'all' },
    ]);
    expect(waysOf([DUAL], { ENABLE_V4_EGRESS: 'false' }, known)).toEqual([
      { through: IPV6_ALONE, traffic: 'all' },
    ]);
  });

  test('a pod of a cluster with an unknown IP family has one of both', () => {
    const NEITHER = { ...A, ipv4: false };
    expect(waysOf([{ ...A, ipv6: true }], null)).toEqual([
      { through: A, or: [NEITHER], traffic: 'all' },
      { through: IPV6_ALONE, or: [NEITHER], traffic: 'all' },
    ]);
  });

  test('a pod on the host network leaves by any interface and by both families', () => {
    const pod = aPod({ spec: aSpec({ hostNetwork: true }) });
    expect(exitsOf([pod, cni('node-a')], onNode(DUAL, PODS))?.ways).toEqual([
      { through: DUAL, traffic: 'all' },
      { through: PODS, traffic: 'all' },
    ]);
  });
});

test('a source without a VPC says nothing of the ways out', () => {
  const [made] = fold([aPod()], undefined).classes;
  expect(made).not.toHaveProperty('exits');
});

describe('a pod with a separate network interface', () => {
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
      'standard: ranges without source NAT are as those of the VPC',
      {
        POD_SECURITY_GROUP_ENFORCING_MODE: 'standard',
        AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS: '192.168.0.0/16',
      },
      [
        { through: POD, traffic: 'all but outside IPv4', untranslated: ['192.168.0.0/16'] },
        { through: A, traffic: 'outside IPv4', untranslated: ['192.168.0.0/16'] },
      ],
    ],
    [
      'a mode that nobody knows: out of the VPC either is possible',
      { POD_SECURITY_GROUP_ENFORCING_MODE: 'lenient' },
      [
        { through: POD, traffic: 'all but outside IPv4' },
        { through: POD, or: [A], traffic: 'outside IPv4' },
      ],
    ],
  ])('the ways out of a branch interface under the enforcing mode %s', (_, env, ways) => {
    expect(exitsOf([pod, cni('node-a', env)])).toMatchObject({ ways, unknown: [] });
  });

  test('a pod with a branch interface may leave either way where the VPC CNI was not seen on its node', () => {
    expect(exitsOf([pod])?.ways).toEqual([
      { through: POD, traffic: 'all but outside IPv4' },
      { through: POD, or: [A], traffic: 'outside IPv4' },
    ]);
  });

  test('a branch interface has an IPv6 address only in IPv6 clusters', () => {
    const dual = reading({ podInterfaces: new Map([['eni-1', { ...POD, ipv6: true }]]) });
    expect(exitsOf([pod, cni('node-a')], dual)?.ways).toEqual([{ through: POD, traffic: 'all' }]);
    expect(exitsOf([pod, cni('node-a')], dual, { ipFamily: 'ipv6' })?.ways).toEqual([
      { through: { ...POD, ipv4: false, ipv6: true }, traffic: 'all' },
      { through: POD, or: [A], traffic: 'all' },
    ]);
  });

  test('a node whose pods all have branch interfaces is not a way out itself', () => {
    const exits = exitsOf([pod, aPod({ nodeName: 'node-b' }), cni('node-a'), cni('node-b')]);
    expect(exits?.ways.map(({ through }) => through)).toEqual([B, POD]);
  });

  test('replicas without a branch interface leave by the interfaces of their node', () => {
    expect(exitsOf([pod, aPod(), cni('node-a')])?.ways).toEqual([
      { through: A, traffic: 'all' },
      { through: POD, traffic: 'all' },
    ]);
  });

  test('a branch interface is unknown where EC2 does not list it, or listing is not allowed', () => {
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
  ])('pods share interfaces on the compute types that follow from %s', (_, pods, kinds) => {
    const nodes = new Map([
      ['node-a', { os: null, compute: 'ec2' as const }],
      ['node-b', { os: null, compute: 'auto' as const }],
    ]);
    expect(fold(pods, reading(), { nodes }).classes[0]?.exits?.sharedOn).toEqual(kinds);
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

  test('a node that EC2 does not list is noted for each class that is on it', () => {
    const on = (name: string) =>
      aPod({ nodeName: 'node-x', owner: { apiVersion: 'apps/v1', kind: 'StatefulSet', name } });
    const { classes } = fold([on('one'), on('other')], reading());
    const reason = expect.stringMatching(/no instance of the VPC for the node node-x,/);
    expect(classes.map(({ exits }) => exits?.unknown)).toEqual([[reason], [reason]]);
  });

  test('pods on no node, and manifests, have unknown ways out', () => {
    for (const pod of [aPod({ nodeName: null, phase: 'Pending' }), aPod({ source: 'template' })]) {
      expect(exitsOf([pod])).toMatchObject({ ways: [], unknown: [expect.stringMatching(/on no node/)] });
    }
  });

  test('ended pods count where nothing else runs, but not on nodes that are gone', () => {
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

  test('all ways out are unknown when nothing could be read', () => {
    expect(exitsOf([aPod()], unreadVpc('Denied. Allow it.'))).toMatchObject({
      ways: [],
      unknown: ['Denied. Allow it.'],
    });
  });
});

test('metadata options of the instance are kept with the node', () => {
  const { network } = fold([aPod()], reading());
  expect(network.nodes.get('node-a')?.metadata).toEqual({
    enabled: true,
    tokens: 'optional',
    hopLimit: 2,
    ipv6: false,
  });
  expect(fold([aPod()], undefined).network.nodes.get('node-a')).not.toHaveProperty('metadata');
});
