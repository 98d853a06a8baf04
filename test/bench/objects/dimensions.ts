/**
 * Single objects that anybody may create who may write one, grown in one dimension each up to what etcd takes
 * (1.5 MB): whoever reads them must not spend time on one that grows faster than it.
 */
export interface Dimension {
  readonly name: string;
  readonly of: (count: number) => Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Addresses that never touch each other. */
const address = (index: number): string =>
  `${1 + ((index >> 15) % 9)}.${(index >> 7) % 256}.${(index << 1) % 256}.1`;
const cidr = (index: number): string => `${address(index)}/32`;
const cidr6 = (index: number): string =>
  `2001:db8:${(index >> 15).toString(16)}:${((index << 1) & 0xffff).toString(16)}::/64`;
const port = (index: number): number => 1 + ((index * 2) % 65_000);

const manifest = (apiVersion: string, kind: string, spec: Json, rest: Json = {}): Json => ({
  apiVersion,
  kind,
  metadata: { name: 'grown', namespace: 'shop' },
  spec,
  ...rest,
});
const whole = (object: Json): Json => ({ ...object, metadata: { name: 'default' } });

const core = (spec: Json): Json =>
  manifest('networking.k8s.io/v1', 'NetworkPolicy', { podSelector: {}, policyTypes: ['Egress'], ...spec });
const block = (index: number): Json => ({ ipBlock: { cidr: cidr(index) } });

const CORE: readonly Dimension[] = [
  { name: 'core rules', of: (n) => core({ egress: times(n, (i) => ({ to: [block(i)] })) }) },
  {
    name: 'core rules with ports',
    of: (n) => core({ egress: times(n, (i) => ({ to: [block(i)], ports: [{ port: port(i) }] })) }),
  },
  {
    name: 'core rules, overlapping',
    of: (n) =>
      core({
        egress: times(n, (i) => ({
          to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [cidr(i)] } }],
          ports: [{ port: port(i) }],
        })),
      }),
  },
  {
    name: 'core rules of IPv6',
    of: (n) => core({ egress: times(n, (i) => ({ to: [{ ipBlock: { cidr: cidr6(i) } }] })) }),
  },
  { name: 'core peers', of: (n) => core({ egress: [{ to: times(n, block) }] }) },
  { name: 'core ports', of: (n) => core({ egress: [{ ports: times(n, (i) => ({ port: port(i) })) }] }) },
  {
    name: 'core named ports',
    of: (n) => core({ egress: [{ ports: times(n, (i) => ({ port: `p${i}` })) }] }),
  },
  {
    name: 'core peers by ports',
    of: (n) => core({ egress: [{ to: times(n, block), ports: times(n, (i) => ({ port: port(i) })) }] }),
  },
  {
    name: 'core exceptions',
    of: (n) => core({ egress: [{ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: times(n, cidr) } }] }] }),
  },
  {
    name: 'core rules with exceptions and inner blocks',
    of: (n) =>
      core({
        egress: times(n, (i) => ({ to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [cidr(i)] } }, block(i)] })),
      }),
  },
  {
    name: 'core labels',
    of: (n) =>
      core({ podSelector: { matchLabels: Object.fromEntries(times(n, (i) => [`k${i}`, 'v'])) }, egress: [] }),
  },
  {
    name: 'core expressions',
    of: (n) =>
      core({
        podSelector: { matchExpressions: times(n, (i) => ({ key: `k${i}`, operator: 'DoesNotExist' })) },
        egress: [],
      }),
  },
  {
    name: 'core expressions of one key',
    of: (n) =>
      core({
        podSelector: {
          matchExpressions: times(n, (i) => ({ key: 'app', operator: 'NotIn', values: [`v${i}`] })),
        },
        egress: [],
      }),
  },
  {
    name: 'core values',
    of: (n) =>
      core({
        podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: times(n, (i) => `v${i}`) }] },
        egress: [],
      }),
  },
  { name: 'core unknown fields', of: (n) => core({ egress: times(n, (i) => ({ [`x${i}`]: 1 })) }) },
  {
    name: 'core metadata labels',
    of: (n) => ({
      ...core({ egress: [] }),
      metadata: {
        name: 'grown',
        namespace: 'shop',
        labels: Object.fromEntries(times(n, (i) => [`k${i}`, 'v'])),
      },
    }),
  },
];

