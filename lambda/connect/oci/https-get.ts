import { type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { VERSION } from '../../version.ts';

/** What is asked; bodies are answers only. */
export interface WebQuestion {
  readonly url: URL;
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  readonly mostBytes: number;
  /** The whole answer, in milliseconds. @defaultValue two minutes */
  readonly longestMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface WebAnswer {
  readonly status: number;
  /** `null`: it has none of this name. */
  readonly header: (name: string) => string | null;
  readonly body: Uint8Array;
}

/** The body is larger than what was asked for. */
export class TooLarge extends Error {}

const SILENCE_MS = 15_000;
const LONGEST_MS = 120_000;
const MOST_REDIRECTS = 3;
const MOST_SOCKETS = 8;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** As the SDK and kubectl: HTTPS_PROXY and NO_PROXY count. */
const agent = new Agent({ keepAlive: true, maxSockets: MOST_SOCKETS, proxyEnv: process.env });

/**
 * Asks a web server. Redirects are followed by HTTPS, without credentials where they lead to another host, as registries send those who
 * ask for blobs to where these are stored.
 * @throws Error named by what the connection failed with, {@link TooLarge}, or the reason of the signal
 */
export async function httpsGet(question: WebQuestion): Promise<WebAnswer> {
  let current = question;
  for (let count = 0; count <= MOST_REDIRECTS; count++) {
    const answer = await send(current);
    const location = REDIRECTS.has(answer.status) ? answer.header('location') : null;
    if (location === null) return answer;
    const url = new URL(location, current.url);
    if (current.url.protocol === 'https:' && url.protocol !== 'https:') {
      throw new Error(`${current.url.host} redirects to an address without TLS`);
    }
    const { authorization: _, ...others } = current.headers ?? {};
    current = { ...current, url, headers: url.host === current.url.host ? (current.headers ?? {}) : others };
  }
  throw new Error(`${question.url.host} redirects again and again`);
}

/** Answers of {@link attempt} beside those of the server. */
const CLOSED = 'closed meanwhile';

/**
 * A connection that was kept may have been closed at its other end just now: what was sent on it is sent again, as
 * https://nodejs.org/api/http.html#requestreusedsocket recommends. There may be one for each place of the agent.
 */
async function send(question: WebQuestion): Promise<WebAnswer> {
  for (let kept = 0; kept < MOST_SOCKETS; kept++) {
    const answer = await attempt(question);
    if (answer !== CLOSED) return answer;
  }
  throw Object.assign(new Error('it closes every connection'), { code: 'ECONNRESET' });
}

function attempt(question: WebQuestion): Promise<WebAnswer | typeof CLOSED> {
  const { url, method = 'GET', headers = {}, mostBytes, longestMs = LONGEST_MS, signal } = question;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { ...headers, 'user-agent': `eks-drift-auditor/${VERSION}` },
      timeout: SILENCE_MS,
      ...(signal === undefined ? {} : { signal }),
    };
    const sent = url.protocol === 'http:' ? plainRequest(url, options) : request(url, { ...options, agent });
    // Bytes that come one at a time are no silence.
    const limit = setTimeout(() => sent.destroy(timedOut(url)), longestMs);
    let answers = false;
    const fail = (error: Error & { readonly code?: string }): void => {
      clearTimeout(limit);
      if (!answers && sent.reusedSocket && error.code === 'ECONNRESET' && !signal?.aborted) resolve(CLOSED);
      else reject(signal?.aborted ? signal.reason : error);
    };
    sent.on('timeout', () => sent.destroy(timedOut(url)));
    sent.on('error', fail);
    sent.on('response', (response) => {
      answers = true;
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > mostBytes) sent.destroy(new TooLarge(`more than ${mostBytes} bytes`));
        else parts.push(part);
      });
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(limit);
        resolve(answerOf(response, Buffer.concat(parts)));
      });
    });
    sent.end();
  });
}

const answerOf = ({ statusCode = 0, headers }: IncomingMessage, body: Uint8Array): WebAnswer => ({
  status: statusCode,
  header: (name) => {
    const value = headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  },
  body,
});

const timedOut = ({ host }: URL): Error =>
  Object.assign(new Error(`${host} gave no answer in time`), { code: 'ETIMEDOUT' });
