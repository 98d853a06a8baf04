import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBuildStep, versionOf } from './build-cache.ts';

/** A Go module of the end-to-end tests, which says what is built and from which versions. */
export interface GoModule {
  /** go.mod and go.sum: they decide what programs of other modules become. */
  readonly versionFiles: readonly string[];
  /** The module's own sources, of one program or of all, sorted. */
  sources(program?: string): Promise<readonly string[]>;
  /** The version of another module that go.mod requires. */
  requiredVersionOf(module: string): Promise<string>;
  /**
   * Builds programs into a folder. `otherwise` says what else a person can do when that fails, as the
   * end of a sentence.
   */
  builderInto(folder: string, otherwise?: string): GoBuilder;
}

export type GoBuilder = (name: string, target: string, options?: GoBuildOptions) => Promise<void>;

export interface GoBuildOptions {
  readonly linkerFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The Kubernetes programs and what the tests need beside them. */
export const KUBE_MODULE = openGoModule('kube');
/** What runs the containers of a real node. Apart, since it needs other versions of the same modules. */
export const NODE_MODULE = openGoModule('node');
/** Image registries and a program that fills them. */
export const REGISTRY_MODULE = openGoModule('registry');
/** What runs a function as Lambda does. */
export const LAMBDA_MODULE = openGoModule('lambda');

export function kubernetesVersion(): Promise<string> {
  return KUBE_MODULE.requiredVersionOf('k8s.io/kubernetes');
}

/** Tells a Kubernetes program its version: a build from the module proxy has no git tag to take it from. */
export function kubernetesVersionFlags(version: string): GoBuildOptions {
  const [major, minor] = version.slice(1).split('.');
  const variables = 'k8s.io/component-base/version';
  return {
    linkerFlags: [
      `-X ${variables}.gitVersion=${version}`,
      `-X ${variables}.gitMajor=${major}`,
      `-X ${variables}.gitMinor=${minor}`,
    ],
  };
}

/** @throws one sentence when Go is not installed. Answers its version. */
export async function requireGo(): Promise<string> {
  const version = await versionOf('go', 'version');
  if (version === undefined) {
    throw new Error(
      'The end-to-end tests build the servers that they test against, for which they need Go: install the version named in test/e2e/registry/go.mod or a later one.',
    );
  }
  return version;
}

function openGoModule(name: string): GoModule {
  const folder = fileURLToPath(new URL(`../${name}/`, import.meta.url));
  const goMod = join(folder, 'go.mod');
  return {
    versionFiles: [goMod, join(folder, 'go.sum')],
    sources: async (program = '**') => {
      const files: string[] = [];
      for await (const file of glob(`cmd/${program}/*.go`, { cwd: folder })) {
        files.push(join(folder, file));
      }
      return files.sort();
    },
    requiredVersionOf: async (module) => {
      const version = (await readFile(goMod, 'utf8'))
        .split('\n')
        .map((line) => line.trim().split(' '))
        .find(([required, second]) => required === module && second?.startsWith('v'))?.[1];
      if (version === undefined) {
        throw new Error(`test/e2e/${name}/go.mod requires no version of ${module}: add it.`);
      }
      return version;
    },
    builderInto: (output, otherwise) => async (program, target, options) => {
      const flags = ['-s', '-w', ...(options?.linkerFlags ?? [])].join(' ');
      const file = join(output, program);
      const advice = ['Check that the Go module proxy is reachable', ...(otherwise ? [otherwise] : [])];
      await runBuildStep(
        ['go', 'build', '-buildvcs=false', '-trimpath', `-ldflags=${flags}`, '-o', file, target],
        { cwd: folder, env: options?.env, whenItFails: `${target} cannot be built. ${advice.join(', ')}.` },
      );
    },
  };
}
