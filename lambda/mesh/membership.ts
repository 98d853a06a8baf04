import { MESH_ANNOTATIONS } from '../inventory/annotations.ts';
import type { Unread } from '../inventory/engine-settings.ts';
import { DEFAULT_REVISION, type MeshProxy, proxyOf, REVISION_LABEL } from '../inventory/mesh.ts';
import type { Labels } from '../inventory/names.ts';
import type { PodClass } from '../inventory/pod-class.ts';

/**
 * How pods are in a mesh. `proxy`: they are proxies themselves (gateway, waypoint, ztunnel), whose own
 * traffic nothing redirects. `none`: not at all.
 */
export type Membership =
  | {
      readonly mode: 'sidecar' | 'native-sidecar';
      /** Of the control plane; `null`: it cannot be read from the pod. */
      readonly revision: string | null;
    }
  | { readonly mode: 'ambient' | 'proxy' | 'none' }
  | { readonly mode: 'unknown'; readonly because: Unread };

export const hasSidecar = (
  membership: Membership,
): membership is Extract<Membership, { readonly mode: 'sidecar' | 'native-sidecar' }> =>
  membership.mode === 'sidecar' || membership.mode === 'native-sidecar';

/** https://istio.io/latest/docs/reference/config/labels/ */
const INJECT = 'sidecar.istio.io/inject';
const DATAPLANE_MODE = 'istio.io/dataplane-mode';
/** https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy */
const INJECTION = 'istio-injection';

/** Labels of pods that decide how they are in a mesh. */
export const MEMBERSHIP_LABELS: readonly string[] = [INJECT, DATAPLANE_MODE, REVISION_LABEL];

/**
 * @param namespace labels of the pods' namespace; `undefined` where they were not read
 */
export function membershipOf(subject: PodClass, namespace: Labels | undefined): Membership {
  const proxy = proxyOf(subject);
  if (proxy !== null) return withProxy(proxy, subject);
  const { hostNetwork, annotations = {} } = subject.spec;
  if (annotations[MESH_ANNOTATIONS.status] !== undefined && subject.source === 'pod') {
    return unknown(
      `The annotation ${MESH_ANNOTATIONS.status} says that a sidecar was injected, but the pod has none.`,
      'Look at its containers: a custom injection template is not understood.',
    );
  }
  // Neither injection nor ambient mode touches these (istio pkg/kube/inject/inject.go, injectRequired).
  if (hostNetwork) return { mode: 'none' };
  if (isAmbient(subject, namespace)) return { mode: 'ambient' };
  return subject.source === 'template' ? injectionOf(subject, namespace) : { mode: 'none' };
}

function withProxy({ native, alone, revision }: MeshProxy, { spec }: PodClass): Membership {
  const named = spec.annotations?.[MESH_ANNOTATIONS.templates] ?? '';
  const templates = named.split(',').map((name) => name.trim());
  if (alone || templates.includes('gateway')) return { mode: 'proxy' };
  // With others, such as those for gRPC without a proxy in between, nothing need be redirected
  // (https://istio.io/latest/blog/2021/proxyless-grpc/).
  if (named !== '' && !templates.includes('sidecar')) {
    return unknown(
      `The injection template "${named.slice(0, 60)}" is not one that is understood.`,
      'Look at what the template does with outbound traffic.',
    );
  }
  return { mode: native ? 'native-sidecar' : 'sidecar', revision };
}

/**
 * The annotation is the actual state, labels are the intention. They count too: traffic of a pod that is to be
 * enrolled and is not goes out unseen, which is no stricter. A pod's label goes before its namespace's.
 * Source: https://istio.io/latest/docs/ambient/usage/add-workloads/
 */
function isAmbient({ labels, spec }: PodClass, namespace: Labels | undefined): boolean {
  if (spec.annotations?.[MESH_ANNOTATIONS.redirection] === 'enabled') return true;
  return (labels[DATAPLANE_MODE] ?? namespace?.[DATAPLANE_MODE]) === 'ambient';
}

/** Whether labels of the namespace decide on ambient mode, for neither the pod nor its network says. */
export const asksNamespace = ({ labels, spec }: PodClass): boolean =>
  !spec.hostNetwork && labels[DATAPLANE_MODE] === undefined;

/**
 * Whether a webhook would give a manifest's pod a sidecar, and of which control plane. Webhooks select by labels alone:
 * by those of the namespace first, and only where it has neither of them by those of the pod. Where the namespace has
 * istio-injection, it stands for the default revision, whatever else is labelled.
 * Sources: https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy and
 * istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml
 */
function injectionOf({ labels, spec }: PodClass, namespace: Labels | undefined): Membership {
  const asked = labels[INJECT];
  if ((asked ?? spec.annotations?.[MESH_ANNOTATIONS.inject]) === 'false') return { mode: 'none' };
  if (namespace?.[INJECTION] === 'disabled') return { mode: 'none' };
  const named = namespace?.[REVISION_LABEL] ?? labels[REVISION_LABEL];
  const isEnabled = namespace?.[INJECTION] === 'enabled';
  if (isEnabled || named !== undefined || asked === 'true') {
    return { mode: 'sidecar', revision: isEnabled ? DEFAULT_REVISION : (named ?? DEFAULT_REVISION) };
  }
  if (namespace !== undefined) return { mode: 'none' };
  return unknown(
    'Whether its namespace has sidecars injected is not known.',
    'Include the manifest of the Namespace with its labels.',
  );
}

const unknown = (message: string, remedy: string): Membership => ({
  mode: 'unknown',
  because: { reason: 'field-missing', message, remedy },
});
