import type { Resource } from '../../inventory/model.ts';

interface KnownKind {
  /** Groups in which this kind means what checks read. */
  readonly groups: readonly string[];
  readonly namespaced: boolean;
  /** Which part of the inventory is incomplete when such an object cannot be read. */
  readonly resource: Resource;
}

const workload = (...groups: string[]): KnownKind => ({ groups, namespaced: true, resource: 'pods' });
const policy = (namespaced: boolean, ...groups: string[]): KnownKind => ({
  groups,
  namespaced,
  resource: 'networkpolicies',
});

/**
 * What the audit reads from a snapshot. Everything else is not kept: Secrets and ConfigMaps above all.
 * Policy kinds stand here even before they are evaluated: a policy that is passed over would make pods
 * look judged that are not, so whoever takes the objects has to say that it does not understand them.
 */
const KINDS: Readonly<Record<string, KnownKind>> = {
  Pod: workload(''),
  ReplicationController: workload(''),
  Deployment: workload('apps', 'extensions'),
  ReplicaSet: workload('apps', 'extensions'),
  DaemonSet: workload('apps', 'extensions'),
  StatefulSet: workload('apps'),
  Job: workload('batch'),
  CronJob: workload('batch'),
  Node: { groups: [''], namespaced: false, resource: 'nodes' },
  Namespace: { groups: [''], namespaced: false, resource: 'namespaces' },
  // Calico has a NetworkPolicy of its own, in both of its groups.
  NetworkPolicy: {
    groups: ['networking.k8s.io', 'extensions', 'crd.projectcalico.org', 'projectcalico.org'],
    namespaced: true,
    resource: 'networkpolicies',
  },
  AdminNetworkPolicy: policy(false, 'policy.networking.k8s.io'),
  BaselineAdminNetworkPolicy: policy(false, 'policy.networking.k8s.io'),
  ClusterNetworkPolicy: policy(false, 'policy.networking.k8s.io', 'networking.k8s.aws'),
  ApplicationNetworkPolicy: policy(true, 'networking.k8s.aws'),
  GlobalNetworkPolicy: policy(false, 'crd.projectcalico.org', 'projectcalico.org'),
  CiliumNetworkPolicy: policy(true, 'cilium.io'),
  CiliumClusterwideNetworkPolicy: policy(false, 'cilium.io'),
};

/** @returns `null` for kinds that no check reads. */
export function knownKind(apiVersion: string, kind: string): KnownKind | null {
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return known?.groups.includes(groupOf(apiVersion)) ? known : null;
}

/** Empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '';
}
