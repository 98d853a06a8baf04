import type { Build, ClusterContext } from './cluster.ts';
import { apiObject, parseRef } from './controllers.ts';
import { days, type Json, type KubeObject, type Labels } from './kubernetes.ts';

/** A Namespace with its labels. */
export function namespace(name: string, labels: Labels = {}): Build {
  return (cluster) => [
    apiObject(cluster, {
      apiVersion: 'v1',
      kind: 'Namespace',
      name,
      createdAt: cluster.now - days(420),
      labels: { ...labels, 'kubernetes.io/metadata.name': name },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    }),
  ];
}

/** The ServiceAccounts under which these pods run. */
export function serviceAccounts(
  cluster: ClusterContext,
  objects: readonly KubeObject[],
): readonly KubeObject[] {
  const refs = objects
    .filter(({ kind }) => kind === 'Pod')
    .flatMap(({ metadata, spec }) => {
      const { serviceAccountName } = spec as { readonly serviceAccountName?: string };
      return serviceAccountName === undefined ? [] : [`${metadata.namespace}/${serviceAccountName}`];
    });
  return [...new Set(refs)].map((ref) =>
    apiObject(cluster, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      ...parseRef(ref),
      createdAt: cluster.now - days(410),
    }),
  );
}

/** A ConfigMap as an EKS add-on applies it. */
export function configMap(ref: string, data: Labels): Build {
  return (cluster) =>
    [
      apiObject(cluster, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        ...parseRef(ref),
        createdAt: cluster.now - days(400),
        manager: 'eks',
      }),
    ].map((object) => ({ ...object, data }));
}

/** A NetworkPolicy (networking.k8s.io/v1) with its `spec` as written. */
export function networkPolicy(ref: string, spec: Json): Build {
  return (cluster) => [
    apiObject(cluster, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      ...parseRef(ref),
      createdAt: cluster.now - days(120),
      spec,
    }),
  ];
}

export interface PolicyPort {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  readonly port: number;
  readonly endPort?: number;
}

export const tcp = (port: number, endPort?: number): PolicyPort =>
  endPort === undefined ? { protocol: 'TCP', port } : { protocol: 'TCP', port, endPort };

export const everyone: Json = {};
export const app = (name: string): Json => ({ matchLabels: { app: name } });
export const apps = (...names: readonly string[]): Json => ({
  matchExpressions: [{ key: 'app', operator: 'In', values: names }],
});

/** An egress policy for the selected pods; no rules: nothing may leave. */
export function egressPolicy(ref: string, podSelector: Json, rules: readonly Json[]): Build {
  return networkPolicy(ref, { podSelector, policyTypes: ['Egress'], egress: rules });
}

/** An egress rule to address blocks; without ports to every port. */
export function toBlocks(cidrs: readonly string[], ...ports: readonly PolicyPort[]): Json {
  const to = cidrs.map((cidr) => ({ ipBlock: { cidr } }));
  return ports.length === 0 ? { to } : { to, ports };
}

/** An egress rule to a block with exceptions, on every port. */
export const toBlockExcept = (cidr: string, ...except: readonly string[]): Json => ({
  to: [{ ipBlock: { cidr, except } }],
});

export const toPods = (podSelector: Json): Json => ({ to: [{ podSelector }] });

/** The rule that nearly every egress policy needs: names are resolved by CoreDNS. */
export const toDns: Json = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    },
  ],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};
