import { type CollectOptions, collectCluster } from '../collect/collect-cluster.ts';
import { PATHS } from '../collect/paths.ts';
import { readList } from '../collect/read-list.ts';
import { asFields, readMeta } from '../collect/read-object.ts';
import type { KubeApi } from '../connect/kube/kube-api.ts';
import { ReadError } from '../errors.ts';
import type { Gap } from '../inventory/gap.ts';
import type { CollectedInventory } from '../inventory/inventory.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { SYSTEM_NAMESPACES } from '../inventory/network.ts';
import { isInShard, type Shard } from '../inventory/shard.ts';

/**
 * Reads a cluster, or one part of it (`shard`): the pods of its namespaces, and everything that has no namespace. Pods of the
 * namespaces where policy engines run are read for every part, since they decide for all nodes; they count in their
 * own part only.
 *
 * @throws ReadError when the namespaces cannot be listed: then it is not known what belongs to the part
 */
export async function collectShard(
  identity: ClusterIdentity,
  api: KubeApi,
  { shard, ...options }: CollectOptions & { readonly shard: Shard | null },
): Promise<CollectedInventory> {
  if (shard === null) return collectCluster(identity, api, options);
  const { observer } = options;
  const isOwn = (namespace: string): boolean => isInShard(namespace, shard);
  const namespaces = (await listNamespaces(api)).filter((name) => isOwn(name) || SYSTEM_NAMESPACES.has(name));
  const inventory = await collectCluster(identity, api, {
    ...options,
    namespaces,
    counts: isOwn,
    observer: {
      add: (pod) => isOwn(pod.namespace) && observer.add(pod),
      restart: () => observer.restart(),
      settle: (owners) => observer.settle(owners),
    },
  });
  return {
    ...inventory,
    shard,
    classes: inventory.classes.filter(({ workload }) => isOwn(workload.namespace)),
    gaps: inventory.gaps.filter(
      ({ resource, scope }) => resource !== 'pods' || scope === undefined || isOwn(scope.namespace),
    ),
  };
}

async function listNamespaces(api: KubeApi): Promise<readonly string[]> {
  const gaps: Gap[] = [];
  const names = await readList(api, gaps, {
    resource: 'namespaces',
    kind: 'Namespace',
    path: PATHS.namespaces,
    metadataOnly: true,
    read: (item) => readMeta(asFields(item)).name,
  });
  const [gap] = gaps;
  if (gap === undefined) return names;
  throw new ReadError(
    gap.reason,
    `The cluster cannot be read in parts, as clusters.shards asks for: ${gap.message}`,
    gap.remedy,
  );
}
