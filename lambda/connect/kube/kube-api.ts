import type { Dispatcher } from 'undici';
import { ReadError } from '../../errors.ts';
import type { Unverified } from '../../inventory/inventory.ts';
import { timeLimit } from '../../time-limit.ts';
import { VERSION } from '../../version.ts';
import type { Timing } from '../timing.ts';
import { type Answer, type BodyBuffer, exchange } from './body.ts';
import { withoutSecrets } from './cut-credentials.ts';
import { createDispatcher, type TlsMaterial } from './dispatcher.ts';
import { transportError } from './transport-errors.ts';

export interface KubeRequest {
  /** Such as `/api/v1/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** @defaultValue `application/json` */
  readonly accept?: string;
  readonly signal?: AbortSignal;
  /** An access review to POST instead of a GET: a question, which changes nothing. */
  readonly review?: object;
  /**
   * Memory for the body, which then lives until the next request with the same.
   * @defaultValue memory of its own
   */
  readonly into?: BodyBuffer;
}

/** An answer of any status, read to its end and decompressed. */
export interface KubeResponse {
  readonly status: number;
  /** The media type alone, in lower case; empty when the server gave none. */
  readonly contentType: string;
  /** The `Retry-After` header as sent. */
  readonly retryAfter: string | null;
  readonly body: Uint8Array;
  text(): string;
  /** @throws SyntaxError when the body is no JSON. */
  json(): unknown;
}

/** Read access to one API server. */
export interface KubeApi {
  readonly server: string;
  /** Set where whoever is in between may have answered. */
  readonly unverified?: Unverified;
  /** When it fires, work with this server ends, with its reason as the error; see `until`. */
  readonly signal?: AbortSignal;
  /** By which clock to wait before a request is sent again. @defaultValue the system's */
  readonly timing?: Timing;
  /**
   * Sends one GET request, or one access review. After a 401 it renews the credentials and asks once more.
   * @throws ReadError when no complete answer came; `TransientReadError` when another attempt may help.
   */
  request(request: KubeRequest): Promise<KubeResponse>;
  close(): Promise<void>;
}

/** What identifies the caller: headers such as `Authorization`, and TLS with or without a client certificate. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsMaterial;
}

export interface KubeApiOptions {
  /** `https://host[:port][/prefix]` */
  readonly server: string;
  /**
   * Asked before each request, so it keeps what is still valid.
   * @param rejected the server has just answered 401: what was kept is worthless.
   */
  readonly credentials: (rejected: boolean) => Promise<Credentials>;
  readonly unverified?: Unverified | undefined;
  /** `http:`, `https:` or `socks5:`; else `HTTPS_PROXY` and `NO_PROXY` decide. */
  readonly proxyUrl?: string | null;
  /** Whether `HTTPS_PROXY` and `NO_PROXY` count. @defaultValue true */
  readonly environmentProxy?: boolean;
  /**
   * Whether to ask for compressed answers. A page of 500 pods shrinks to a fourteenth, but costs both
   * sides together about half the CPU time of parsing it: worth it over the internet, not inside a region.
   * @defaultValue `false`
   */
  readonly gzip?: boolean;
  readonly limits?: Partial<KubeApiLimits>;
}

/** Milliseconds and bytes. */
export interface KubeApiLimits {
  /** TCP and TLS together. */
  readonly connectMs: number;
  /** To the first byte; the API server itself gives up on a list after 60 s (`--request-timeout`). */
  readonly headersMs: number;
  /** Between two parts of a body. */
  readonly bodyMs: number;
  /** For one request, all in all: a server that sends a byte now and then must not hold a run. */
  readonly totalMs: number;
  /** Of a decompressed body. */
  readonly bodyBytes: number;
}

const LIMITS: KubeApiLimits = {
  connectMs: 10_000,
  headersMs: 65_000,
  bodyMs: 30_000,
  totalMs: 180_000,
  bodyBytes: 64 * 1024 * 1024,
};

