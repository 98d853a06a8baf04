import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { mix } from '../data/values.ts';
import { appOf, CLASSES, namespaceName, namespaceOf, pick, TEAMS } from './cluster.ts';

type Make = (index: number) => PolicyObject;
type Spec = Readonly<Record<string, unknown>>;

const object = (
  [apiVersion, kind]: readonly [string, string],
  about: { readonly namespace?: string; readonly name: string; readonly labels?: Record<string, string> },
  spec: Spec,
): PolicyObject => ({ apiVersion, kind, namespace: '', labels: {}, ...about, spec });

const CORE = ['networking.k8s.io/v1', 'NetworkPolicy'] as const;
const ADMIN = ['policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy'] as const;
const BASELINE = ['policy.networking.k8s.io/v1alpha1', 'BaselineAdminNetworkPolicy'] as const;
const CLUSTER = ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'] as const;
const AWS_CLUSTER = ['networking.k8s.aws/v1alpha1', 'ClusterNetworkPolicy'] as const;
const APPLICATION = ['networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy'] as const;
const CALICO = ['projectcalico.org/v3', 'NetworkPolicy'] as const;
const CALICO_GLOBAL = ['projectcalico.org/v3', 'GlobalNetworkPolicy'] as const;
const CILIUM = ['cilium.io/v2', 'CiliumNetworkPolicy'] as const;
const CILIUM_CLUSTERWIDE = ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy'] as const;

/** The class at which a policy aims, so that it selects somebody. */
const targetOf = (index: number, salt: number): number => mix(index, salt) % CLASSES;

/** A policy's own place and name. */
const placed = (target: number, name: string) => ({ namespace: namespaceName(namespaceOf(target)), name });

function blockOf(value: number): string {
  const [a, b, c] = [mix(value, 20) % 223, mix(value, 21) % 256, mix(value, 22) % 256];
  return pick(
    [
      `${a + 1}.${b}.0.0/16`,
      `${a + 1}.${b}.${c}.0/24`,
      `10.${b}.${c}.0/24`,
      `2600:${(b * 256 + c).toString(16)}::/32`,
    ],
    value,
  );
}

const blocksOf = (value: number, count: number): readonly string[] => [
  ...new Set(Array.from({ length: count }, (_, i) => blockOf(mix(value, 30 + i)))),
];

const PORTS = [443, 443, 443, 80, 5432, 6379, 9092, 8443, 22] as const;
const portOf = (value: number): number => pick([...PORTS], mix(value, 40));

const INTERNET = {
  cidr: '0.0.0.0/0',
  except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16'],
};
const DNS = {
  to: [{ namespaceSelector: {}, podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } } }],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};

function coreRules(value: number): readonly Spec[] {
  const blocks = blocksOf(value, 1 + (value % 6)).map((cidr) => ({ ipBlock: { cidr } }));
  const ports = [{ port: portOf(value) }, ...(value % 4 === 0 ? [{ port: 30000, endPort: 32767 }] : [])];
  return [
    DNS,
    { to: blocks, ports },
    ...(value % 3 === 0 ? [{ to: [{ ipBlock: INTERNET }], ports: [{ port: 443 }] }] : []),
  ];
}

function podSelectorOf(target: number): Spec {
  const app = appOf(target);
  return pick<Spec>(
    [
      { matchLabels: { app } },
      { matchLabels: { 'app.kubernetes.io/name': app } },
      { matchExpressions: [{ key: 'app', operator: 'In', values: [app, 'app-0'] }] },
      { matchLabels: { app }, matchExpressions: [{ key: 'layer', operator: 'NotIn', values: ['data'] }] },
    ],
    target,
  );
}

/** Every third closes its namespace, as is recommended; the others open something for an application. */
function corePolicy(i: number): PolicyObject {
  const target = targetOf(i, 50);
  const about = placed(target, `np-${i}`);
  if (i % 3 === 0) return object(CORE, about, { podSelector: {}, policyTypes: ['Egress'], egress: [DNS] });
  return object(CORE, about, {
    podSelector: podSelectorOf(target),
    policyTypes: ['Ingress', 'Egress'],
    egress: coreRules(mix(i, 51)),
  });
}

const networks = (...list: string[]) => ({ networks: list });
const ofTeam = (team: number): Spec => ({ namespaces: { matchLabels: { team: `team-${team % TEAMS}` } } });

