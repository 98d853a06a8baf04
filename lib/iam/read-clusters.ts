import { Aws } from 'aws-cdk-lib';
import type { Config } from '../../lambda/config/config.ts';
import { DISCOVERY_ACTIONS, ORGANIZATION_ACTIONS } from '../../lambda/discover/actions.ts';
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

/** Whose clusters are audited. */
export type Members = Pick<Config, 'accounts' | 'organization'>;

/** Takes on the member roles; each must trust the hub. */
export function assumeMemberRoles({ accounts, organization }: Members): readonly Permission[] {
  const listed: readonly Permission[] =
    accounts.length === 0
      ? []
      : rolesOf(accounts, {
          sid: 'AssumeMemberRoles',
          reason: 'Takes on the role of each member account, with a session tag that CloudTrail shows.',
          actions: ['sts:AssumeRole', 'sts:TagSession'],
        });
  if (organization === null) return listed;
  return [
    ...listed,
    {
      sid: 'AssumeOrganizationRoles',
      reason: 'The same in each account of the organization, which are not known in advance.',
      actions: ['sts:AssumeRole', 'sts:TagSession'],
      resources: [roleIn('*', organization.roleName)],
      conditions: IN_ORGANIZATION,
      wildcard: ACCOUNTS_UNKNOWN,
    },
  ];
}

/** Accounts whose roles are listed one by one. */
const LISTED = 20;

/**
 * Permissions for the role of each account. Of many accounts they are the same by a condition on the account, which takes a
 * quarter of the characters: the inline policies of a role may have 10,240
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
 */
function rolesOf(
  accounts: readonly Pick<Members['accounts'][number], 'id' | 'roleName'>[],
  permission: Omit<Permission, 'resources'>,
): readonly Permission[] {
  if (accounts.length <= LISTED) {
    return [{ ...permission, resources: accounts.map(({ id, roleName }) => roleIn(id, roleName)) }];
  }
  const names = [...new Set(accounts.map(({ roleName }) => roleName))];
  return names.map((name, i) => ({
    ...permission,
    sid: i === 0 ? permission.sid : `${permission.sid}${i + 1}`,
    resources: [roleIn('*', name)],
    conditions: {
      StringEquals: {
        'aws:ResourceAccount': accounts.filter(({ roleName }) => roleName === name).map(({ id }) => id),
      },
    },
    wildcard: 'The condition limits it to the accounts of the configuration.',
  }));
}

const roleIn = (account: string, name: string): string => `arn:${Aws.PARTITION}:iam::${account}:role/${name}`;

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceorgid: STS is not
 * among the services that it does not support, and it is absent, so that nothing is allowed, where an account has no organization.
 */
const IN_ORGANIZATION = {
  StringEquals: { 'aws:ResourceOrgID': '${aws:PrincipalOrgID}' },
};
const ACCOUNTS_UNKNOWN =
  'The accounts of the organization are not known in advance; the condition limits it to the own organization, and each role by its trust policy.';

/**
 * Lists the accounts of the configured units and of the units below them. The ids of units begin with the id of their root
 * (https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html), so those below are covered
 * by it.
 */
export function listOrganization({ organization }: Members): readonly Permission[] {
  if (organization === null) return [];
  const roots = new Set(organization.units.map((unit) => unit.split('-')[1] ?? ''));
  const asRoot = organization.units.filter((unit) => unit.startsWith('r-'));
  const arn = `arn:${Aws.PARTITION}:organizations::*:`;
  return [
    {
      sid: 'ListOrganization',
      reason: 'Which accounts there are in the units of organization.units.',
      actions: [...ORGANIZATION_ACTIONS],
      resources: [
        ...[...roots].map((root) => `${arn}ou/o-*/ou-${root}-*`),
        ...asRoot.map((root) => `${arn}root/o-*/${root}`),
      ],
      wildcard:
        'The units below those of the configuration are not known in advance, nor the account and the id of the organization.',
    },
  ];
}

/** Takes on the measuring roles, of the hub's account and of the members, with the tokens of which kubelets are asked. */
export function assumeMeasuringRoles(
  { writableLayer, roleName }: Config['measure'],
  { accounts, organization }: Members,
): readonly Permission[] {
  if (writableLayer !== 'kubelet') return [];
  return [
    {
      sid: 'AssumeMeasuringRole',
      reason: 'Signs the tokens that kubelets get as a role that may do nothing in AWS.',
      actions: ['sts:AssumeRole'],
      resources: [roleIn(Aws.ACCOUNT_ID, roleName)],
    },
    ...(accounts.length === 0
      ? []
      : rolesOf(
          accounts.map(({ id }) => ({ id, roleName })),
          {
            sid: 'AssumeMeasuringRoles',
            reason: 'The same for clusters of member accounts.',
            actions: ['sts:AssumeRole', 'sts:TagSession'],
          },
        )),
    ...(organization === null
      ? []
      : [
          {
            sid: 'AssumeMeasuringRolesOfOrganization',
            reason: 'The same for clusters of the accounts of the organization.',
            actions: ['sts:AssumeRole', 'sts:TagSession'],
            resources: [roleIn('*', roleName)],
            conditions: IN_ORGANIZATION,
            wildcard: ACCOUNTS_UNKNOWN,
          },
        ]),
  ];
}

/** Names of the roles that are taken on, in whichever account. */
export function rolesTakenOn({
  accounts,
  organization,
  measure,
}: Members & Pick<Config, 'measure'>): Record<'members' | 'measurers', readonly string[]> {
  const members = [
    ...accounts.map(({ roleName }) => roleName),
    ...(organization === null ? [] : [organization.roleName]),
  ];
  return {
    members: [...new Set(members)],
    measurers: measure.writableLayer === 'kubelet' ? [measure.roleName] : [],
  };
}

/** Where the hub's own account is looked at: everywhere an account is, since it may be among them. */
export function ownRegions({ accounts, organization }: Members): readonly string[] {
  const regions = [...accounts.flatMap((account) => account.regions), ...(organization?.regions ?? [])];
  return regions.length === 0 ? [Aws.REGION] : [...new Set(regions)].sort();
}
