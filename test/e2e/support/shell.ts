import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CliResult } from './run-cli.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Runs a line of shell in the checkout, as a person types it. `$1`, `$2` … are the arguments. */
export function runShell(line: string, ...args: readonly string[]): Promise<CliResult> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS_|KUBECONFIG$)/.test(name));
  const env = { ...Object.fromEntries(inherited), NO_COLOR: '1' };
  const options = { cwd: ROOT, env, maxBuffer: 64 * 1024 * 1024 };
  return new Promise((resolve) => {
    execFile('sh', ['-c', line, 'sh', ...args], options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error === null ? 0 : -1;
      resolve({ code, stdout, stderr });
    });
  });
}
