import type { KubernetesObject } from '../environment/api-client.ts';

const NAMESPACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  shop: { team: 'storefront' },
  payments: { team: 'payments', 'pod-security.kubernetes.io/warn': 'restricted' },
  platform: { team: 'platform' },
  legacy: { team: 'erp' },
  batch: { team: 'data' },
  serverless: { team: 'storefront' },
  mesh: { team: 'storefront', 'istio-injection': 'enabled' },
  'istio-system': {},
  shapes: { team: 'platform' },
  'tenant-admin': { tenant: 'admin-tier' },
  'tenant-cluster': { tenant: 'cluster-tier' },
  'tenant-aws': { tenant: 'aws-tier' },
  'tenant-calico': {},
  'tenant-cilium': {},
  empty: {},
};

/** The namespaces that users made; the API server makes kube-system and its like itself. */
export function namespaces(): readonly KubernetesObject[] {
  return Object.entries(NAMESPACES).map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels },
  }));
}

/** By which a policy of Calico selects pods. The controller that makes one with each namespace does not run. */
export function serviceAccounts(): readonly KubernetesObject[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'tenant-calico' } },
  ];
}
