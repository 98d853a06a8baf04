import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Authority } from './certificates.ts';
import { onLoopback } from './on-loopback.ts';

export interface KubeletServer {
  readonly port: number;
  /** In order, with their headers. */
  readonly requests: readonly IncomingMessage[];
  close(): Promise<void>;
}

export interface KubeletServerOptions {
  readonly authority: Authority;
  /** What its certificate is for. @defaultValue 127.0.0.1 */
  readonly address?: string;
  /** @defaultValue 127.0.0.1 */
  readonly listen?: string;
  readonly answer: (request: IncomingMessage, response: ServerResponse, before: number) => void;
}

/** A kubelet as far as it is asked: TLS on loopback, with a certificate of the authority of the cluster. */
export async function startKubeletServer(options: KubeletServerOptions): Promise<KubeletServer> {
  const { authority, address = '127.0.0.1', listen = '127.0.0.1', answer } = options;
  const requests: IncomingMessage[] = [];
  const issued = await authority.issue({
    commonName: 'system:node:a',
    names: [{ type: 'ip', value: address }],
  });
  const server = createServer(issued, (request, response) => {
    answer(request, response, requests.push(request) - 1);
  });
  const { port, close } = await onLoopback(server, listen);
  return {
    port,
    requests,
    close,
  };
}

/** Answers as a kubelet does: indented JSON. */
export const withJson =
  (body: unknown, status = 200) =>
  (_: IncomingMessage, response: ServerResponse): void => {
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify(body, undefined, 1));
  };

/** What a kubelet says of a node with one container that has written this much. */
export const aSummary = (
  node: string,
  { bytes = 8192, inodes = 5, time = '2026-11-29T07:00:00Z' } = {},
): object => ({
  node: { nodeName: node },
  pods: [
    {
      podRef: { name: 'web', namespace: 'shop', uid: 'u' },
      containers: [{ name: 'app', rootfs: { time, usedBytes: bytes, inodesUsed: inodes } }],
    },
  ],
});
