import type { Resource } from '../../inventory/model.ts';
import { ENGINE_CONFIG_MAPS, ENGINE_NAMESPACE, NODE_CLASSES } from '../engine-sources.ts';
import { isMeshConfig } from '../mesh-config.ts';
import { policyKindOf } from '../policy-kinds.ts';
import { SECURITY_GROUP_POLICIES, SECURITY_GROUP_POLICY } from '../security-group-policies.ts';

interface KnownKind {
  readonly namespaced: boolean;
  /** Which part of the inventory is incomplete when such an object cannot be read. */
  readonly resource: Resource;
  /** Keeps the objects of these `namespace/name` alone. */
  readonly only?: (path: string) => boolean;
}

interface BuiltIn extends KnownKind {
  /** Groups in which this kind means what checks read. */
  readonly groups: readonly string[];
}

const workload = (...groups: string[]): BuiltIn => ({ groups, namespaced: true, resource: 'pods' });

const ENGINE_CONFIG_MAP_PATHS = new Set(ENGINE_CONFIG_MAPS.map((name) => `${ENGINE_NAMESPACE}/${name}`));

/**
 * What the audit reads from a snapshot. Everything else is not kept: Secrets above all, and ConfigMaps but
 * for those of policy engines and meshes.
 * Kinds of policies are in a table of their own (`policy-kinds.ts`), in any version: a policy that is
 * passed over would make pods look judged that are not.
 */
const KINDS: Readonly<Record<string, BuiltIn>> = {
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
  ServiceAccount: { groups: [''], namespaced: true, resource: 'serviceaccounts' },
  ConfigMap: {
    groups: [''],
    namespaced: true,
    resource: 'nodes',
    only: (path) => ENGINE_CONFIG_MAP_PATHS.has(path) || isMeshConfig(path),
  },
  NodeClass: { groups: [NODE_CLASSES.group], namespaced: false, resource: 'nodes' },
  [SECURITY_GROUP_POLICY.kind]: {
    groups: [SECURITY_GROUP_POLICIES.group],
    namespaced: true,
    resource: `${SECURITY_GROUP_POLICIES.resource}.${SECURITY_GROUP_POLICIES.group}`,
  },
};

/** @returns `null` for kinds that no check reads. */
export function knownKind(apiVersion: string, kind: string): KnownKind | null {
  const policy = policyKindOf(apiVersion, kind);
  if (policy !== null) return policy;
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return known?.groups.includes(groupOf(apiVersion)) ? known : null;
}

/** Empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '';
}
