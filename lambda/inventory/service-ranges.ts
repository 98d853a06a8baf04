/**
 * "If you don't specify this, Kubernetes assigns addresses from either the 10.100.0.0/16 or 172.20.0.0/16 CIDR
 * blocks", https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html
 */
export const EKS_SERVICE_RANGES: readonly string[] = ['10.100.0.0/16', '172.20.0.0/16'];