const admin = (kind: string, spec: Json): Json =>
  whole(
    manifest('policy.networking.k8s.io/v1alpha1', kind, {
      subject: { namespaces: {} },
      ...(kind === 'AdminNetworkPolicy' ? { priority: 5 } : {}),
      ...spec,
    }),
  );
const clusterWide = (apiVersion: string, spec: Json): Json =>
  whole(
    manifest(apiVersion, 'ClusterNetworkPolicy', {
      tier: 'Admin',
      priority: 5,
      subject: { namespaces: {} },
      ...spec,
    }),
  );
const action = (index: number): string => (index % 2 === 0 ? 'Allow' : 'Deny');
const accept = (index: number): string => (index % 2 === 0 ? 'Accept' : 'Deny');

const ADMIN: readonly Dimension[] = [
  {
    name: 'admin rules in turn',
    of: (n) =>
      admin('AdminNetworkPolicy', {
        egress: times(n, (i) => ({ action: action(i), to: [{ networks: [cidr(i)] }] })),
      }),
  },
  {
    name: 'admin networks',
    of: (n) =>
      admin('AdminNetworkPolicy', { egress: [{ action: 'Deny', to: [{ networks: times(n, cidr) }] }] }),
  },
  {
    name: 'admin ports',
    of: (n) =>
      admin('AdminNetworkPolicy', {
        egress: [
          {
            action: 'Deny',
            to: [{ networks: ['0.0.0.0/0'] }],
            ports: times(n, (i) => ({ portNumber: { protocol: 'TCP', port: port(i) } })),
          },
        ],
      }),
  },
  {
    name: 'admin rules, overlapping',
    of: (n) =>
      admin('AdminNetworkPolicy', {
        egress: times(n, (i) => ({
          action: action(i),
          to: [{ networks: ['0.0.0.0/0'] }],
          ports: [{ portNumber: { protocol: 'TCP', port: port(i) } }],
        })),
      }),
  },
  {
    name: 'baseline rules in turn',
    of: (n) =>
      admin('BaselineAdminNetworkPolicy', {
        egress: times(n, (i) => ({ action: action(i), to: [{ networks: [cidr(i)] }] })),
      }),
  },
  {
    name: 'admin namespaces',
    of: (n) =>
      admin('AdminNetworkPolicy', {
        subject: {
          namespaces: { matchExpressions: times(n, (i) => ({ key: `k${i}`, operator: 'DoesNotExist' })) },
        },
        egress: [],
      }),
  },
  {
    name: 'cluster policy rules in turn',
    of: (n) =>
      clusterWide('policy.networking.k8s.io/v1alpha2', {
        egress: times(n, (i) => ({ action: accept(i), to: [{ networks: [cidr(i)] }] })),
      }),
  },
  {
    name: 'cluster policy names',
    of: (n) =>
      clusterWide('policy.networking.k8s.io/v1alpha2', {
        egress: [{ action: 'Accept', to: [{ domainNames: times(n, (i) => `a${i}.example.com`) }] }],
      }),
  },
  {
    name: 'cluster policy names in rules',
    of: (n) =>
      clusterWide('policy.networking.k8s.io/v1alpha2', {
        egress: times(n, (i) => ({
          action: 'Accept',
          to: [{ domainNames: [`a${i}.example.com`] }, { networks: [cidr(i)] }],
        })),
      }),
  },
  {
    name: 'Amazon cluster policy rules in turn',
    of: (n) =>
      clusterWide('networking.k8s.aws/v1alpha1', {
        egress: times(n, (i) => ({ action: accept(i), to: [{ networks: [cidr(i)] }] })),
      }),
  },
  {
    name: 'Amazon cluster policy names',
    of: (n) =>
      clusterWide('networking.k8s.aws/v1alpha1', {
        egress: [{ action: 'Accept', to: [{ domainNames: times(n, (i) => `a${i}.example.com`) }] }],
      }),
  },
  {
    name: 'Amazon application policy rules',
    of: (n) =>
      manifest('networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy', {
        podSelector: {},
        policyTypes: ['Egress'],
        egress: times(n, (i) => ({ to: [block(i), { domainNames: [`a${i}.example.com`] }] })),
      }),
  },
];

