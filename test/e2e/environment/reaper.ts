/**
 * Kills process groups and removes folders and control groups once its standard input closes. A program of
 * its own: see openProcesses. Lines it reads: `kill <process group>`, `forget <process group>`,
 * `remove <folder>`, `ungroup <control group>`.
 */
import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

// A Ctrl-C in the terminal is for the tests; this process ends after them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {});
}

const groups = new Set<number>();
const folders: string[] = [];
const controlGroups: string[] = [];
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...rest] = line.split(' ');
  const what = rest.join(' ');
  if (verb === 'kill') {
    groups.add(Number(what));
  } else if (verb === 'forget') {
    groups.delete(Number(what));
  } else if (verb === 'ungroup') {
    controlGroups.push(what);
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

/**
 * Removes a control group and those in it, at every place where the machine keeps control groups.
 * False while something is left of it.
 */
function removeControlGroup(name: string): boolean {
  const root = '/sys/fs/cgroup';
  const present = [root, ...foldersIn(root)].flatMap((parent) =>
    foldersIn(parent).filter((folder) => folder === `${parent}/${name}`),
  );
  present.forEach(removeInnermostFirst);
  return present.length === 0;
}

/** Control groups are folders that are removed one by one; the files in them are the kernel's. */
function removeInnermostFirst(folder: string): void {
  foldersIn(folder).forEach(removeInnermostFirst);
  try {
    rmdirSync(folder);
  } catch {
    // Busy until its last process is gone, which is why this is tried again.
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => `${folder}/${entry.name}`);
  } catch {
    return [];
  }
}

// All data is thrown away, so nothing is gained by a graceful end.
for (const group of groups) {
  signalGroup(group, 'SIGKILL');
}
for (let attempt = 0; attempt < 200 && [...groups].some((group) => signalGroup(group, 0)); attempt++) {
  await sleep(25);
}
for (const name of controlGroups) {
  for (let attempt = 0; attempt < 100 && !removeControlGroup(name); attempt++) {
    await sleep(25);
  }
}
for (const folder of folders) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
