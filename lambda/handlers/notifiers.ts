import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SNSClient } from '@aws-sdk/client-sns';
import type { Config } from '../config/model.ts';
import type { AwsAccess, AwsAccount } from '../connect/aws-access.ts';
import { clientConfig } from '../connect/aws-client.ts';
import { openAccounts } from '../discover/accounts.ts';
import { ReadError } from '../errors.ts';
import type { HubPlace } from '../notify/asff.ts';
import { eventBusNotifier } from '../notify/event-bridge.ts';
import type { Notifier } from '../notify/notifier.ts';
import { securityHubNotifier } from '../notify/security-hub.ts';
import { topicNotifier } from '../notify/sns.ts';
import type { Environment } from './environment.ts';

export interface NotifierSettings {
  readonly environment: Environment;
  readonly config: Config;
  readonly access: AwsAccess;
  readonly traced: <Client>(client: Client) => Client;
}

/** The targets that the environment names. The mail goes last, when everything that it may lead to is there. */
export function openNotifiers(settings: NotifierSettings): readonly Notifier[] {
  const { environment, config, traced } = settings;
  const { AWS_REGION: region, TOPIC_ARN: topicArn, EVENT_BUS: eventBus, SECURITY_HUB: hub } = environment;
  const { minSeverity } = config.digest;
  const notifiers: Notifier[] = [];
  if (hub !== null && hub !== 'off') {
    notifiers.push(
      securityHubNotifier({ clientFor: (place) => hubClient(place, settings), minSeverity: hub }),
    );
  }
  if (eventBus !== null) {
    const client = new EventBridgeClient(clientConfig({ region: regionOf(eventBus) ?? region }));
    notifiers.push(eventBusNotifier({ client: traced(client), eventBus, minSeverity }));
  }
  if (topicArn !== null) {
    const client = new SNSClient(clientConfig({ region: regionOf(topicArn) ?? region }));
    notifiers.push(topicNotifier({ client: traced(client), topicArn }));
  }
  return notifiers;
}

const regionOf = (arn: string): string | undefined => arn.split(':')[3];

async function hubClient(place: HubPlace, { config, access, traced }: NotifierSettings) {
  const { credentials } = await accountOf(place, config, access);
  return traced(new SecurityHubClient(clientConfig({ region: place.region, credentials })));
}

/** As the cluster was read: with the role of its account, or as the program itself. */
async function accountOf(
  { accountId, region }: HubPlace,
  config: Config,
  access: AwsAccess,
): Promise<AwsAccount> {
  const accounts = config.accounts.filter(({ id }) => id === accountId);
  const { opened, gaps } = await openAccounts({ access, accounts, regions: [region] });
  const account = opened.find((one) => one.account.accountId === accountId)?.account;
  if (account !== undefined) return account;
  const [gap] = gaps;
  if (gap !== undefined) throw new ReadError(gap.reason, gap.message, gap.remedy);
  throw new ReadError(
    'unauthorized',
    `No credentials for account ${accountId} are configured.`,
    'List the account under accounts in the configuration.',
  );
}