/** Three for everybody under this API, three for all but production, the others for a team; five teams are under two. */
function adminPolicy(i: number): PolicyObject {
  const notProduction = {
    namespaces: {
      matchLabels: { 'admin-api': 'v1alpha1' },
      matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['prod'] }],
    },
  };
  const everybody = { namespaces: { matchLabels: { 'admin-api': 'v1alpha1' } } };
  const subject = i < 3 ? everybody : i % 100 === 50 ? notProduction : ofTeam(i % 155);
  return object(
    ADMIN,
    { name: `anp-${i}` },
    {
      priority: i,
      subject,
      egress: [
        {
          action: 'Deny',
          to: [networks('169.254.169.254/32')],
          ports: [{ portNumber: { protocol: 'TCP', port: 80 } }],
        },
        {
          action: 'Allow',
          to: [networks(...blocksOf(i, 3))],
          ports: [{ portRange: { start: 8000, end: 9000 } }],
        },
        { action: 'Pass', to: [{ namespaces: { matchLabels: { team: 'team-1' } } }, networks('10.0.0.0/8')] },
        ...(i % 5 === 4 ? [{ action: 'Deny', to: [networks(...blocksOf(mix(i, 60), 2))] }] : []),
      ],
    },
  );
}

function baselinePolicy(): PolicyObject {
  const egress = [
    { action: 'Allow', to: [networks('10.0.0.0/8')] },
    { action: 'Deny', to: [networks('0.0.0.0/0', '::/0')] },
  ];
  return object(
    BASELINE,
    { name: 'default' },
    { subject: { namespaces: { matchLabels: { 'admin-api': 'v1alpha1', env: 'prod' } } }, egress },
  );
}

const clusterRules = (value: number): readonly Spec[] => [
  { action: 'Deny', to: [networks('169.254.169.254/32', 'fd00:ec2::254/128')] },
  { action: 'Accept', to: [networks(...blocksOf(value, 4))] },
  { action: 'Pass', to: [networks('10.0.0.0/8')] },
];

const clusterPolicy: Make = (i) =>
  object(
    CLUSTER,
    { name: `cnp-${i}` },
    {
      tier: i % 4 === 0 ? 'Baseline' : 'Admin',
      priority: i,
      subject: ofTeam(150 + (i % 50)),
      egress: clusterRules(mix(i, 61)),
    },
  );

const awsClusterPolicy: Make = (i) =>
  object(
    AWS_CLUSTER,
    { name: `aws-cnp-${i}` },
    {
      tier: i % 4 === 0 ? 'Baseline' : 'Admin',
      priority: i,
      subject: ofTeam(200 + (i % 100)),
      egress: clusterRules(mix(i, 62)),
    },
  );

function applicationPolicy(i: number): PolicyObject {
  const target = targetOf(i, 52);
  return object(APPLICATION, placed(target, `anp-${i}`), {
    podSelector: podSelectorOf(target),
    policyTypes: ['Egress'],
    egress: [
      { to: [{ domainNames: [`api-${i % 50}.example.com`, '*.amazonaws.com'] }], ports: [{ port: 443 }] },
      ...coreRules(mix(i, 53)),
    ],
  });
}

const destinationOf = (value: number): Spec =>
  pick<Spec>(
    [
      { nets: blocksOf(value, 4), ports: [portOf(value), '8000:8100'] },
      { selector: `role == 'partner-${value % 150}'`, ports: [443] },
      { notNets: ['10.0.0.0/8', '169.254.0.0/16'], ports: [443] },
      { nets: ['0.0.0.0/0'], notNets: ['10.0.0.0/8'], notPorts: [22, 25] },
    ],
    value,
  );

const calicoRules = (value: number): readonly Spec[] => [
  { action: 'Allow', protocol: 'UDP', destination: { selector: "k8s-app == 'kube-dns'", ports: [53] } },
  { action: 'Deny', protocol: 'TCP', destination: { nets: ['169.254.169.254/32'] } },
  { action: value % 7 === 0 ? 'Pass' : 'Allow', protocol: 'TCP', destination: destinationOf(value) },
];

function calicoPolicy(i: number): PolicyObject {
  const target = targetOf(i, 54);
  const app = appOf(target);
  const selector = pick(
    [`app == '${app}'`, `app in {'${app}', 'app-1'} && has(layer)`, `app == "${app}" && layer != 'data'`],
    i,
  );
  return object(CALICO, placed(target, `calico-${i}`), {
    selector,
    types: ['Egress'],
    order: i,
    egress: calicoRules(mix(i, 55)),
  });
}

const GLOBAL_TIERS = ['security', 'platform', 'default'] as const;

