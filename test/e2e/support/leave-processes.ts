/**
 * Starts a server with a child of its own, prints their process ids, and then ends as its argument
 * says: `wait` for a signal, `crash`, or `stop` in good order. See processes.e2e.test.ts.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openProcesses, waitUntilReady } from '../environment/processes.ts';

const processes = await openProcesses();
const pidFile = join(processes.folder, 'pids');
const server = processes.start({
  name: 'server',
  command: 'sh',
  args: ['-c', 'sleep 600 & echo "[$$,$!]" > "$0"; wait', pidFile],
});
let pids: unknown;
await waitUntilReady(server, async () => {
  pids = JSON.parse(await readFile(pidFile, 'utf8'));
  return true;
});
process.stdout.write(`${JSON.stringify({ pids, folder: processes.folder })}\n`);

switch (process.argv[2]) {
  case 'crash':
    throw new Error('This crash is part of the test.');
  case 'stop':
    await processes.stop();
    break;
  default:
    await sleep(60_000);
}
