import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';

export interface KubeletTarget {
  readonly port: number;
  /** The cluster's certificate authority, PEM. */
  readonly ca: string;
}

export interface KubeletAnswer {
  readonly status: number;
  readonly body: string;
}

export interface KubeletRequest {
  readonly path: string;
  readonly method?: string;
  readonly token?: string | undefined;
}

/** One request to a kubelet at its loopback address, whose certificate must be the cluster's. */
export async function askKubelet(target: KubeletTarget, ask: KubeletRequest): Promise<KubeletAnswer> {
  const request = open(target, ask, {});
  request.end();
  const [response] = await once(request, 'response');
  let body = '';
  for await (const part of response.setEncoding('utf8')) {
    body += part;
  }
  return { status: response.statusCode, body };
}

/**
 * Asks by GET for a WebSocket, as exec may be. Answers the status and what came over the socket up to this text or its
 * end: frames, of which the text is readable.
 */
export async function openSocket(
  target: KubeletTarget,
  ask: KubeletRequest,
  upTo: string,
): Promise<KubeletAnswer> {
  const request = open(target, ask, {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16, 1).toString('base64'),
    'sec-websocket-protocol': 'v4.channel.k8s.io',
  });
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, body: '' });
    });
    request.on('upgrade', async (response, socket, head) => {
      let body = head.toString('latin1');
      const complete = new Promise<void>((done) => {
        socket.on('data', (part: Buffer) => {
          body += part.toString('latin1');
          if (body.includes(upTo)) done();
        });
        if (body.includes(upTo)) done();
      });
      await Promise.race([complete, once(socket, 'close')]);
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body });
    });
    request.end();
  });
}

function open({ port, ca }: KubeletTarget, ask: KubeletRequest, headers: Readonly<Record<string, string>>) {
  const authorization = ask.token === undefined ? {} : { authorization: `Bearer ${ask.token}` };
  const { path, method = 'GET' } = ask;
  return httpsRequest({
    ...{ host: '127.0.0.1', port, ca, path, method, agent: false },
    headers: { ...headers, ...authorization },
  });
}
