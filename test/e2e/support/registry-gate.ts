import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a registry does in the place of an answer. */
export type RegistryMishap =
  /** Status 401, and no token for anybody. */
  | 'unauthorized'
  | 'forbidden'
  | 'throttled'
  | 'failing'
  /** Takes the request and is silent. */
  | 'hanging'
  /** Closes the connection in the middle of its answer. */
  | 'cut';

export interface RegistryGate {
  /** As image references name it. */
  readonly host: string;
  /** Such as `HEAD /v2/shop/app/manifests/1`. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

const STATUS = { forbidden: 403, throttled: 429, failing: 500 } as const;

/**
 * Stands before a registry and misbehaves.
 *
 * @param from the requests that meet the mishap; all others are passed on
 */
export async function openRegistryGate(
  registry: string,
  mishap: RegistryMishap,
  from: (request: string) => boolean = () => true,
): Promise<RegistryGate> {
  const requests: string[] = [];
  const server = createServer((incoming, response) => {
    const { method = '', url = '', headers } = incoming;
    const asked = `${method} ${url}`;
    requests.push(asked);
    if (from(asked)) return misbehave(mishap, response);
    const passed = request(
      `http://${registry}${url}`,
      { method, headers: { ...headers, host: registry } },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    passed.on('error', () => response.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function misbehave(mishap: RegistryMishap, response: ServerResponse): void {
  const host = response.req.headers.host;
  switch (mishap) {
    case 'unauthorized':
      response
        .writeHead(401, { 'www-authenticate': `Bearer realm="http://${host}/token",service="gate"` })
        .end();
      return;
    case 'hanging':
      return;
    case 'cut':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{');
      setTimeout(() => response.destroy(), 20);
      return;
    default:
      response.writeHead(STATUS[mishap]).end();
  }
}
