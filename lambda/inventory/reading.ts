/** By whom a cluster was read, and what it was then; `null` where it is not known. */
export interface ClusterReading {
  /** As the API server says (`v1.36.1-eks-1a2b3c4`), or EKS does (`1.36`). */
  readonly kubernetesVersion: string | null;
  /** ARN of the IAM role or user whose credentials were used, or `kubeconfig user NAME`. */
  readonly principal: string | null;
  /** As EKS says: `ACTIVE`, `UPDATING`. */
  readonly status: string | null;
}

export const NO_READING: ClusterReading = { kubernetesVersion: null, principal: null, status: null };
