import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Measurement } from './measure.ts';
import type { Generator } from './processes.ts';

/** What it takes to hold the list of one pod, bytes; measured with pods of 8 KB. */
const BYTES_PER_POD = 250_000;

/** Whether this machine has the memory: kubectl holds the whole list several times over. */
export const canHold = (pods: number): boolean => pods * BYTES_PER_POD < freemem() * 0.8;

export function kubectlIsThere(): boolean {
  return spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
}

/** `kubectl get pods -A -o json`, its output thrown away. */
export async function measureKubectl({ server, ca }: Generator, pods: number): Promise<Measurement> {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-bench-'));
  try {
    const config = join(folder, 'config');
    writeFileSync(config, JSON.stringify(kubeconfig(server, ca)), { mode: 0o600 });
    const name = 'kubectl get pods -A -o json';
    const cost = await measureCommand(name, { KUBECONFIG: config, HOME: folder });
    return { name, pods, bytes: 0, details: {}, ...cost };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a line of shell, its output thrown away, with the shell's account of its CPU time.
 * @throws Error when it fails
 */
export async function measureCommand(
  line: string,
  env: Readonly<Record<string, string>>,
): Promise<Pick<Measurement, 'wallMs' | 'cpuMs' | 'processCpuMs' | 'peakRss'>> {
  const started = performance.now();
  const shell = spawn('sh', ['-c', `${line} >/dev/null & echo $!; wait $! || exit 1; times`], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  shell.stdout.on('data', (part) => {
    output += part;
  });
  let peakRss = 0;
  const watch = setInterval(() => {
    peakRss = Math.max(peakRss, peakOf(Number.parseInt(output, 10)));
  }, 50);
  const [code] = await once(shell, 'close');
  clearInterval(watch);
  if (code !== 0) throw new Error(`"${line}" failed with exit code ${code}`);
  const cpuMs = childTimes(output);
  return { wallMs: performance.now() - started, cpuMs, processCpuMs: cpuMs, peakRss };
}

function kubeconfig(server: string, ca: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    clusters: [
      {
        name: 'bench',
        cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
      },
    ],
    users: [{ name: 'bench', user: { token: 'x' } }],
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
  };
}

/** The kernel keeps the peak, so the last look before the end is good to 50 ms. */
function peakOf(pid: number): number {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(match?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** The last line of `times`: user and system time of the children, as `0m1.23s 0m0.45s`. */
function childTimes(output: string): number {
  const times = [...(output.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return times.reduce(
    (sum, [, minutes, seconds]) => sum + (Number(minutes) * 60 + Number(seconds)) * 1000,
    0,
  );
}
