import type { SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { bypassesProxy } from './no-proxy.ts';
import { Agent, ProxyAgent } from './undici.ts';

/** What a TLS connection to the API server needs; the names are those of `node:tls`. */
export interface TlsMaterial {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly pfx?: Buffer | undefined;
  readonly passphrase?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
  /** Made of the material above, for those who connect to many servers with the same. */
  readonly secureContext?: SecureContext | undefined;
}

export interface DispatcherOptions {
  readonly server: URL;
  readonly tls: TlsMaterial;
  readonly proxyUrl: string | null;
  /** Whether the proxy of the environment is used, where `proxyUrl` names none. @defaultValue true */
  readonly environmentProxy?: boolean | undefined;
  readonly connectTimeoutMs: number;
}

/** Long enough to survive the work between two pages, shorter than the idle limit of load balancers. */
const KEEP_ALIVE_MS = 30_000;

/**
 * Requests at once to one API server. A cluster with every kind of policy has more than twenty lists that could
 * be asked for together, each of which may take several seats of its priority level
 * (https://kubernetes.io/docs/concepts/cluster-administration/flow-control/#seats-occupied-by-a-request).
 */
const CONNECTIONS = 4;

/**
 * One pool of keep-alive connections, through the proxy if there is one.
 *
 * HTTP/1.1 on purpose: lists are few and large, and HTTP/2's stream window (256 KiB in undici) caps
 * their rate at one window a round trip, while a TCP connection grows its own.
 */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { server, proxyUrl, environmentProxy = true, connectTimeoutMs } = options;
  const tls = { ...defined(options.tls), allowH2: false, timeout: connectTimeoutMs };
  const shared = {
    allowH2: false,
    connections: CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectTimeout: connectTimeoutMs,
  };
  const socket = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  // A proxied connection takes its server name from these options alone.
  const requestTls = { ...tls, servername: options.tls.servername ?? server.hostname };
  const proxy = proxyUrl ?? (environmentProxy ? proxyFromEnvironment(server) : null);
  if (proxy !== null) return new ProxyAgent({ ...shared, uri: proxy, requestTls });
  return new Agent({ ...shared, connect: { ...tls, ...socket } });
}

/**
 * The proxy that kubectl would use: `HTTPS_PROXY` or `HTTP_PROXY` by the scheme of the server, never for
 * the machine itself nor for what `NO_PROXY` lists (https://pkg.go.dev/net/http#ProxyFromEnvironment).
 */
function proxyFromEnvironment(server: URL): string | null {
  if (isLoopback(server.hostname)) return null;
  const { env } = process;
  const secure = server.protocol === 'https:';
  const proxy = secure ? env['HTTPS_PROXY'] || env['https_proxy'] : env['HTTP_PROXY'] || env['http_proxy'];
  const port = Number(server.port) || (secure ? 443 : 80);
  const noProxy = env['NO_PROXY'] || env['no_proxy'] || '';
  return proxy && !bypassesProxy(noProxy, { host: server.hostname, port }) ? proxy : null;
}

/** Whether a host, as `URL.hostname` gives it, is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Without the members that are `undefined`, which `node:tls` would take for values. */
function defined(tls: TlsMaterial): Partial<TlsMaterial> {
  return Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
}
