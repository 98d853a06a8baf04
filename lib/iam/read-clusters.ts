import { Aws } from 'aws-cdk-lib';
import type { AccountConfig, Config } from '../../lambda/config/config.ts';
import { DISCOVERY_ACTIONS } from '../../lambda/discover/actions.ts';
import type { Permission } from './grant.ts';
import { unscopedReason } from './unscoped.ts';

/** What each action of discovery is about; `null`: AWS defines no resource. */
const RESOURCES: Readonly<Record<(typeof DISCOVERY_ACTIONS)[number], string | null>> = {
  'eks:ListClusters': null,
  'eks:DescribeCluster': 'cluster/*',
  'eks:ListFargateProfiles': 'cluster/*',
  'eks:DescribeFargateProfile': 'fargateprofile/*',
  'eks:DescribeAddon': 'addon/*/vpc-cni/*',
};

/**
 * Finds clusters in one account. Signing in to them takes no permission of IAM: each cluster decides by its
 * access entries.
 *
 * @param regions Names of regions, or one token that stands for a list of them.
 */
export function discoverInAccount(account: string, regions: readonly string[]): readonly Permission[] {
  const conditions = { StringEquals: { 'aws:RequestedRegion': regions } };
  return DISCOVERY_ACTIONS.map((action) => {
    const resource = RESOURCES[action];
    return {
      sid: action.replace('eks:', ''),
      actions: [action],
      resources: [resource === null ? '*' : `arn:${Aws.PARTITION}:eks:*:${account}:${resource}`],
      conditions,
      wildcard:
        resource === null
          ? unscopedReason([action])
          : 'The names of clusters are not known in advance; the condition limits it to the regions of the configuration.',
    };
  });
}

/** Takes on the member roles; each must trust the hub. */
export function assumeMemberRoles(accounts: readonly AccountConfig[]): readonly Permission[] {
  if (accounts.length === 0) return [];
  return [
    {
      sid: 'AssumeMemberRoles',
      actions: ['sts:AssumeRole', 'sts:TagSession'],
      resources: accounts.map(({ id, roleName }) => `arn:${Aws.PARTITION}:iam::${id}:role/${roleName}`),
    },
  ];
}

/** Takes on the measuring roles, of the hub's account and of the members, with the tokens of which kubelets are asked. */
export function assumeMeasuringRoles(
  { writableLayer, roleName }: Config['measure'],
  accounts: readonly AccountConfig[],
): readonly Permission[] {
  if (writableLayer !== 'kubelet') return [];
  const roleIn = (account: string): string => `arn:${Aws.PARTITION}:iam::${account}:role/${roleName}`;
  return [
    { sid: 'AssumeMeasuringRole', actions: ['sts:AssumeRole'], resources: [roleIn(Aws.ACCOUNT_ID)] },
    ...(accounts.length === 0
      ? []
      : [
          {
            sid: 'AssumeMeasuringRoles',
            actions: ['sts:AssumeRole', 'sts:TagSession'],
            resources: accounts.map(({ id }) => roleIn(id)),
          },
        ]),
  ];
}

/** Where the hub's own account is looked at: everywhere an account is, since it may be among them. */
export const ownRegions = (accounts: readonly AccountConfig[]): readonly string[] =>
  accounts.length === 0 ? [Aws.REGION] : [...new Set(accounts.flatMap(({ regions }) => regions))].sort();
