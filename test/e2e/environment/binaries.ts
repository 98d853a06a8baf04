import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, exists, runBuildStep, versionOf } from './build-cache.ts';

/** Paths of the programs that make a cluster. */
export interface Binaries {
  readonly kubeApiserver: string;
  readonly etcd: string;
  /** Authenticates tokens as EKS does; see kube/cmd/token-webhook. */
  readonly tokenWebhook: string;
  /** Makes the certificates of a cluster; see kube/cmd/certificates. */
  readonly certificates: string;
}

const MODULE = fileURLToPath(new URL('../kube/', import.meta.url));

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
  const kubernetes = await requiredVersionOf('k8s.io/kubernetes');
  return cached({
    name: `kube-${kubernetes}`,
    files: [join(MODULE, 'go.mod'), join(MODULE, 'go.sum')],
    inputs: [go],
    announcement: `Building kube-apiserver ${kubernetes} and etcd from source. This happens once and takes about 7 minutes on two cores.`,
    make: async (folder) => {
      const [major, minor] = kubernetes.slice(1).split('.');
      // A build from the module proxy has no git tag to take its version from.
      const version = 'k8s.io/component-base/version';
      await goBuild(join(folder, 'kube-apiserver'), 'k8s.io/kubernetes/cmd/kube-apiserver', [
        `-X ${version}.gitVersion=${kubernetes}`,
        `-X ${version}.gitMajor=${major}`,
        `-X ${version}.gitMinor=${minor}`,
      ]);
      await goBuild(join(folder, 'etcd'), 'go.etcd.io/etcd/server/v3');
    },
  });
}

async function buildTools(): Promise<string> {
  const go = await requireGo();
  const sources: string[] = [];
  for await (const file of glob('cmd/**/*.go', { cwd: MODULE })) {
    sources.push(file);
  }
  return cached({
    name: 'tools',
    files: ['go.mod', 'go.sum', ...sources.sort()].map((file) => join(MODULE, file)),
    inputs: [go],
    announcement: 'Building the token webhook, which takes a minute at most.',
    make: async (folder) => {
      await goBuild(join(folder, 'token-webhook'), './cmd/token-webhook');
      await goBuild(join(folder, 'certificates'), './cmd/certificates');
    },
  });
}

async function requiredVersionOf(module: string): Promise<string> {
  const content = await readFile(join(MODULE, 'go.mod'), 'utf8');
  const version = content
    .split('\n')
    .map((line) => line.trim().split(' '))
    .find(([name, second]) => name === module && second?.startsWith('v'))?.[1];
  if (version === undefined) {
    throw new Error(`test/e2e/kube/go.mod requires no version of ${module}: add it.`);
  }
  return version;
}

async function requireGo(): Promise<string> {
  const version = await versionOf('go', 'version');
  if (version === undefined) {
    throw new Error(
      'The end-to-end tests build an API server and a token webhook, for which they need Go: install the version named in test/e2e/kube/go.mod or a later one.',
    );
  }
  return version;
}

async function goBuild(output: string, target: string, linkerFlags: readonly string[] = []): Promise<void> {
  const flags = ['-s', '-w', ...linkerFlags].join(' ');
  await runBuildStep(
    ['go', 'build', '-buildvcs=false', '-trimpath', `-ldflags=${flags}`, '-o', output, target],
    {
      cwd: MODULE,
      whenItFails: `${target} cannot be built. Check that the Go module proxy is reachable, or set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd.`,
    },
  );
}
