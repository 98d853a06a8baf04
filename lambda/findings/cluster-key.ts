import type { ClusterIdentity } from '../inventory/names.ts';

export type ClusterName = Pick<ClusterIdentity, 'name' | 'arn' | 'uid' | 'incarnation'>;

/**
 * The ARN, with the time of its creation where the cluster has taken the place of another one of that ARN; else the
 * uid of its namespace `kube-system`; the name where neither is known (files, a cluster whose namespaces may not be
 * listed).
 */
export function clusterKey({ name, arn, uid, incarnation }: ClusterName): string {
  if (arn !== null) return incarnation ? `${arn}@${incarnation}` : arn;
  return uid ?? name;
}
