/**
 * Where policy engines keep the settings that decide whether they enforce, besides the specs of their
 * pods. Only these ConfigMaps are ever read, by name.
 */

/** EKS Auto Mode: how the nodes of a class enforce. */
export const NODE_CLASSES = { group: 'eks.amazonaws.com', resource: 'nodeclasses' } as const;
export const NODE_CLASS_VERSION = 'v1';

/** Where EKS, and the installation guides of both engines, put them. */
export const ENGINE_NAMESPACE = 'kube-system';

/**
 * `amazon-vpc-cni` switches the controller of the VPC CNI on; the controller reads no other
 * (amazon-network-policy-controller-k8s, pkg/utils/configmap/configmap.go).
 */
export const VPC_CNI_CONFIG = 'amazon-vpc-cni';

/** Flags of the agents of Cilium (https://docs.cilium.io/en/stable/network/kubernetes/configuration/). */
export const CILIUM_CONFIG = 'cilium-config';

/** Sets flags of Cilium's agents on some nodes (https://docs.cilium.io/en/stable/configuration/per-node-config/). */
export const CILIUM_NODE_CONFIG = { group: 'cilium.io', kind: 'CiliumNodeConfig' } as const;

/** Its lists; the versions are of cilium/cilium, pkg/k8s/apis/cilium.io. */
export const CILIUM_NODE_CONFIGS = { group: 'cilium.io', resource: 'ciliumnodeconfigs' } as const;
export const CILIUM_NODE_CONFIG_VERSIONS = ['v2', 'v2alpha1'] as const;

export const ENGINE_CONFIG_MAPS = [VPC_CNI_CONFIG, CILIUM_CONFIG] as const;
