import { Agent } from 'node:https';
import type { STSClient } from '@aws-sdk/client-sts';
import { orAborted } from '../../or-aborted.ts';
import { VERSION } from '../../version.ts';
import { vpcEndpoint } from './vpc-endpoints.ts';

/** Gives credentials that are still valid; the SDK's own kind, which keeps and renews them. */
export type CredentialsProvider = STSClient['config']['credentials'];

/** How the AWS APIs are reached. What is left out comes from the environment, as in every program with an SDK. */
export interface AwsSettings {
  /** Where STS is asked; the program's own region. */
  readonly region: string;
  /** In the place of the endpoints of all services; else `AWS_ENDPOINT_URL` and its like, else the public ones. */
  readonly endpoint?: string;
  /** In the place of the ordinary credential chain. */
  readonly credentials?: CredentialsProvider;
  /** For one request, the first included. @defaultValue 6 */
  readonly maxAttempts?: number;
  /** Milliseconds without a byte after which an attempt is given up. @defaultValue 20 seconds */
  readonly silenceMs?: number;
  /** Ends every request that is made for reading clusters; its reason is what the request fails with. */
  readonly signal?: AbortSignal;
}

const CONNECT_MS = 5_000;
const SILENCE_MS = 20_000;

/** A service that is asked by the SDK's client, by the prefix of its actions in IAM. */
export type ClientService = 's3' | 'sts' | 'eks' | 'ecr' | 'sns' | 'events';

/** What the client of one service is made with. */
export function serviceConfig(service: ClientService, settings: AwsSettings) {
  const own = settings.endpoint === undefined ? vpcEndpoint(service, settings.region) : undefined;
  if (own === undefined) return clientConfig(settings);
  // The SDK refuses an endpoint together with the wish for dual-stack names, which are those of public endpoints.
  return { ...clientConfig({ ...settings, endpoint: own }), useDualstackEndpoint: false };
}

/**
 * What all clients share. Standard retries: bounded, with growing pauses, and longer ones when AWS throttles
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html). Adaptive ones would hold up
 * all other requests of a run for an unknown time.
 */
export function clientConfig({
  region,
  endpoint,
  credentials,
  maxAttempts,
  silenceMs = SILENCE_MS,
}: AwsSettings) {
  const proxied = proxyAgent();
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
    retryMode: 'standard' as const,
    maxAttempts: maxAttempts ?? 6,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      // Until the headers of the answer.
      requestTimeout: silenceMs,
      // Between any two bytes, those of the body included, which the other one does not watch.
      socketTimeout: silenceMs,
      // Without it a request that takes too long is only warned of.
      throwOnRequestTimeout: true,
      ...(proxied === null ? {} : { httpsAgent: proxied }),
    },
    customUserAgent: [['eks-drift-auditor', VERSION]] as [string, string][],
  };
}

/** For one operation with all its attempts and pauses, however slowly bytes arrive. */
const OPERATION_MS = 120_000;

type Middleware = <Output>(
  next: (args: never) => Promise<Output>,
  context: object,
) => (args: never) => Promise<Output>;

interface Placement {
  readonly name: string;
  readonly override: boolean;
}

/** What {@link bounded} uses of a client. */
interface WithMiddleware {
  readonly middlewareStack: {
    add(middleware: Middleware, options: Placement & { readonly step: 'initialize' }): void;
    add(
      middleware: Middleware,
      options: Placement & { readonly step: 'finalizeRequest'; readonly priority: 'low' },
    ): void;
  };
  destroy(): void;
}

/**
 * Gives every operation of a client a deadline, and ends it when the signal fires or the client is destroyed: the SDK goes on
 * trying what nobody waits for, and in a function also in the next invocation, where an old write would come after newer ones.
 */
export function bounded<Client extends WithMiddleware>(client: Client, signal?: AbortSignal): Client {
  const closed = closing(client);
  /** By what the SDK keeps of an operation through all its attempts. */
  const ends = new WeakMap<object, AbortSignal>();
  client.middlewareStack.add(
    (next, context) => (args) => {
      const deadline = AbortSignal.timeout(OPERATION_MS);
      const end = AbortSignal.any([deadline, closed, ...(signal === undefined ? [] : [signal])]);
      ends.set(context, end);
      return orAborted(next(args), end);
    },
    { step: 'initialize', name: 'deadline', override: true },
  );
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (ends.get(context)?.aborted === true) throw new GivenUp();
      return next(args);
    },
    // After the middleware that repeats: it is asked before each attempt.
    { step: 'finalizeRequest', priority: 'low', name: 'givenUp', override: true },
  );
  return client;
}

/** Fires when a client is destroyed. */
function closing(client: { destroy(): void }): AbortSignal {
  const closed = new AbortController();
  const destroy = client.destroy.bind(client);
  client.destroy = () => {
    closed.abort(new GivenUp());
    destroy();
  };
  return closed.signal;
}

/** A request was given up. By its name the SDK does not repeat it. */
export class GivenUp extends Error {
  override readonly name = 'AbortError';

  constructor() {
    super('the request was given up, since the program has ended its work');
  }
}

/** The SDK ignores `HTTPS_PROXY`, which the AWS CLI and kubectl obey; Node.js knows it since 24.5. */
function proxyAgent(): Agent | null {
  const { env } = process;
  if (!env['HTTPS_PROXY'] && !env['https_proxy']) return null;
  return new Agent({ keepAlive: true, maxSockets: 50, proxyEnv: env });
}
