import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { onLoopback } from '../on-loopback.ts';
import {
  type ApiAnswer,
  type ApiContent,
  answer,
  type Denied,
  methodNotAllowed,
  unauthorized,
} from './api-answers.ts';
import { toCollections } from './api-resources.ts';

export interface ApiServerOptions {
  /** Whole Kubernetes objects; custom resources are served under the group and version they name. */
  readonly objects: readonly object[];
  /** Resources whose list is refused with 403. */
  readonly deny?: readonly Denied[];
  /** A bearer token that identifies the caller. Without this and `tls.clientCa` anybody may read. */
  readonly token?: string;
  /** Who the callers are, as it stands in refusals. @defaultValue `eks-drift-auditor` */
  readonly user?: string;
  /** PEM. When given, the server speaks HTTPS; a client certificate of `clientCa` identifies the caller too. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly clientCa?: string };
  /** @defaultValue `v1.33.0` */
  readonly gitVersion?: string;
  /** What the proxy of a node answers to `/stats/summary`, by the name of the node. @defaultValue there is none */
  readonly kubelets?: ReadonlyMap<string, object>;
}

export interface ApiServer {
  /** `http://127.0.0.1:PORT` or `https://…` */
  readonly url: string;
  close(): Promise<void>;
}

/** Sends an answer, or misbehaves in its place. */
export type Respond = (
  request: IncomingMessage,
  response: ServerResponse,
  answer: ApiAnswer,
) => void | Promise<void>;

/**
 * Starts an API server in this process, on loopback only. It answers lists as a kube-apiserver does, so
 * that the sample is read by the very collector that reads real clusters.
 * @param respond replaces how answers are sent; tests put faults in here
 */
export async function startApiServer(options: ApiServerOptions, respond: Respond = send): Promise<ApiServer> {
  const content: ApiContent = {
    collections: toCollections(options.objects),
    denied: options.deny ?? [],
    user: options.user ?? 'eks-drift-auditor',
    resourceVersion: 1000 + options.objects.length,
    gitVersion: options.gitVersion ?? 'v1.33.0',
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void respond(
      request,
      response,
      isIdentified(options, request)
        ? (kubeletAnswer(options, request) ?? answerTo(content, request))
        : unauthorized(),
    );
  };
  const server = createServer(options.tls, listener);
  const { host, close } = await onLoopback(server);
  return {
    url: `${options.tls ? 'https' : 'http'}://${host}`,
    close,
  };
}

function createServer(
  tls: ApiServerOptions['tls'],
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  if (!tls) return createHttpServer(listener);
  const { key, cert, clientCa } = tls;
  // Asked for but not demanded, as by a kube-apiserver: a token does as well.
  const mutual = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: false };
  return createHttpsServer({ key, cert, ...mutual }, listener);
}

function isIdentified({ token, tls }: ApiServerOptions, { headers, socket }: IncomingMessage): boolean {
  if (token === undefined && tls?.clientCa === undefined) return true;
  if (token !== undefined && headers.authorization === `Bearer ${token}`) return true;
  return tls?.clientCa !== undefined && (socket as TLSSocket).authorized;
}

/** What a node says through its proxy, which the API server passes on as it is. */
function kubeletAnswer({ kubelets }: ApiServerOptions, { url = '/' }: IncomingMessage): ApiAnswer | null {
  const node = /^\/api\/v1\/nodes\/(?<node>[^/]+)\/proxy\/stats\/summary$/.exec(url)?.groups?.['node'];
  const found = node === undefined ? undefined : kubelets?.get(decodeURIComponent(node));
  return found === undefined
    ? null
    : { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(found) };
}

function answerTo(content: ApiContent, request: IncomingMessage): ApiAnswer {
  if (request.method !== 'GET') return methodNotAllowed();
  const url = new URL(request.url ?? '/', 'http://localhost');
  return answer(content, {
    path: url.pathname,
    search: url.searchParams,
    accept: request.headers.accept ?? '',
  });
}

/** Above this size an API server compresses for who asks (apiserver, `responsewriters/writers.go`). */
const GZIP_THRESHOLD = 128 * 1024;

/** Sends an answer as it is. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: ApiAnswer,
): void {
  const gzip =
    body.length > GZIP_THRESHOLD && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const bytes = gzip ? gzipSync(body, { level: 1 }) : Buffer.from(body);
  response.writeHead(status, {
    ...headers,
    ...(gzip ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    'content-length': bytes.length,
  });
  response.end(bytes);
}
