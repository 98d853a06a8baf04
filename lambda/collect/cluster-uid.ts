import type { KubeApi } from '../connect/kube/kube-api.ts';
import type { Gap } from '../inventory/gap.ts';
import type { Fields } from './fields.ts';
import { readList } from './read-list.ts';
import { asFields } from './read-object.ts';

/** It is made with the cluster, and cannot be deleted (`immortalNamespaces` in kube-apiserver's NamespaceLifecycle). */
const SYSTEM_NAMESPACE = 'kube-system';

/** The uid of a cluster, when this object is the namespace that has it. */
export function clusterUidOf(namespace: Fields): string | null {
  const { name, uid } = (namespace['metadata'] ?? {}) as { name?: unknown; uid?: unknown };
  return name === SYSTEM_NAMESPACE && typeof uid === 'string' && uid !== '' ? uid : null;
}

/**
 * Asks for the uid of a cluster. Namespaces are listed, for the auditor may not get one by its name.
 * @returns `null` when it cannot be read: then the cluster is known by its name alone
 */
export async function readClusterUid(api: KubeApi): Promise<string | null> {
  const gaps: Gap[] = [];
  const uids = await readList(api, gaps, {
    resource: 'namespaces',
    kind: 'Namespace',
    path: '/api/v1/namespaces',
    metadataOnly: true,
    read: (item) => clusterUidOf(asFields(item)),
  });
  return uids.find((uid) => uid !== null) ?? null;
}
