import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { onLoopback } from './on-loopback.ts';

const TESTS = fileURLToPath(new URL('../', import.meta.url));

/** What listens by itself, since no connection to it waits idle for a second request. */
const OTHERS = [
  // At a port that it had before; it keeps connections open as well.
  'e2e/environment/kubelet.ts',
  // It answers nothing.
  'e2e/environment/free-ports.ts',
  // At a file, and for tunnels alone.
  'e2e/environment/node-network.ts',
  'support/on-loopback.ts',
];

test('each server under test listens in one way, by which a busy machine loses no idle connection', () => {
  const listening = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('bench/'))
    .filter((path) => readFileSync(`${TESTS}${path}`, 'utf8').includes(`.${'listen'}(`));
  expect(listening.sort()).toEqual([...OTHERS].sort());
});

test('a server keeps an idle connection open, and ends with it', async () => {
  const server = createServer((_, response) => response.end());
  const { port, close } = await onLoopback(server);
  expect(server.keepAliveTimeout).toBe(0);
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  const closed = once(socket, 'close');
  await close();
  await closed;
});
