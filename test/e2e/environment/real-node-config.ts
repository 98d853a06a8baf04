import { join } from 'node:path';
import { NODE_IMAGE } from './real-node-binaries.ts';

/**
 * containerd as a node of EKS has it, but for its places.
 *
 * @see https://github.com/containerd/containerd/blob/v2.2.9/docs/cri/config.md
 */
export function containerdConfig(folder: string): string {
  const data = join(folder, 'containerd');
  return `version = 3
root = "${data}/root"
state = "${data}/state"
[grpc]
  address = "${data}/containerd.sock"
[ttrpc]
  address = "${data}/containerd.sock.ttrpc"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  # Seconds between two measurements of the layers; 10 by default, for which tests would wait.
  stats_collect_period = ${SAMPLED_EVERY}
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "${NODE_IMAGE}"
[plugins.'io.containerd.cri.v1.runtime']
  # Where containers may not lower what the out-of-memory killer thinks of them.
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    conf_dir = "${folder}/network"
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      BinaryName = "runc-without-seccomp"
`;
}

/** Seconds between two measurements of writable layers by containerd. */
const SAMPLED_EVERY = 2;

/** A network that is never joined: without one the node is not ready, and all pods use the host's. */
export const NETWORK = { cniVersion: '1.0.0', name: 'none', plugins: [{ type: 'none' }] };

export interface KubeletSettings {
  readonly folder: string;
  readonly port: number;
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly cgroupRoot: string;
}

/**
 * The kubelet's configuration. Authentication and authorization are as on Amazon Linux 2023: `anonymous`
 * off, webhooks for both (awslabs/amazon-eks-ami, nodeadm/internal/kubelet/config.go).
 *
 * @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/
 */
export function kubeletConfig(settings: KubeletSettings): object {
  const { folder, port, caFile, certFile, keyFile, cgroupRoot } = settings;
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '127.0.0.1',
    port,
    readOnlyPort: 0,
    healthzPort: 0,
    tlsCertFile: certFile,
    tlsPrivateKeyFile: keyFile,
    authentication: {
      anonymous: { enabled: false },
      // Short, so that the tests see at once what was granted or taken away.
      webhook: { enabled: true, cacheTTL: '1s' },
      x509: { clientCAFile: caFile },
    },
    authorization: {
      mode: 'Webhook',
      webhook: { cacheAuthorizedTTL: '1s', cacheUnauthorizedTTL: '1s' },
    },
    staticPodPath: join(folder, 'static-pods'),
    fileCheckFrequency: '1s',
    // How soon it tries again to show the API server a pod from a file; a minute by default.
    syncFrequency: '2s',
    containerRuntimeEndpoint: `unix://${join(folder, 'containerd', 'containerd.sock')}`,
    podLogsDir: join(folder, 'logs'),
    volumePluginDir: join(folder, 'volume-plugins'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    enforceNodeAllocatable: ['none'],
    // Some machines that run tests still have it.
    failCgroupV1: false,
    failSwapOn: false,
    makeIPTablesUtilChains: false,
    // It fails rather than change the machine: start-node.sh shows it what it wants to see.
    protectKernelDefaults: true,
    // A disk that is nearly full is no reason to evict the pods of a test.
    evictionHard: { 'nodefs.available': '1Mi', 'imagefs.available': '1Mi', 'memory.available': '1Mi' },
    imageGCHighThresholdPercent: 100,
    nodeStatusUpdateFrequency: '2s',
    nodeStatusReportFrequency: '10s',
  };
}
