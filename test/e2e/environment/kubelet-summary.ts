import type { ApiClient, KubernetesObject, ListPage } from './api-client.ts';

export interface WritableLayer {
  readonly bytes: number;
  readonly inodes: number;
}

/**
 * What is known of a container's writable layer: its size; `unsampled`, for which containerd gives
 * zeros since 1970, as for every container that has just started; or `absent`, where the kubelet knows
 * nothing at all and leaves `rootfs` out.
 */
export type WritableLayerUsage = (container: {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}) => WritableLayer | 'unsampled' | 'absent';

export interface SummaryOptions {
  readonly nodeName: string;
  /** Asked which pods run here. */
  readonly api: ApiClient;
  readonly usage: WritableLayerUsage;
  /** Windows does not count files. */
  readonly countsInodes: boolean;
}

/**
 * The Summary API's answer, reduced to what names pods and measures containers.
 * https://github.com/kubernetes/kubelet/blob/v0.36.3/pkg/apis/stats/v1alpha1/types.go
 */
export async function summary(options: SummaryOptions): Promise<object> {
  const { api, nodeName } = options;
  const selector = encodeURIComponent(`spec.nodeName=${nodeName},status.phase=Running`);
  const { body } = await api.request('GET', `/api/v1/pods?fieldSelector=${selector}`);
  return {
    node: { nodeName },
    pods: (body as ListPage).items.map((pod) => podStats(pod, options)),
  };
}

interface PodStatus {
  readonly startTime?: string;
  readonly containerStatuses?: readonly ContainerStatus[];
  readonly initContainerStatuses?: readonly ContainerStatus[];
  readonly ephemeralContainerStatuses?: readonly ContainerStatus[];
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly running?: { readonly startedAt: string } };
}

function podStats(pod: KubernetesObject, options: SummaryOptions): object {
  const status = pod.status as PodStatus;
  const { name, namespace = '' } = pod.metadata;
  const running = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ].filter((container) => container.state?.running !== undefined);
  return {
    podRef: { name, namespace, uid: uidAtNode(pod) },
    startTime: status.startTime,
    containers: running.map((container) => ({
      name: container.name,
      startTime: container.state?.running?.startedAt,
      ...rootfs({ namespace, pod: name, container: container.name }, options),
    })),
  };
}

/** A pod from a file is known by the hash of its configuration, and by another UID at the API server. */
function uidAtNode({ metadata }: KubernetesObject): string | undefined {
  const annotations = metadata.annotations as Readonly<Record<string, string>> | undefined;
  return annotations?.['kubernetes.io/config.mirror'] ?? metadata.uid;
}

/** The disk of the node: the same in every reading, whether or not the layer is known. */
const DISK = { availableBytes: 71_018_688_512, capacityBytes: 270_553_174_016 };
const FILES = { inodesFree: 15_878_394, inodes: 16_777_216 };

function rootfs(
  container: Parameters<WritableLayerUsage>[0],
  { usage, countsInodes }: SummaryOptions,
): object {
  const layer = usage(container);
  if (layer === 'absent') {
    return {};
  }
  const { bytes, inodes } = layer === 'unsampled' ? { bytes: 0, inodes: 0 } : layer;
  const time = layer === 'unsampled' ? new Date(0) : new Date();
  return {
    rootfs: {
      time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
      ...DISK,
      usedBytes: bytes,
      ...(countsInodes && { ...FILES, inodesUsed: inodes }),
    },
  };
}
