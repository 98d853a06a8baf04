import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * The network between the API server and the nodes. The API server refuses to proxy to a loopback
 * address, and every program here listens on one; so nodes have addresses of a documentation range,
 * and the API server reaches them through this CONNECT proxy (its egress selector `cluster`).
 */
export interface NodeNetwork {
  /** Path of the Unix socket that the egress selector names. */
  readonly socket: string;
  /** Lets connections to this address, at any port, reach that port on loopback. */
  addNode(address: string): void;
  close(): Promise<void>;
}

export async function openNodeNetwork(socket: string): Promise<NodeNetwork> {
  const nodes = new Set<string>();
  const open = new Set<Duplex>();
  const server = createServer();
  server.on('connect', (request, client: Duplex) => {
    open.add(client);
    client.on('close', () => open.delete(client)).on('error', () => client.destroy());
    const { hostname, port } = new URL(`http://${request.url}`);
    if (!nodes.has(hostname)) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const node = connect(Number(port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      node.pipe(client).pipe(node);
    });
    node.on('error', () => client.destroy()).on('close', () => client.destroy());
  });
  server.listen(socket);
  await once(server, 'listening');
  return {
    socket,
    addNode: (address) => {
      nodes.add(address);
    },
    close: async () => {
      for (const client of open) {
        client.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}
