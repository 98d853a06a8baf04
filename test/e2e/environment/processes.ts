import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Programs that live exactly as long as the test process, with a folder for their data. */
export interface Processes {
  /** A temporary folder, removed when the processes are stopped. */
  readonly folder: string;
  /** Starts a program in a process group of its own; its output goes to `<folder>/<name>.log`. */
  start(program: Program): RunningProgram;
  /** Has a process group that a program has made end with the rest. */
  ownGroup(group: number): void;
  /** Has a control group removed with the rest, wherever the machine keeps control groups. */
  ownControlGroup(name: string): void;
  /** Kills every program with all its children and removes the folder. May be called twice. */
  stop(): Promise<void>;
}

export interface Program {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Has `env` and nothing of this process's own environment. @default both */
  readonly isolated?: boolean;
  /** Where it runs. @default where this process does */
  readonly cwd?: string;
}

export interface RunningProgram {
  readonly name: string;
  readonly logFile: string;
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  /** True until the program has ended. */
  isRunning(): boolean;
  /** Kills it with all its children, before the others. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to end, as an orderly shutdown does. Resolves when it is gone. */
  terminate(): Promise<void>;
}

/** How long a server may take to answer for the first time, in milliseconds. */
const READY_WITHIN = 180_000;
const POLL_EVERY = 50;
const LOG_LINES_SHOWN = 15;

/**
 * Opens a set of processes. A separate reaper process holds the list of what has to go: it acts when
 * its standard input closes, which the kernel does for any end of this process, a SIGKILL included.
 * Stopping on purpose takes the same way, so that every run of the tests proves it.
 */
export async function openProcesses(): Promise<Processes> {
  const folder = await mkdtemp(join(tmpdir(), 'eks-drift-auditor-e2e-'));
  const reaper = spawn(process.execPath, [fileURLToPath(new URL('reaper.ts', import.meta.url))], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const reaped = new Promise<void>((resolve) => reaper.once('exit', () => resolve()));
  reaper.stdin.write(`remove ${folder}\n`);

  return {
    folder,
    start: (program) => startProgram(program, folder, reaper),
    ownGroup: (group) => {
      reaper.stdin.write(`kill ${group}\n`);
    },
    ownControlGroup: (name) => {
      reaper.stdin.write(`ungroup ${name}\n`);
    },
    stop: async () => {
      reaper.stdin.end();
      await reaped;
    },
  };
}

function startProgram(program: Program, folder: string, reaper: ChildProcess): RunningProgram {
  const logFile = join(folder, `${program.name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(program.command, program.args, {
    detached: true,
    stdio: ['ignore', log, log],
    env: program.isolated === true ? { ...program.env } : { ...process.env, ...program.env },
    ...(program.cwd === undefined ? {} : { cwd: program.cwd }),
  });
  closeSync(log);
  let running = true;
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      running = false;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  const { pid } = child;
  if (pid !== undefined) {
    reaper.stdin?.write(`kill ${pid}\n`);
  }
  child.unref();
  const endBy = async (whom: (group: number) => number, signal: NodeJS.Signals): Promise<void> => {
    if (pid === undefined || !running) {
      return;
    }
    process.kill(whom(pid), signal);
    await ended;
    // Its number may soon be that of somebody else's process.
    reaper.stdin?.write(`forget ${pid}\n`);
  };
  return {
    name: program.name,
    logFile,
    pid,
    isRunning: () => running,
    kill: () => endBy((group) => -group, 'SIGKILL'),
    terminate: () => endBy((leader) => leader, 'SIGTERM'),
  };
}

/**
 * Waits until `isReady` answers true; what it throws counts as not ready.
 *
 * @throws an error with the end of the program's log when the program ends first or time is up.
 */
export async function waitUntilReady(
  program: RunningProgram,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + READY_WITHIN;
  while (Date.now() < deadline) {
    if (!program.isRunning()) {
      throw new Error(`${program.name} ended while starting.\n${lastLines(program.logFile)}`);
    }
    if (await isReady().catch(() => false)) {
      return;
    }
    await sleep(POLL_EVERY);
  }
  const seconds = READY_WITHIN / 1000;
  throw new Error(`${program.name} did not answer within ${seconds} s.\n${lastLines(program.logFile)}`);
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
}
