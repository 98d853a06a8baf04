import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, runBuildStep, versionOf } from './build-cache.ts';
import { LAMBDA_MODULE, requireGo } from './go-modules.ts';

/** What runs a function as Lambda does. */
export interface LambdaRuntime {
  /** aws-lambda-rie: Lambda's runtime API, with an HTTP API that invokes the function. */
  readonly emulator: string;
  /** The program of aws-lambda-ric, which takes events from that API, in the place of Lambda's own bootstrap. */
  readonly client: string;
}

const FOLDER = fileURLToPath(new URL('../lambda/', import.meta.url));
/** Those of the Node.js that runs the functions: node-gyp would download others. */
const HEADERS = fileURLToPath(
  new URL(`../../../node_modules/node/node_modules/node-linux-${process.arch}`, import.meta.url),
);

/**
 * Builds the runtime interface emulator and the client for Node.js from source, once.
 *
 * @throws one sentence when that is not possible.
 */
export async function ensureLambdaRuntime(): Promise<LambdaRuntime> {
  const emulator = await buildEmulator();
  const client = await installClient();
  return {
    emulator: join(emulator, 'aws-lambda-rie'),
    client: join(client, 'node_modules', 'aws-lambda-ric', 'index.mjs'),
  };
}

async function buildEmulator(): Promise<string> {
  const go = await requireGo();
  return cached({
    name: 'lambda-emulator',
    files: LAMBDA_MODULE.versionFiles,
    inputs: [go],
    announcement: 'Building the emulator of the Lambda runtime interface, which takes a minute at most.',
    make: (folder) =>
      LAMBDA_MODULE.builderInto(folder)(
        'aws-lambda-rie',
        'github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie',
      ),
  });
}

/** It brings curl and aws-lambda-cpp as source archives, and compiles them when it is installed. */
const TOOLS = { cmake: 'cmake', make: 'make', 'c++': 'g++', xz: 'xz-utils', python3: 'python3' };

async function installClient(): Promise<string> {
  for (const [tool, debianPackage] of Object.entries(TOOLS)) {
    if ((await versionOf(tool, '--version')) !== undefined) continue;
    throw new Error(
      `The Lambda runtime interface client is built with ${tool}, which is not there: install it, such as by the Debian package ${debianPackage}.`,
    );
  }
  const lock = ['package.json', 'package-lock.json'].map((name) => join(FOLDER, name));
  return cached({
    name: 'lambda-client',
    files: lock,
    inputs: [process.version],
    announcement:
      'Installing the Lambda runtime interface client for Node.js, which compiles for about two minutes.',
    make: async (folder) => {
      for (const file of lock) await cp(file, join(folder, file.slice(FOLDER.length)));
      await runBuildStep(['npm', 'ci', '--no-fund', '--no-audit'], {
        cwd: folder,
        env: { npm_config_nodedir: HEADERS },
        whenItFails:
          'Installing the Lambda runtime interface client failed. Check that the npm registry is reachable.',
      });
    },
  });
}
