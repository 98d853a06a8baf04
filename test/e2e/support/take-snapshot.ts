import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubernetesObject } from '../environment/api-client.ts';
import type { TestCluster } from '../environment/cluster.ts';
import { nameOf, type ServedRight, servedRights } from './access.ts';
import { runShell } from './shell.ts';

/**
 * What `kubectl get … -A -o json` writes about everything that the auditor may read, with the auditor's own
 * rights, as a file in the folder. Where kubectl is not installed the same JSON is put together from the
 * answers of the API, which is said on standard error.
 */
export async function takeSnapshot(cluster: TestCluster, folder: string): Promise<string> {
  const file = join(folder, 'snapshot.json');
  const rights = await servedRights(cluster);
  const names = rights.map(nameOf).join(',');
  const line = 'kubectl --kubeconfig "$1" get "$2" -A -o json > "$3"';
  const got = await runShell(line, cluster.auditorKubeconfig, names, file);
  if (got.code === 0) {
    const { items } = JSON.parse(await readFile(file, 'utf8')) as Pick<List, 'items'>;
    await writeList(file, [...items, await controllerSwitch(cluster)]);
    return file;
  }
  if (got.code !== COMMAND_NOT_FOUND) throw new Error(`kubectl get ${names}: ${got.stderr}`);
  process.stderr.write('kubectl is not installed: its JSON is put together from the answers of the API.\n');
  const lists = await Promise.all(rights.map((right) => itemsOf(cluster, right)));
  await writeList(file, [...lists.flat(), await controllerSwitch(cluster)]);
  return file;
}

const writeList = (file: string, items: readonly object[]): Promise<void> =>
  writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));

/** What `kubectl -n kube-system get configmap amazon-vpc-cni -o json` adds. */
async function controllerSwitch({ admin }: TestCluster): Promise<object> {
  const path = '/api/v1/namespaces/kube-system/configmaps/amazon-vpc-cni';
  const { status, body } = await admin.request('GET', path);
  if (status !== 200) throw new Error(`The API server answered ${status} for ${path}.`);
  return body as object;
}

/** https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02 */
const COMMAND_NOT_FOUND = 127;

interface List {
  readonly apiVersion: string;
  readonly kind: string;
  readonly items: readonly KubernetesObject[];
}

/** Objects in a list of one kind do not name it; kubectl adds what they lack. */
async function itemsOf({ admin }: TestCluster, { path }: ServedRight): Promise<readonly object[]> {
  const { status, body } = await admin.request('GET', path);
  if (status !== 200) throw new Error(`The API server answered ${status} for ${path}.`);
  const { apiVersion, kind, items } = body as List;
  return items.map((item) => ({ ...item, apiVersion, kind: kind.replace(/List$/, '') }));
}
