import type { AccountConfig } from '../config/config.ts';
import { type AwsAccess, type AwsAccount, type AwsRole, accountOfArn } from '../connect/aws/access.ts';
import { ReadError } from '../errors.ts';
import { placeGap } from './place.ts';
import type { DiscoveryGap } from './target.ts';

export interface AccountsRequest {
  readonly access: AwsAccess;
  /** None: the account of the program's own credentials. */
  readonly accounts: readonly AccountConfig[];
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

/** Marks the sessions of this program, so that a trust policy can ask for them and CloudTrail finds them. */
export const SESSION_TAGS = { application: 'eks-drift-auditor' } as const;

/** Takes on the role of each account. An account that cannot be entered is a gap in each of its regions. */
export async function openAccounts(
  request: AccountsRequest,
): Promise<{ readonly opened: readonly OpenAccount[]; readonly gaps: readonly DiscoveryGap[] }> {
  const results = await Promise.all(
    wanted(request).map(async ({ accountId, regions, enter }) => {
      try {
        return { opened: [{ ...(await enter()), regions }], gaps: [] };
      } catch (error) {
        if (!(error instanceof ReadError)) throw error;
        return { opened: [], gaps: regions.map((region) => placeGap({ accountId, region }, error)) };
      }
    }),
  );
  return { opened: results.flatMap(({ opened }) => opened), gaps: results.flatMap(({ gaps }) => gaps) };
}

interface Wanted {
  readonly accountId: string | null;
  readonly regions: readonly string[];
  readonly enter: () => Promise<Omit<OpenAccount, 'regions'>>;
}

function wanted({ access, accounts, roleArn, regions = [] }: AccountsRequest): readonly Wanted[] {
  const own = [access.settings.region];
  const or = (others: readonly string[]): readonly string[] =>
    regions.length > 0 ? [...new Set(regions)] : others;
  if (roleArn !== undefined) {
    // Somebody's own role need not allow tags.
    const role = { arn: roleArn, externalId: null, tags: {} };
    return [{ accountId: accountOfArn(roleArn), regions: or(own), enter: () => enter(access, role, null) }];
  }
  if (accounts.length === 0)
    return [{ accountId: null, regions: or(own), enter: () => enter(access, null, null) }];
  return accounts.map((account) => ({
    accountId: account.id,
    regions: or(account.regions),
    enter: () => enterConfigured(access, account),
  }));
}

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
