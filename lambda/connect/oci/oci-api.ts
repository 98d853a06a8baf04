import * as z from 'zod';
import { ReadError } from '../../errors.ts';
import { oneLine, wordsOf } from '../text.ts';
import { httpsGet, TooLarge, type WebAnswer } from './https-get.ts';

export interface RegistryLogin {
  readonly username: string;
  readonly password: string;
}

export interface OciApiOptions {
  /** As image references name it, such as `ghcr.io` or `localhost:5000`. */
  readonly host: string;
  /** `null`: anonymous. */
  readonly login: RegistryLogin | null;
  /** Requests that may be sent, those for tokens not counted. */
  readonly mostRequests: number;
  readonly signal?: AbortSignal | undefined;
}

export interface OciQuestion {
  readonly repository: string;
  /** Below the repository, such as `manifests/latest`. */
  readonly path: string;
  readonly method?: 'GET' | 'HEAD';
  readonly accept?: readonly string[];
  readonly mostBytes: number;
}

/** A registry by the API of the OCI distribution specification. */
export interface OciApi {
  readonly host: string;
  /**
   * Asks for something of a repository; 404 is an answer.
   * @throws ReadError for refusals, for failures, and where no further request may be sent
   */
  ask(question: OciQuestion): Promise<WebAnswer>;
}

/** https://docs.docker.com/docker-hub/ names itself otherwise than where it is asked. */
const API_HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** Registries on the machine itself have no TLS: https://github.com/distribution/reference and Docker's own rule. */
const isLocal = (host: string): boolean => /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);

/** Opens a registry. Nothing is sent before the first question. */
export function openOciApi({ host, login, mostRequests, signal }: OciApiOptions): OciApi {
  const origin = `${isLocal(host) ? 'http' : 'https'}://${API_HOSTS[host] ?? host}`;
  const tokens = new Map<string, string>();
  let sent = 0;
  let closed: ReadError | null = null;

  const send = async (question: OciQuestion): Promise<WebAnswer> => {
    const { repository, path, method = 'GET', accept = [], mostBytes } = question;
    if (closed !== null) throw closed;
    if (sent >= mostRequests) throw budgetSpent(host, mostRequests);
    sent++;
    const authorization = tokens.get(repository);
    return httpsGet({
      url: new URL(`${origin}/v2/${repository}/${path}`),
      method,
      headers: {
        ...(accept.length === 0 ? {} : { accept: accept.join(', ') }),
        ...(authorization === undefined ? {} : { authorization }),
      },
      mostBytes,
      signal,
    });
  };
  const refusedBy = (question: OciQuestion, status: number): ReadError => {
    const error = refused(host, question, status);
    // It asks to be left alone: what is asked later on is refused, too.
    if (status === 429) closed = error;
    return error;
  };
  return {
    host,
    async ask(question) {
      const { repository } = question;
      try {
        let answer = await send(question);
        if (answer.status === 401) {
          const challenge = answer.header('www-authenticate') ?? '';
          const given = await authorize(challenge, { repository, login, signal });
          if (typeof given === 'number') throw refusedBy(question, given);
          tokens.set(repository, given);
          answer = await send(question);
        }
        if (answer.status === 200 || answer.status === 404) return answer;
        throw refusedBy(question, answer.status);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ReadError) throw error;
        if (error instanceof TooLarge) throw tooLarge(host, question);
        throw failed(host, question, error);
      }
    },
  };
}

interface Authorization {
  readonly repository: string;
  readonly login: RegistryLogin | null;
  readonly signal: AbortSignal | undefined;
}

/**
 * https://distribution.github.io/distribution/spec/auth/token/
 * @returns what is sent with requests, or the HTTP status by which a login is refused
 */
async function authorize(
  challenge: string,
  { repository, login, signal }: Authorization,
): Promise<string | number> {
  const basic =
    login === null
      ? null
      : `Basic ${Buffer.from(`${login.username}:${login.password}`, 'utf8').toString('base64')}`;
  const [, scheme = '', parameters = ''] = /^(\w+)\s+(.*)$/.exec(challenge) ?? [];
  if (scheme.toLowerCase() === 'basic') return basic ?? 401;
  const values = Object.fromEntries(
    [...parameters.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const { realm, service } = values;
  if (scheme.toLowerCase() !== 'bearer' || realm === undefined)
    throw new Error('it asks for a login of an unknown kind');
  const url = new URL(realm);
  if (url.protocol !== 'https:' && !isLocal(url.host)) throw new Error('it asks for a login without TLS');
  if (service !== undefined) url.searchParams.set('service', service);
  url.searchParams.set('scope', `repository:${repository}:pull`);
  const answer = await httpsGet({
    url,
    headers: basic === null ? {} : { authorization: basic },
    mostBytes: 1024 * 1024,
    signal,
  });
  if ([401, 403, 429].includes(answer.status)) return answer.status;
  const token = answer.status === 200 ? tokenIn(answer.body) : null;
  if (token === null) throw new Error(`${url.host} gives no token (HTTP status ${answer.status})`);
  return `Bearer ${token}`;
}

const TOKEN = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** The words of a failed parser repeat what it read: they go nowhere. */
function tokenIn(body: Uint8Array): string | null {
  try {
    const { token, access_token } = TOKEN.parse(JSON.parse(Buffer.from(body).toString('utf8')));
    return token ?? access_token ?? null;
  } catch {
    return null;
  }
}

const LOGIN = 'Give images.registries[].secretArn a secret with a username and a password that may pull it.';

function refused(host: string, { repository }: OciQuestion, status: number): ReadError {
  const what = `the repository ${host}/${repository}`;
  if (status === 401) {
    return new ReadError('unauthorized', `The registry did not accept the credentials for ${what}.`, LOGIN);
  }
  if (status === 403) return new ReadError('forbidden', `The registry denies pulling ${what}.`, LOGIN);
  if (status === 429) {
    return new ReadError(
      'server-error',
      `The registry ${host} was asked too often (HTTP status 429); nothing more was asked of it in this run.`,
      'Give it a login (images.registries[].secretArn), or lower requestsPerRun.',
    );
  }
  return new ReadError(
    'server-error',
    `The registry answered with HTTP status ${status} for ${what}.`,
    'Run again later.',
  );
}

const budgetSpent = (host: string, most: number): ReadError =>
  new ReadError(
    'out-of-time',
    `The registry ${host} was asked ${most} times for this cluster, which is the limit of a run.`,
    `Raise requestsPerRun of ${host} in images.registries.`,
  );

const tooLarge = (host: string, { repository, path, mostBytes }: OciQuestion): ReadError =>
  new ReadError(
    'too-large',
    `${host}/${repository}/${path} has more than ${mostBytes} bytes, and was not read.`,
    'Look at it yourself, if it matters.',
  );

function failed(host: string, { repository }: OciQuestion, error: unknown): ReadError {
  const { code } = Object(error) as { readonly code?: unknown };
  const why = wordsOf(error, 200) || oneLine(String(code), 60);
  return new ReadError(
    code === 'ETIMEDOUT' ? 'timeout' : typeof code === 'string' ? 'unreachable' : 'server-error',
    `The registry ${host} could not be asked about ${repository} (${why}).`,
    'Check that this machine reaches it: a VPC needs a NAT gateway, a laptop perhaps a proxy (HTTPS_PROXY).',
    error,
  );
}
