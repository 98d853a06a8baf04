import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { judgeInventory } from '../../../lambda/audit/audit-cluster.ts';
import { defaultConfig } from '../../../lambda/config/load.ts';
import type { Gap } from '../../../lambda/inventory/gap.ts';
import type { Inventory } from '../../../lambda/inventory/inventory.ts';
import { NO_NETWORK } from '../../../lambda/inventory/network.ts';
import type { NodeNetwork } from '../../../lambda/inventory/node-network.ts';
import type { PodRecord } from '../../../lambda/inventory/pod.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { isInShard, type Shard } from '../../../lambda/inventory/shard.ts';
import { aMeshPod, anEntry, aSidecar, classes, configs, outbound, proxy, tcp } from '../../mesh/builders.ts';
import { aContainer, allow, aPolicy, CLUSTER, NOW } from '../../support/builders.ts';

interface Cluster {
  readonly pods?: readonly PodRecord[];
  readonly mesh?: readonly PolicyObject[];
  readonly policies?: readonly PolicyObject[];
  readonly gaps?: readonly Gap[];
  readonly facts?: Partial<Inventory>;
  /** Policies are judged as declared, unless it matters where pods run. */
  readonly live?: boolean;
}

function audit({ pods = [aMeshPod()], mesh = [], policies = [], gaps = [], facts = {}, live }: Cluster) {
  const inventory: Inventory = {
    cluster: CLUSTER,
    classes: classes(...pods),
    policies,
    mesh,
    meshConfigs: configs(),
    namespaces: new Map(),
    network: NO_NETWORK,
    ...(live ? {} : { content: 'manifests' as const }),
    gaps,
    notes: [],
    totals: { pods: pods.length, completed: 0, terminating: 0, workloads: 1, namespaces: 1, nodes: 1 },
    ...facts,
  };
  return judgeInventory(inventory, { config: defaultConfig(), now: NOW });
}

/** The verdicts of one check, as `Kind/name: verdict`. */
function verdictsOf(check: string, cluster: Cluster): readonly string[] {
  const { findings, notEvaluated, tallies } = audit(cluster);
  const of = <T extends { readonly check: string }>(all: readonly T[]) =>
    all.filter((one) => one.check === check);
  const name = (workload: { kind: string; name: string } | null) =>
    workload === null ? 'cluster' : `${workload.kind}/${workload.name}`;
  const passes = tallies.find((tally) => tally.check === check)?.pass ?? 0;
  return [
    ...of(findings).map(({ workload }) => `${name(workload)}: fail`),
    ...of(notEvaluated).map(({ workload }) => `${name(workload)}: not evaluated`),
    ...Array.from({ length: passes }, () => 'pass'),
  ].sort();
}

const gap = (resource: Gap['resource']): Gap => ({
  resource,
  reason: 'forbidden',
  message: 'It is forbidden.',
  remedy: 'Allow it.',
});
const MESH_CHECKS = [
  'mesh-allows-any',
  'mesh-service-entry-broken',
  'mesh-service-entry-risky',
  'mesh-sidecar-bypassed',
];
const denyAll = (namespace = 'shop') => ({ ...aPolicy({ egress: [] }, 'deny'), namespace });

describe('mesh-allows-any', () => {
  const verdicts = (cluster: Cluster) => verdictsOf('mesh-allows-any', cluster);

  test('the check follows the mode of the Sidecar or of the mesh', () => {
    expect(verdicts({})).toEqual(['pass']);
    expect(verdicts({ mesh: [aSidecar(outbound('ALLOW_ANY'))] })).toEqual(['StatefulSet/web: fail']);
    expect(verdicts({ facts: { meshConfigs: configs('ALLOW_ANY') } })).toEqual(['StatefulSet/web: fail']);
    expect(verdicts({ facts: { meshConfigs: new Map() } })).toEqual(['StatefulSet/web: not evaluated']);
  });

  test('ambient pods always fail, and proxies and pods outside the mesh never', () => {
    const annotations = { 'ambient.istio.io/redirection': 'enabled' };
    expect(verdicts({ pods: [aMeshPod({ containers: [aContainer()], annotations })] })).toEqual([
      'StatefulSet/web: fail',
    ]);
    expect(verdicts({ pods: [aMeshPod({ containers: [proxy()] })] })).toEqual([]);
    expect(verdicts({ pods: [aMeshPod({ containers: [aContainer()] })] })).toEqual([]);
  });

  test('one failing class of a workload outweighs the others', () => {
    const pods = [aMeshPod({ labels: { app: 'a' } }), aMeshPod({ labels: { app: 'b' } })];
    const some = aSidecar({ workloadSelector: { labels: { app: 'b' } }, ...outbound('ALLOW_ANY') });
    const { findings } = audit({ pods, mesh: [some] });
    expect(findings.find(({ check }) => check === 'mesh-allows-any')).toMatchObject({
      severity: 'medium',
      pods: { count: 1 },
      evidence: { mode: 'ALLOW_ANY', from: 'Sidecar shop/default', membership: 'sidecar' },
      message: 'Its sidecar allows traffic to unknown destinations: Sidecar shop/default sets ALLOW_ANY.',
      cause: {
        kind: 'mesh-open',
        object: { kind: 'Sidecar', namespace: 'shop', name: 'default', part: 'outboundTrafficPolicy' },
      },
    });
  });

  test('a strict mode hides no missing policy', () => {
    const { findings } = audit({});
    expect(findings.map(({ check }) => check)).toContain('egress-unrestricted');
  });
});

