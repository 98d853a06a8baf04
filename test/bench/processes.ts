import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Bundles an entry of the benchmark, as the product is bundled, so that nothing is compiled while it runs. */
export async function bundle(entry: string, outfile: string): Promise<string> {
  await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  });
  return outfile;
}

export interface Generator {
  readonly server: string;
  readonly ca: string;
  readonly process: ChildProcess;
}

export async function startGenerator(
  script: string,
  pods: number,
  flags: readonly string[] = [],
): Promise<Generator> {
  const child = spawn(process.execPath, [script, '--pods', String(pods), ...flags], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { ...(JSON.parse(line) as { server: string; ca: string }), process: child };
}

export async function stopGenerator({ process: child }: Generator): Promise<void> {
  const ended = once(child, 'exit');
  child.stdin?.end();
  await ended;
}

/** User and system time of a process until now, milliseconds (Linux; null elsewhere). */
export function cpuOf({ process: child }: Generator): number | null {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    // utime and stime, in ticks of 10 ms (proc_pid_stat(5)).
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

/** Runs a script to its end and returns what it wrote. @throws Error when it fails */
export async function runNode(args: readonly string[], node = process.execPath): Promise<string> {
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (part) => {
    output += part;
  });
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`a case ended with ${signal ?? `exit code ${code}`}`);
  return output;
}
