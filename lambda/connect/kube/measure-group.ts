/** The Kubernetes group that may read the statistics of nodes, and nothing else. */
export const MEASURE_GROUP = 'eks-drift-auditor-measure';