describe('mesh-sidecar-bypassed', () => {
  const verdicts = (cluster: Cluster) => verdictsOf('mesh-sidecar-bypassed', cluster);
  const annotations = { 'traffic.sidecar.istio.io/excludeOutboundPorts': '22' };

  test('annotations of pods with a sidecar fail', () => {
    expect(verdicts({})).toEqual(['pass']);
    expect(verdicts({ pods: [aMeshPod({ annotations })] })).toEqual(['StatefulSet/web: fail']);
    expect(
      verdicts({ pods: [aMeshPod({ annotations, containers: [proxy('sidecar'), aContainer()] })] }),
    ).toEqual(['StatefulSet/web: fail']);
    expect(verdicts({ pods: [aMeshPod({ annotations, containers: [aContainer()] })] })).toEqual([]);
    const unknown = { ...annotations, 'inject.istio.io/templates': 'custom' };
    expect(verdicts({ pods: [aMeshPod({ annotations: unknown })] })).toEqual([
      'StatefulSet/web: not evaluated',
    ]);
  });

  test('all annotations that bypass the sidecar are named', () => {
    const all = { ...annotations, 'sidecar.istio.io/interceptionMode': 'NONE' };
    const { findings } = audit({ pods: [aMeshPod({ annotations: all })] });
    expect(findings.find(({ check }) => check === 'mesh-sidecar-bypassed')).toMatchObject({
      message:
        'Bypasses the sidecar: all traffic, since nothing is redirected (sidecar.istio.io/interceptionMode, and 1 more).',
      evidence: {
        bypasses: [
          'sidecar.istio.io/interceptionMode="NONE": all traffic, since nothing is redirected',
          'traffic.sidecar.istio.io/excludeOutboundPorts="22": traffic to port 22',
        ],
      },
    });
  });
});

describe('mesh-service-entry-risky', () => {
  const verdicts = (cluster: Cluster) => verdictsOf('mesh-service-entry-risky', cluster);

  test('a finding is about the ServiceEntry, whichever workload uses it', () => {
    const risky = anEntry({ hosts: ['*.example.com'], resolution: 'NONE' }, 'shop', 'wide');
    expect(verdicts({ mesh: [risky, anEntry()] })).toEqual(['ServiceEntry/wide: fail', 'pass']);
    expect(verdicts({ mesh: [risky], pods: [] })).toEqual(['ServiceEntry/wide: fail']);
    const [finding] = audit({ mesh: [risky] }).findings.filter(
      ({ check }) => check === 'mesh-service-entry-risky',
    );
    expect(finding).toMatchObject({
      severity: 'high',
      workload: { namespace: 'shop', kind: 'ServiceEntry', name: 'wide' },
      container: null,
      pods: { count: 1, examples: ['web-0'] },
      evidence: { usedBy: ['shop/StatefulSet/web'], hosts: ['*.example.com'], ports: ['TLS 443'] },
      message: 'It admits every name of *.example.com.',
    });
    expect(finding?.id).toMatch(/^[0-9a-f]{64}$/);
  });

  test('an entry that is not understood does not pass, but its visible risks fail', () => {
    expect(verdicts({ mesh: [anEntry({ ports: 'all' })] })).toEqual(['ServiceEntry/entry: not evaluated']);
    expect(verdicts({ mesh: [anEntry({ egressPolicy: {} })] })).toEqual([
      'ServiceEntry/entry: not evaluated',
    ]);
    const wide = anEntry({ egressPolicy: {}, hosts: ['*.example.com'] });
    expect(verdicts({ mesh: [wide] })).toEqual(['ServiceEntry/entry: fail']);
  });

  test('a ServiceEntry is judged in one part of a cluster that is read in parts', () => {
    const shards: readonly Shard[] = [0, 1].map((index) => ({ index, count: 2 }));
    const mesh = [
      anEntry({ hosts: ['*.example.com'] }, 'shop'),
      anEntry({ hosts: ['*.example.com'] }, 'pay'),
    ];
    const found = shards.map((shard) => verdicts({ mesh, facts: { shard } }));
    expect(found.flat()).toHaveLength(2);
    expect(found.map((one) => one.length)).toEqual(
      shards.map((shard) => ['shop', 'pay'].filter((namespace) => isInShard(namespace, shard)).length),
    );
  });
});

