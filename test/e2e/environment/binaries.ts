import { join } from 'node:path';
import { cached, exists } from './build-cache.ts';
import { KUBE_MODULE, kubernetesVersion, kubernetesVersionFlags, requireGo } from './go-modules.ts';

/** Paths of the programs that make a cluster. */
export interface Binaries {
  readonly kubeApiserver: string;
  readonly etcd: string;
  /** Authenticates tokens as EKS does; see kube/cmd/token-webhook. */
  readonly tokenWebhook: string;
  /** Makes the certificates of a cluster; see kube/cmd/certificates. */
  readonly certificates: string;
}

/**
 * The programs of a cluster. kube-apiserver and etcd come from `KUBEBUILDER_ASSETS` when that is set,
 * as is the convention of controller tests; otherwise they are built from source, once.
 *
 * @throws one sentence when neither is possible. The tests never run without a real API server.
 */
export async function ensureBinaries(): Promise<Binaries> {
  const assets = process.env.KUBEBUILDER_ASSETS;
  const servers = assets === undefined ? await buildServers() : await existingServers(assets);
  const tools = await buildTools();
  return {
    kubeApiserver: join(servers, 'kube-apiserver'),
    etcd: join(servers, 'etcd'),
    tokenWebhook: join(tools, 'token-webhook'),
    certificates: join(tools, 'certificates'),
  };
}

async function existingServers(folder: string): Promise<string> {
  for (const name of ['kube-apiserver', 'etcd']) {
    if (!(await exists(join(folder, name)))) {
      throw new Error(
        `KUBEBUILDER_ASSETS is ${folder}, which has no ${name}. Unset it to build one from source.`,
      );
    }
  }
  return folder;
}

async function buildServers(): Promise<string> {
  const go = await requireGo();
  const kubernetes = await kubernetesVersion();
  return cached({
    name: `kube-${kubernetes}`,
    files: KUBE_MODULE.versionFiles,
    inputs: [go],
    announcement: `Building kube-apiserver ${kubernetes} and etcd from source. This happens once and takes about 7 minutes on two cores.`,
    make: async (folder) => {
      const otherwise = 'or set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd';
      const build = KUBE_MODULE.builderInto(folder, otherwise);
      await build(
        'kube-apiserver',
        'k8s.io/kubernetes/cmd/kube-apiserver',
        kubernetesVersionFlags(kubernetes),
      );
      await build('etcd', 'go.etcd.io/etcd/server/v3');
    },
  });
}

async function buildTools(): Promise<string> {
  const go = await requireGo();
  return cached({
    name: 'tools',
    files: [...KUBE_MODULE.versionFiles, ...(await KUBE_MODULE.sources())],
    inputs: [go],
    announcement: 'Building the token webhook, which takes a minute at most.',
    make: async (folder) => {
      const build = KUBE_MODULE.builderInto(folder);
      await build('token-webhook', './cmd/token-webhook');
      await build('certificates', './cmd/certificates');
    },
  });
}
