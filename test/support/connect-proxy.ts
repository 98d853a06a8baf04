import { createServer } from 'node:http';
import { connect } from 'node:net';
import { onLoopback } from './on-loopback.ts';

export interface ConnectProxy {
  readonly url: string;
  /** `host:port` of every tunnel asked for. */
  readonly tunnels: readonly string[];
  close(): Promise<void>;
}

/** An HTTP proxy that tunnels whatever name it is asked for to one port of loopback. */
export async function startConnectProxy(
  targetPort: number,
  options: { readonly refuse?: number } = {},
): Promise<ConnectProxy> {
  const tunnels: string[] = [];
  const server = createServer((_request, response) => response.writeHead(400).end());
  server.on('connect', (request, client) => {
    tunnels.push(request.url ?? '');
    if (options.refuse) {
      client.end(`HTTP/1.1 ${options.refuse} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(targetPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('error', () => upstream.destroy());
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    tunnels,
    close,
  };
}