/** Three for everybody, the others for a team. */
const calicoGlobalPolicy: Make = (i) =>
  object(
    CALICO_GLOBAL,
    { name: `global-${i}` },
    {
      tier: pick([...GLOBAL_TIERS], i),
      order: i,
      ...(i < 3 ? {} : { namespaceSelector: `team == 'team-${(i * 3) % TEAMS}'` }),
      types: ['Egress'],
      egress: [...calicoRules(mix(i, 56)), { action: 'Pass' }],
    },
  );

const toPorts = (port: number) => [{ ports: [{ port: String(port), protocol: 'TCP' }] }];

function ciliumRules(value: number): readonly Spec[] {
  const peers = pick<Spec>(
    [
      { toCIDR: blocksOf(value, 5) },
      { toCIDRSet: [INTERNET, { cidr: blockOf(value) }] },
      { toFQDNs: [{ matchName: `api-${value % 50}.example.com` }, { matchPattern: '*.npmjs.org' }] },
      { toCIDRSet: [{ cidrGroupRef: `group-${value % 50}` }] },
      { toEntities: ['world'] },
    ],
    value,
  );
  return [
    {
      toEndpoints: [{ matchLabels: { 'k8s:k8s-app': 'kube-dns' } }],
      toPorts: [{ ports: [{ port: '53', protocol: 'ANY' }] }],
    },
    { ...peers, toPorts: toPorts(portOf(value)) },
  ];
}

function ciliumPolicy(i: number): PolicyObject {
  const target = targetOf(i, 57);
  const denied = { egressDeny: [{ toCIDR: ['169.254.169.254/32'] }] };
  return object(CILIUM, placed(target, `cilium-${i}`), {
    endpointSelector:
      i % 10 === 0 ? {} : { matchLabels: { [i % 2 === 0 ? 'app' : 'k8s:app']: appOf(target) } },
    egress: ciliumRules(mix(i, 58)),
    ...(i % 8 === 0 ? denied : {}),
  });
}

const ciliumClusterwidePolicy: Make = (i) =>
  object(
    CILIUM_CLUSTERWIDE,
    { name: `clusterwide-${i}` },
    {
      endpointSelector:
        i < 2
          ? {}
          : { matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.team': `team-${(i * 3 + 1) % TEAMS}` } },
      enableDefaultDeny: { egress: i % 2 === 1 && i > 2 },
      egress: ciliumRules(mix(i, 59)),
      egressDeny: [{ toCIDRSet: [{ cidr: '169.254.0.0/16', except: ['169.254.20.10/32'] }] }],
    },
  );

/** What policies refer to: they are no policies themselves. */
const REFERRED_TO: readonly PolicyObject[] = [
  ...GLOBAL_TIERS.slice(0, 2).map((name, i) =>
    object(['projectcalico.org/v3', 'Tier'], { name }, { order: 100 * (i + 1), defaultAction: 'Pass' }),
  ),
  ...Array.from({ length: 300 }, (_, i) =>
    object(
      ['projectcalico.org/v3', 'GlobalNetworkSet'],
      { name: `set-${i}`, labels: { role: `partner-${i % 150}` } },
      { nets: blocksOf(mix(i, 70), 20) },
    ),
  ),
  ...Array.from({ length: 50 }, (_, i) =>
    object(
      ['cilium.io/v2', 'CiliumCIDRGroup'],
      { name: `group-${i}` },
      { externalCIDRs: blocksOf(mix(i, 71), 30) },
    ),
  ),
];

const KINDS: readonly { readonly count: number; readonly make: Make }[] = [
  { count: 4000, make: corePolicy },
  { count: 300, make: adminPolicy },
  { count: 1, make: baselinePolicy },
  { count: 99, make: clusterPolicy },
  { count: 200, make: awsClusterPolicy },
  { count: 1000, make: applicationPolicy },
  { count: 1600, make: calicoPolicy },
  { count: 100, make: calicoGlobalPolicy },
  { count: 2600, make: ciliumPolicy },
  { count: 100, make: ciliumClusterwidePolicy },
];

/**
 * Ten thousand policies of every kind that is read, most of them for one application of one namespace,
 * some for a team, a few for everybody. Policy `i` of a kind is the same in every run.
 */
export function syntheticPolicies(): readonly PolicyObject[] {
  return [
    ...KINDS.flatMap(({ count, make }) => Array.from({ length: count }, (_, i) => make(i))),
    ...REFERRED_TO,
  ];
}
