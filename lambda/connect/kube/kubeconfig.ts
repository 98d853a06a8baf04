import type { RequestOptions } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
import { ReadError, UsageError } from '../../errors.ts';
import type { ClusterIdentity } from '../../inventory/names.ts';
import { orAborted } from '../../or-aborted.ts';
import { timeLimit } from '../../time-limit.ts';
import { identityOfContext } from '../cluster-identity.ts';
import { wordsOf } from '../text.ts';
import { isLoopback } from './dispatcher.ts';
import { type ExecPlugin, execPluginOf } from './exec-plugin.ts';
import { type Credentials, type KubeApi, openKubeApi } from './kube-api.ts';
import { loadKubeconfig, selectContext } from './kubeconfig-file.ts';

export interface KubeconfigOptions {
  /** Path of a kubeconfig; else `KUBECONFIG`, else `~/.kube/config`. */
  readonly kubeconfig?: string;
  /** @defaultValue the current context of the kubeconfig */
  readonly context?: string;
  /** Takes what a credential plugin writes to its standard error. @defaultValue nothing */
  readonly onPluginOutput?: ((text: string) => void) | undefined;
  /** @defaultValue 60,000 */
  readonly pluginTimeoutMs?: number;
}

const CREDENTIALS_TIMEOUT_MS = 60_000;

export interface ConnectedContext {
  readonly identity: ClusterIdentity;
  readonly api: KubeApi;
  /** Names of the context and of its user in the kubeconfig. */
  readonly context: string;
  readonly user: string;
  /** As `KubeApiOptions.credentials`, of the user of the context. */
  readonly credentials: (rejected: boolean) => Promise<Credentials>;
}

/**
 * Opens the cluster of one context. Nothing is sent before the first request.
 * @throws UsageError for a kubeconfig that does not hold what is asked for; it lists the contexts there are
 */
export async function connectKubeconfig(options: KubeconfigOptions = {}): Promise<ConnectedContext> {
  const load = async (): Promise<Selected> => select(await loadKubeconfig(options.kubeconfig), options);
  let selected = await load();
  const { server, proxyUrl, identity, skipsVerification, context, user } = selected;
  const url = URL.parse(server);
  const credentials = async (rejected: boolean): Promise<Credentials> => {
    if (url?.protocol !== 'https:') return NO_CREDENTIALS;
    if (rejected) selected = await reload(load, server);
    return credentialsOf(selected);
  };
  const api = openKubeApi({
    server,
    proxyUrl,
    unverified:
      url?.protocol === 'http:' ? 'plain-http' : skipsVerification ? 'insecure-skip-tls-verify' : undefined,
    gzip: url !== null && !isLoopback(url.hostname),
    credentials,
  });
  return { identity, api, context, user, credentials };
}

/** Reads the kubeconfig from disk again: it may have been renewed, and nothing that was cached survives. */
async function reload(load: () => Promise<Selected>, server: string): Promise<Selected> {
  try {
    return await load();
  } catch (error) {
    throw new ReadError(
      'unauthorized',
      `The credentials for ${server} were refused and cannot be renewed: ${wordsOf(error, 400)}`,
      'Repair the kubeconfig, then run again.',
      error,
    );
  }
}

/**
 * kubectl reads credentials only for a TLS transport (client-go, `tools/clientcmd/client_config.go`): a
 * token must not travel in clear text.
 */
const NO_CREDENTIALS: Credentials = { headers: {}, tls: {} };

interface Selected {
  readonly config: KubeConfig;
  readonly plugin: ExecPlugin | null;
  readonly identity: ClusterIdentity;
  readonly context: string;
  readonly user: string;
  readonly server: string;
  readonly proxyUrl: string | null;
  /** Whether the certificate of the server is taken as it is. */
  readonly skipsVerification: boolean;
}

async function select(config: KubeConfig, options: KubeconfigOptions): Promise<Selected> {
  const name = options.context ?? config.getCurrentContext();
  if (!name)
    throw new UsageError(
      `The kubeconfig has no current context; choose one with --context. ${contextsOf(config)}`,
    );
  const context = config.getContexts().find((entry) => entry.name === name);
  if (!context) throw new UsageError(`The kubeconfig has no context "${name}". ${contextsOf(config)}`);
  const cluster = config.getClusters().find((entry) => entry.name === context.cluster);
  if (!cluster) {
    throw new UsageError(
      `The context "${name}" names the cluster "${context.cluster}", which the kubeconfig does not contain.`,
    );
  }
  const user = config.getUsers().find((entry) => entry.name === context.user);
  if (context.user && user === undefined) {
    throw new UsageError(
      `The context "${name}" names the user "${context.user}", which the kubeconfig does not contain.`,
    );
  }
  return {
    config: await selectContext(config, context),
    plugin: execPluginOf(user, {
      server: cluster.server,
      cluster,
      timeoutMs: options.pluginTimeoutMs ?? CREDENTIALS_TIMEOUT_MS,
      onOutput: options.onPluginOutput,
    }),
    identity: identityOfContext(context),
    context: name,
    user: context.user,
    server: cluster.server,
    proxyUrl: cluster.proxyUrl ?? null,
    skipsVerification: cluster.skipTLSVerify,
  };
}

function contextsOf(config: KubeConfig): string {
  const names = config.getContexts().map(({ name }) => name);
  return names.length === 0 ? 'It holds no contexts.' : `Its contexts are: ${names.join(', ')}.`;
}

/** What client-node makes of the user entry (token, client certificate, CA, server name), and its plugin. */
async function credentialsOf({ config, server, plugin }: Selected): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await withinTime(config.applyToHTTPSOptions(options));
  } catch (error) {
    throw credentialsError(server, error);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {}))
    headers[name.toLowerCase()] = String(value).trim();
  if (options.auth) headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options as RequestOptions &
    PemOptions;
  const tls = { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized };
  if (plugin === null) return { headers, tls };
  const issued = await plugin.credentials();
  return { headers: { ...headers, ...issued.headers }, tls: { ...tls, ...issued.tls } };
}

/** Narrower than what `node:https` allows, and all that client-node sets. */
interface PemOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly pfx?: Buffer;
}

async function withinTime(work: Promise<void>): Promise<void> {
  const seconds = CREDENTIALS_TIMEOUT_MS / 1000;
  const limit = timeLimit(CREDENTIALS_TIMEOUT_MS, undefined, new Error(`no answer within ${seconds} s`));
  try {
    await orAborted(work, limit.signal);
  } finally {
    limit.end();
  }
}

function credentialsError(server: string, error: unknown): ReadError {
  const words = wordsOf(error, 300);
  return new ReadError(
    'unauthorized',
    `The credentials for ${server} cannot be read from the kubeconfig${words === '' ? '' : ` (${words})`}.`,
    'Repair the user entry of this context in the kubeconfig.',
    error,
  );
}
