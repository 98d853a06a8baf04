import type { Labels } from './names.ts';

/** By which owners of workloads ask for an exemption; counts only where the configuration accepts it. */
export const EXEMPT_ANNOTATION = 'eks-drift-auditor.dev/exempt';

/**
 * How a pod is in a mesh, and which of its traffic goes around the proxy.
 * Source: https://istio.io/latest/docs/reference/config/annotations/
 */
export const MESH_ANNOTATIONS = {
  /** Written by the injection of a sidecar; JSON. */
  status: 'sidecar.istio.io/status',
  inject: 'sidecar.istio.io/inject',
  templates: 'inject.istio.io/templates',
  /** Written when a pod was enrolled in ambient mode. */
  redirection: 'ambient.istio.io/redirection',
  interceptionMode: 'sidecar.istio.io/interceptionMode',
  includeRanges: 'traffic.sidecar.istio.io/includeOutboundIPRanges',
  excludeRanges: 'traffic.sidecar.istio.io/excludeOutboundIPRanges',
  includePorts: 'traffic.sidecar.istio.io/includeOutboundPorts',
  excludePorts: 'traffic.sidecar.istio.io/excludeOutboundPorts',
  excludeInterfaces: 'traffic.sidecar.istio.io/excludeInterfaces',
} as const;

/**
 * Annotations of pods that something reads. All others, which can be large or confidential, are passed over, but for
 * those that the configuration names (`owners.annotations`).
 */
export const KEPT_ANNOTATIONS: readonly string[] = [EXEMPT_ANNOTATION, ...Object.values(MESH_ANNOTATIONS)];

/** Of a value no more is kept, so that pods of large annotations cost no memory. In UTF-16 units. */
export const LONGEST_VALUE = 8192;

/** The value as it is kept: a longer one is cut behind one unit too many, by which its reader knows it. */
export const keptValue = (value: string): string => value.slice(0, LONGEST_VALUE + 1);

/**
 * The kept ones as facts of a pod; nothing where there is none, so that most pods carry no field. In one
 * order, since files have them in any, and equal pods are one class.
 */
export function annotationFacts(kept: Labels | null): { readonly annotations?: Labels } {
  if (kept === null) return {};
  return { annotations: Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1))) };
}

/** Whether two pods have the same kept annotations, in whatever order. */
export function sameAnnotations(one: Labels | undefined, other: Labels | undefined): boolean {
  if (one === other) return true;
  if (one === undefined || other === undefined) return false;
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

/**
 * Names the network interface of a pod that has security groups of its own. A webhook of EKS lets nobody
 * but its controller set it (`annotation_validation_webhook.go` of amazon-vpc-resource-controller-k8s).
 */
export const POD_ENI_ANNOTATION = 'vpc.amazonaws.com/pod-eni';

/** The id in a value of it; nothing where there is none. */
export function networkInterfaceIn(value: string | undefined): { readonly networkInterface?: string } {
  const id = /"eniId"\s*:\s*"(?<id>eni-[0-9a-f]{1,40})"/.exec(value ?? '')?.groups?.['id'];
  return id === undefined ? {} : { networkInterface: id };
}
