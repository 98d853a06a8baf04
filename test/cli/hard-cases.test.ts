import { expect, test } from '@jest/globals';
import { run } from './run.ts';
import { scratchFiles } from './scratch.ts';

/** Inputs that are easily answered wrongly, with the right verdicts, through the whole command line. */
const NOW = '2026-09-02T00:00:00Z';
const SINCE = '2026-09-01T00:00:00Z';
const SHOP = { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop' } };

type Json = Readonly<Record<string, unknown>>;

const of = (apiVersion: string, kind: string, metadata: Json, more: Json = {}): Json => ({
  apiVersion,
  kind,
  metadata,
  ...more,
});

const namespace = (labels: Json = {}): Json =>
  of('v1', 'Namespace', { ...SHOP, labels: { ...SHOP.labels, ...labels } });
const node = of(
  'v1',
  'Node',
  { name: 'n1', labels: { 'kubernetes.io/os': 'linux' } },
  {
    status: { addresses: [{ type: 'InternalIP', address: '10.0.1.10' }] },
  },
);
const configMap = (name: string, data: Json, where = 'kube-system'): Json =>
  of('v1', 'ConfigMap', { name, namespace: where }, { data });

function pod(name: string, where: string, containers: readonly Json[], more: Json = {}): Json {
  const kind = more['hostNetwork'] === true ? 'DaemonSet' : 'StatefulSet';
  const running = { running: { startedAt: SINCE } };
  return of(
    'v1',
    'Pod',
    {
      name: `${name}-x7k2p`,
      namespace: where,
      labels: { app: name },
      ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: name, controller: true }],
    },
    {
      spec: { nodeName: 'n1', containers, ...more },
      status: {
        phase: 'Running',
        startTime: SINCE,
        containerStatuses: containers.map(({ name: of }) => ({
          name: of,
          ready: true,
          restartCount: 0,
          state: running,
          image: 'x',
          imageID: 'x',
        })),
      },
    },
  );
}

const agent = (name: string, containers: readonly Json[]): Json =>
  pod(name, 'kube-system', containers, { hostNetwork: true });
const APP = { name: 'app', image: 'registry.corp.example/web:1.0' };
const web = pod('web', 'shop', [APP]);
const WEB = 'shop/StatefulSet/web';

const vpcCni = (controller: string, env: readonly Json[] = []): readonly Json[] => [
  node,
  namespace(),
  web,
  configMap('amazon-vpc-cni', { 'enable-network-policy-controller': controller }),
  agent('aws-node', [
    { name: 'aws-node', image: 'registry.corp.example/amazon-k8s-cni:v1.21.1', env },
    {
      name: 'aws-eks-nodeagent',
      image: 'registry.corp.example/aws-network-policy-agent:v1.4.1',
      args: ['--enable-network-policy=true', '--enable-ipv6=false'],
    },
  ]),
];
const calico = (env: readonly Json[] = []): readonly Json[] => [
  node,
  namespace(),
  web,
  agent('calico-node', [{ name: 'calico-node', image: 'docker.io/calico/node:v3.31.0', env }]),
];
const cilium = (config: Json): readonly Json[] => [
  node,
  namespace(),
  web,
  configMap('cilium-config', { 'enable-policy': 'default', 'enable-ipv6': 'false', ...config }),
  agent('cilium', [{ name: 'cilium-agent', image: 'quay.io/cilium/cilium:v1.18.3' }]),
];

const networkPolicy = (spec: Json): Json =>
  of('networking.k8s.io/v1', 'NetworkPolicy', { name: 'egress', namespace: 'shop' }, { spec });
const denyOut = networkPolicy({ podSelector: {}, policyTypes: ['Egress'] });
const adminPolicy = (name: string, action: string, block: string): Json =>
  of(
    'networking.k8s.aws/v1alpha1',
    'ClusterNetworkPolicy',
    { name },
    {
      spec: {
        tier: 'Admin',
        priority: 10,
        subject: { namespaces: {} },
        egress: [{ action, to: [{ networks: [block] }] }],
      },
    },
  );
const calicoPolicy = (apiVersion: string, kind: string, name: string, spec: Json): Json =>
  of(
    apiVersion,
    kind,
    { name, ...(kind === 'NetworkPolicy' ? { namespace: 'shop' } : {}) },
    {
      spec: { types: ['Egress'], selector: 'all()', ...spec },
    },
  );
const networkSet = (apiVersion: string, nets: readonly string[]): Json =>
  of(apiVersion, 'GlobalNetworkSet', { name: 'db', labels: { role: 'db' } }, { spec: { nets } });

const deployment = (spec: Json, labels: Json = {}): Json =>
  of(
    'apps/v1',
    'Deployment',
    { name: 'web', namespace: 'shop' },
    {
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: { metadata: { labels: { app: 'web', ...labels } }, spec: { containers: [APP], ...spec } },
      },
    },
  );
const MANIFEST = 'shop/Deployment/web';
const meshes = [
  of('v1', 'Namespace', { name: 'istio-system' }),
  configMap('istio-stable', { mesh: 'outboundTrafficPolicy: {mode: REGISTRY_ONLY}' }, 'istio-system'),
  configMap('istio-canary', { mesh: 'outboundTrafficPolicy: {mode: ALLOW_ANY}' }, 'istio-system'),
];
const mounted = (mount: Json, volume: Json): Json => ({
  containers: [{ ...APP, volumeMounts: [{ name: 'v', mountPath: '/v', ...mount }] }],
  volumes: [{ name: 'v', ...volume }],
});

const V1 = 'crd.projectcalico.org/v1';
const V3 = 'projectcalico.org/v3';
const ALL = '0.0.0.0/0';

type Verdict = 'fail' | 'pass' | 'not-evaluated';

