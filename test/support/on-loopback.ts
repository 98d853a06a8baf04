import { Server as HttpServer } from 'node:http';
import { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A server under test that listens. */
export interface Listening {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** For a server without TLS. */
  readonly url: string;
  /** Ends it, with what is under way. */
  readonly close: () => Promise<void>;
}

/**
 * Lets a server listen on a free port. Idle connections stay open, however long a busy machine lets them wait: Node.js ends
 * them after five seconds (https://nodejs.org/api/http.html#serverkeepalivetimeout), and a client that takes one at that
 * moment has its request cut, which is no fault under test.
 */
export async function onLoopback(server: Server, address = '127.0.0.1'): Promise<Listening> {
  if (server instanceof HttpServer || server instanceof HttpsServer) server.keepAliveTimeout = 0;
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  return {
    port,
    host,
    url: `http://${host}`,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
