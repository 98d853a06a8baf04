import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OCI_IMAGE, OCI_INDEX, type StoredRepository } from './ecr-server.ts';
import { onLoopback } from './on-loopback.ts';

export interface OciServerOptions {
  /** By name. */
  readonly repositories: Readonly<Record<string, StoredRepository>>;
  /** Whether it has the list of referrers of version 1.1 of the specification. @defaultValue true */
  readonly referrers?: boolean;
  /** `user:password` that its tokens are for. @defaultValue anybody, without a token */
  readonly login?: string;
  /** What its token server says to the right login. @defaultValue a token */
  readonly tokenAnswer?: string;
  /** How it asks for a login. @defaultValue for a token of its own */
  readonly challenge?: string;
  /** Answers this in the place of all tokens. */
  readonly tokens?: { readonly status: number };
  /** Answers this in the place of everything else. */
  readonly status?: (request: { readonly method: string; readonly path: string }) => number | null;
  /** Closes the connection in the place of an answer. */
  readonly silent?: (path: string) => boolean;
}

export interface OciServer {
  /** As image references name it. */
  readonly host: string;
  /** `HEAD /v2/app/manifests/1`, and those for tokens. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** A registry by the OCI distribution specification on loopback, as far as it is asked here. */
export async function startOciServer(options: OciServerOptions): Promise<OciServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    requests.push(`${method} ${url.split('?')[0]}`);
    if (options.silent?.(url)) {
      request.socket.destroy();
      return;
    }
    const status = options.status?.({ method, path: url }) ?? null;
    if (status !== null) response.writeHead(status).end();
    else if (url.startsWith('/token')) giveToken(options, request, response);
    else if (isLoggedIn(options, request)) answer(options, request, response);
    else challenge(options, server.address() as AddressInfo, response);
  });
  const { host, close } = await onLoopback(server);
  return {
    host,
    requests,
    close,
  };
}

const isLoggedIn = ({ login, challenge: asked }: OciServerOptions, { headers }: IncomingMessage): boolean =>
  login === undefined ||
  headers.authorization === (asked === undefined ? 'Bearer secret-token' : basicOf(login));

const basicOf = (login: string): string => `Basic ${Buffer.from(login).toString('base64')}`;

function challenge(
  { challenge: asked }: OciServerOptions,
  { port }: AddressInfo,
  response: ServerResponse,
): void {
  const realm = `http://127.0.0.1:${port}/token`;
  const ofTokens = `Bearer realm="${realm}",service="test"`;
  response.writeHead(401, { 'www-authenticate': asked ?? ofTokens }).end();
}

function giveToken(
  { login = '', tokens, tokenAnswer = JSON.stringify({ token: 'secret-token' }) }: OciServerOptions,
  { headers }: IncomingMessage,
  response: ServerResponse,
): void {
  if (tokens !== undefined) response.writeHead(tokens.status).end();
  else if (headers.authorization !== basicOf(login)) response.writeHead(401).end();
  else response.writeHead(200).end(tokenAnswer);
}

function answer(
  { repositories, referrers = true }: OciServerOptions,
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): void {
  const [, name = '', kind = '', reference = ''] =
    /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^?]+)/.exec(url) ?? [];
  const { images = [], blobs = new Map<string, string>() } = repositories[name] ?? {};
  if (kind === 'referrers' && referrers) {
    const manifests = images.flatMap(({ digest, manifest }) => {
      const { subject } = JSON.parse(manifest ?? '{}') as { subject?: { digest?: string } };
      return subject?.digest === reference ? { mediaType: OCI_IMAGE, digest, size: 1 } : [];
    });
    response.writeHead(200, { 'content-type': OCI_INDEX }).end(JSON.stringify({ manifests }));
    return;
  }
  const found = images.find(({ digest, tags = [] }) => digest === reference || tags.includes(reference));
  if (kind === 'manifests' && found?.manifest !== undefined) {
    response
      .writeHead(200, { 'content-type': found.mediaType ?? OCI_IMAGE, 'docker-content-digest': found.digest })
      .end(method === 'HEAD' ? undefined : found.manifest);
  } else if (kind === 'blobs' && blobs.has(reference)) response.writeHead(200).end(blobs.get(reference));
  else response.writeHead(404).end();
}
