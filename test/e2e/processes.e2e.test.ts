import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const PROGRAM = fileURLToPath(new URL('support/leave-processes.ts', import.meta.url));

interface Started {
  readonly child: ChildProcess;
  /** Of the servers that the child started, one of them a grandchild. */
  readonly pids: readonly number[];
  readonly folder: string;
}

/** Runs a program that starts servers, and waits until it says which. */
async function startedElsewhere(how: string): Promise<Started> {
  const child = spawn(process.execPath, [PROGRAM, how], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of createInterface({ input: child.stdout })) {
    return { child, ...(JSON.parse(line) as Pick<Started, 'pids' | 'folder'>) };
  }
  throw new Error('The program that starts servers said nothing.');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function eventually(condition: () => boolean): Promise<boolean> {
  for (let attempt = 0; attempt < 1_200 && !condition(); attempt++) {
    await sleep(50);
  }
  return condition();
}

test.each([
  ['is killed', 'wait', 'SIGKILL'],
  ['is interrupted', 'wait', 'SIGINT'],
  ['crashes', 'crash', undefined],
  ['stops them', 'stop', undefined],
] as const)('no server and no file is left when the test process %s', async (_what, how, signal) => {
  const { child, pids, folder } = await startedElsewhere(how);
  expect(pids).toHaveLength(2);
  if (signal !== undefined) {
    expect([pids.every(isAlive), existsSync(folder)]).toEqual([true, true]);
    child.kill(signal);
  }
  expect(await eventually(() => !pids.some(isAlive) && !existsSync(folder))).toBe(true);
});
