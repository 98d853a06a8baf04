import { LONGEST_VALUE, MESH_ANNOTATIONS } from './annotations.ts';
import type { Setting } from './engine-settings.ts';
import type { PodClass } from './pod-class.ts';

/** What a mesh does with traffic to destinations that it does not know. */
export type OutboundMode = 'ALLOW_ANY' | 'REGISTRY_ONLY';

/**
 * What the control plane of a mesh was told, reduced to what decides about outbound traffic.
 * Source: https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig
 */
export interface MeshConfig {
  readonly outbound: Setting<OutboundMode>;
  /** Whose Sidecar counts in namespaces that have none. */
  readonly rootNamespace: string;
}

/** Configurations by the revision of their control plane; one that was not looked for is not there. */
export type MeshConfigs = ReadonlyMap<string, Setting<MeshConfig>>;

/** Stands for the control plane that has no revision. */
export const DEFAULT_REVISION = 'default';

/** Chooses a revision for a pod or a namespace (https://istio.io/latest/docs/reference/config/labels/). */
export const REVISION_LABEL = 'istio.io/rev';

/** The container of the proxy: of sidecars, gateways, waypoints and ztunnels alike. */
const PROXY_CONTAINER = 'istio-proxy';

export const isProxy = ({ name }: { readonly name: string }): boolean => name === PROXY_CONTAINER;

/** The proxy of some pods; `native`: it is an init container that stays (KEP-753). */
export interface MeshProxy {
  readonly native: boolean;
  /** There is no other container whose traffic it could carry. */
  readonly alone: boolean;
  /** Of its control plane; `null`: the annotation that should tell is none that injection writes. */
  readonly revision: string | null;
}

/** @returns `null` for pods without one */
export function proxyOf({ spec, labels }: Pick<PodClass, 'spec' | 'labels'>): MeshProxy | null {
  const proxy = spec.containers.find(
    (one) => isProxy(one) && (one.type === 'container' || one.type === 'sidecar'),
  );
  if (proxy === undefined) return null;
  const status = spec.annotations?.[MESH_ANNOTATIONS.status];
  return {
    native: proxy.type === 'sidecar',
    alone: !spec.containers.some((one) => one.type === 'container' && !isProxy(one)),
    // Whoever wrote the proxy into a manifest by hand left no status.
    revision: status === undefined ? (labels[REVISION_LABEL] ?? DEFAULT_REVISION) : revisionIn(status),
  };
}

/** Source: istio pkg/kube/inject/inject.go, SidecarInjectionStatus. */
function revisionIn(status: string): string | null {
  if (status.length > LONGEST_VALUE) return null;
  try {
    const read: unknown = JSON.parse(status);
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return null;
    const revision: unknown = 'revision' in read ? read.revision : undefined;
    if (revision === undefined || revision === null || revision === '') return DEFAULT_REVISION;
    return typeof revision === 'string' ? revision : null;
  } catch {
    return null;
  }
}