const calico = (spec: Json): Json =>
  whole(
    manifest('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', { types: ['Egress'], order: 5, ...spec }),
  );
const CALICO_POLICY = (spec: Json): Json =>
  manifest('crd.projectcalico.org/v1', 'NetworkPolicy', { types: ['Egress'], ...spec });
const selector = (text: string): Json => calico({ selector: text, egress: [{ action: 'Allow' }] });

const CALICO: readonly Dimension[] = [
  {
    name: 'Calico rules in turn',
    of: (n) => calico({ egress: times(n, (i) => ({ action: action(i), destination: { nets: [cidr(i)] } })) }),
  },
  {
    name: 'Calico rules in turn, passing',
    of: (n) =>
      calico({
        egress: times(n, (i) => ({
          action: ['Allow', 'Deny', 'Pass'][i % 3],
          destination: { nets: [cidr(i)] },
        })),
      }),
  },
  {
    name: 'Calico rules that allow',
    of: (n) =>
      CALICO_POLICY({ egress: times(n, (i) => ({ action: 'Allow', destination: { nets: [cidr(i)] } })) }),
  },
  {
    name: 'Calico rules of ports',
    of: (n) =>
      CALICO_POLICY({
        egress: times(n, (i) => ({ action: action(i), protocol: 'TCP', destination: { ports: [port(i)] } })),
      }),
  },
  {
    name: 'Calico nets',
    of: (n) => calico({ egress: [{ action: 'Deny', destination: { nets: times(n, cidr) } }] }),
  },
  {
    name: 'Calico notNets',
    of: (n) => calico({ egress: [{ action: 'Deny', destination: { notNets: times(n, cidr) } }] }),
  },
  {
    name: 'Calico ports',
    of: (n) =>
      calico({ egress: [{ action: 'Deny', protocol: 'TCP', destination: { ports: times(n, port) } }] }),
  },
  {
    name: 'Calico notPorts',
    of: (n) =>
      calico({ egress: [{ action: 'Deny', protocol: 'TCP', destination: { notPorts: times(n, port) } }] }),
  },
  {
    name: 'Calico domains',
    of: (n) =>
      calico({
        egress: [{ action: 'Allow', destination: { domains: times(n, (i) => `a${i}.example.com`) } }],
      }),
  },
  {
    name: 'Calico wild domains',
    of: (n) =>
      calico({
        egress: [{ action: 'Allow', destination: { domains: times(n, (i) => `*.a${i}.example.com`) } }],
      }),
  },
  {
    name: 'Calico rules by selectors',
    of: (n) =>
      calico({ egress: times(n, (i) => ({ action: action(i), destination: { selector: `a == 'v${i}'` } })) }),
  },
  {
    name: 'Calico rules by namespace selectors',
    of: (n) =>
      calico({
        egress: times(n, (i) => ({
          action: action(i),
          destination: { selector: `a == 'v${i}'`, namespaceSelector: `b == 'v${i}'` },
        })),
      }),
  },
  {
    name: 'Calico rules of sources',
    of: (n) =>
      calico({
        egress: times(n, (i) => ({
          action: action(i),
          source: { selector: `a == 'v${i}'` },
          destination: { nets: [cidr(i)] },
        })),
      }),
  },
  {
    name: 'Calico rules of sources under conditions',
    of: (n) =>
      calico({
        selector: times(n, (i) => `a != 'w${i}'`).join(' && '),
        egress: times(n, (i) => ({ action: action(i), source: { selector: `a == 'v${i}'` } })),
      }),
  },
  {
    name: 'Calico rules of one source',
    of: (n) =>
      calico({
        egress: times(n, (i) => ({
          action: action(i),
          source: { selector: "a == 'v7'" },
          destination: { nets: [cidr(i)] },
        })),
      }),
  },
  {
    name: 'Calico rules of doubt for one source',
    of: (n) =>
      calico({
        egress: times(n, (i) => ({
          action: action(i),
          source: { selector: "a == 'v7'" },
          destination: { [`x${i}`]: 1 },
        })),
      }),
  },
  { name: 'Calico alternatives', of: (n) => selector(times(n, (i) => `a == 'v${i}'`).join(' || ')) },
  { name: 'Calico alternatives of keys', of: (n) => selector(times(n, (i) => `k${i} == 'v'`).join(' || ')) },
  {
    name: 'Calico alternatives of pairs',
    of: (n) => selector(times(n, (i) => `a == 'v${i}' && b == 'w${i}'`).join(' || ')),
  },
  { name: 'Calico conditions', of: (n) => selector(times(n, (i) => `a != 'v${i}'`).join(' && ')) },
  { name: 'Calico conditions of keys', of: (n) => selector(times(n, (i) => `has(k${i})`).join(' && ')) },
  { name: 'Calico values', of: (n) => selector(`a in {${times(n, (i) => `'v${i}'`).join(', ')}}`) },
  { name: 'Calico negations', of: (n) => selector(`${'!'.repeat(n)}has(a)`) },
  {
    name: 'Calico negated alternatives',
    of: (n) => selector(`!(${times(n, (i) => `a == 'v${i}'`).join(' || ')})`),
  },
  { name: 'Calico words of one key', of: (n) => selector(`${'a'.repeat(n)} == 'v'`) },
  { name: 'Calico spaces', of: (n) => selector(`a ${' '.repeat(n)} == 'v'`) },
  {
    name: 'Calico spaces in has()',
    of: (n) => selector(times(n, () => `has( ${' '.repeat(9)}a)`).join('&&')),
  },
  { name: 'Calico signs that end nowhere', of: (n) => selector(`${'has('.repeat(n)}`) },
  {
    name: 'Calico pod conditions of a namespace',
    of: (n) =>
      calico({ namespaceSelector: times(n, (i) => `(a == 'v${i}' || has(b))`).join(' && '), egress: [] }),
  },
  {
    name: 'Calico accounts',
    of: (n) => calico({ serviceAccountSelector: times(n, (i) => `a == 'v${i}'`).join(' || '), egress: [] }),
  },
  {
    name: 'Calico unknown fields',
    of: (n) => calico({ egress: times(n, (i) => ({ action: 'Deny', [`x${i}`]: 1 })) }),
  },
];

