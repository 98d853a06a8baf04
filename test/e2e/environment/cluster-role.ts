import type { KubernetesObject } from './api-client.ts';

export interface AccessRule {
  /** API group; empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** What reading pods, their owners and core policies takes. */
export const BASIC_ACCESS: readonly AccessRule[] = [
  ...['pods', 'namespaces', 'nodes', 'services'].map((resource) => readOnly('', resource)),
  readOnly('apps', 'replicasets'),
  readOnly('networking.k8s.io', 'networkpolicies'),
];

/** A ClusterRole with these rules, and its binding to a group. */
export function groupAccess(group: string, rules: readonly AccessRule[]): readonly KubernetesObject[] {
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const metadata = { name: group };
  return [
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata,
      rules: rules.map(({ group, resource, verbs }) => ({
        apiGroups: [group],
        resources: [resource],
        verbs,
      })),
    },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group }],
    },
  ];
}

function readOnly(group: string, resource: string): AccessRule {
  return { group, resource, verbs: ['get', 'list'] };
}
