import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ROOT = new URL('../../../', import.meta.url);
const TSX = fileURLToPath(new URL('node_modules/tsx/dist/cli.mjs', ROOT));
const PROGRAM = fileURLToPath(new URL('bin/eks-drift-audit.ts', ROOT));

/** All that an audit whose result is recorded says on standard error: what proves the record, to be kept elsewhere. */
export const ONLY_PROOF =
  /^Proof of record \d+, run \S+, to be kept outside of its store:\n.* verify --store \S+ --expect [0-9a-f]{64}\n$/;

/** Runs the command line in a process of its own, with nothing of AWS in its environment but what is given. */
export function runCli(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS_|KUBECONFIG$)/.test(name));
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1', ...environment };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [TSX, PROGRAM, ...args],
      { env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
        resolve({ code, stdout, stderr });
      },
    );
  });
}