const cilium = (spec: Json): Json =>
  manifest('cilium.io/v2', 'CiliumNetworkPolicy', { endpointSelector: {}, ...spec });

const CILIUM: readonly Dimension[] = [
  { name: 'Cilium rules', of: (n) => cilium({ egress: times(n, (i) => ({ toCIDR: [cidr(i)] })) }) },
  {
    name: 'Cilium rules with ports',
    of: (n) =>
      cilium({
        egress: times(n, (i) => ({
          toCIDR: [cidr(i)],
          toPorts: [{ ports: [{ port: String(port(i)), protocol: 'TCP' }] }],
        })),
      }),
  },
  {
    name: 'Cilium rules that deny',
    of: (n) =>
      cilium({ egress: [{ toEntities: ['world'] }], egressDeny: times(n, (i) => ({ toCIDR: [cidr(i)] })) }),
  },
  { name: 'Cilium blocks', of: (n) => cilium({ egress: [{ toCIDR: times(n, cidr) }] }) },
  {
    name: 'Cilium exceptions',
    of: (n) => cilium({ egress: [{ toCIDRSet: [{ cidr: '0.0.0.0/0', except: times(n, cidr) }] }] }),
  },
  {
    name: 'Cilium sets with exceptions',
    of: (n) =>
      cilium({ egress: [{ toCIDRSet: times(n, (i) => ({ cidr: `${address(i)}/24`, except: [cidr(i)] })) }] }),
  },
  {
    name: 'Cilium names',
    of: (n) => cilium({ egress: [{ toFQDNs: times(n, (i) => ({ matchName: `a${i}.example.com` })) }] }),
  },
  {
    name: 'Cilium patterns',
    of: (n) => cilium({ egress: [{ toFQDNs: times(n, (i) => ({ matchPattern: `*.a${i}.example.com` })) }] }),
  },
  {
    name: 'Cilium patterns with stars all over',
    of: (n) => cilium({ egress: [{ toFQDNs: times(n, (i) => ({ matchPattern: `*a${i}*b*` })) }] }),
  },
  {
    name: 'Cilium patterns below registries',
    of: (n) =>
      cilium({ egress: [{ toFQDNs: times(n, (i) => ({ matchPattern: `*${i}*a*.amazonaws.com` })) }] }),
  },
  {
    name: 'Cilium stars of a pattern',
    of: (n) => cilium({ egress: [{ toFQDNs: [{ matchPattern: `${'*a'.repeat(n)}.com` }] }] }),
  },
  {
    name: 'Cilium rules by name',
    of: (n) => cilium({ egress: times(n, (i) => ({ toFQDNs: [{ matchName: `a${i}.example.com` }] })) }),
  },
  {
    name: 'Cilium names by ports',
    of: (n) =>
      cilium({
        egress: [
          {
            toFQDNs: times(n, (i) => ({ matchName: `a${i}.example.com` })),
            toPorts: [{ ports: times(n, (i) => ({ port: String(port(i)), protocol: 'TCP' })) }],
          },
        ],
      }),
  },
  {
    name: 'Cilium ports',
    of: (n) =>
      cilium({
        egress: [
          {
            toEntities: ['world'],
            toPorts: [{ ports: times(n, (i) => ({ port: String(port(i)), protocol: 'TCP' })) }],
          },
        ],
      }),
  },
  {
    name: 'Cilium port rules',
    of: (n) =>
      cilium({
        egress: [
          {
            toEntities: ['world'],
            toPorts: times(n, (i) => ({ ports: [{ port: String(port(i)), protocol: 'TCP' }] })),
          },
        ],
      }),
  },
  {
    name: 'Cilium HTTP rules',
    of: (n) =>
      cilium({
        egress: [
          {
            toEntities: ['world'],
            toPorts: [
              {
                ports: [{ port: '443', protocol: 'TCP' }],
                rules: { http: times(n, (i) => ({ host: `a${i}.example.com` })) },
              },
            ],
          },
        ],
      }),
  },
  {
    name: 'Cilium SNI',
    of: (n) =>
      cilium({
        egress: [
          {
            toEntities: ['world'],
            toPorts: [
              {
                ports: [{ port: '443', protocol: 'TCP' }],
                serverNames: times(n, (i) => `a${i}.example.com`),
              },
            ],
          },
        ],
      }),
  },
  { name: 'Cilium entities', of: (n) => cilium({ egress: [{ toEntities: times(n, () => 'world') }] }) },
  {
    name: 'Cilium endpoints',
    of: (n) => cilium({ egress: [{ toEndpoints: times(n, (i) => ({ matchLabels: { [`k${i}`]: 'v' } })) }] }),
  },
  {
    name: 'Cilium expressions',
    of: (n) =>
      cilium({
        endpointSelector: { matchExpressions: times(n, (i) => ({ key: `k${i}`, operator: 'DoesNotExist' })) },
        egress: [{}],
      }),
  },
  {
    name: 'Cilium specs',
    of: (n) =>
      manifest(
        'cilium.io/v2',
        'CiliumNetworkPolicy',
        {},
        {
          spec: undefined,
          specs: times(n, (i) => ({ endpointSelector: {}, egress: [{ toCIDR: [cidr(i)] }] })),
        },
      ),
  },
  {
    name: 'Cilium specs of labels',
    of: (n) =>
      manifest(
        'cilium.io/v2',
        'CiliumNetworkPolicy',
        {},
        {
          spec: undefined,
          specs: times(n, (i) => ({
            endpointSelector: { matchLabels: { [`k${i}`]: 'v' } },
            egress: [{ toCIDR: [cidr(i)] }],
          })),
        },
      ),
  },
  { name: 'Cilium unknown fields', of: (n) => cilium({ egress: times(n, (i) => ({ [`x${i}`]: 1 })) }) },
  {
    name: 'Cilium group blocks',
    of: (n) => whole(manifest('cilium.io/v2', 'CiliumCIDRGroup', { externalCIDRs: times(n, cidr) })),
  },
  {
    name: 'Cilium groups',
    of: (n) => cilium({ egress: [{ toCIDRSet: times(n, (i) => ({ cidrGroupRef: `g${i}` })) }] }),
  },
];

