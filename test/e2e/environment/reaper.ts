/**
 * Kills process groups and removes folders once its standard input closes. A program of its own: see
 * openProcesses. Lines it reads: `kill <process group>`, `forget <process group>`, `remove <folder>`.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

// A Ctrl-C in the terminal is for the tests; this process ends after them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {});
}

const groups = new Set<number>();
const folders: string[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...rest] = line.split(' ');
  const what = rest.join(' ');
  if (verb === 'kill') {
    groups.add(Number(what));
  } else if (verb === 'forget') {
    groups.delete(Number(what));
  } else {
    folders.push(what);
  }
}

/** False when no process of the group is left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}

// All data is thrown away, so nothing is gained by a graceful end.
for (const group of groups) {
  signalGroup(group, 'SIGKILL');
}
for (let attempt = 0; attempt < 200 && [...groups].some((group) => signalGroup(group, 0)); attempt++) {
  await sleep(25);
}
for (const folder of folders) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
