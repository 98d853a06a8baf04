import { ReadError } from '../../errors.ts';
import { oneLine, wordsOf } from '../text.ts';
import { httpsGet, TooLarge, type WebAnswer } from './https-get.ts';
import { authorize, isLocal, type RegistryLogin } from './login.ts';
import { AskedTooOften, isSilent, refused } from './refusals.ts';

export type { RegistryLogin } from './login.ts';

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

/** Questions in a row without an answer, after which no further ones are sent: each of them may take its time. */
const MOST_SILENT = 3;

/** Opens a registry. Nothing is sent before the first question. */
export function openOciApi({ host, login, mostRequests, signal }: OciApiOptions): OciApi {
  const origin = `${isLocal(host) ? 'http' : 'https'}://${API_HOSTS[host] ?? host}`;
  const tokens = new Map<string, string>();
  let sent = 0;
  let silent = 0;
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
  const answerTo = async (question: OciQuestion): Promise<WebAnswer> => {
    const { repository } = question;
    const answer = await send(question);
    if (answer.status !== 401) return answer;
    const challenge = answer.header('www-authenticate') ?? '';
    tokens.set(repository, await authorize(challenge, { host, repository, login, signal }));
    return send(question);
  };
  return {
    host,
    async ask(question) {
      try {
        const answer = await answerTo(question);
        silent = 0;
        if (answer.status === 200 || answer.status === 404) return answer;
        throw refused({ host, repository: question.repository, withLogin: login !== null }, answer.status);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ReadError) {
          // What is asked later on is refused, too.
          if (error instanceof AskedTooOften) closed = error;
          throw error;
        }
        if (error instanceof TooLarge) throw tooLarge(host, question);
        const failure = failed(host, question, error);
        silent++;
        if (silent >= MOST_SILENT) closed = isSilent(failure);
        throw failure;
      }
    },
  };
}

const budgetSpent = (host: string, most: number): ReadError =>
  new ReadError(
    'out-of-time',
    `The registry ${host} was asked ${most} times about the images of this cluster, which is its limit.`,
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