/** Opens access to an API server. No connection is made before the first request. */
export function openKubeApi(options: KubeApiOptions): KubeApi {
  const server = parseServer(options.server);
  const limits = { ...LIMITS, ...options.limits };
  const connections = createConnections(server, options, limits);
  let answered = false;

  async function send(request: KubeRequest, credentials: Credentials): Promise<KubeResponse> {
    request.signal?.throwIfAborted();
    const total = timeLimit(limits.totalMs, request.signal);
    try {
      const asked = {
        origin: server.origin,
        path: pathOf(server, request),
        ...(request.review === undefined
          ? { method: 'GET' as const }
          : { method: 'POST' as const, body: JSON.stringify(request.review) }),
        headers: {
          ...(request.review === undefined ? {} : { 'content-type': 'application/json' }),
          ...credentials.headers,
          accept: request.accept ?? 'application/json',
          'accept-encoding': options.gzip ? 'gzip' : 'identity',
          'user-agent': `eks-drift-auditor/${VERSION}`,
        },
        headersTimeout: limits.headersMs,
        bodyTimeout: limits.bodyMs,
      };
      const answer = await exchange(connections.dispatcher(credentials), asked, {
        server: options.server,
        signal: total.signal,
        limit: limits.bodyBytes,
        into: request.into,
      });
      answered = true;
      return toResponse(answer);
    } catch (error) {
      request.signal?.throwIfAborted();
      if (total.hasPassed()) throw tookTooLong(options.server, limits.totalMs);
      throw transportError(options.server, error, answered);
    } finally {
      total.end();
    }
  }

  const identity = createIdentity(options.credentials);
  return {
    server: options.server,
    ...(options.unverified === undefined ? {} : { unverified: options.unverified }),
    async request(request) {
      const first = await identity.current();
      const response = await send(request, first);
      if (response.status !== 401) return withoutCredentials(response, first);
      const renewed = await identity.renew(first);
      return withoutCredentials(await send(request, renewed), renewed);
    },
    close: () => connections.close(),
  };
}

/** Renews credentials once for all requests that were refused with the same ones. */
function createIdentity(load: KubeApiOptions['credentials']) {
  let renewal: { readonly of: Credentials; readonly renewed: Promise<Credentials> } | null = null;
  const start = (refused: Credentials): Promise<Credentials> => {
    const started = { of: refused, renewed: load(true) };
    renewal = started;
    // What brought nothing new may be tried again by a later request.
    const forget = (): void => {
      if (renewal === started) renewal = null;
    };
    started.renewed.then((credentials) => {
      if (sameHeaders(credentials, refused)) forget();
    }, forget);
    return started.renewed;
  };
  return {
    current: (): Promise<Credentials> => load(false),
    renew: (refused: Credentials): Promise<Credentials> =>
      renewal !== null && sameHeaders(renewal.of, refused) ? renewal.renewed : start(refused),
  };
}

function sameHeaders(a: Credentials, b: Credentials): boolean {
  return JSON.stringify(a.headers) === JSON.stringify(b.headers);
}

/** Keeps one dispatcher, and replaces it when a credential plugin hands out another client certificate. */
function createConnections(server: URL, options: KubeApiOptions, limits: KubeApiLimits) {
  let current: { readonly key: string; readonly dispatcher: Dispatcher } | null = null;
  const retired: Promise<void>[] = [];
  return {
    dispatcher({ tls }: Credentials): Dispatcher {
      const key = JSON.stringify(tls);
      if (current?.key === key) return current.dispatcher;
      // Requests that are under way end first.
      if (current) retired.push(current.dispatcher.close());
      const dispatcher = createDispatcher({
        server,
        tls,
        proxyUrl: options.proxyUrl ?? null,
        environmentProxy: options.environmentProxy,
        connectTimeoutMs: limits.connectMs,
      });
      current = { key, dispatcher };
      return dispatcher;
    },
    async close(): Promise<void> {
      await Promise.all([current?.dispatcher.close(), ...retired]);
    },
  };
}

function parseServer(server: string): URL {
  const url = URL.parse(server);
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new ReadError(
    'unreachable',
    `The server address "${server}" is not an http:// or https:// URL.`,
    'Correct the server address of this cluster.',
  );
}

function pathOf(server: URL, { path, query }: KubeRequest): string {
  const prefix = server.pathname.replace(/\/$/, '');
  const search = new URLSearchParams(query).toString();
  return search === '' ? prefix + path : `${prefix}${path}?${search}`;
}

function toResponse({ statusCode, headers, body }: Answer): KubeResponse {
  const retryAfter = headers['retry-after'];
  return {
    status: statusCode,
    contentType:
      String(headers['content-type'] ?? '')
        .split(';', 1)[0]
        ?.trim()
        .toLowerCase() ?? '',
    retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
    body,
    text: () => body.toString('utf8'),
    json: () => JSON.parse(body.toString('utf8')),
  };
}

function withoutCredentials(response: KubeResponse, { headers }: Credentials): KubeResponse {
  if (response.status < 400) return response;
  const text = withoutSecrets(response.text(), headers);
  const body = Buffer.from(text);
  return { ...response, body, text: () => text, json: () => JSON.parse(text) };
}

function tookTooLong(server: string, ms: number): ReadError {
  return new ReadError(
    'timeout',
    `The API server ${server} did not complete its answer within ${Math.round(ms / 1000)} s.`,
    'Run again when the API server or the network is less busy.',
  );
}
