import type { Resource } from '../../inventory/gap.ts';
import { apiGroupOf } from '../../inventory/names.ts';
import type { InventoryPart } from '../content.ts';
import {
  CILIUM_NODE_CONFIG,
  ENGINE_CONFIG_MAPS,
  ENGINE_NAMESPACE,
  NODE_CLASSES,
} from '../engines/engine-sources.ts';
import type { Fields } from '../fields.ts';
import { makesPods, mayMakePods, podTemplatesIn } from '../pods/pod-templates.ts';
import { isMeshConfig } from '../policies/mesh-config.ts';
import { POLICY_KINDS, policyKindOf } from '../policies/policy-kinds.ts';
import { SECURITY_GROUP_POLICIES, SECURITY_GROUP_POLICY } from '../policies/security-group-policies.ts';

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

const WORKLOAD: KnownKind = { namespaced: true, resource: 'pods' };

const ENGINE_CONFIG_MAP_PATHS = new Set(ENGINE_CONFIG_MAPS.map((name) => `${ENGINE_NAMESPACE}/${name}`));

/**
 * What the audit reads from a snapshot, besides the objects with pod templates, which are found by their shape. Everything else is not kept: Secrets above all, and ConfigMaps but
 * for those of policy engines and meshes.
 * Kinds of policies are in a table of their own (`policy-kinds.ts`), in any version: a policy that is
 * passed over would make pods look judged that are not.
 */
const KINDS: Readonly<Record<string, BuiltIn>> = {
  Pod: { ...WORKLOAD, groups: [''] },
  Node: { groups: [''], namespaced: false, resource: 'nodes' },
  Namespace: { groups: [''], namespaced: false, resource: 'namespaces' },
  ServiceAccount: { groups: [''], namespaced: true, resource: 'serviceaccounts' },
  ConfigMap: {
    groups: [''],
    namespaced: true,
    resource: 'nodes',
    only: (path) => ENGINE_CONFIG_MAP_PATHS.has(path) || isMeshConfig(path),
  },
  [CILIUM_NODE_CONFIG.kind]: { groups: [CILIUM_NODE_CONFIG.group], namespaced: true, resource: 'nodes' },
  NodeClass: { groups: [NODE_CLASSES.group], namespaced: false, resource: 'nodes' },
  [SECURITY_GROUP_POLICY.kind]: {
    groups: [SECURITY_GROUP_POLICIES.group],
    namespaced: true,
    resource: `${SECURITY_GROUP_POLICIES.resource}.${SECURITY_GROUP_POLICIES.group}`,
  },
};

/** @returns `null` for objects that no check reads. */
export function knownKind(apiVersion: string, kind: string, object: Fields): KnownKind | null {
  const policy = policyKindOf(apiVersion, kind);
  if (policy !== null) return policy;
  const group = apiGroupOf(apiVersion);
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (known?.groups.includes(group)) return known;
  const isWorkload =
    makesPods(group, kind) || podTemplatesIn(object, group, kind).length > 0 || mayMakePods(object, group);
  return isWorkload ? WORKLOAD : null;
}

/**
 * The kind that is read and was meant by one that differs in case alone: API servers refuse it, and passed over it
 * would be a pod or a policy that was never looked at.
 */
export function miswrittenKind(
  apiVersion: string,
  kind: string,
): { readonly kind: string; readonly resource: Resource } | null {
  const lower = kind.toLowerCase();
  const group = apiGroupOf(apiVersion);
  const builtIn = Object.entries(KINDS).find(
    ([name, { groups, only }]) =>
      only === undefined && name.toLowerCase() === lower && groups.includes(group),
  );
  if (builtIn !== undefined) return { kind: builtIn[0], resource: builtIn[1].resource };
  const policy = POLICY_KINDS.find((one) => one.kind.toLowerCase() === lower);
  return policy === undefined ? null : policyKindOf(apiVersion, policy.kind);
}

/** Of kinds that only say who owns pods. */
const OWNERS: Readonly<Record<string, Resource>> = { ReplicaSet: 'replicasets', Job: 'jobs' };

/** Settings, which are looked for one by one. */
const NO_PARTS: ReadonlySet<string> = new Set(['ConfigMap', CILIUM_NODE_CONFIG.kind]);

/** Which part of the inventory a kind is; `null` for kinds that no check needs as a whole. */
export function partOfKind(apiVersion: string, kind: string): InventoryPart | null {
  const policy = policyKindOf(apiVersion, kind);
  if (policy !== null) return policy.resource;
  const group = apiGroupOf(apiVersion);
  if (Object.hasOwn(OWNERS, kind) && (group === 'apps' || group === 'batch')) return OWNERS[kind] ?? null;
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (NO_PARTS.has(kind) || !known?.groups.includes(group)) return null;
  return kind === 'NodeClass' ? 'nodeclasses' : known.resource;
}
