import type { KubernetesObject } from '../environment/api-client.ts';

const ANYWHERE = ['0.0.0.0/0', '::/0'];
const METADATA_SERVICE = '169.254.169.254/32';

/** One or two objects of every policy kind besides the core one. */
export function customPolicies(): readonly KubernetesObject[] {
  return [...adminPolicies(), ...awsPolicies(), ...calicoPolicies(), ...ciliumPolicies(), ...istioConfig()];
}

function adminPolicies(): readonly KubernetesObject[] {
  const team = { namespaces: { matchLabels: { tenant: 'admin-tier' } } };
  const v1alpha1 = 'policy.networking.k8s.io/v1alpha1';
  return [
    object(v1alpha1, 'AdminNetworkPolicy', 'no-metadata-service', {
      priority: 10,
      subject: team,
      egress: [
        {
          name: 'deny-metadata',
          action: 'Deny',
          to: [{ networks: [METADATA_SERVICE] }],
          ports: [{ portNumber: { protocol: 'TCP', port: 80 } }],
        },
        { name: 'leave-dns', action: 'Pass', to: [{ namespaces: {} }] },
      ],
    }),
    // The specification admits one object only, of this name.
    object(v1alpha1, 'BaselineAdminNetworkPolicy', 'default', {
      subject: team,
      egress: [{ name: 'deny-internet', action: 'Deny', to: [{ networks: ANYWHERE }] }],
    }),
    object('policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy', 'https-only', {
      tier: 'Admin',
      priority: 20,
      subject: { namespaces: { matchLabels: { tenant: 'cluster-tier' } } },
      egress: [
        {
          name: 'allow-https',
          action: 'Accept',
          to: [{ networks: ANYWHERE }],
          protocols: [{ tcp: { destinationPort: { number: 443 } } }],
        },
        { name: 'deny-rest', action: 'Deny', to: [{ networks: ANYWHERE }] },
      ],
    }),
  ];
}

function awsPolicies(): readonly KubernetesObject[] {
  const apiVersion = 'networking.k8s.aws/v1alpha1';
  return [
    object(apiVersion, 'ClusterNetworkPolicy', 'no-public-repositories', {
      tier: 'Admin',
      priority: 5,
      subject: { namespaces: { matchLabels: { tenant: 'aws-tier' } } },
      egress: [{ name: 'deny-metadata', action: 'Deny', to: [{ networks: [METADATA_SERVICE] }] }],
    }),
    object(
      apiVersion,
      'ApplicationNetworkPolicy',
      'card-processor',
      {
        podSelector: { matchLabels: { app: 'checkout' } },
        policyTypes: ['Egress'],
        egress: [
          { to: [{ domainNames: ['api.stripe.com'] }], ports: [{ protocol: 'TCP', port: 443 }] },
          { to: [{ ipBlock: { cidr: '172.20.0.10/32' } }], ports: [{ protocol: 'UDP', port: 53 }] },
        ],
      },
      'serverless',
    ),
    object(
      apiVersion,
      'PolicyEndpoint',
      'frontend-x7k2p',
      {
        podIsolation: ['Egress'],
        podSelector: { matchLabels: { app: 'frontend' } },
        policyRef: { name: 'frontend', namespace: 'shop' },
        podSelectorEndpoints: [],
        egress: [{ cidr: '0.0.0.0/0', ports: [{ protocol: 'TCP', port: 443 }] }],
      },
      'shop',
    ),
    object('eks.amazonaws.com/v1', 'NodeClass', 'default', { networkPolicy: 'DefaultAllow' }),
  ];
}

