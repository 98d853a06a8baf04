import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to the bucket, or to another service that the same server stands for. */
export interface S3Request {
  /** From 0, in the order of arrival. */
  readonly index: number;
  readonly method: string;
  /** Key of the object; empty for a list. */
  readonly key: string;
  readonly conditional: boolean;
}

/** One way to misbehave in the place of a right answer. */
export type S3Fault =
  /** Refused with this status; nothing is done. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string }
  /** It is done, but the connection breaks before the answer. */
  | { readonly kind: 'lost' }
  /** It is done; half of the answer arrives, and then the connection breaks. */
  | { readonly kind: 'cut' }
  /** It is done; half of the answer arrives, and then nothing. */
  | { readonly kind: 'stall' }
  /** It is done, and refused all the same. */
  | { readonly kind: 'done-but'; readonly status: number; readonly code: string };

export interface S3Server {
  readonly url: string;
  readonly objects: Map<string, Uint8Array>;
  readonly requests: readonly S3Request[];
  close(): Promise<void>;
}

export interface S3ServerOptions {
  readonly objects?: ReadonlyMap<string, Uint8Array>;
  readonly plan?: (request: S3Request) => S3Fault | null;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

/** One bucket on loopback, with conditional writes and lists, so that the SDK is tested and not replaced. */
export async function startS3Server({ objects: given, plan }: S3ServerOptions = {}): Promise<S3Server> {
  const objects = new Map(given);
  const requests: S3Request[] = [];
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const seen = seenAs(request, requests.length);
      requests.push(seen);
      const fault = plan?.(seen) ?? null;
      if (fault?.kind === 'status') {
        send(response, refusal(fault.status, fault.code));
        return;
      }
      const answer = answerS3(request, { seen, body, objects });
      misbehave(response, answer, fault);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** In path style: `/bucket/key`. */
function seenAs(request: IncomingMessage, index: number): S3Request {
  const { pathname } = new URL(request.url ?? '/', 'http://s3');
  const [, , ...key] = pathname.split('/').map(decodeURIComponent);
  const { 'if-match': match, 'if-none-match': none } = request.headers;
  return {
    index,
    method: request.method ?? '',
    key: key.join('/'),
    conditional: match !== undefined || none !== undefined,
  };
}

interface Exchange {
  readonly seen: S3Request;
  readonly body: Uint8Array;
  readonly objects: Map<string, Uint8Array>;
}

const etag = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

function answerS3(request: IncomingMessage, { seen: { method, key }, body, objects }: Exchange): Answer {
  const there = objects.get(key);
  if (method === 'GET' && key === '') return listAnswer(new URL(request.url ?? '', 'http://s3'), objects);
  if (method === 'GET') {
    if (there === undefined) return refusal(404, 'NoSuchKey');
    const sum = createHash('sha256').update(there).digest('base64');
    return { status: 200, headers: { etag: etag(there), 'x-amz-checksum-sha256': sum }, body: there };
  }
  const { 'if-match': match, 'if-none-match': none } = request.headers;
  if (none === '*' && there !== undefined) return refusal(412, 'PreconditionFailed');
  if (match !== undefined && there === undefined) return refusal(404, 'NoSuchKey');
  if (match !== undefined && there !== undefined && match !== etag(there)) {
    return refusal(412, 'PreconditionFailed');
  }
  objects.set(key, body);
  return { status: 200, headers: { etag: etag(body) } };
}

function listAnswer({ searchParams }: URL, objects: ReadonlyMap<string, Uint8Array>): Answer {
  const prefix = searchParams.get('prefix') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  const contents = keys.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('');
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`,
  };
}

export const refusal = (status: number, code: string): Answer => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>as planned</Message></Error>`,
});

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': bytes.length }).end(bytes);
}

function misbehave(response: ServerResponse, answer: Answer, fault: S3Fault | null): void {
  if (fault === null || fault.kind === 'status' || fault.kind === 'done-but') {
    send(response, fault?.kind === 'done-but' ? refusal(fault.status, fault.code) : answer);
    return;
  }
  const bytes = Buffer.from(answer.body ?? '');
  const socket = response.socket;
  if (fault.kind === 'lost' || (fault.kind === 'cut' && bytes.length === 0)) {
    socket?.resetAndDestroy();
    return;
  }
  if (fault.kind === 'stall' && bytes.length === 0) return;
  response.writeHead(answer.status, { ...answer.headers, 'content-length': bytes.length });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
    if (fault.kind === 'cut') socket?.resetAndDestroy();
  });
}
