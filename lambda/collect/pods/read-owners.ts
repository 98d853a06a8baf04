import type { KubeApi } from '../../connect/kube/kube-api.ts';
import type { OwnerLookup } from '../../inventory/fold.ts';
import type { Gap } from '../../inventory/gap.ts';
import type { WorkloadRef } from '../../inventory/names.ts';
import { type Owners, workloadKey } from '../../inventory/workload.ts';
import { PATHS } from '../paths.ts';
import { readList } from '../read-list.ts';
import { asFields, readNamespacedMeta } from '../read-object.ts';
import { ownerOfObject } from './read-pod.ts';

const MAKERS = {
  replicasets: { kind: 'ReplicaSet', apiVersion: 'apps/v1' },
  jobs: { kind: 'Job', apiVersion: 'batch/v1' },
} as const;

/**
 * Asks for the controllers of ReplicaSets and Jobs whose pods do not tell them. Where these cannot be
 * read, the pods are listed under what their own labels and these names tell.
 */
export async function readOwners(
  api: KubeApi,
  lookups: readonly OwnerLookup[],
  notes: string[],
): Promise<Owners> {
  const owners = new Map<string, WorkloadRef | null>();
  for (const resource of ['replicasets', 'jobs'] as const) {
    const wanted = new Map(
      lookups.filter((lookup) => lookup.resource === resource).map(({ ref }) => [workloadKey(ref), ref]),
    );
    if (wanted.size === 0) continue;
    const { kind, apiVersion } = MAKERS[resource];
    const gaps: Gap[] = [];
    await readList(api, gaps, {
      resource,
      kind,
      path: PATHS[resource],
      metadataOnly: true,
      read: (item) => {
        const object = asFields(item);
        const { namespace, name } = readNamespacedMeta(object);
        const key = workloadKey({ namespace, kind, name });
        if (!wanted.has(key)) return;
        owners.set(key, ownerOfObject(object, { namespace, kind, name }, apiVersion));
      },
    });
    // The list is complete: what is not in it was deleted since.
    if (gaps.length === 0) for (const key of wanted.keys()) if (!owners.has(key)) owners.set(key, null);
    for (const gap of gaps) {
      notes.push(
        `${gap.message} Pods of ${wanted.size} of them are listed under the workload that the name of the ${kind} suggests, and not evaluated if they have ended. ${gap.remedy}`,
      );
    }
  }
  return owners;
}