const CASES: readonly (readonly [
  why: string,
  objects: readonly Json[],
  check: string,
  workload: string,
  verdict: Verdict,
])[] = [
  [
    'Deny wins over Accept in Amazon ClusterNetworkPolicies with one priority',
    [...vpcCni('true'), adminPolicy('a', 'Accept', ALL), adminPolicy('b', 'Deny', ALL)],
    'egress-unrestricted',
    WEB,
    'pass',
  ],
  [
    'Accept wins over Pass in Amazon ClusterNetworkPolicies with one priority, also before a NetworkPolicy that denies',
    [...vpcCni('true'), denyOut, adminPolicy('a', 'Pass', ALL), adminPolicy('b', 'Accept', ALL)],
    'egress-unrestricted',
    WEB,
    'fail',
  ],
  [
    'an agent without policies from its controller enforces none',
    [...vpcCni('false'), denyOut],
    'egress-package-registry',
    WEB,
    'fail',
  ],
  [
    'a policy for ingress alone allows all egress in strict mode',
    [
      ...vpcCni('true', [{ name: 'NETWORK_POLICY_ENFORCING_MODE', value: 'strict' }]),
      networkPolicy({ podSelector: {}, policyTypes: ['Ingress'] }),
    ],
    'egress-unrestricted',
    WEB,
    'fail',
  ],
  [
    'Calico that reads the new API group does not enforce what is left in the old one',
    [
      ...calico([{ name: 'CALICO_API_GROUP', value: V3 }]),
      calicoPolicy(V1, 'GlobalNetworkPolicy', 'default.all', { egress: [{ action: 'Deny' }] }),
      calicoPolicy(V3, 'GlobalNetworkPolicy', 'all', { egress: [{ action: 'Allow' }] }),
    ],
    'egress-package-registry',
    WEB,
    'fail',
  ],
  [
    'sets of one name in both groups of Calico that differ are not known',
    [
      ...calico(),
      ...[V1, V3].map((api) =>
        calicoPolicy(api, 'GlobalNetworkPolicy', api === V1 ? 'default.to-db' : 'to-db', {
          egress: [{ action: 'Allow', destination: { selector: "role == 'db'" } }],
        }),
      ),
      networkSet(V1, ['10.9.0.0/24']),
      networkSet(V3, [ALL]),
    ],
    'egress-unrestricted',
    WEB,
    'not-evaluated',
  ],
  [
    'a NetworkPolicy without rules leaves later Calico policies of its tier to decide',
    [
      ...calico(),
      denyOut,
      calicoPolicy(V3, 'NetworkPolicy', 'open', { order: 2000, egress: [{ action: 'Allow' }] }),
    ],
    'egress-unrestricted',
    WEB,
    'fail',
  ],
  [
    'Cilium may have the kind of Kubernetes switched off',
    [...cilium({ 'enable-k8s-networkpolicy': 'false' }), denyOut],
    'egress-unrestricted',
    WEB,
    'fail',
  ],
  [
    'a CiliumNodeConfig may switch policies off on some nodes',
    [
      ...cilium({}),
      denyOut,
      of(
        'cilium.io/v2',
        'CiliumNodeConfig',
        { name: 'migrating', namespace: 'kube-system' },
        { spec: { nodeSelector: {}, defaults: { 'enable-policy': 'never' } } },
      ),
    ],
    'egress-unrestricted',
    WEB,
    'not-evaluated',
  ],
  [
    'a CiliumNodeConfig that cannot be read may switch policies off on some nodes',
    [
      ...cilium({}),
      denyOut,
      of(
        'cilium.io/v2',
        'CiliumNodeConfig',
        { name: 'migrating', namespace: 'kube-system' },
        { spec: { nodeSelector: {}, defaults: 'enable-policy: never' } },
      ),
    ],
    'egress-unrestricted',
    WEB,
    'not-evaluated',
  ],
  [
    'a pod that names another revision than its namespace gets the sidecar of the latter',
    [...meshes, namespace({ 'istio.io/rev': 'canary' }), deployment({}, { 'istio.io/rev': 'stable' })],
    'mesh-allows-any',
    MANIFEST,
    'fail',
  ],
  [
    'all containers of a node are mounted below the directory of its runtime',
    [deployment(mounted({ readOnly: true }, { hostPath: { path: '/var/run/containerd' } }))],
    'writable-host-path',
    MANIFEST,
    'fail',
  ],
  [
    'a volume with null for its source is an emptyDir',
    [deployment(mounted({}, { emptyDir: null }))],
    'unbounded-empty-dir',
    MANIFEST,
    'fail',
  ],
  [
    'the build label of a node is on Windows alone',
    [deployment({ nodeSelector: { 'node.kubernetes.io/windows-build': '10.0.20348' } })],
    'writable-root-filesystem',
    MANIFEST,
    'not-evaluated',
  ],
];

const written = scratchFiles();

interface Row {
  readonly check: string;
  readonly workload: { readonly namespace: string; readonly kind: string; readonly name: string } | null;
}

test.each(CASES)('%s', async (...[, items, check, workload, verdict]) => {
  const path = written('objects.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const { stdout } = await run(['audit', '--snapshot', path, '--complete', '--now', NOW, '-o', 'json']);
  const document: { readonly findings: readonly Row[]; readonly notEvaluated: readonly Row[] } =
    JSON.parse(stdout);
  const has = (rows: readonly Row[]): boolean =>
    rows.some((row) => {
      const { namespace: where, kind, name } = row.workload ?? { namespace: '', kind: '', name: '' };
      return row.check === check && (row.workload === null || `${where}/${kind}/${name}` === workload);
    });
  const found = has(document.findings) ? 'fail' : has(document.notEvaluated) ? 'not-evaluated' : 'pass';
  expect(found).toBe(verdict);
});
