import type { VolumeFacts } from './pod.ts';
import { signOfQuantity } from './quantity.ts';

/**
 * Whether an emptyDir may fill the disk of its node. Medium "" is the node's disk; Memory and HugePages are not. A limit
 * of zero is no limit: the kubelet evicts only above a limit greater than zero.
 * Sources: https://kubernetes.io/docs/concepts/storage/volumes/#emptydir and
 * pkg/kubelet/eviction/eviction_manager.go, emptyDirLimitEviction (`size.Sign() == 1`).
 */
export const isUnbounded = (volume: VolumeFacts): boolean =>
  volume.type === 'emptyDir' &&
  volume.medium === '' &&
  (volume.sizeLimit === null || signOfQuantity(volume.sizeLimit) !== 1);

/**
 * Places of a node below which other file systems are mounted: volumes of pods, network file systems, and the root
 * file systems of all containers, which runtimes mount where the node sees them (containerd, whose `state` is
 * /run/containerd: `io.containerd.runtime.v2.task/NAMESPACE/ID/rootfs`, core/runtime/v2/bundle.go, and the shared memory
 * of pods, internal/cri/server/sandbox_run.go; cri-o and docker: `overlay/ID/merged` and `overlay2/ID/merged`).
 */
const HOLDERS: readonly string[] = [
  '/mnt',
  '/run/containerd/io.containerd.grpc.v1.cri/sandboxes',
  '/run/containerd/io.containerd.runtime.v2.task/k8s.io',
  '/var/lib/containers/storage/overlay',
  '/var/lib/docker/overlay2',
  '/var/lib/kubelet/plugins/kubernetes.io/csi',
  '/var/lib/kubelet/pods',
];

/** With all directories that lead there. */
const HOLDS_MOUNTS: ReadonlySet<string> = new Set(
  HOLDERS.flatMap((path) =>
    path.split('/').map((_, index, parts) => `/${parts.slice(1, index + 1).join('/')}`),
  ),
);

/** Whether other file systems may be mounted below a path of a node. */
export const mayHoldMounts = (path: string): boolean => HOLDS_MOUNTS.has(resolved(path));

function resolved(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  // A link on every distribution with systemd: https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch05s13.html
  if (parts[0] === 'var' && parts[1] === 'run') parts.shift();
  return `/${parts.join('/')}`;
}
