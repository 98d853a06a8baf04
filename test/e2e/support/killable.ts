import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles a program as functions are bundled; gives back the file. */
export async function bundle(entry: URL, outfile: string): Promise<string> {
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
  return outfile;
}

export interface Ended {
  /** Milliseconds from the beginning of the work to the end of the process. */
  readonly milliseconds: number;
  readonly killed: boolean;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KillableOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What the program prints when its work begins. */
  readonly begun: string;
  /** When to kill it, in milliseconds from then; never when absent. */
  readonly killAfter?: number;
}

/** Runs a program, which may be ended by SIGKILL in the middle. */
export function runKillable(program: string, options: KillableOptions): Promise<Ended> {
  const { args, env, begun, killAfter } = options;
  const child = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  let begunAt: number | null = null;
  child.stderr.on('data', (piece: Buffer) => {
    stderr += piece;
  });
  child.stdout.on('data', (piece: Buffer) => {
    stdout += piece;
    if (begunAt !== null || !stdout.includes(begun)) return;
    begunAt = performance.now();
    if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const milliseconds = begunAt === null ? 0 : performance.now() - begunAt;
      resolve({ milliseconds, killed: signal === 'SIGKILL', code, stdout, stderr });
    });
  });
}
