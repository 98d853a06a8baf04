import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { bounded, serviceConfig } from '../connect/aws/client.ts';
import { eventBusNotifier } from '../notify/event-bridge.ts';
import type { Notifier } from '../notify/notifier.ts';
import { type NotifierSettings, regionOf } from './notifier-settings.ts';

/** @param eventBus Name or ARN. */
export function openBusNotifier(
  settings: NotifierSettings,
  eventBus: string,
  only?: 'findings' | 'run',
): Notifier {
  const { environment, config, traced, onClose } = settings;
  const client = bounded(
    new EventBridgeClient(serviceConfig('events', { region: regionOf(eventBus) ?? environment.AWS_REGION })),
  );
  onClose(() => client.destroy());
  return eventBusNotifier({
    client: traced(client),
    eventBus,
    minSeverity: config.digest.minSeverity,
    ...(only === undefined ? {} : { only }),
  });
}
