/** Every IAM action that discovery calls in an account: what the auditor's own and the member role must allow. */
export const DISCOVERY_ACTIONS = [
  'eks:ListClusters',
  'eks:DescribeCluster',
  'eks:DescribeAddon',
  'eks:ListFargateProfiles',
  'eks:DescribeFargateProfile',
] as const;

/** Every IAM action by which the accounts of an organization are listed, of the auditor's own role alone. */
export const ORGANIZATION_ACTIONS = [
  'organizations:ListAccountsForParent',
  'organizations:ListChildren',
] as const;
