import { describe, expect, test } from '@jest/globals';
import { defaultConfig } from '../../../lambda/config/load.ts';
import type { EgressView } from '../../../lambda/egress/answers/egress-view.ts';
import type { PlacedPod } from '../../../lambda/egress/enforcement/placed-pod.ts';
import { createEgress } from '../../../lambda/egress/engine.ts';
import type { EngineSettings } from '../../../lambda/inventory/engine-settings.ts';
import type { NetworkFacts } from '../../../lambda/inventory/network.ts';
import type { NodeNetwork } from '../../../lambda/inventory/node-network.ts';
import type { PolicyAgent } from '../../../lambda/inventory/policy-agent.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { allow, aPolicy } from '../../support/builders.ts';
import { SETTINGS } from './settings.ts';

function anAgent(facts: Partial<PolicyAgent> = {}): PolicyAgent {
  return {
    engine: 'vpc-cni',
    container: 'aws-eks-nodeagent',
    version: '1.4.1',
    enabled: true,
    running: true,
    ipv6: false,
    mode: 'standard',
    egressV4: null,
    egressV6: null,
    ...facts,
  };
}

const node = (...agents: readonly PolicyAgent[]): NodeNetwork => ({ compute: 'ec2', agents });
const vpcCni = node(anAgent());

interface Case {
  readonly policies?: readonly PolicyObject[];
  /** Where the pod is; `null`: nowhere. */
  readonly on?: NodeNetwork | null;
  readonly others?: readonly NodeNetwork[];
  readonly pod?: Partial<PlacedPod>;
  readonly hostNetwork?: boolean;
  readonly complete?: boolean;
  readonly settings?: Partial<EngineSettings>;
}

const closed = aPolicy({});

function look({
  policies = [closed],
  on = vpcCni,
  others = [],
  pod = {},
  hostNetwork = false,
  complete = true,
  settings = {},
}: Case) {
  const kinds = [...new Set([...(on === null ? [] : [on]), ...others])];
  const network: NetworkFacts = {
    nodes: new Map(kinds.map((kind, at) => [`n${at}`, kind])),
    kinds,
    complete,
    settings: { ...SETTINGS, ...settings },
  };
  const engine = createEgress({ policies, namespaces: new Map(), config: defaultConfig().egress, network });
  const view: EgressView = engine.view({ namespace: 'shop', labels: {}, hostNetwork });
  const placed: PlacedPod = {
    os: 'linux',
    standalone: false,
    placements: [{ network: on, pods: 2 }],
    ...pod,
  };
  return {
    verdict: view.enforcement(placed),
    enforced: view.enforced(placed),
    declared: view.answer.declared,
    effective: view.effective(placed),
  };
}

const ALL = [
  { from: '0.0.0.0', to: '255.255.255.255', ports: 'all' },
  { from: '::', to: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ports: 'all' },
];
/** All that pods of an IPv4 cluster have an address for. */
const ALL_IPV4 = ALL.slice(0, 1);

const of = (apiVersion: string, kind: string): PolicyObject => ({
  ...closed,
  apiVersion,
  kind,
  namespace: apiVersion.startsWith('policy.') || kind === 'ClusterNetworkPolicy' ? '' : 'shop',
  spec: SPECS[kind],
});

const SPECS: Readonly<Record<string, unknown>> = {
  AdminNetworkPolicy: {
    priority: 1,
    subject: { namespaces: {} },
    egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }],
  },
  ClusterNetworkPolicy: {
    tier: 'Admin',
    priority: 1,
    subject: { namespaces: {} },
    egress: [{ action: 'Deny', to: [{ networks: ['0.0.0.0/0'] }] }],
  },
  CiliumNetworkPolicy: { endpointSelector: {}, egress: [{}] },
};

describe('policies take effect', () => {
  test('policies take effect where the agent of the VPC CNI runs with --enable-network-policy=true', () => {
    expect(look({})).toMatchObject({
      verdict: { state: 'enforced', engines: ['the VPC CNI'] },
      enforced: { external: [] },
      declared: { external: [], hosts: [] },
    });
  });

  // Calico beside the VPC CNI, which leaves policies to it.
  test('policies take effect where another engine runs beside a VPC CNI with network policies disabled', () => {
    const both = node(anAgent({ engine: 'calico' }), anAgent({ enabled: false }));
    expect(look({ on: both }).verdict).toEqual({ state: 'enforced', engines: ['Calico'] });
  });

  test('policies take effect for unscheduled pods if every node enforces them', () => {
    expect(look({ on: null, others: [vpcCni] }).verdict.state).toBe('enforced');
    expect(look({ on: null, others: [vpcCni, node(anAgent({ enabled: false }))] }).verdict.state).toBe(
      'unknown',
    );
    expect(look({ on: null }).verdict.state).toBe('unknown');
  });
});