const entry = (spec: Json): Json =>
  manifest('networking.istio.io/v1', 'ServiceEntry', {
    hosts: ['a.example.com'],
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    resolution: 'DNS',
    location: 'MESH_EXTERNAL',
    ...spec,
  });

const MESH: readonly Dimension[] = [
  { name: 'ServiceEntry hosts', of: (n) => entry({ hosts: times(n, (i) => `a${i}.example.com`) }) },
  {
    name: 'ServiceEntry wild hosts',
    of: (n) => entry({ hosts: times(n, (i) => `*.a${i}.example.com`), resolution: 'NONE' }),
  },
  { name: 'ServiceEntry addresses', of: (n) => entry({ addresses: times(n, cidr), resolution: 'NONE' }) },
  {
    name: 'ServiceEntry ports',
    of: (n) => entry({ ports: times(n, (i) => ({ number: port(i), name: `p${i}`, protocol: 'TCP' })) }),
  },
  {
    name: 'ServiceEntry endpoints',
    of: (n) => entry({ endpoints: times(n, (i) => ({ address: address(i) })), resolution: 'STATIC' }),
  },
  {
    name: 'ServiceEntry endpoints by ports',
    of: (n) =>
      entry({
        endpoints: times(n, (i) => ({ address: address(i), ports: { [`p${i}`]: port(i) } })),
        ports: times(n, (i) => ({ number: port(i), name: `p${i}`, protocol: 'TCP' })),
        resolution: 'STATIC',
      }),
  },
  { name: 'ServiceEntry exportTo', of: (n) => entry({ exportTo: times(n, (i) => `ns${i}`) }) },
  {
    name: 'Sidecar hosts',
    of: (n) =>
      manifest('networking.istio.io/v1', 'Sidecar', {
        egress: [{ hosts: times(n, (i) => `./a${i}.example.com`) }],
      }),
  },
  {
    name: 'Sidecar listeners',
    of: (n) =>
      manifest('networking.istio.io/v1', 'Sidecar', {
        egress: times(n, (i) => ({
          port: { number: port(i), protocol: 'TCP', name: `p${i}` },
          hosts: ['./*'],
        })),
      }),
  },
  {
    name: 'Sidecar labels',
    of: (n) =>
      manifest('networking.istio.io/v1', 'Sidecar', {
        workloadSelector: { labels: Object.fromEntries(times(n, (i) => [`k${i}`, 'v'])) },
        outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
      }),
  },
];

