import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { REAL_NODE, REAL_NODE_ADDRESS } from '../seed/nodes.ts';
import type { ApiClient, KubernetesObject } from './api-client.ts';
import type { TestCluster } from './cluster.ts';
import { freePorts } from './free-ports.ts';
import { type Processes, waitUntilReady } from './processes.ts';
import { ensureNodeBinaries } from './real-node-binaries.ts';
import { containerdConfig, kubeletConfig, NETWORK } from './real-node-config.ts';
import { NODE_NAMESPACES } from './real-node-machine.ts';

/** A real kubelet with a real containerd, joined to the cluster. It ends with the environment. */
export interface RealNode {
  readonly name: string;
  /** Of the kubelet, on loopback. */
  readonly port: number;
  /** All its files are in it. */
  readonly folder: string;
  /** Name of the control groups of its processes. */
  readonly controlGroup: string;
  /** Output of the kubelet and of containerd, for people who look into a failure. */
  readonly logFiles: readonly string[];
}

export interface RealNodeOptions {
  readonly processes: Processes;
  readonly cluster: TestCluster;
  /** Pods that the kubelet takes from files, without the API server. */
  readonly staticPods: readonly KubernetesObject[];
}

/** One for each process that starts nodes, so that two runs of the tests do not meet. */
const CONTROL_GROUP = `eks-drift-auditor-e2e-${process.pid}`;
const START = fileURLToPath(new URL('../node/start-node.sh', import.meta.url));

/**
 * Starts a node in namespaces of its own and waits until the API server calls it ready. Its kubelet
 * asks the API server who a caller is and what it may do, as on EKS.
 */
export async function startRealNode(options: RealNodeOptions): Promise<RealNode> {
  const { processes, cluster } = options;
  const binaries = await ensureNodeBinaries();
  const folder = join(processes.folder, 'node');
  const [port = 0] = await freePorts(1);
  await writeFiles(folder, port, options);

  processes.ownControlGroup(CONTROL_GROUP);
  const node = processes.start({
    name: 'node',
    command: 'unshare',
    args: [
      ...NODE_NAMESPACES,
      ...['sh', START, folder, CONTROL_GROUP, binaries.runtime, binaries.imageArchive],
      binaries.kubelet,
      `--config=${join(folder, 'kubelet.json')}`,
      `--kubeconfig=${cluster.nodeKubeconfig}`,
      `--root-dir=${join(folder, 'kubelet')}`,
      `--cert-dir=${join(folder, 'kubelet', 'pki')}`,
      `--hostname-override=${REAL_NODE}`,
      // The addresses come from the cloud controller, which registerAddresses is.
      '--cloud-provider=external',
      '--node-labels=eks.amazonaws.com/nodegroup=real-nodes,topology.kubernetes.io/zone=eu-west-1a',
    ],
  });
  await waitUntilReady(node, () => isRegistered(cluster.admin));
  await registerAddresses(cluster);
  await waitUntilReady(node, () => isReady(cluster.admin));
  const logFiles = [node.logFile, join(folder, 'containerd.log')];
  return { name: REAL_NODE, port, folder, controlGroup: CONTROL_GROUP, logFiles };
}

async function writeFiles(folder: string, port: number, options: RealNodeOptions): Promise<void> {
  const { certificates, caFile } = options.cluster;
  const json = (path: string, content: object) =>
    writeFile(join(folder, path), JSON.stringify(content, undefined, 2));
  await Promise.all(
    ['static-pods', 'network', 'volume-plugins'].map((name) =>
      mkdir(join(folder, name), { recursive: true }),
    ),
  );
  await writeFile(join(folder, 'containerd.toml'), containerdConfig(folder));
  await json('network/10-none.conflist', NETWORK);
  await json(
    'kubelet.json',
    kubeletConfig({
      folder,
      port,
      caFile,
      certFile: certificates.certFile('kubelet'),
      keyFile: certificates.keyFile('kubelet'),
      cgroupRoot: `/${CONTROL_GROUP}`,
    }),
  );
  for (const pod of options.staticPods) {
    await json(`static-pods/${pod.metadata.name}.json`, pod);
  }
}

async function isRegistered(admin: ApiClient): Promise<boolean> {
  return (await admin.request('GET', NODE_PATH)).status === 200;
}

async function isReady(admin: ApiClient): Promise<boolean> {
  const { body } = await admin.request('GET', NODE_PATH);
  const { conditions = [] } = (body as { status: NodeStatus }).status;
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

interface NodeStatus {
  readonly conditions?: ReadonlyArray<{ readonly type: string; readonly status: string }>;
}

const NODE_PATH = `/api/v1/nodes/${REAL_NODE}`;

/** What the cloud controller of EKS does to a new node: its instance, its addresses, no taint. */
async function registerAddresses({ admin, addNode }: TestCluster): Promise<void> {
  addNode(REAL_NODE_ADDRESS);
  const patch = async (path: string, content: object): Promise<void> => {
    const { status, body } = await admin.request('PATCH', path, {
      contentType: 'application/merge-patch+json',
      content,
    });
    if (status !== 200) {
      throw new Error(`The real node could not be given its addresses: ${JSON.stringify(body)}`);
    }
  };
  await patch(NODE_PATH, { spec: { providerID: 'aws:///eu-west-1a/i-0123456789abcdef15', taints: null } });
  await patch(`${NODE_PATH}/status`, {
    status: {
      addresses: [
        { type: 'InternalIP', address: '127.0.0.1' },
        { type: 'ExternalIP', address: REAL_NODE_ADDRESS },
        { type: 'Hostname', address: REAL_NODE },
        { type: 'InternalDNS', address: REAL_NODE },
      ],
    },
  });
}
