import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { AwsCredentials } from '../environment/aws-services.ts';

export interface Access {
  /** Of the context: what the audit calls the cluster. */
  readonly name: string;
  readonly server: string;
  readonly caFile: string;
  /** The user entry: a token, a client certificate or a command. */
  readonly user: object;
}

/** Writes a kubeconfig with one context. JSON is YAML, so this is one. */
export async function writeAccess(file: string, { name, server, caFile, user }: Access): Promise<string> {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name, user }],
  };
  await writeFile(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return file;
}

/** Writes a kubeconfig that is the given one with another user of its cluster, in a context of that name. */
export async function addUser(
  file: string,
  source: string,
  { name, user }: Pick<Access, 'name' | 'user'>,
): Promise<string> {
  const config = JSON.parse(await readFile(source, 'utf8')) as Kubeconfig;
  const [cluster] = config.clusters;
  const content = {
    ...config,
    contexts: [...config.contexts, { name, context: { cluster: cluster?.name, user: name } }],
    users: [...config.users, { name, user }],
  };
  await writeFile(file, JSON.stringify(content, undefined, 2), { mode: 0o600 });
  return file;
}

interface Kubeconfig {
  readonly clusters: ReadonlyArray<{ readonly name: string }>;
  readonly contexts: readonly object[];
  readonly users: readonly object[];
}

/** What the command of {@link tokenCommand} reads each time it is asked for a token. */
export interface TokenSettings {
  readonly credentials: AwsCredentials;
  readonly region: string;
  readonly cluster: string;
  /** How long ago the token counts as signed; it lives for 15 minutes. */
  readonly signedSecondsAgo: number;
}

/**
 * A user entry whose command hands out EKS tokens, as `aws eks update-kubeconfig` writes one.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
export function tokenCommand(settingsFile: string): object {
  return {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1beta1',
      command: process.execPath,
      args: [fileURLToPath(new URL('token-command.ts', import.meta.url)), settingsFile],
      interactiveMode: 'Never',
    },
  };
}
