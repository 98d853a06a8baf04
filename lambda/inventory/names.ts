/** Which cluster a fact belongs to; every row of every output carries it. */
export interface ClusterIdentity {
  readonly name: string;
  readonly arn: string | null;
  readonly accountId: string | null;
  readonly region: string | null;
  /** Of the namespace `kube-system`, which lives as long as its cluster; `null` or missing where it was not read. */
  readonly uid?: string | null;
  /** RFC 3339, as EKS says: tells a cluster from one of the same ARN that was deleted. */
  readonly createdAt?: string | null;
  /** Its `createdAt` where it has taken the place of another cluster of its ARN: part of the ids of its findings. */
  readonly incarnation?: string | null;
}

/** The top controller that owns pods: the Deployment, not its ReplicaSet. A bare pod is its own. */
export interface WorkloadRef {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  /**
   * Of a kind whose name is mostly that of another group: `apps.kruise.io` of its StatefulSet. No part of what identifies
   * a workload, and in no row.
   */
  readonly apiGroup?: string;
}

export type Labels = Readonly<Record<string, string>>;

/** The API group of an `apiVersion`; empty for the core group. */
export function apiGroupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
