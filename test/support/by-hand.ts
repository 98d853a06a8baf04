import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/evidence.md', import.meta.url), 'utf8');
const [, SCRIPT = ''] = /```sh\n(# by hand\n[\s\S]*?)```/.exec(page) ?? [];

export interface ByHand {
  /** The top folder of a store, or of a copy of it. */
  readonly folder: string;
  /** Id of the newest run. */
  readonly run: string;
  /** A file with the public key. */
  readonly key: string;
  /** The hash of the newest mail. */
  readonly expected: string;
}

/** The commands of docs/evidence.md, without this program: they need OpenSSL and GNU coreutils only. */
export function verifyByHand({ folder, run, key, expected }: ByHand): {
  readonly code: number;
  readonly output: string;
} {
  try {
    const env = { ...process.env, RUN: run, KEY: key, EXPECT: expected };
    const options = { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' } as const;
    return { code: 0, output: execFileSync('bash', ['-euc', SCRIPT], options) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, output: `${stdout}${stderr}` };
  }
}
