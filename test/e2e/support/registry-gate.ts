import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { onLoopback } from '../../support/on-loopback.ts';

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

/** Stands before a registry and misbehaves. */
export const openRegistryGate = (registry: string, mishap: RegistryMishap): Promise<RegistryGate> =>
  openGate((_, response) => misbehave(mishap, response), registry);

const TOKEN = 'the-token-of-the-gate';

/**
 * Stands before a registry and lets in who has a token, which it gives for a login.
 *
 * @param login `USERNAME:PASSWORD`
 */
export const openLoginGate = (registry: string, login: string): Promise<RegistryGate> =>
  openGate(({ url = '', headers: { authorization, host } }, response) => {
    if (url.startsWith('/token')) {
      const isRight = authorization === `Basic ${Buffer.from(login).toString('base64')}`;
      response.writeHead(isRight ? 200 : 401).end(isRight ? JSON.stringify({ token: TOKEN }) : undefined);
      return true;
    }
    if (authorization === `Bearer ${TOKEN}`) return false;
    askForToken(response, host);
    return true;
  }, registry);

/** @param answer whether it has answered; else the registry does */
async function openGate(
  answer: (request: IncomingMessage, response: ServerResponse) => boolean,
  registry: string,
): Promise<RegistryGate> {
  const requests: string[] = [];
  const server = createServer((incoming, response) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    if (!answer(incoming, response)) passOn(incoming, response, registry);
  });
  const { host, close } = await onLoopback(server);
  return {
    host,
    requests,
    close,
  };
}

function passOn(incoming: IncomingMessage, response: ServerResponse, registry: string): void {
  const { method = '', url = '', headers } = incoming;
  const options = { method, headers: { ...headers, host: registry } };
  const passed = request(`http://${registry}${url}`, options, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', () => response.destroy());
  incoming.pipe(passed);
}

function askForToken(response: ServerResponse, host: string | undefined): void {
  const challenge = `Bearer realm="http://${host}/token",service="gate"`;
  response.writeHead(401, { 'www-authenticate': challenge }).end();
}

/** @returns that it has answered, in its way */
function misbehave(mishap: RegistryMishap, response: ServerResponse): true {
  switch (mishap) {
    case 'unauthorized':
      askForToken(response, response.req.headers.host);
      return true;
    case 'hanging':
      return true;
    case 'cut':
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{');
      setTimeout(() => response.destroy(), 20);
      return true;
    default:
      response.writeHead(STATUS[mishap]).end();
      return true;
  }
}
