import type { AccountConfig, Config, OrganizationConfig } from '../config/config.ts';
import type { AwsAccess } from '../connect/aws/access.ts';
import { awsError, codeOf } from '../connect/aws/errors.ts';
import {
  type OrganizationAccount,
  type Organizations,
  openOrganizations,
} from '../connect/aws/organizations.ts';
import { ReadError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import { gapOf } from './place.ts';
import type { DiscoveryGap, LeftOutAccount } from './target.ts';

/** An account of an organization, as one of the configuration. */
export interface MemberAccount extends AccountConfig {
  /** The unit that it is directly in. */
  readonly unit: string;
}

/** The accounts of an organization, as far as they could be listed. */
export interface MemberAccounts {
  /** Sorted by id, each once. */
  readonly accounts: readonly MemberAccount[];
  /** What could not be listed: which accounts there are is not known then. */
  readonly gaps: readonly DiscoveryGap[];
  readonly leftOut: readonly LeftOutAccount[];
}

/** Organizations allows few calls a second, shared by all callers of the organization. */
const UNITS_AT_ONCE = 2;
/** More than the five levels that AWS allows (orgs_reference_limits.html). */
const DEEPEST = 10;

/**
 * All accounts in the units of the configuration and in those below them, as AWS Organizations has them now: a new
 * account is audited by the next run. A unit that cannot be listed is a gap, and what is found elsewhere counts.
 */
export async function organizationAccounts(
  access: AwsAccess,
  organization: OrganizationConfig,
): Promise<MemberAccounts> {
  const { units, exclude } = organization;
  const left = new Set(exclude);
  const found = new Map<string, Found>();
  const gaps: DiscoveryGap[] = [];
  try {
    const { credentials } = await access.account({ role: null, accountId: null });
    const api = openOrganizations({ ...access.settings, credentials });
    const seen = new Set<string>();
    const unasked = (level: readonly string[]): readonly string[] =>
      [...new Set(level)].filter((unit) => !seen.has(unit) && !left.has(unit));
    let here = unasked(units);
    for (let depth = 0; here.length > 0 && depth <= DEEPEST; depth++) {
      for (const unit of here) seen.add(unit);
      const below = await inParallel(here, UNITS_AT_ONCE, async (unit) => {
        const listed = await listUnit(api, unit);
        for (const account of listed.accounts) found.set(account.id, { ...account, unit });
        return { unit, ...listed };
      });
      // In the order of the units, whichever answer came first.
      for (const { unit, error } of below)
        if (error !== null) gaps.push(...gapsOf(organization, unit, error));
      here = unasked(below.flatMap(({ units: its }) => its));
    }
    for (const unit of here) gaps.push(...gapsOf(organization, unit, tooDeep(unit)));
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    gaps.push(...gapsOf(organization, units.join(', '), error));
  }
  return { ...divided([...found.values()], left, organization), gaps };
}

type Found = OrganizationAccount & { readonly unit: string };

/** What one unit itself holds. Both lists are read, so that one which is denied does not hide the other. */
async function listUnit(api: Organizations, unit: string) {
  let error: ReadError | null = null;
  const list = async <T>(action: string, read: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await read();
    } catch (thrown) {
      error ??= listError(thrown, { action, unit, region: api.region });
      return [];
    }
  };
  const accounts = await list('organizations:ListAccountsForParent', () => api.accounts(unit));
  const units = await list('organizations:ListChildren', () => api.units(unit));
  return { accounts, units, error: error as ReadError | null };
}

const NOT_FROM_HERE = ['AWSOrganizationsNotInUseException', 'AccessDeniedException', 'AccessDenied'];

function listError(
  error: unknown,
  { action, unit, region }: { readonly action: string; readonly unit: string; readonly region: string },
): ReadError {
  const said = awsError(error, { action, what: `the organizational unit ${unit}`, region, verified: true });
  const code = codeOf(error);
  if (NOT_FROM_HERE.includes(code)) {
    const remedy = `Allow ${action} to the role of the hub, and deploy the hub in the management account or in one that the organization's delegation policy lets list accounts (aws organizations put-resource-policy).`;
    return new ReadError('forbidden', said.message, remedy, error);
  }
  const remedy =
    code === 'ParentNotFoundException'
      ? 'Correct organization.units: aws organizations list-organizational-units-for-parent lists the units.'
      : said.remedy;
  return new ReadError(said.reason, said.message, remedy, error);
}

const tooDeep = (unit: string): ReadError =>
  new ReadError(
    'server-error',
    `The organizational unit ${unit} was not listed: AWS Organizations shows it more than ${DEEPEST} levels below those of the configuration.`,
    'Name this unit under organization.units as well.',
  );

/** In each region: clusters of accounts that were not listed, whichever these are. */
const gapsOf = ({ regions }: OrganizationConfig, unit: string, error: ReadError): readonly DiscoveryGap[] =>
  regions.map((region) => ({
    ...gapOf({ name: `(all clusters of ${unit} in ${region})`, arn: null, accountId: null, region }, error),
    scope: 'place' as const,
  }));

function divided(
  found: readonly Found[],
  left: ReadonlySet<string>,
  { roleName, externalId, regions }: OrganizationConfig,
): Pick<MemberAccounts, 'accounts' | 'leftOut'> {
  const accounts: MemberAccount[] = [];
  const leftOut: LeftOutAccount[] = [];
  for (const { id, state, unit } of [...found].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (left.has(id)) leftOut.push({ accountId: id, reason: 'account-excluded' });
    else if (lets(state)) accounts.push({ id, roleName, externalId, regions, unit });
    else leftOut.push({ accountId: id, reason: 'account-suspended' });
  }
  return { accounts, leftOut };
}

/**
 * States in which an account lets nobody in
 * (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html). One whose closure
 * is pending, or whose state is not known, is asked like all others: its workloads may run.
 */
const lets = (state: string | null): boolean =>
  state === null || !['SUSPENDED', 'CLOSED', 'PENDING_ACTIVATION'].includes(state);

/** The account of the configuration with this id: a listed one, or else as all accounts of the organization are. */
export function configuredAccount(
  { accounts, organization }: Pick<Config, 'accounts' | 'organization'>,
  id: string,
): AccountConfig | null {
  const listed = accounts.find((account) => account.id === id);
  if (listed !== undefined || organization === null) return listed ?? null;
  const { roleName, externalId, regions } = organization;
  return { id, roleName, externalId, regions };
}
