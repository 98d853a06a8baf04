import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that Linux gives to connections and to servers that ask for any
 * (https://docs.kernel.org/networking/ip-sysctl.html, ip_local_port_range): those may be taken between this answer and the
 * server that it is for, by anything that runs on a busy machine.
 */
const [FIRST, END] = [20_000, 32_000];

const given = new Set<number>();

/** Ports on loopback that nothing listens on, each given once. They are drawn, so that two runs at a time do not meet. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(FIRST, END);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}
