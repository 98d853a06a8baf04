import type { Config } from '../config/config.ts';
import { type AwsAccess, type AwsAccount, openAwsAccess } from '../connect/aws/access.ts';
import { openHubImports } from '../connect/aws/security-hub.ts';
import { openAccounts } from '../discover/accounts.ts';
import { configuredAccount } from '../discover/organization.ts';
import { ReadError } from '../errors.ts';
import type { HubPlace } from '../notify/asff.ts';
import type { Notifier } from '../notify/notifier.ts';
import { securityHubNotifier } from '../notify/security-hub.ts';
import type { Severity } from '../severity.ts';
import { storedHubLedger } from '../store/hub-ledger.ts';
import type { NotifierSettings } from './notifier-settings.ts';

/**
 * Imports findings from `minSeverity` on into the Security Hub of each cluster's own account.
 *
 * @param only A place, when nothing is to be said of others. @defaultValue all
 */
export function openHubNotifier(
  settings: NotifierSettings,
  minSeverity: Severity,
  only?: HubPlace,
): Notifier {
  const ledger = storedHubLedger(settings.store);
  // That for reading clusters has ended by now.
  const access = openAwsAccess({ region: settings.environment.AWS_REGION });
  settings.onClose(() => access.close());
  return securityHubNotifier({
    clientFor: (place) => hubClient(place, access, settings),
    ledger: only === undefined ? ledger : { ...ledger, places: async () => [only] },
    minSeverity,
  });
}

async function hubClient(place: HubPlace, access: AwsAccess, { config, onClose }: NotifierSettings) {
  const account = await accountOf(place, config, access);
  if (account === null) return null;
  const { credentials } = account;
  const imports = openHubImports({ region: place.region, credentials });
  onClose(() => imports.close());
  return imports;
}

/** As the cluster was read: with the role of its account, or as the program itself. */
async function accountOf(
  { accountId, region }: HubPlace,
  config: Config,
  access: AwsAccess,
): Promise<AwsAccount | null> {
  const configured = accountId === null ? null : configuredAccount(config, accountId);
  const accounts = configured === null ? [] : [configured];
  const { opened, gaps } = await openAccounts({ access, accounts, regions: [region] });
  const account = opened.find((one) => one.account.accountId === accountId)?.account;
  if (account !== undefined) return account;
  const [gap] = gaps;
  if (gap !== undefined) throw new ReadError(gap.reason, gap.message, gap.remedy);
  return null;
}
