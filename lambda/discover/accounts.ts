import type { AccountConfig, OrganizationConfig } from '../config/config.ts';
import { type AwsAccess, type AwsAccount, type AwsRole, accountOfArn } from '../connect/aws/access.ts';
import { ReadError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import { type MemberAccount, organizationAccounts } from './organization.ts';
import { placeGap } from './place.ts';
import type { DiscoveryGap, LeftOutAccount } from './target.ts';

/** An account to ask. With `unit` it is one of the organization, directly in that unit. */
export interface WantedAccount extends AccountConfig {
  readonly unit?: string;
}

export interface AccountsRequest {
  readonly access: AwsAccess;
  /** None: the account of the program's own credentials. */
  readonly accounts: readonly WantedAccount[];
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

/** The StackSet of docs/accounts.md that makes the member role in every account of a unit. */
const MEMBER_STACK_SET = 'EksDriftAuditorMember';

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
  const { gaps, leftOut, ...all } = await wantedAccounts(request);
  const results = await inParallel(
    entrances(request, all.accounts),
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
    gaps: [...gaps, ...results.flatMap((result) => result.gaps)],
    leftOut,
  };
}

/** Which accounts are asked, none of them entered yet. */
export interface WantedAccounts extends Pick<OpenedAccounts, 'gaps' | 'leftOut'> {
  /** Those that are listed, then those of the organization; `null`: the account of the program's own credentials. */
  readonly accounts: readonly WantedAccount[] | null;
}

/** Lists the accounts of the organization, if there is one, beside those of the configuration. */
export async function wantedAccounts(request: Omit<AccountsRequest, 'regions'>): Promise<WantedAccounts> {
  const { access, organization = null, roleArn } = request;
  const accounts = request.accounts.map(withRegionsOnce);
  if (organization === null || roleArn !== undefined) {
    return { accounts: accounts.length === 0 ? null : accounts, gaps: [], leftOut: [] };
  }
  const members = await organizationAccounts(access, organization);
  const listed = new Set(accounts.map(({ id }) => id));
  return {
    accounts: [...accounts, ...members.accounts.filter(({ id }) => !listed.has(id)).map(withRegionsOnce)],
    gaps: members.gaps,
    leftOut: members.leftOut.filter(({ accountId }) => !listed.has(accountId)),
  };
}

/** A region that is named twice has each of its clusters once. */
const withRegionsOnce = (account: WantedAccount): WantedAccount => ({
  ...account,
  regions: [...new Set(account.regions)],
});

interface Entrance {
  readonly accountId: string | null;
  readonly regions: readonly string[];
  readonly enter: () => Promise<Omit<OpenAccount, 'regions'>>;
}

/** @param accounts `null`: that of the program's own credentials */
function entrances(
  { access, roleArn, regions = [] }: AccountsRequest,
  accounts: readonly WantedAccount[] | null,
): readonly Entrance[] {
  const own = [access.settings.region];
  const or = (others: readonly string[]): readonly string[] =>
    regions.length > 0 ? [...new Set(regions)] : others;
  if (roleArn !== undefined) {
    // Somebody's own role need not allow tags.
    const role = { arn: roleArn, externalId: null, tags: {} };
    return [{ accountId: accountOfArn(roleArn), regions: or(own), enter: () => enter(access, role, null) }];
  }
  if (accounts === null)
    return [{ accountId: null, regions: or(own), enter: () => enter(access, null, null) }];
  return accounts.map(({ unit, ...account }) => ({
    accountId: account.id,
    regions: or(account.regions),
    enter: () =>
      unit === undefined ? enterConfigured(access, account) : enterMember(access, { ...account, unit }),
  }));
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