const container = (name: string, rest: Json = {}): Json => ({ name, image: 'example.com/a:1', ...rest });
const pod = (metadata: Json, spec: Json, status: Json = {}): Json => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'grown',
    namespace: 'shop',
    uid: 'u-grown',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
  spec: { nodeName: 'node-1', containers: [container('app')], ...spec },
  status: {
    phase: 'Running',
    startTime: '2026-01-01T00:00:00Z',
    containerStatuses: [
      {
        name: 'app',
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
        image: 'a',
        imageID: '',
        ready: true,
        restartCount: 0,
        started: true,
      },
    ],
    ...status,
  },
});
const status = (name: string): Json => ({
  name,
  state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
  image: 'a',
  imageID: '',
  ready: true,
  restartCount: 0,
  started: true,
});

const PODS: readonly Dimension[] = [
  { name: 'pod labels', of: (n) => pod({ labels: Object.fromEntries(times(n, (i) => [`k${i}`, 'v'])) }, {}) },
  {
    name: 'pod annotations',
    of: (n) => pod({ annotations: Object.fromEntries(times(n, (i) => [`k${i}`, 'v'])) }, {}),
  },
  {
    name: 'pod exemptions',
    of: (n) =>
      pod({ annotations: Object.fromEntries(times(n, (i) => [`eks-drift-auditor/exempt.x${i}`, 'v'])) }, {}),
  },
  {
    name: 'pod containers',
    of: (n) =>
      pod(
        {},
        { containers: times(n, (i) => container(`c${i}`)) },
        { containerStatuses: times(n, (i) => status(`c${i}`)) },
      ),
  },
  {
    name: 'pod init containers',
    of: (n) =>
      pod(
        {},
        { initContainers: times(n, (i) => container(`c${i}`, { restartPolicy: 'Always' })) },
        { initContainerStatuses: times(n, (i) => status(`c${i}`)) },
      ),
  },
  {
    name: 'pod debug containers',
    of: (n) =>
      pod(
        {},
        { ephemeralContainers: times(n, (i) => container(`d${i}`)) },
        { ephemeralContainerStatuses: times(n, (i) => status(`d${i}`)) },
      ),
  },
  {
    name: 'pod debug containers without status',
    of: (n) => pod({}, { ephemeralContainers: times(n, (i) => container(`d${i}`)) }),
  },
  {
    name: 'pod volumes',
    of: (n) => pod({}, { volumes: times(n, (i) => ({ name: `v${i}`, emptyDir: {} })) }),
  },
  {
    name: 'pod host paths',
    of: (n) =>
      pod(
        {},
        {
          volumes: times(n, (i) => ({ name: `v${i}`, hostPath: { path: `/p${i}` } })),
          containers: [
            container('app', { volumeMounts: times(n, (i) => ({ name: `v${i}`, mountPath: `/p${i}` })) }),
          ],
        },
      ),
  },
  {
    name: 'pod mounts',
    of: (n) =>
      pod(
        {},
        {
          volumes: [{ name: 'v', emptyDir: {} }],
          containers: [
            container('app', { volumeMounts: times(n, (i) => ({ name: 'v', mountPath: `/p${i}` })) }),
          ],
        },
      ),
  },
  {
    name: 'pod mounts of mounts',
    of: (n) =>
      pod(
        {},
        {
          volumes: [{ name: 'v', hostPath: { path: '/' } }],
          containers: [
            container('app', {
              securityContext: { readOnlyRootFilesystem: true },
              volumeMounts: times(n, (i) => ({ name: 'v', mountPath: `/${'a/'.repeat(i % 50)}p${i}` })),
            }),
          ],
        },
      ),
  },
  {
    name: 'pod environment',
    of: (n) =>
      pod({}, { containers: [container('app', { env: times(n, (i) => ({ name: `E${i}`, value: 'v' })) })] }),
  },
  {
    name: 'pod arguments',
    of: (n) => pod({}, { containers: [container('app', { args: times(n, (i) => `--a${i}`) })] }),
  },
  {
    name: 'pod ports',
    of: (n) =>
      pod(
        {},
        {
          containers: [
            container('app', { ports: times(n, (i) => ({ containerPort: port(i), hostPort: port(i) })) }),
          ],
        },
      ),
  },
  {
    name: 'pod owners',
    of: (n) =>
      pod(
        {
          ownerReferences: times(n, (i) => ({
            apiVersion: 'v1',
            kind: 'Thing',
            name: `o${i}`,
            uid: `u${i}`,
            controller: false,
          })),
        },
        {},
      ),
  },
  {
    name: 'pod image name',
    of: (n) => pod({}, { containers: [container('app', { image: `example.com/${'a/'.repeat(n)}b:1` })] }),
  },
  {
    name: 'pod image name of dots',
    of: (n) => pod({}, { containers: [container('app', { image: `${'a.'.repeat(n)}b` })] }),
  },
  {
    name: 'pod excluded ports of the mesh',
    of: (n) =>
      pod(
        {
          annotations: {
            'sidecar.istio.io/status': '{}',
            'traffic.sidecar.istio.io/excludeOutboundPorts': times(n, (i) => String(port(i))).join(','),
          },
        },
        {},
      ),
  },
  {
    name: 'pod excluded blocks of the mesh',
    of: (n) =>
      pod(
        {
          annotations: {
            'sidecar.istio.io/status': '{}',
            'traffic.sidecar.istio.io/excludeOutboundIPRanges': times(n, cidr).join(','),
          },
        },
        { containers: [container('app'), container('istio-proxy')] },
      ),
  },
  {
    name: 'pod interfaces',
    of: (n) =>
      pod(
        {
          annotations: {
            'vpc.amazonaws.com/pod-eni': JSON.stringify(times(n, (i) => ({ eniId: `eni-${i}` }))),
          },
        },
        {},
      ),
  },
  {
    name: 'namespace labels',
    of: (n) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: Object.fromEntries(times(n, (i) => [`k${i}`, 'v'])) },
    }),
  },
  {
    name: 'namespace annotations',
    of: (n) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', annotations: Object.fromEntries(times(n, (i) => [`k${i}`, 'v'])) },
    }),
  },
  {
    name: 'node addresses',
    of: (n) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'node-2', uid: 'n2' },
      spec: {},
      status: { addresses: times(n, (i) => ({ type: 'InternalIP', address: address(i) })) },
    }),
  },
  {
    name: 'account labels',
    of: (n) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: {
        name: 'default',
        namespace: 'shop',
        labels: Object.fromEntries(times(n, (i) => [`k${i}`, 'v'])),
      },
    }),
  },
];

