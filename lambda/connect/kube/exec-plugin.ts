import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Cluster, User } from '@kubernetes/client-node';
import { ReadError } from '../../errors.ts';
import type { TlsMaterial } from './dispatcher.ts';

/**
 * Credential plugins of a kubeconfig, as client-go runs them
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 * client-node's own way runs one for each request that waits, and leaves one that hangs running for ever.
 */
export interface PluginCredentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: Pick<TlsMaterial, 'cert' | 'key'>;
}

export interface ExecPlugin {
  /**
   * What the plugin gave last, until that expires; the plugin is run once for all who wait.
   * @throws ReadError; a plugin that failed is not run again
   */
  credentials(): Promise<PluginCredentials>;
}

export interface ExecPluginOptions {
  readonly server: string;
  readonly cluster: Cluster;
  /** Milliseconds until a plugin is ended: one that waits for somebody to type would hold an unattended run for ever. */
  readonly timeoutMs: number;
  /** Takes what the plugin writes to its standard error: words of a stranger, which may hold secrets. */
  readonly onOutput?: ((text: string) => void) | undefined;
}

/** A member of `users[].user.exec`. */
interface ExecConfig {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
  readonly provideClusterInfo?: boolean;
  readonly installHint?: string;
}

/** `null` when the user has no plugin. */
export function execPluginOf(user: User | undefined, options: ExecPluginOptions): ExecPlugin | null {
  const exec = user?.exec as ExecConfig | null | undefined;
  if (!exec || typeof exec.command !== 'string' || exec.command === '') return null;
  let kept: Issued | null = null;
  let running: Promise<Issued> | null = null;
  return {
    async credentials() {
      if (kept !== null && (kept.expiresAt === null || kept.expiresAt > Date.now())) return kept;
      // One that failed stays: each of some twenty lists would wait for it again.
      running ??= issue(exec, options).then((issued) => {
        running = null;
        kept = issued;
        return issued;
      });
      return running;
    },
  };
}

interface Issued extends PluginCredentials {
  /** Epoch milliseconds; `null`: until the server refuses it. */
  readonly expiresAt: number | null;
}

async function issue(exec: ExecConfig, options: ExecPluginOptions): Promise<Issued> {
  const { command } = exec;
  const { server } = options;
  const ran = await run(exec, options);
  if (ran.failure === null) {
    const issued = read(ran.stdout);
    if (issued !== null) return issued;
  }
  if (ran.failure === 'not-found') {
    throw new ReadError(
      'unauthorized',
      `The command "${command}", which gives the credentials for ${server}, is not installed.`,
      `Install ${command} so that it is found in PATH, then run again.`,
    );
  }
  throw new ReadError(
    'unauthorized',
    `The command "${command}" gave no credentials for ${server} (${ran.failure ?? 'its output is not an ExecCredential with a token or certificate'}).`,
    'Run again with --verbose to see what the command prints, or run it yourself, and fix what it reports, for instance with aws sso login.',
  );
}

interface Ran {
  readonly stdout: string;
  /** Why there is no answer; `null` when it ended well. */
  readonly failure: string | null;
}

/** Of one credential; more is not read. */
const LARGEST = 1024 * 1024;

function run(exec: ExecConfig, { cluster, timeoutMs, onOutput }: ExecPluginOptions): Promise<Ran> {
  const { promise, resolve } = Promise.withResolvers<Ran>();
  const env: NodeJS.ProcessEnv = { ...process.env, KUBERNETES_EXEC_INFO: execInfo(exec, cluster) };
  for (const { name, value } of exec.env ?? []) env[name] = value;
  // A separate process group, so that the children of a plugin end with it.
  const child = spawn(exec.command, [...(exec.args ?? [])], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = (): void => endGroup(child.pid);
  let stdout = '';
  const settle = (failure: string | null): void => {
    clearTimeout(timer);
    removeListeners();
    // Somebody may hold the pipes open still.
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
    resolve({ stdout, failure });
  };
  const timer = setTimeout(() => {
    end();
    settle(`no answer within ${timeoutMs / 1000} s; it was ended`);
  }, timeoutMs);
  const removeListeners = endWith(end);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (stdout.length < LARGEST) stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => onOutput?.(text));
  child.on('error', (error: NodeJS.ErrnoException) =>
    settle(error.code === 'ENOENT' ? 'not-found' : (error.code ?? 'it could not be started')),
  );
  child.on('close', (code, signal) =>
    settle(code === 0 ? null : signal === null ? `exit code ${code}` : `ended by ${signal}`),
  );
  return promise;
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Calls `end` when this process ends first: a separate group does not get the terminal's Ctrl-C. */
function endWith(end: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    end();
    remove();
    process.kill(process.pid, signal);
  };
  const remove = (): void => {
    process.off('exit', end);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  process.on('exit', end);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return remove;
}

/** https://kubernetes.io/docs/reference/config-api/client-authentication.v1/#ExecCredentialSpec */
function execInfo({ apiVersion, provideClusterInfo }: ExecConfig, cluster: Cluster): string {
  const { server, caData, caFile, tlsServerName, skipTLSVerify, proxyUrl } = cluster;
  return JSON.stringify({
    kind: 'ExecCredential',
    apiVersion,
    spec: {
      interactive: false,
      ...(provideClusterInfo
        ? {
            cluster: {
              server,
              'certificate-authority-data': caData ?? (caFile ? readFileSync(caFile, 'base64') : undefined),
              'tls-server-name': tlsServerName,
              'insecure-skip-tls-verify': skipTLSVerify || undefined,
              'proxy-url': proxyUrl,
            },
          }
        : {}),
    },
  });
}

/** `null` when it is no ExecCredential, or one that gives nothing. */
function read(text: string): Issued | null {
  let status: Readonly<Record<string, unknown>> | undefined;
  try {
    status = (JSON.parse(text) as { readonly status?: Readonly<Record<string, unknown>> } | null)?.status;
  } catch {
    return null;
  }
  const textOf = (name: string): string | undefined => {
    const value = status?.[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const [token, cert, key] = ['token', 'clientCertificateData', 'clientKeyData'].map(textOf);
  const hasCertificate = cert !== undefined && key !== undefined;
  if (token === undefined && !hasCertificate) return null;
  const expires = Date.parse(textOf('expirationTimestamp') ?? '');
  return {
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    tls: hasCertificate ? { cert, key } : {},
    expiresAt: Number.isNaN(expires) ? null : expires,
  };
}
