import { hash } from 'node:crypto';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import { type ClusterName, clusterKey } from './cluster-key.ts';

/** What one change removes, in the order in which it is preferred where several fit. */
export const CAUSE_KINDS = [
  /** The pods use the network of their node: no policy applies. */
  'host-network',
  /** Policies exist, and nothing enforces them on these pods. */
  'policy-not-enforced',
  /** Rules of policies allow more than is needed. */
  'rule-too-wide',
  /** No policy narrows the egress of workloads of this namespace. */
  'no-egress-policy',
  /** A mesh lets traffic out. */
  'mesh-open',
  /** The root filesystem of a container is writable. */
  'writable-root',
  /** A volume of the template mounts a path of the node. */
  'node-path',
  /** Pods or containers have run for longer than allowed. */
  'not-restarted',
  /** The image is old, its tag has moved on or can, its scan is stale, or its SBOM is missing. */
  'image-behind',
  /** A running container has written into its layer, by measurement. */
  'drifted',
  /** A debug container is attached to a pod. */
  'debug-left',
  /** A volume on the disk of the node has no limit. */
  'unbounded-volume',
  /** Only of rows that an earlier version wrote. */
  'unknown',
] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

/** The object to change. */
export interface CauseObject {
  /** `Namespace`, `Cluster`, the kind of the workload or of the policy. */
  readonly kind: string;
  /** `null` of objects without one, such as a namespace itself. */
  readonly namespace: string | null;
  readonly name: string;
  /** What of it: `container web`, `volume cache`, `spec.egress[2]`, `Fargate`; `null`: all of it. */
  readonly part: string | null;
}

/**
 * Why a finding exists: what one change would remove. Each finding has exactly one; findings with the same id go
 * together. `object` names what to change.
 */
export interface Cause {
  /** SHA-256 of cluster, kind and object, or content: the same in every run. */
  readonly id: string;
  readonly kind: CauseKind;
  readonly object: CauseObject;
  /** SHA-256 of what tells it from others of its kind where the name of the object does not; mostly absent. */
  readonly content?: string;
  /** Of several rules that must be changed together: where each is, `NetworkPolicy shop/web: spec.egress[2]`. */
  readonly rules?: readonly string[];
}

/**
 * @param key What tells it from others of its kind where the name of the object does not: the policies and the content
 * of their rules. @defaultValue the object
 */
export const causeOf = (
  cluster: ClusterName,
  kind: CauseKind,
  object: CauseObject,
  key: string | null = null,
): Cause =>
  withId(cluster, { kind, object, ...(key === null ? {} : { content: hash('sha256', key, 'hex') }) });

/** The same cause of a cluster that has become known under another identity. */
const causeUnder = (cluster: ClusterIdentity, cause: Cause): Cause =>
  cause.kind === 'unknown'
    ? cause
    : withId(cluster, {
        ...cause,
        object: cause.object.kind === 'Cluster' ? { ...cause.object, name: cluster.name } : cause.object,
      });

interface Caused {
  readonly cause?: Cause | null;
  readonly remainsBy?: Cause | null;
}

/** {@link causeUnder} for the causes of a finding: what of them it has. */
export const causesUnder = (cluster: ClusterIdentity, { cause, remainsBy }: Caused): Caused => ({
  ...(cause == null ? {} : { cause: causeUnder(cluster, cause) }),
  ...(remainsBy == null ? {} : { remainsBy: causeUnder(cluster, remainsBy) }),
});

function withId(cluster: ClusterName, { kind, object, content, rules }: Omit<Cause, 'id'>): Cause {
  const { namespace, kind: objectKind, name, part } = object;
  const identity = content === undefined ? [objectKind, namespace, name, part] : [content];
  return {
    id: hash('sha256', JSON.stringify([clusterKey(cluster), kind, ...identity]), 'hex'),
    kind,
    object: { kind: objectKind, namespace, name, part },
    ...(content === undefined ? {} : { content }),
    ...(rules === undefined ? {} : { rules }),
  };
}

export const workloadObject = (
  { namespace, kind, name }: WorkloadRef,
  part: string | null = null,
): CauseObject => ({ kind, namespace, name, part });

/** `namespace legacy`, `legacy/Deployment/erp: container app`; not yet safe for a terminal or a mail. */
export function causeObjectText({ kind, namespace, name, part }: CauseObject): string {
  const object =
    kind === 'Namespace'
      ? `namespace ${name}`
      : kind === 'Cluster'
        ? `cluster ${name}`
        : kind === 'Mesh'
          ? name
          : namespace === null
            ? `${kind} ${name}`
            : `${namespace}/${kind}/${name}`;
  return part === null ? object : `${object}: ${part}`;
}
