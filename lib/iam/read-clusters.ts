import { Aws } from 'aws-cdk-lib';
import type { AccountConfig } from '../../lambda/config/model.ts';
import { DISCOVERY_ACTIONS } from '../../lambda/discover/actions.ts';
import type { Permission } from './grant.ts';
import { unscopedReason } from './unscoped.ts';

const LIST = 'eks:ListClusters';
const DESCRIBE = DISCOVERY_ACTIONS.filter((action) => action !== LIST);

/**
 * Finds clusters in one account. Signing in to them takes no permission of IAM: each cluster decides by its
 * access entries.
 *
 * @param regions Names of regions, or one token that stands for a list of them.
 */
export function discoverInAccount(account: string, regions: readonly string[]): readonly Permission[] {
  const conditions = { StringEquals: { 'aws:RequestedRegion': regions } };
  const arn = (rest: string): string => `arn:${Aws.PARTITION}:eks:*:${account}:${rest}`;
  return [
    { sid: 'ListClusters', actions: [LIST], resources: ['*'], conditions, wildcard: unscopedReason([LIST]) },
    {
      sid: 'DescribeClusters',
      actions: DESCRIBE,
      resources: [arn('cluster/*'), arn('addon/*/vpc-cni/*'), arn('fargateprofile/*')],
      conditions,
      wildcard: 'The clusters are discovered; the condition limits it to the regions of the configuration.',
    },
  ];
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

/** Where the hub's own account is looked at: everywhere an account is, since it may be among them. */
export const ownRegions = (accounts: readonly AccountConfig[]): readonly string[] =>
  accounts.length === 0 ? [Aws.REGION] : [...new Set(accounts.flatMap(({ regions }) => regions))].sort();
