import type { AccountConfig, OrganizationConfig } from '../config/config.ts';
import { type AwsAccess, type AwsAccount, type AwsRole, accountOfArn } from '../connect/aws/access.ts';
import { ReadError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import { type MemberAccount, organizationAccounts } from './organization.ts';
import { placeGap } from './place.ts';
import type { DiscoveryGap, LeftOutAccount } from './target.ts';

export interface AccountsRequest {
  readonly access: AwsAccess;
  /** None: the account of the program's own credentials. */
  readonly accounts: readonly AccountConfig[];
  /** Its accounts, in addition to those. @defaultValue none */
  readonly organization?: OrganizationConfig | null | undefined;
  /** In the place of `accounts`: the account of this role alone. */
  readonly roleArn?: string | undefined;
  /** In the place of the regions of `accounts`. Empty or absent: these, or the program's own region. */
  readonly regions?: readonly string[] | undefined;
}

/** An account that can be asked, and where. */
export interface OpenAccount {
  readonly account: AwsAccount;
  readonly role: AwsRole | null;
  readonly regions: readonly string[];
}

/** The StackSet of docs/operations.md that makes the member role in every account of a unit. */
export const MEMBER_STACK_SET = 'EksDriftAuditorMember';

/** Marks the sessions of this program, so that a trust policy can ask for them and CloudTrail finds them. */
export const SESSION_TAGS = { application: 'eks-drift-auditor' } as const;

/** What became of the accounts that are wanted. */
export interface OpenedAccounts {
  readonly opened: readonly OpenAccount[];
  readonly gaps: readonly DiscoveryGap[];
  /** Of the organization. */
  readonly leftOut: readonly LeftOutAccount[];
}

/** STS is asked about so many accounts at once: an organization may have thousands. */
const ACCOUNTS_AT_ONCE = 32;

/** Takes on the role of each account. An account that cannot be entered is a gap in each of its regions. */
export async function openAccounts(request: AccountsRequest): Promise<OpenedAccounts> {
  const { access, accounts, organization = null, roleArn } = request;
  const members =
    organization === null || roleArn !== undefined ? null : await organizationAccounts(access, organization);
  const listed = new Set(accounts.map(({ id }) => id));
  const also = (members?.accounts ?? []).filter(({ id }) => !listed.has(id));
  const results = await inParallel(
    wanted(request, members === null ? null : also),
    ACCOUNTS_AT_ONCE,
    async ({ accountId, regions, enter }) => {
      try {
        return { opened: [{ ...(await enter()), regions }], gaps: [] };
      } catch (error) {
        if (!(error instanceof ReadError)) throw error;
        return { opened: [], gaps: regions.map((region) => placeGap({ accountId, region }, error)) };
      }
    },
  );
  return {
    opened: results.flatMap(({ opened }) => opened),
    gaps: [...(members?.gaps ?? []), ...results.flatMap(({ gaps }) => gaps)],
    leftOut: (members?.leftOut ?? []).filter(({ accountId }) => !listed.has(accountId)),
  };
}

interface Wanted {
  readonly accountId: string | null;
  readonly regions: readonly string[];
  readonly enter: () => Promise<Omit<OpenAccount, 'regions'>>;
}

/** @param members Those of the organization that are not listed; `null`: none is configured. */
function wanted(
  { access, accounts, roleArn, regions = [] }: AccountsRequest,
  members: readonly MemberAccount[] | null,
): readonly Wanted[] {
  const own = [access.settings.region];
  const or = (others: readonly string[]): readonly string[] =>
    regions.length > 0 ? [...new Set(regions)] : others;
  if (roleArn !== undefined) {
    // Somebody's own role need not allow tags.
    const role = { arn: roleArn, externalId: null, tags: {} };
    return [{ accountId: accountOfArn(roleArn), regions: or(own), enter: () => enter(access, role, null) }];
  }
  if (accounts.length === 0 && members === null)
    return [{ accountId: null, regions: or(own), enter: () => enter(access, null, null) }];
  const ask = <Account extends AccountConfig>(
    all: readonly Account[],
    by: (access: AwsAccess, account: Account) => ReturnType<Wanted['enter']>,
  ): readonly Wanted[] =>
    all.map((account) => ({
      accountId: account.id,
      regions: or(account.regions),
      enter: () => by(access, account),
    }));
  return [...ask(accounts, enterConfigured), ...ask(members ?? [], enterMember)];
}

/** An account of the organization. One that has no role yet hears how it gets it. */
async function enterMember(access: AwsAccess, account: MemberAccount) {
  try {
    return await enterConfigured(access, account);
  } catch (error) {
    if (!(error instanceof ReadError) || error.reason !== 'forbidden') throw error;
    throw new ReadError(error.reason, error.message, addRole(account, access.settings.region), error);
  }
}

/**
 * The units and accounts of a StackSet with service-managed permissions:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeploymentTargets.html
 */
const addRole = ({ id, unit }: MemberAccount, region: string): string =>
  `If the account has no member role yet, add it: aws cloudformation create-stack-instances --stack-set-name ${MEMBER_STACK_SET} --regions ${region} --deployment-targets Accounts=${id},OrganizationalUnitIds=${unit},AccountFilterType=INTERSECTION. Otherwise check the external id in its trust policy.`;

/** By its member role. The auditor's own account needs none: its own credentials are of it. */
export async function enterConfigured(access: AwsAccess, { id, roleName, externalId }: AccountConfig) {
  const own = await access.account({ role: null, accountId: null });
  if (own.accountId === id) return { account: own, role: null };
  const arn = `arn:${own.partition}:iam::${id}:role/${roleName}`;
  return enter(access, { arn, externalId, tags: SESSION_TAGS }, id);
}

async function enter(access: AwsAccess, role: AwsRole | null, accountId: string | null) {
  return { account: await access.account({ role, accountId }), role };
}