const set = (kind: string, spec: Json, labels: Json = { a: 'v1' }): Json => ({
  apiVersion: 'crd.projectcalico.org/v1',
  kind,
  metadata: { name: 'grown', labels, ...(kind === 'NetworkSet' ? { namespace: 'shop' } : {}) },
  spec,
});

const SETS: readonly Dimension[] = [
  { name: 'Calico set of nets', of: (n) => set('GlobalNetworkSet', { nets: times(n, cidr) }) },
  {
    name: 'Calico set of labels',
    of: (n) =>
      set('GlobalNetworkSet', { nets: [cidr(1)] }, Object.fromEntries(times(n, (i) => [`k${i}`, 'v']))),
  },
  {
    name: 'Calico set of domains',
    of: (n) => set('GlobalNetworkSet', { allowedEgressDomains: times(n, (i) => `a${i}.example.com`) }),
  },
  { name: 'Calico set of a namespace', of: (n) => set('NetworkSet', { nets: times(n, cidr) }) },
];

export const DIMENSIONS: readonly Dimension[] = [
  ...CORE,
  ...ADMIN,
  ...CALICO,
  ...SETS,
  ...CILIUM,
  ...MESH,
  ...PODS,
];

/** What stands around the object: a pod that runs under it in a cluster that enforces it. */
export const AROUND: readonly Json[] = [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'kubernetes.io/metadata.name': 'shop', a: 'v1', b: 'v1' } },
  },
  {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', uid: 'n1' },
    spec: { providerID: 'aws:///eu-west-1a/i-1' },
    status: {},
  },
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cilium-config', namespace: 'kube-system' },
    data: {},
  },
  ...['frontend', 'worker'].map((name) => ({
    ...pod({}, name === 'worker' ? { containers: [container('app'), container('istio-proxy')] } : {}),
    metadata: {
      name,
      namespace: 'shop',
      uid: `u-${name}`,
      labels: { app: name, a: 'v7', b: 'w7' },
      creationTimestamp: '2026-01-01T00:00:00Z',
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `${name}-5d4f8c7b6d`,
          uid: `r-${name}`,
          controller: true,
        },
      ],
    },
  })),
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: 'other', namespace: 'shop' },
    spec: {
      hosts: ['b.example.com'],
      ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
      resolution: 'DNS',
    },
  },
  {
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    metadata: { name: 'other', namespace: 'shop' },
    spec: {
      endpointSelector: {},
      egress: [{ toCIDRSet: [{ cidrGroupRef: 'default' }] }],
      egressDeny: [{ toCIDR: ['9.9.9.9/32'] }],
    },
  },
  {
    apiVersion: 'crd.projectcalico.org/v1',
    kind: 'GlobalNetworkPolicy',
    metadata: { name: 'default.other' },
    spec: {
      types: ['Egress'],
      egress: [{ action: 'Deny', destination: { selector: "a == 'v1'" } }, { action: 'Allow' }],
    },
  },
];

const agent = (name: string): Json => ({
  ...pod(
    {},
    {
      hostNetwork: true,
      containers: [
        ...(name === 'aws-eks-nodeagent'
          ? [container(name, { args: ['--enable-network-policy=true'] }), container('aws-node')]
          : [container(name)]),
      ],
    },
    { containerStatuses: [status(name)] },
  ),
  metadata: {
    name,
    namespace: 'kube-system',
    uid: `u-${name}`,
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid: `d-${name}`, controller: true }],
  },
});

/** Of the VPC CNI, of Calico and of Cilium. */
export const AGENTS = [agent('aws-eks-nodeagent'), agent('calico-node'), agent('cilium-agent')] as const;
