import type { KubernetesObject } from '../environment/api-client.ts';

const DNS = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [tcp(53), { protocol: 'UDP', port: 53 }],
};

/** NetworkPolicies of every shape that their specification allows for egress. */
export function networkPolicies(): readonly KubernetesObject[] {
  return [...shopPolicies(), ...paymentsPolicies(), ...shapes()];
}

/** A shop front that may look up names and reach HTTPS. */
function shopPolicies(): readonly KubernetesObject[] {
  return [
    policy('shop', 'frontend', {
      podSelector: { matchLabels: { app: 'frontend' } },
      policyTypes: ['Egress'],
      egress: [DNS, { to: [cidr('0.0.0.0/0'), cidr('::/0')], ports: [tcp(443)] }],
    }),
    policy('shop', 'cart-open', {
      podSelector: { matchLabels: { app: 'cart' } },
      policyTypes: ['Egress'],
      egress: [{}],
    }),
    policy('shop', 'ingress-only', {
      podSelector: { matchLabels: { app: 'search' } },
      ingress: [{ from: [{ podSelector: {} }] }],
    }),
  ];
}

/** Everything denied, and one address range allowed again. */
function paymentsPolicies(): readonly KubernetesObject[] {
  return [
    policy('payments', 'deny-all', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
    policy('payments', 'to-bank', {
      podSelector: { matchLabels: { app: 'ledger' } },
      policyTypes: ['Egress'],
      egress: [DNS, { to: [cidr('198.51.100.0/24', '198.51.100.128/25')], ports: [tcp(8443)] }],
    }),
  ];
}

/** One policy for each remaining form of rule, port and selector. */
function shapes(): readonly KubernetesObject[] {
  const selecting = (app: string) => ({ matchLabels: { app } });
  const egress = (name: string, ...rules: readonly object[]) =>
    policy('shapes', name, { podSelector: selecting(name), policyTypes: ['Egress'], egress: rules });
  return [
    egress('port-range', { to: [cidr('192.0.2.0/24')], ports: [tcp(8000, { endPort: 8999 })] }),
    egress('named-port', { to: [cidr('192.0.2.0/24')], ports: [{ protocol: 'TCP', port: 'https' }] }),
    egress('protocol-only', { to: [cidr('192.0.2.0/24')], ports: [{ protocol: 'UDP' }] }),
    egress('sctp', { to: [cidr('192.0.2.0/24')], ports: [{ protocol: 'SCTP', port: 3868 }] }),
    egress('any-peer', { ports: [tcp(22)] }),
    egress('ipv6', { to: [cidr('2001:db8::/32', '2001:db8:dead::/48')], ports: [tcp(443)] }),
    egress('metadata', { to: [cidr('169.254.169.254/32'), cidr('fd00:ec2::254/128')], ports: [tcp(80)] }),
    egress('cluster-only', { to: [{ namespaceSelector: {} }] }),
    egress('except-all-but-one', {
      to: [cidr('0.0.0.0/0', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16')],
    }),
    policy('shapes', 'types-left-out', {
      podSelector: selecting('types-left-out'),
      egress: [{ to: [cidr('192.0.2.1/32')] }],
    }),
    policy('shapes', 'by-expression', {
      podSelector: {
        matchExpressions: [
          { key: 'app', operator: 'In', values: ['by-expression', 'absent'] },
          { key: 'tier', operator: 'NotIn', values: ['front'] },
          { key: 'app', operator: 'Exists' },
          { key: 'quarantined', operator: 'DoesNotExist' },
        ],
      },
      policyTypes: ['Egress'],
      egress: [{ to: [{ podSelector: selecting('port-range') }] }],
    }),
  ];
}

/** Labels `app` of the pods that the policies in namespace `shapes` select, one for each. */
export const SHAPED_APPS: readonly string[] = shapes().map(({ metadata }) => metadata.name);

function policy(namespace: string, name: string, spec: object): KubernetesObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec };
}

function cidr(range: string, ...except: readonly string[]): object {
  return { ipBlock: except.length === 0 ? { cidr: range } : { cidr: range, except } };
}

function tcp(port: number, more: object = {}): object {
  return { protocol: 'TCP', port, ...more };
}
