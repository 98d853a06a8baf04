import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AnsweringServer {
  readonly url: string;
  /** Bodies of the requests, in order. */
  readonly requests: readonly Readonly<Record<string, unknown>>[];
  close(): Promise<void>;
}

/** An AWS API in JSON that answers as told: what the AWS test server never does, such as taking half a batch. */
export async function answering(
  answer: (body: Readonly<Record<string, unknown>>, count: number) => { status?: number; body: object },
): Promise<AnsweringServer> {
  const requests: Readonly<Record<string, unknown>>[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const content = JSON.parse(Buffer.concat(pieces).toString() || '{}');
      requests.push(content);
      const { status = 200, body } = answer(content, requests.length);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const clientSettings = (endpoint: string) => ({
  region: 'eu-west-1',
  endpoint,
  credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
  maxAttempts: 1,
});
