import type { SNSClient } from '@aws-sdk/client-sns';
import { openMail } from '../connect/aws/mail-client.ts';
import { chatNotifier } from '../notify/chat.ts';
import type { Notifier } from '../notify/notifier.ts';
import { partNotifier, topicNotifier } from '../notify/sns.ts';
import type { PartMail } from '../report/part-mails.ts';
import type { HubPlaceKey } from '../store/layout.ts';
import { type NotifierSettings, regionOf } from './notifier-settings.ts';

/**
 * The targets that the environment names; what few use is loaded only where it is named. The mail goes
 * first: people wait for it, and no other target may keep it from them.
 */
export async function openNotifiers(settings: NotifierSettings): Promise<readonly Notifier[]> {
  const { environment, config } = settings;
  const { TOPIC_ARN: topicArn, CHAT_TOPIC_ARN: chatTopic, EVENT_BUS: eventBus } = environment;
  const { SECURITY_HUB: hub } = environment;
  const notifiers: Notifier[] = [];
  if (topicArn !== null) {
    notifiers.push(topicNotifier({ client: clientOf(topicArn, settings), topicArn }));
  }
  if (chatTopic !== null) {
    const client = clientOf(chatTopic, settings);
    notifiers.push(chatNotifier({ client, topicArn: chatTopic, options: config.digest }));
  }
  if (hub !== null && hub !== 'off') {
    const { openHubNotifier } = await import('./hub-notifier.ts');
    notifiers.push(openHubNotifier(settings, hub));
  }
  if (eventBus !== null) {
    const { openBusNotifier } = await import('./bus-notifier.ts');
    notifiers.push(openBusNotifier(settings, eventBus));
  }
  return notifiers;
}

/** Those of the end of a fleet's run: its clusters' findings go to the other targets place by place, after the mail. */
export async function openJoinNotifiers(settings: NotifierSettings): Promise<readonly Notifier[]> {
  const { environment } = settings;
  const { EVENT_BUS: eventBus } = environment;
  const mail = await openNotifiers({
    ...settings,
    environment: { ...environment, SECURITY_HUB: null, EVENT_BUS: null },
  });
  if (eventBus === null) return mail;
  const { openBusNotifier } = await import('./bus-notifier.ts');
  return [...mail, openBusNotifier(settings, eventBus, 'run')];
}

/** Those of one account and region of a fleet: Security Hub there, and the events of its findings. */
export async function openPlaceNotifiers(
  settings: NotifierSettings,
  place: HubPlaceKey,
): Promise<readonly Notifier[]> {
  const { EVENT_BUS: eventBus, SECURITY_HUB: hub } = settings.environment;
  const notifiers: Notifier[] = [];
  if (hub !== null && hub !== 'off') {
    const { openHubNotifier } = await import('./hub-notifier.ts');
    notifiers.push(openHubNotifier(settings, hub, place));
  }
  if (eventBus !== null) {
    const { openBusNotifier } = await import('./bus-notifier.ts');
    notifiers.push(openBusNotifier(settings, eventBus, 'findings'));
  }
  return notifiers;
}

/** Those of mails about parts of the run: along routes to topics of their own, to owners through that of the digest. */
export function partNotifiersOf(
  settings: ClientSettings,
): (parts: readonly PartMail[]) => readonly Notifier[] {
  return (parts) =>
    parts.flatMap((part) => {
      const topicArn = part.topicArn ?? settings.environment.TOPIC_ARN;
      if (topicArn === null) return [];
      return [partNotifier({ client: clientOf(topicArn, settings), topicArn }, part)];
    });
}

type ClientSettings = Pick<NotifierSettings, 'environment' | 'traced' | 'onClose'>;

function clientOf(topicArn: string, { environment, traced, onClose }: ClientSettings): SNSClient {
  const client = traced(openMail(regionOf(topicArn) ?? environment.AWS_REGION));
  onClose(() => client.destroy());
  return client;
}
