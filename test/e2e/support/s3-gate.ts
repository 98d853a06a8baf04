import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onLoopback } from '../../support/on-loopback.ts';

/** What becomes of a request. */
export type Passage =
  | 'pass'
  /** It arrives, and no answer ever comes. */
  | 'silence'
  /** Its answer stops in the middle of the body. */
  | 'silence-in-body'
  /** S3 refuses it. */
  | 'deny';

export interface S3Request {
  readonly method: string;
  /** Of the object; empty for a request about the bucket. */
  readonly key: string;
}

/** What lies between a function and S3. */
export interface S3Gate {
  readonly url: string;
  /** Decides on each request from now on; it may take its time. */
  decide(by: (request: S3Request) => Passage | Promise<Passage>): void;
  close(): Promise<void>;
}

/** @param upstream what answers for S3 */
export async function openS3Gate(upstream: string): Promise<S3Gate> {
  let decide: (request: S3Request) => Passage | Promise<Passage> = () => 'pass';
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = incoming;
    const [, , key = ''] = /^\/([^/?]+)\/?([^?]*)/.exec(url) ?? [];
    const body = await buffer(incoming);
    const passage = await decide({ method, key: decodeURIComponent(key) });
    if (passage === 'silence') return;
    if (passage === 'deny') {
      response.writeHead(403, { 'content-type': 'application/xml' });
      response.end('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>');
      return;
    }
    const answer = await ask(new URL(upstream), incoming, body);
    const content = await buffer(answer);
    response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
    if (passage === 'pass') response.end(content);
    else response.write(content.subarray(0, Math.floor(content.length / 2)));
  };
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy());
  });
  const { url, close } = await onLoopback(server);
  return {
    url,
    decide: (by) => {
      decide = by;
    },
    close,
  };
}

/** Passes a request on as it is. */
const ask = ({ hostname, port }: URL, { method, url, rawHeaders }: IncomingMessage, body: Buffer) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const passed = request({ hostname, port, method, path: url, headers: [...rawHeaders] }, resolve);
    passed.once('error', reject);
    passed.end(body);
  });
