import { Aws } from 'aws-cdk-lib';
import type { AccountConfig, Config } from '../../lambda/config/config.ts';
import { DISCOVERY_ACTIONS } from '../../lambda/discover/actions.ts';
import type { Permission } from './grant.ts';
import { unscopedReason } from './unscoped.ts';

interface DiscoveryAction {
  /** `null`: AWS defines no resource. */
  readonly resource: string | null;
  readonly reason: string;
}

/** What each action of discovery is about, and for. */
const DISCOVERY: Readonly<Record<(typeof DISCOVERY_ACTIONS)[number], DiscoveryAction>> = {
  'eks:ListClusters': { resource: null, reason: 'Which clusters there are.' },
  'eks:DescribeCluster': {
    resource: 'cluster/*',
    reason: 'Endpoint, certificate authority, status, tags and VPC of a cluster.',
  },
  'eks:ListFargateProfiles': {
    resource: 'cluster/*',
    reason: 'Which Fargate profiles a cluster has: network policies are not enforced on their pods.',
  },
  'eks:DescribeFargateProfile': {
    resource: 'fargateprofile/*',
    reason: 'Which pods a Fargate profile selects, and in which subnets they run.',
  },
  'eks:DescribeAddon': {
    resource: 'addon/*/vpc-cni/*',
    reason: 'Whether the VPC CNI enforces network policies, by the configuration of its add-on.',
  },
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
    const { resource, reason } = DISCOVERY[action];
    return {
      sid: action.replace('eks:', ''),
      reason,
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
      reason: 'Takes on the role of each member account, with a session tag that CloudTrail shows.',
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
    {
      sid: 'AssumeMeasuringRole',
      reason: 'Signs the tokens that kubelets get as a role that may do nothing in AWS.',
      actions: ['sts:AssumeRole'],
      resources: [roleIn(Aws.ACCOUNT_ID)],
    },
    ...(accounts.length === 0
      ? []
      : [
          {
            sid: 'AssumeMeasuringRoles',
            reason: 'The same for clusters of member accounts.',
            actions: ['sts:AssumeRole', 'sts:TagSession'],
            resources: accounts.map(({ id }) => roleIn(id)),
          },
        ]),
  ];
}

/** Where the hub's own account is looked at: everywhere an account is, since it may be among them. */
export const ownRegions = (accounts: readonly AccountConfig[]): readonly string[] =>
  accounts.length === 0 ? [Aws.REGION] : [...new Set(accounts.flatMap(({ regions }) => regions))].sort();