describe('policies take no effect, and the pod reaches everything', () => {
  // https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html, Considerations
  test.each<[string, Case, RegExp]>([
    ['the VPC CNI has them switched off', { on: node(anAgent({ enabled: false })) }, /disabled/],
    ['on Fargate', { on: { compute: 'fargate', agents: [] }, others: [vpcCni] }, /Fargate/],
    ['on Windows', { on: node(), others: [vpcCni], pod: { os: 'windows' } }, /Windows/],
    [
      'no agent runs on the node',
      { on: node(), others: [vpcCni] },
      /No agent of the VPC CNI runs on the node/,
    ],
    ['no controller owns the pod', { pod: { standalone: true } }, /standalone/],
  ])('policies take no effect: %s', (_, facts, because) => {
    const { verdict, enforced } = look(facts);
    expect(verdict).toMatchObject({
      state: 'not-enforced',
      gaps: [{ policies: ['NetworkPolicy shop/policy'], because: expect.stringMatching(because), pods: 2 }],
    });
    expect(enforced).toEqual({ external: ALL_IPV4 });
  });

  test('policies take no effect on standalone pods under the VPC CNI only', () => {
    expect(look({ on: node(anAgent({ engine: 'cilium' })), pod: { standalone: true } }).verdict.state).toBe(
      'enforced',
    );
  });

  // https://github.com/aws/aws-network-policy-agent#enable-ipv6
  test('policies take no effect for IPv4, which leaves an IPv6 cluster through a separate interface', () => {
    const policies = [aPolicy({ egress: [allow(['2001:db8::/32'])] })];
    const { verdict, enforced } = look({ policies, on: node(anAgent({ ipv6: true })) });
    expect(verdict).toMatchObject({
      state: 'not-enforced',
      gaps: [{ because: expect.stringMatching(/IPv4/) }],
    });
    expect(enforced).toEqual({
      external: [ALL[0], { from: '2001:db8::', to: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff', ports: 'all' }],
    });
    const without = node(anAgent({ ipv6: true, egressV4: false }));
    expect(look({ policies, on: without }).verdict.state).toBe('enforced');
  });

  test('policies take no effect for IPv6 in an IPv4 cluster where ENABLE_V6_EGRESS is set', () => {
    const { enforced } = look({ on: node(anAgent({ egressV6: true })) });
    expect(enforced).toEqual({ external: [ALL[1]] });
  });

  test('policies without effect on some nodes: only those pods count, and the answer is the widest', () => {
    const off = node(anAgent({ enabled: false }));
    const placements = [
      { network: vpcCni, pods: 5 },
      { network: off, pods: 1 },
    ];
    const { verdict, enforced } = look({ others: [off], pod: { placements } });
    expect(verdict).toMatchObject({ state: 'not-enforced', gaps: [{ pods: 1, on: off }] });
    expect(verdict.state === 'not-enforced' && [verdict.concerns('n0'), verdict.concerns('n1')]).toEqual([
      false,
      true,
    ]);
    expect(enforced).toEqual({ external: ALL_IPV4 });
    const turned = look({ others: [off], pod: { placements: placements.toReversed() } });
    expect(turned.enforced).toEqual({ external: ALL_IPV4 });
  });
});

describe('it is not known', () => {
  test.each<[string, Case, RegExp]>([
    ['without any agent that is known', { on: node() }, /Which program enforces/],
    [
      'the node was not read',
      { on: { compute: 'unknown', agents: [] }, others: [vpcCni] },
      /node itself was not read/,
    ],
    ['not all pods were read', { on: node(), others: [vpcCni], complete: false }, /not all pods were read/],
    ['the agent does not run', { on: node(anAgent({ running: false })) }, /does not run/],
    ['the agent does not say that it is running', { on: node(anAgent({ running: null })) }, /does not run/],
    [
      'the agent does not say whether it enforces',
      { on: node(anAgent({ enabled: null })) },
      /does not say so/,
    ],
    ['on Auto Mode nodes', { on: { compute: 'auto', agents: [] }, others: [vpcCni] }, /Auto Mode/],
    ['no pod is on a node that was read', { pod: { placements: [] } }, /no pod of it is on a node/],
  ])('whether policies take effect is unknown: %s', (_, facts, message) => {
    const { verdict, enforced } = look(facts);
    expect(verdict).toMatchObject({ state: 'unknown', message: expect.stringMatching(message) });
    expect(enforced).toEqual({ unknown: expect.stringMatching(message) });
  });
});

describe('there is nothing to enforce', () => {
  test('nothing is enforced where no policy selects the pod', () => {
    const { verdict, enforced } = look({ policies: [], on: node() });
    expect(verdict).toEqual({ state: 'none' });
    expect(enforced).toEqual({ external: ALL_IPV4 });
  });

  test('nothing is enforced on the host network, which egress-host-network reports', () => {
    const { verdict, enforced } = look({ hostNetwork: true });
    expect(verdict).toEqual({ state: 'none' });
    expect(enforced).toEqual({ external: ALL });
  });

  test.each<[string, Partial<EngineSettings>, boolean]>([
    ['of an IPv4 cluster', { ipFamily: 'ipv4' }, true],
    ['of a cluster whose family is not known', { ipFamily: null }, true],
    ['of an IPv6 cluster', { ipFamily: 'ipv6' }, false],
    ['with addresses of both families', { ipFamily: 'both' }, false],
  ])(
    'the reason for the host network says whether nodes %s may lack an IPv6 address',
    (_, settings, mayLack) => {
      const [reach] = look({ hostNetwork: true, settings }).effective.possible;
      const because = 'the pod uses the network of its node, where policies do not apply';
      expect(reach.because({ internet: 'all' })).toBe(
        mayLack ? `${because}; IPv6 addresses are reachable only if the node has one itself` : because,
      );
      expect(reach.because({ ranges: [{ from: '10.0.0.1', to: '10.0.0.1', ports: 'all' }] })).toBe(because);
    },
  );

  // "In Strict mode, you must have a network policy defined for every pod in your cluster."
  test('a pod without a policy is closed in strict mode', () => {
    const { enforced } = look({ policies: [], on: node(anAgent({ mode: 'strict' })) });
    expect(enforced).toEqual({ external: [] });
  });

  // "No Egress rules and no egress isolation - Appending catch all entry" (aws-network-policy-agent)
  test('a pod that only ingress policies select is open in strict mode', () => {
    const ingress = (by: Record<string, string>): PolicyObject => ({
      ...closed,
      spec: { podSelector: { matchLabels: by }, policyTypes: ['Ingress'], ingress: [{}] },
    });
    const strict = node(anAgent({ mode: 'strict' }));
    expect(look({ policies: [ingress({})], on: strict }).enforced).toEqual({ external: ALL_IPV4 });
    expect(look({ policies: [ingress({ app: 'other' })], on: strict }).enforced).toEqual({ external: [] });
  });

  test('a pod that only a ClusterNetworkPolicy of Amazon selects is closed in strict mode, except for what that allows', () => {
    const admits: PolicyObject = {
      ...of('networking.k8s.aws/v1alpha1', 'ClusterNetworkPolicy'),
      spec: {
        tier: 'Admin',
        priority: 1,
        subject: { namespaces: {} },
        egress: [{ action: 'Accept', to: [{ networks: ['192.0.2.0/24'] }] }],
      },
    };
    expect(look({ policies: [admits], on: node(anAgent({ mode: 'strict' })) }).enforced).toEqual({
      external: [{ from: '192.0.2.0', to: '192.0.2.255', ports: 'all' }],
    });
  });
});

describe('kinds of policies', () => {
  const states = (engine: PolicyAgent['engine'], version: string | null, object: PolicyObject) =>
    look({ policies: [object], on: node(anAgent({ engine, version })) }).verdict.state;
  const admin = of('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy');
  const cluster = of('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy');
  const aws = of('networking.k8s.aws/v1alpha1', 'ClusterNetworkPolicy');

  test.each([
    ['vpc-cni', '1.4.1', admin, 'not-enforced'],
    ['vpc-cni', '1.4.1', cluster, 'not-enforced'],
    // VPC CNI 1.21.1 ships agent 1.3.1, the first with cluster policies.
    ['vpc-cni', '1.3.1', aws, 'enforced'],
    ['vpc-cni', '1.3.0', aws, 'not-enforced'],
    ['vpc-cni', null, aws, 'unknown'],
    // projectcalico/calico#10745
    ['calico', '3.29.9', admin, 'not-enforced'],
    ['calico', '3.30.0', admin, 'enforced'],
    ['calico', '3.32.0', admin, 'not-enforced'],
    ['calico', '3.32.0', cluster, 'enforced'],
    ['calico', '3.31.4', cluster, 'not-enforced'],
    ['calico', null, admin, 'unknown'],
    // cilium/cilium#47227
    ['cilium', '1.19.0', cluster, 'not-enforced'],
    ['cilium', '1.20.0', cluster, 'not-enforced'],
    ['cilium', '1.20.0', admin, 'not-enforced'],
    ['kube-router', '2.5.0', admin, 'not-enforced'],
    ['weave-net', '2.8.1', closed, 'enforced'],
    ['antrea', '2.0.0', admin, 'unknown'],
  ] as const)('%s %s', (engine, version, object, state) => {
    expect(states(engine, version, object)).toBe(state);
  });

  // "K8s NetworkPolicies will be enforced once all tiers have been enforced", https://antrea.io/docs/main/docs/antrea-network-policy/
  test.each([[[closed]], [[]]])(
    'policies of Antrea alone are not read, so that the reach of pods is unknown',
    (policies) => {
      const { enforced } = look({ policies, on: node(anAgent({ engine: 'antrea', version: '2.4.0' })) });
      expect(enforced).toEqual({
        unknown: expect.stringMatching(/Antrea enforces kinds of policies that are not read/),
      });
    },
  );

  // ComputeTrieValueForCPE in aws-network-policy-agent, pkg/utils/utils.go
  test('a cluster policy with more than 24 ports may lose denials', () => {
    const withRules = (count: number): PolicyObject => ({
      ...aws,
      spec: {
        tier: 'Admin',
        priority: 1,
        subject: { namespaces: {} },
        egress: Array.from({ length: count }, (_, at) => ({
          action: 'Deny',
          to: [{ networks: ['0.0.0.0/0'] }],
          ports: [{ portNumber: { protocol: 'TCP', port: 1000 + at } }],
        })),
      },
    });
    expect(look({ policies: [withRules(24)] }).verdict.state).toBe('enforced');
    const { verdict, enforced } = look({ policies: [withRules(25)] });
    expect(verdict).toMatchObject({ state: 'unknown', message: expect.stringMatching(/more than 24/) });
    expect(enforced).toEqual({ unknown: expect.stringMatching(/more than 24/) });
  });

  test('a policy that is not enforced is left out', () => {
    const { verdict, enforced } = look({ policies: [closed, admin] });
    expect(verdict).toMatchObject({ gaps: [{ policies: ['AdminNetworkPolicy policy'] }] });
    expect(enforced).toEqual({ external: [] });
    const open = look({ policies: [admin] });
    expect(open.enforced).toEqual({ external: ALL_IPV4 });
  });
});

describe('an except of the VPC CNI', () => {
  const rules = (...blocks: readonly unknown[]) => [
    aPolicy({ egress: blocks.map((ipBlock) => ({ to: [{ ipBlock }] })) }),
  ];
  const reaches = (policies: readonly PolicyObject[], engine: PolicyAgent['engine'] = 'vpc-cni') =>
    look({ policies, on: node(anAgent({ engine })) }).enforced;
  const most = { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] };
  const range = (from: string, to: string) => ({ from, to, ports: 'all' });

  // ComputeMapEntriesFromEndpointRules in aws-network-policy-agent
  test('an except of the VPC CNI denies what another rule allows', () => {
    const policies = rules(most, { cidr: '10.0.0.0/12' });
    const left = [range('10.0.0.0', '10.0.255.255'), range('10.2.0.0', '10.255.255.255')];
    expect(reaches(policies)).toEqual({ external: left });
    expect(reaches(policies, 'calico')).toEqual({ external: [range('10.0.0.0', '10.255.255.255')] });
  });

  test('an except of the VPC CNI denies what an engine beside it allows', () => {
    const policies = rules(most, { cidr: '10.0.0.0/12' });
    const both = node(anAgent(), anAgent({ engine: 'calico' }));
    expect(look({ policies, on: both }).enforced).toEqual(reaches(policies));
  });

  test('an except of the VPC CNI does not deny a block that a rule names, or one inside it', () => {
    const whole = [range('10.0.0.0', '10.255.255.255')];
    expect(reaches(rules(most, { cidr: '10.1.0.0/16' }))).toEqual({ external: whole });
    const inner = [
      range('10.0.0.0', '10.0.255.255'),
      range('10.1.2.0', '10.1.2.255'),
      range('10.2.0.0', '10.255.255.255'),
    ];
    expect(reaches(rules(most, { cidr: '10.1.2.0/24' }))).toEqual({ external: inner });
  });

  test('an except of the VPC CNI is unknown where named blocks are nested three deep', () => {
    const on = (ipBlock: unknown, port: number) => ({
      to: [{ ipBlock }],
      ports: [{ protocol: 'TCP', port }],
    });
    const narrow = [on(most, 80), on({ cidr: '10.0.0.0/12' }, 81), on({ cidr: '10.1.0.0/16' }, 82)];
    expect(reaches([aPolicy({ egress: narrow })])).toEqual({ unknown: expect.stringMatching(/except/) });
    // Ports that are open by rules of their own can get no others.
    const open = rules(most, { cidr: '10.0.0.0/12' }, { cidr: '10.1.0.0/16' });
    expect(reaches(open)).toEqual({ external: [range('10.0.0.0', '10.255.255.255')] });
  });
});