describe('mesh-service-entry-broken', () => {
  const verdicts = (cluster: Cluster) => verdictsOf('mesh-service-entry-broken', cluster);
  const messageOf = (cluster: Cluster) =>
    audit(cluster).findings.find(({ check }) => check === 'mesh-service-entry-broken')?.message;
  const stat = (address: string, number = 443) =>
    anEntry({
      resolution: 'STATIC',
      endpoints: [{ address }],
      ports: [{ number, name: 'tls', protocol: 'TLS' }],
    });

  test('the finding describes what the application will see', () => {
    expect(verdicts({ mesh: [anEntry()] })).toEqual(['pass']);
    expect(messageOf({ mesh: [anEntry({ hosts: ['*.example.com'] })] })).toBe(
      'Its resolution is DNS, but "*.example.com" is a wildcard, which no resolver answers. Name resolution fails in the sidecar: HTTP requests are answered with 503, TLS and TCP connections are closed.',
    );
    expect(verdicts({ mesh: [anEntry({ ports: 7 })] })).toEqual(['ServiceEntry/entry: not evaluated']);
    expect(verdicts({ mesh: [anEntry({ workloadSelector: {} })] })).toEqual([
      'ServiceEntry/entry: not evaluated',
    ]);
  });

  test('two entries on one TCP port fail', () => {
    const mesh = ['a', 'b'].map((name) =>
      anEntry({ hosts: [`${name}.example.com`], ports: tcp(5432) }, 'shop', name),
    );
    expect(verdicts({ mesh })).toEqual(['ServiceEntry/a: fail', 'ServiceEntry/b: fail']);
  });

  test('an entry that no Sidecar imports fails', () => {
    const mesh = [anEntry({}, 'other'), aSidecar({ egress: [{ hosts: ['./*'] }] })];
    expect(messageOf({ mesh })).toContain('No Sidecar imports it');
    expect(verdicts({ mesh: [...mesh, anEntry()] })).toEqual(['ServiceEntry/entry: fail', 'pass']);
    // Another workload imports it.
    expect(verdicts({ mesh, pods: [aMeshPod(), aMeshPod({ namespace: 'other' })] })).toEqual(['pass']);
    // Nobody is there who could.
    expect(verdicts({ mesh, pods: [] })).toEqual(['pass']);
  });

  test('an entry fails where network policies block every workload that knows it', () => {
    const policies = [denyAll()];
    expect(messageOf({ mesh: [anEntry()], policies })).toMatch(
      /^Network policies block every workload that has it \(NetworkPolicy shop\/deny\)\. The sidecar accepts/,
    );
    expect(verdicts({ mesh: [anEntry()] })).toEqual(['pass']);
    // One who is let through is enough, a gateway too.
    const gateway = aMeshPod({ namespace: 'gateways', name: 'egress', containers: [proxy()] });
    expect(verdicts({ mesh: [anEntry()], policies, pods: [aMeshPod(), gateway] })).toEqual(['pass']);
    const own = anEntry({ exportTo: ['.'] });
    expect(verdicts({ mesh: [own], policies, pods: [aMeshPod(), gateway] })).toEqual([
      'ServiceEntry/entry: fail',
    ]);
    // What is inside the mesh is reached by rules about pods.
    expect(verdicts({ mesh: [anEntry({ location: 'MESH_INTERNAL' })], policies })).toEqual(['pass']);
  });

  test.each([
    ['the port', allow(['0.0.0.0/0'], 443), 'pass'],
    ['another port', allow(['0.0.0.0/0'], 80), 'ServiceEntry/entry: fail'],
    ['private addresses, among which the name may be', allow(['10.0.0.0/8'], 443), 'pass'],
  ])('a name is reachable where policies open %s', (_, rule, expected) => {
    expect(verdicts({ mesh: [anEntry()], policies: [aPolicy({ egress: [rule] })] })).toEqual([expected]);
  });

  test('addresses are reachable where policies open them', () => {
    const policies = [aPolicy({ egress: [allow(['203.0.113.0/24'], 443)] })];
    expect(verdicts({ mesh: [stat('203.0.113.7')], policies })).toEqual(['pass']);
    expect(verdicts({ mesh: [stat('198.51.100.7')], policies })).toEqual(['ServiceEntry/entry: fail']);
    expect(verdicts({ mesh: [stat('203.0.113.7', 8443)], policies })).toEqual(['ServiceEntry/entry: fail']);
    expect(verdicts({ mesh: [stat('2001:db8::1')], policies })).toEqual(['ServiceEntry/entry: fail']);
    const block = (address: string) => anEntry({ resolution: 'NONE', addresses: [address] });
    expect(verdicts({ mesh: [block('203.0.0.0/16')], policies })).toEqual(['pass']);
    expect(verdicts({ mesh: [block('203.0.112.0/24')], policies })).toEqual(['ServiceEntry/entry: fail']);
  });

  test('with more destinations than the limit it is unknown whether any is allowed', () => {
    const policies = [aPolicy({ egress: [allow(['203.0.113.0/24'], 443)] })];
    const ports = Array.from({ length: 50 }, (_, i) => ({
      number: 8000 + i,
      name: `p${i}`,
      protocol: 'TLS',
    }));
    const many = (count: number, ...first: readonly string[]) =>
      anEntry({
        resolution: 'STATIC',
        ports,
        endpoints: [...first, ...Array.from({ length: count }, (_, i) => `198.51.100.${i}`)].map(
          (address) => ({
            address,
            ports: { p0: 443 },
          }),
        ),
      });
    expect(verdicts({ mesh: [many(20)], policies })).toEqual(['ServiceEntry/entry: fail']);
    expect(verdicts({ mesh: [many(200)], policies })).toEqual(['ServiceEntry/entry: not evaluated']);
    expect(verdicts({ mesh: [many(200, '203.0.113.7')], policies })).toEqual(['pass']);
  });

  test('names are compared with rules by name only up to a limit', () => {
    const hosts = Array.from({ length: 3000 }, (_, i) => `a${i}.example.com`);
    const allowing = (toFQDNs: readonly unknown[]) => ({
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      namespace: 'shop',
      name: 'names',
      labels: {},
      spec: { endpointSelector: {}, egress: [{ toFQDNs }] },
    });
    const byName = (names: readonly string[]) => allowing(names.map((matchName) => ({ matchName })));
    const others = hosts.map((host) => `b.${host}.net`);
    const mesh = [anEntry({ hosts })];
    const patterns = allowing(others.map((name) => ({ matchPattern: `*.${name}` })));
    expect(verdicts({ mesh, policies: [patterns] })).toEqual(['ServiceEntry/entry: not evaluated']);
    // Names are found by their endings, however many there are.
    expect(verdicts({ mesh, policies: [byName(others)] })).toEqual(['ServiceEntry/entry: fail']);
    expect(verdicts({ mesh, policies: [byName(others.slice(0, 9))] })).toEqual(['ServiceEntry/entry: fail']);
    expect(verdicts({ mesh, policies: [byName(hosts.slice(7, 9))] })).toEqual(['pass']);
  });

  test('each of several entries is judged by its own addresses and ports', () => {
    const policies = [aPolicy({ egress: [allow(['203.0.113.0/24'], 443)] })];
    const to = (name: string, address: string, number = 443) =>
      anEntry(
        { resolution: 'NONE', addresses: [address], ports: [{ number, name: 'tls', protocol: 'TLS' }] },
        'shop',
        name,
      );
    const mesh = [
      to('a', '203.0.113.0/25'),
      to('b', '198.51.100.0/25'),
      to('c', '203.0.113.9'),
      to('d', '198.51.100.9'),
      to('e', '203.0.113.9', 8443),
      anEntry({}, 'shop', 'f'),
      anEntry({ ports: tcp(5432), addresses: ['240.0.0.1'] }, 'shop', 'g'),
    ];
    expect(verdicts({ mesh, policies })).toEqual([
      'ServiceEntry/b: fail',
      'ServiceEntry/d: fail',
      'ServiceEntry/e: fail',
      'ServiceEntry/g: fail',
      'pass',
      'pass',
      'pass',
    ]);
  });

  test('a rule by name opens the name', () => {
    const byName = (host: string): PolicyObject => ({
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumNetworkPolicy',
      namespace: 'shop',
      name: 'names',
      labels: {},
      spec: {
        endpointSelector: {},
        egress: [
          { toFQDNs: [{ matchName: host }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
        ],
      },
    });
    expect(verdicts({ mesh: [anEntry()], policies: [byName('api.example.com')] })).toEqual(['pass']);
    expect(verdicts({ mesh: [anEntry()], policies: [byName('web.example.com')] })).toEqual([
      'ServiceEntry/entry: fail',
    ]);
  });

  test('policies block no workload where they are not enforced, and may block it where that is not known', () => {
    const policies = [denyAll()];
    const on = (network: NodeNetwork): Partial<Inventory> => ({
      classes: classes(aMeshPod()).map((one) => ({ ...one, placements: [{ network, pods: 1 }] })),
    });
    const fargate = on({ compute: 'fargate', nodeClass: null, agents: [] });
    expect(verdicts({ mesh: [anEntry()], policies, facts: fargate, live: true })).toEqual(['pass']);
    const unknown = on({ compute: 'ec2', nodeClass: null, agents: [] });
    expect(verdicts({ mesh: [anEntry()], policies, facts: unknown, live: true })).toEqual([
      'ServiceEntry/entry: not evaluated',
    ]);
  });

  test('policies that are not understood or not read leave an entry open, unless the entry itself is wrong', () => {
    const strange = [aPolicy({ egress: [{ to: [{ ipBlock: { cidr: 'everything' } }] }] })];
    expect(verdicts({ mesh: [anEntry()], policies: strange })).toEqual(['ServiceEntry/entry: not evaluated']);
    // It says which, as the checks of egress do.
    const { notEvaluated } = audit({ mesh: [anEntry()], policies: strange });
    const messageOf = (check: string) => notEvaluated.find((one) => one.check === check)?.message;
    expect(messageOf('mesh-service-entry-broken')).toBe(messageOf('egress-unrestricted'));
    const gaps = [gap('networkpolicies')];
    expect(verdicts({ mesh: [anEntry()], gaps })).toEqual(['ServiceEntry/entry: not evaluated']);
    expect(verdicts({ mesh: [anEntry({ location: 'MESH_INTERNAL' })], gaps })).toEqual(['pass']);
    expect(verdicts({ mesh: [anEntry({ ports: [] })], gaps })).toEqual(['ServiceEntry/entry: fail']);
    expect(verdicts({ mesh: [], gaps })).toEqual([]);
    expect(verdicts({ mesh: [anEntry({ ports: [] })], policies: strange })).toEqual([
      'ServiceEntry/entry: fail',
    ]);
  });

  test('any content of an entry gives one verdict and no crash', () => {
    const address = fc.constantFrom(
      '',
      '10.0.0.1',
      'fe80::1%eth0',
      '::ffff:10.0.0.1',
      '10.0.0.0/8',
      '010.0.0.1',
      'a.b',
      'x/y',
    );
    const spec = fc.record(
      {
        hosts: fc.array(fc.constantFrom('a.example.com', '*.example.com', '*', '', '10.0.0.1'), {
          maxLength: 2,
        }),
        addresses: fc.array(address, { maxLength: 2 }),
        ports: fc.array(
          fc.record({
            number: fc.constantFrom(443, 80, 5432),
            name: fc.constantFrom('a', 'b'),
            protocol: fc.constantFrom('TCP', 'TLS', 'HTTP', 'UDP'),
          }),
          { maxLength: 2 },
        ),
        resolution: fc.constantFrom('NONE', 'STATIC', 'DNS', 'DYNAMIC_DNS'),
        endpoints: fc.array(fc.record({ address, ports: fc.constantFrom({}, { a: 1 }) }), { maxLength: 2 }),
        exportTo: fc.constantFrom([], ['.'], ['~'], ['x']),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(spec, { maxLength: 4 }), fc.boolean(), (specs, shut) => {
        const mesh = specs.map((one, i) => ({ ...anEntry({}, 'shop', `e${i}`), spec: one }));
        const found = verdicts({ mesh, policies: shut ? [denyAll()] : [] });
        expect(found).toHaveLength(mesh.length);
      }),
    );
  });

  test('one of several workloads that reaches the entry is enough, whichever it is', () => {
    const policy = {
      ...aPolicy({ egress: [] }, 'deny'),
      spec: { podSelector: { matchLabels: { app: 'shut' } }, policyTypes: ['Egress'] },
    };
    const member = (name: string, app: string) => aMeshPod({ name, labels: { app } });
    const of = (...apps: readonly string[]) =>
      verdicts({ mesh: [anEntry()], policies: [policy], pods: apps.map((app, i) => member(`w${i}`, app)) });
    expect(of('shut', 'shut', 'shut')).toEqual(['ServiceEntry/entry: fail']);
    for (const apps of [
      ['open', 'shut', 'shut'],
      ['shut', 'open', 'shut'],
      ['shut', 'shut', 'open'],
    ]) {
      expect(of(...apps)).toEqual(['pass']);
    }
  });

  test('one workload with an unknown result outweighs the blocked ones, whichever comes first', () => {
    const shut = { ...aPolicy({ egress: [] }, 'deny'), namespace: 'shop' };
    const strange = {
      ...aPolicy({ egress: [{ to: [{ ipBlock: { cidr: 'x' } }] }] }, 'odd'),
      namespace: 'tail',
    };
    for (const namespace of ['alpha', 'tail']) {
      const policies = [shut, { ...strange, namespace }];
      const pods = [aMeshPod(), aMeshPod({ namespace })];
      expect(verdicts({ mesh: [anEntry()], policies, pods })).toEqual(['ServiceEntry/entry: not evaluated']);
    }
  });

  test('in one part of a cluster, what workloads of other parts may use is not evaluated', () => {
    const shard: Shard = { index: isInShard('shop', { index: 0, count: 2 }) ? 0 : 1, count: 2 };
    const cluster = { policies: [denyAll()], facts: { shard } };
    expect(verdicts({ mesh: [anEntry()], ...cluster })).toEqual(['ServiceEntry/entry: not evaluated']);
    expect(verdicts({ mesh: [anEntry({ exportTo: ['.'] })], ...cluster })).toEqual([
      'ServiceEntry/entry: fail',
    ]);
    expect(verdicts({ mesh: [anEntry()], facts: { shard } })).toEqual(['pass']);
  });
});

describe('what could not be read', () => {
  test.each([
    ['serviceentries.networking.istio.io', ['mesh-service-entry-broken', 'mesh-service-entry-risky']],
    ['sidecars.networking.istio.io', ['mesh-allows-any', 'mesh-service-entry-broken']],
  ] as const)('without %s exactly these checks are open', (resource, expected) => {
    const { notEvaluated, findings } = audit({
      gaps: [gap(resource)],
      facts: { meshConfigs: configs('ALLOW_ANY') },
    });
    const open = notEvaluated.filter(({ reason }) => reason === 'forbidden').map(({ check }) => check);
    expect(open.sort()).toEqual(expected);
    const failed = new Set(findings.map(({ check }) => check));
    for (const check of expected) expect(failed.has(check)).toBe(false);
  });

  test('with part of the pods, failures are kept and nothing passes', () => {
    const mesh = [anEntry(), anEntry({ hosts: ['*.example.com'] }, 'shop', 'wide')];
    const { tallies, findings } = audit({ mesh, gaps: [gap('pods')] });
    for (const { check, pass } of tallies) if (MESH_CHECKS.includes(check)) expect(pass).toBe(0);
    expect(findings.map(({ check, workload }) => `${check} ${workload.name}`)).toContain(
      'mesh-service-entry-risky wide',
    );
  });

  test('without any pod nothing is said', () => {
    const mesh = [anEntry({ hosts: ['*.example.com'] })];
    const { findings, outcome } = audit({ mesh, pods: [], gaps: [gap('pods')] });
    expect([outcome, findings]).toEqual(['failed', []]);
  });

  test('a cluster without a mesh has nothing to say', () => {
    const { findings, notEvaluated, tallies } = audit({
      pods: [
        aMeshPod({ containers: [aContainer()] }),
        aMeshPod({ containers: [aContainer()], facts: { source: 'template' } }),
      ],
      facts: { meshConfigs: new Map() },
    });
    const of = (check: string) => check.startsWith('mesh-');
    expect([...findings, ...notEvaluated].filter(({ check }) => of(check))).toEqual([]);
    expect(tallies.filter(({ check, pass }) => of(check) && pass > 0)).toEqual([]);
  });
});
