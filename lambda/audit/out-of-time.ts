import { ReadError } from '../errors.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { type Shard, shardText } from '../inventory/shard.ts';

/** Of one of many clusters that are audited by one function. */
export const outOfTime = (): ReadError =>
  new ReadError(
    'out-of-time',
    'The run ran out of time before this cluster was completely read.',
    'Audit each cluster in a separate invocation (deployment.mode: fleet), or give the function more memory, which also means more CPU, or more time.',
  );

/**
 * Of a cluster that has a function for itself, or of a part of it. A namespace is in one part: what a workload is judged
 * by are all of its pods, so that no half of them has a verdict (docs/decisions/0031-a-namespace-is-never-split.md).
 */
export function outOfTimeOf(
  { name, region }: Pick<ClusterIdentity, 'name' | 'region'>,
  shard: Shard | null,
): ReadError {
  if (shard === null) {
    return new ReadError(
      'out-of-time',
      `The function ran out of time before the cluster ${name} was completely read.`,
      `Have the cluster audited in parts (clusters.shards: [{ match: [${name}], count: 8 }]); below 1769 MiB (deployment.memory) more memory helps as well, since it brings more CPU.`,
    );
  }
  return new ReadError(
    'out-of-time',
    `The function ran out of time before ${shardText(shard)} of the cluster ${name} was completely read.`,
    `Raise count in clusters.shards. A namespace is never split: if the same one is named again, it has more pods than a function reads in its time, so audit this cluster with eks-drift-audit audit --eks ${name} --region ${region}, which has no such limit.`,
  );
}

/** Of what the function that discovers did not get to. */
export const outOfTimeToDiscover = (): ReadError =>
  new ReadError(
    'out-of-time',
    'The function that finds clusters ran out of time before EKS had described everything here.',
    'Run again. If it happens in each run, EKS refuses or does not answer these calls: look at the log of the function, and at who else calls EKS in that account and region.',
  );
