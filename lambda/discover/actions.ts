/** Every IAM action that discovery calls in an account: what the auditor's own and the member role must allow. */
export const DISCOVERY_ACTIONS = [
  'eks:ListClusters',
  'eks:DescribeCluster',
  'eks:DescribeAddon',
  'eks:ListFargateProfiles',
  'eks:DescribeFargateProfile',
] as const;
