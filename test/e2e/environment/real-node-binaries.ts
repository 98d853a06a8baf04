import { join } from 'node:path';
import { cached, runBuildStep, versionOf } from './build-cache.ts';
import {
  KUBE_MODULE,
  kubernetesVersion,
  kubernetesVersionFlags,
  NODE_MODULE,
  requireGo,
} from './go-modules.ts';

/** What a node is made of. */
export interface NodeBinaries {
  readonly kubelet: string;
  /** Folder with containerd, its shim, ctr and runc. */
  readonly runtime: string;
  /** Image of every container on the node, its pause container included, as an OCI archive. */
  readonly imageArchive: string;
}

/** Name of the image in `imageArchive`. No registry has it. */
export const NODE_IMAGE = 'registry.example/pod-program:1';

/**
 * Builds what a real node needs from source, once: about ten minutes on two cores.
 *
 * @throws one sentence when that is not possible.
 */
export async function ensureNodeBinaries(): Promise<NodeBinaries> {
  const kubelet = await buildKubelet();
  const runtime = await buildRuntime();
  const image = await buildImage();
  return {
    kubelet: join(kubelet, 'kubelet'),
    runtime,
    imageArchive: join(image, 'pod-program.tar'),
  };
}

async function buildKubelet(): Promise<string> {
  const go = await requireGo();
  const version = await kubernetesVersion();
  return cached({
    name: `kubelet-${version}`,
    files: KUBE_MODULE.versionFiles,
    inputs: [go],
    announcement: `Building kubelet ${version} from source. This happens once and takes about 5 minutes on two cores.`,
    make: async (folder) => {
      const build = KUBE_MODULE.builderInto(folder);
      await build('kubelet', 'k8s.io/kubernetes/cmd/kubelet', kubernetesVersionFlags(version));
    },
  });
}

async function buildRuntime(): Promise<string> {
  const go = await requireGo();
  // runc enters namespaces in C code, before Go's runtime has threads.
  if ((await versionOf('cc', '--version')) === undefined) {
    throw new Error('runc is built with a C compiler: install one, such as the Debian package gcc.');
  }
  const sources = await NODE_MODULE.sources('runc-without-seccomp');
  const containerd = 'github.com/containerd/containerd/v2';
  const version = await NODE_MODULE.requiredVersionOf(containerd);
  return cached({
    name: `containerd-${version}`,
    files: [...NODE_MODULE.versionFiles, ...sources],
    inputs: [go],
    announcement: `Building containerd ${version} and runc from source. This happens once and takes about 4 minutes on two cores.`,
    make: async (folder) => {
      const build = NODE_MODULE.builderInto(folder);
      for (const program of ['containerd', 'containerd-shim-runc-v2', 'ctr']) {
        const linkerFlags = [`-X ${containerd}/version.Version=${version}`];
        await build(program, `${containerd}/cmd/${program}`, { linkerFlags });
      }
      await build('runc', 'github.com/opencontainers/runc');
      await build('runc-without-seccomp', './cmd/runc-without-seccomp');
    },
  });
}

async function buildImage(): Promise<string> {
  const go = await requireGo();
  const sources = [
    ...(await NODE_MODULE.sources('pod-program')),
    ...(await NODE_MODULE.sources('oci-archive')),
  ];
  return cached({
    name: 'pod-image',
    files: [...NODE_MODULE.versionFiles, ...sources],
    inputs: [go, NODE_IMAGE],
    announcement: 'Building the image of the test pods, which takes a few seconds.',
    make: async (folder) => {
      const build = NODE_MODULE.builderInto(folder);
      // There is nothing else in the image: no C library that a program could load.
      await build('pod-program', './cmd/pod-program', { env: { CGO_ENABLED: '0' } });
      await build('oci-archive', './cmd/oci-archive');
      await runBuildStep(
        [
          join(folder, 'oci-archive'),
          join(folder, 'pod-program'),
          NODE_IMAGE,
          join(folder, 'pod-program.tar'),
        ],
        { whenItFails: 'The image of the test pods cannot be made.' },
      );
    },
  });
}
