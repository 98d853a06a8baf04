import { setTimeout as sleep } from 'node:timers/promises';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { NodeHttpHandler, streamCollector } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import { orAborted } from '../../or-aborted.ts';
import { VERSION } from '../../version.ts';
import { type AwsSettings, type CredentialsProvider, clientConfig, GivenUp } from './client.ts';

/** An API that is asked without the SDK's client for it, which would be too large for what is asked. */
export interface SignedApi {
  /** As signatures name it, such as `ec2`. */
  readonly service: string;
  readonly settings: AwsSettings & { readonly credentials: CredentialsProvider };
  readonly endpoint: () => Promise<URL>;
  /** What a body is written in. */
  readonly contentType: string;
  /** Of every request, such as one that names the action. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * The error of an answer that is none, named by the code of the service; with its `status`. The code is that of the
   * header `x-amzn-errortype`, which some services have.
   */
  readonly refusal: (body: string, status: number, code: string | null) => Error;
}

export interface SignedRequests {
  /**
   * Posts a body and reads the answer; repeated, within bounds, where that may help, also where it cannot be read. The
   * signal of the settings ends it.
   * @throws Error named by the code of the answer, or what the connection failed with; see `awsError`
   */
  post<T>(path: string, body: string, read: (text: string) => T): Promise<T>;
  close(): void;
}

/** Sent, signed and retried by parts of the SDK that are in every bundle anyway. */
export function openSigned(api: SignedApi): SignedRequests {
  const { service, settings, endpoint } = api;
  const { region, credentials } = settings;
  const closed = new AbortController();
  const signal =
    settings.signal === undefined ? closed.signal : AbortSignal.any([settings.signal, closed.signal]);
  const { maxAttempts, requestHandler } = clientConfig(settings);
  const http = new NodeHttpHandler(requestHandler);
  const retries = new StandardRetryStrategy(maxAttempts);
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 });
  return {
    async post(path, body, read) {
      const url = await endpoint();
      signal.throwIfAborted();
      let token = await retries.acquireInitialRetryToken(service);
      for (;;) {
        try {
          const answer = read(await orAborted(attempt(body, { url, path, signer, http, api }), signal));
          retries.recordSuccess(token);
          return answer;
        } catch (error) {
          signal.throwIfAborted();
          const errorType = kindOf(error);
          try {
            token = await retries.refreshRetryTokenForRetry(token, { errorType });
          } catch {
            throw error;
          }
          await orAborted(sleep(token.getRetryDelay()), signal);
        }
      }
    },
    close: () => {
      closed.abort(new GivenUp());
      http.destroy();
    },
  };
}

interface Connection {
  readonly url: URL;
  readonly path: string;
  readonly signer: SignatureV4;
  readonly http: NodeHttpHandler;
  readonly api: SignedApi;
}

async function attempt(body: string, { url, path, signer, http, api }: Connection): Promise<string> {
  const { protocol, hostname, port, pathname, host } = url;
  const signed = await signer.sign(
    new HttpRequest({
      method: 'POST',
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: path === '' ? pathname : `${pathname.replace(/\/$/, '')}${path}`,
      headers: {
        host,
        ...api.headers,
        'content-type': api.contentType,
        'user-agent': `eks-drift-auditor/${VERSION}`,
        ...api.headers,
      },
      body,
    }),
  );
  const { response } = await http.handle(new HttpRequest(signed));
  const text = Buffer.from(await streamCollector(response.body)).toString('utf8');
  if (response.statusCode >= 300) {
    throw api.refusal(text, response.statusCode, response.headers['x-amzn-errortype'] ?? null);
  }
  return text;
}

const BUSY = /^(RequestLimitExceeded|Throttling|ThrottlingException|SlowDown)$/;

function kindOf(error: unknown): 'THROTTLING' | 'TRANSIENT' | 'CLIENT_ERROR' {
  const { name = '', status } = error as { name?: string; status?: number };
  if (BUSY.test(name) || status === 429) return 'THROTTLING';
  // Without a status nothing was answered, or what was cannot be read.
  const lost = status === undefined && name !== 'CredentialsProviderError';
  return lost || (status ?? 0) >= 500 ? 'TRANSIENT' : 'CLIENT_ERROR';
}
