import { readFile } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { Context, KubeConfig } from '@kubernetes/client-node';
import { isMap, parseDocument } from 'yaml';
import { UsageError } from '../../errors.ts';
import { fileProblem } from '../../wording.ts';
import { wordsOf } from '../text.ts';

/**
 * Reads the kubeconfig: the file given, else the files of `KUBECONFIG`, else `~/.kube/config`, else the
 * service account of the pod that this runs in.
 *
 * Several files are merged as kubectl does it: the first one to name a context, cluster or user wins, and
 * files that do not exist are passed over
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files).
 * client-node's own merge throws on both.
 * @throws UsageError
 */
export async function loadKubeconfig(file?: string): Promise<KubeConfig> {
  if (file !== undefined) {
    const found = await readKubeconfig(file);
    if (found === null) throw new UsageError(`There is no kubeconfig file "${file}".`);
    return found;
  }
  const files = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((name) => name !== '');
  return files.length > 0 ? mergeFiles(files) : loadDefault();
}

async function mergeFiles(files: readonly string[]): Promise<KubeConfig> {
  const parts = (await Promise.all(files.map(readKubeconfig))).filter((part) => part !== null);
  if (parts.length === 0) {
    throw new UsageError(`KUBECONFIG names no file that exists (${files.join(', ')}).`);
  }
  const merged = await newKubeConfig();
  merged.loadFromOptions({
    clusters: firstOfEachName(parts.flatMap((part) => part.getClusters())),
    users: firstOfEachName(parts.flatMap((part) => part.getUsers())),
    contexts: firstOfEachName(parts.flatMap((part) => part.getContexts())),
    currentContext: parts.map((part) => part.getCurrentContext()).find((name) => name),
  });
  return merged;
}

function firstOfEachName<T extends { readonly name: string }>(entries: readonly T[]): readonly T[] {
  const byName = new Map<string, T>();
  for (const entry of entries) if (!byName.has(entry.name)) byName.set(entry.name, entry);
  return [...byName.values()];
}

async function loadDefault(): Promise<KubeConfig> {
  const home = process.env['HOME'] ?? process.env['USERPROFILE'];
  const standard = home ? await readKubeconfig(join(home, '.kube', 'config')) : null;
  if (standard !== null) return standard;
  if (process.env['KUBERNETES_SERVICE_HOST']) {
    const inCluster = await newKubeConfig();
    inCluster.loadFromCluster();
    return inCluster;
  }
  throw new UsageError(
    'There is no kubeconfig: neither --kubeconfig nor KUBECONFIG is given, and ~/.kube/config does not exist. ' +
      'For EKS, write one with aws eks update-kubeconfig --name CLUSTER.',
  );
}

/** @returns `null` when the file does not exist. */
async function readKubeconfig(file: string): Promise<KubeConfig | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new UsageError(`The kubeconfig "${file}" cannot be read: ${fileProblem(error)}.`, { cause: error });
  }
  try {
    const config = await newKubeConfig();
    config.loadFromString(JSON.stringify(parseKubeconfig(text, dirname(file))));
    config.makePathsAbsolute(dirname(file));
    return config;
  } catch (error) {
    throw new UsageError(`The kubeconfig "${file}" is not valid: ${reasonOf(error)}.`, { cause: error });
  }
}

function parseKubeconfig(text: string, folder: string): unknown {
  const document = parseDocument(text);
  const problem = document.errors[0];
  if (problem) throw problem;
  if (!isMap(document.contents)) throw new Error('it is not a mapping of clusters, users and contexts');
  const config: unknown = document.toJS();
  for (const user of usersOf(config)) useTokenFile(user, folder);
  return config;
}

/**
 * The standard field `tokenFile` (client-go's `AuthInfo`) is unknown to client-node, which reads such
 * files under another name; and reads them again as they are rotated, as client-go does.
 */
function useTokenFile(user: Record<string, unknown>, folder: string): void {
  const file = user['tokenFile'];
  if (typeof file !== 'string' || file === '') return;
  const tokenFile = isAbsolute(file) ? file : join(folder, file);
  user['auth-provider'] ??= { name: 'tokenFile', config: { tokenFile } };
}

function usersOf(config: unknown): readonly Record<string, unknown>[] {
  const users = (config as { users?: unknown }).users;
  if (!Array.isArray(users)) return [];
  return users
    .map((entry: unknown) => (entry as { user?: unknown } | null)?.user)
    .filter((user) => typeof user === 'object' && user !== null) as Record<string, unknown>[];
}

/**
 * Only the configuration part of client-node, and only when it is asked for: its index loads every API
 * class (bundled 4.2 MB and 180 ms against 1.3 MB and 70 ms).
 */
async function newKubeConfig(): Promise<KubeConfig> {
  const client = await import('@kubernetes/client-node/dist/config.js');
  return new client.KubeConfig();
}

/** A copy for one context, with fresh credentials: nothing that was cached before. */
export async function selectContext(config: KubeConfig, context: Context): Promise<KubeConfig> {
  const selected = await newKubeConfig();
  const user = config.getUsers().find(({ name }) => name === context.user);
  selected.loadFromOptions({
    clusters: config.getClusters(),
    // Without a user client-node forgets the CA of the cluster as well. Its plugin is run by `exec-plugin`.
    users: [user ? { ...user, exec: undefined } : { name: ANONYMOUS }],
    contexts: [{ ...context, user: user ? context.user : ANONYMOUS }],
    currentContext: context.name,
  });
  return selected;
}

const ANONYMOUS = '(none)';

function reasonOf(error: unknown): string {
  // A YAML error says what and where before a colon; a source excerpt, which may hold a secret, follows it.
  const words = wordsOf(error, 200);
  return words.replace(/(at line \d+, column \d+):.*$/, '$1').replace(/\.$/, '');
}
