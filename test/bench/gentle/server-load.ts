import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server process, found by an argument of its command line. Linux only. */
export interface ServerProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** What a server did while something asked it. */
export interface ServerLoad {
  /** User and system time, milliseconds. */
  readonly cpuMs: number;
  /** How far its resident set rose above where it was before, bytes. */
  readonly rssGrowth: number;
}

/** @throws Error when no process, or not one alone, has it */
export function findServer(argument: string): ServerProcess {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), args: argsOf(name) }))
    .filter(({ args }) => args.includes(argument));
  const [server] = found;
  if (server === undefined || found.length > 1) throw new Error(`${found.length} processes have ${argument}`);
  return server;
}

function argsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

const SAMPLE_MS = 50;

/** Watches servers while work is done, from outside, through /proc (proc_pid_stat(5), proc_pid_status(5)). */
export async function loadDuring<Result>(
  servers: readonly ServerProcess[],
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly loads: readonly ServerLoad[] }> {
  const before = servers.map(({ pid }) => ({ cpuMs: cpuOf(pid), rss: rssOf(pid) }));
  const peaks = before.map(({ rss }) => rss);
  const watch = setInterval(() => {
    for (const [index, { pid }] of servers.entries()) peaks[index] = Math.max(peaks[index] ?? 0, rssOf(pid));
  }, SAMPLE_MS);
  try {
    const result = await work();
    const loads = servers.map(({ pid }, index) => ({
      cpuMs: cpuOf(pid) - (before[index]?.cpuMs ?? 0),
      rssGrowth: (peaks[index] ?? 0) - (before[index]?.rss ?? 0),
    }));
    return { result, loads };
  } finally {
    clearInterval(watch);
  }
}

const QUIET_MS = 2000;
/** Of one processor: what an idle API server uses for its own loops. */
const QUIET_SHARE = 0.15;

/** Resolves when the servers do nothing of their own any more, such as taking in what was written. */
export async function untilQuiet(servers: readonly ServerProcess[]): Promise<void> {
  for (let tries = 0; tries < 90; tries++) {
    const { loads } = await loadDuring(servers, () => sleep(QUIET_MS));
    if (loads.every(({ cpuMs }) => cpuMs < QUIET_MS * QUIET_SHARE)) return;
  }
  throw new Error('the servers did not come to rest within three minutes');
}

function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  // utime and stime, in ticks of 10 ms.
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function rssOf(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib ?? 0) * 1024;
}