function calicoPolicies(): readonly KubernetesObject[] {
  const apiVersion = 'crd.projectcalico.org/v1';
  const selector = "tenant == 'calico'";
  return [
    object(apiVersion, 'Tier', 'security', { order: 100, defaultAction: 'Pass' }),
    object(apiVersion, 'GlobalNetworkSet', 'package-mirrors', { nets: ['198.51.100.0/25'] }),
    object(apiVersion, 'NetworkSet', 'partners', { nets: ['192.0.2.0/25'] }, 'tenant-calico'),
    // The API group stores policies of a tier under the tier's name and a dot.
    object(apiVersion, 'GlobalNetworkPolicy', 'security.no-mirrors', {
      tier: 'security',
      order: 10,
      selector,
      types: ['Egress'],
      egress: [
        { action: 'Deny', destination: { selector: "role == 'mirror'" } },
        { action: 'Pass', destination: {} },
      ],
    }),
    object(
      apiVersion,
      'NetworkPolicy',
      'default.https',
      {
        tier: 'default',
        selector,
        serviceAccountSelector: "projectcalico.org/name == 'default'",
        types: ['Egress'],
        egress: [
          {
            action: 'Allow',
            protocol: 'TCP',
            destination: { nets: ['0.0.0.0/0'], ports: [443, '8000:8010'] },
          },
        ],
      },
      'tenant-calico',
    ),
  ];
}

function ciliumPolicies(): readonly KubernetesObject[] {
  const apiVersion = 'cilium.io/v2';
  const https = [{ ports: [{ port: '443', protocol: 'TCP' }] }];
  return [
    object(
      apiVersion,
      'CiliumNetworkPolicy',
      'source-forge',
      {
        endpointSelector: { matchLabels: { app: 'builder' } },
        egress: [
          {
            toFQDNs: [{ matchName: 'github.com' }, { matchPattern: '*.githubusercontent.com' }],
            toPorts: https,
          },
          { toCIDRSet: [{ cidr: '192.0.2.0/24', except: ['192.0.2.128/25'] }, { cidrGroupRef: 'partners' }] },
        ],
        egressDeny: [{ toCIDR: [METADATA_SERVICE] }],
      },
      'tenant-cilium',
    ),
    object(apiVersion, 'CiliumCIDRGroup', 'partners', { externalCIDRs: ['198.51.100.0/28'] }),
    object(apiVersion, 'CiliumClusterwideNetworkPolicy', 'isolated', {
      endpointSelector: { matchLabels: { isolated: 'true' } },
      egress: [{}],
    }),
  ];
}

function istioConfig(): readonly KubernetesObject[] {
  const apiVersion = 'networking.istio.io/v1';
  const https = { number: 443, name: 'https', protocol: 'TLS' };
  return [
    object(
      apiVersion,
      'ServiceEntry',
      'anything-google',
      { hosts: ['*.googleapis.com'], location: 'MESH_EXTERNAL', resolution: 'NONE', ports: [https] },
      'mesh',
    ),
    object(
      apiVersion,
      'ServiceEntry',
      'plain-ssh',
      {
        hosts: ['git.example.com'],
        location: 'MESH_EXTERNAL',
        resolution: 'NONE',
        ports: [{ number: 22, name: 'ssh', protocol: 'TCP' }],
      },
      'mesh',
    ),
    // Without the endpoints that it names as its way to resolve.
    object(
      apiVersion,
      'ServiceEntry',
      'no-endpoints',
      { hosts: ['prices.example.com'], location: 'MESH_EXTERNAL', resolution: 'STATIC', ports: [https] },
      'mesh',
    ),
    object(
      apiVersion,
      'Sidecar',
      'pricing',
      {
        workloadSelector: { labels: { app: 'pricing' } },
        outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
      },
      'mesh',
    ),
    object(apiVersion, 'Sidecar', 'default', { outboundTrafficPolicy: { mode: 'ALLOW_ANY' } }, 'mesh'),
  ];
}

function object(
  apiVersion: string,
  kind: string,
  name: string,
  ...[spec, namespace]: readonly [spec: object, namespace?: string]
): KubernetesObject {
  const labels = LABELS[kind];
  const metadata = { name, ...(labels && { labels }), ...(namespace !== undefined && { namespace }) };
  return { apiVersion, kind, metadata, spec };
}

/** By which Calico's policies select network sets. */
const LABELS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  GlobalNetworkSet: { role: 'mirror' },
  NetworkSet: { role: 'partner' },
};
