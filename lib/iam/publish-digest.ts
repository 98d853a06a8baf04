import { Aws } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Settings } from '../settings.ts';
import type { Permission } from './grant.ts';
import { ownRegions } from './read-clusters.ts';

/** To the topic of the digest, and to those that routes of the configuration name. */
export const publishDigest = (topic: ITopic, { digest: { routes } }: Settings['config']): Permission => ({
  sid: 'PublishDigest',
  reason: 'Sends the mail of a run, and to each team of `digest.routes` its part.',
  actions: ['sns:Publish'],
  resources: [topic.topicArn, ...new Set(routes.map(({ topicArn }) => topicArn))],
});

/** To the topic for chat applications. */
export const publishChat = (topic: ITopic): Permission => ({
  sid: 'PublishChat',
  reason: 'Sends the message of a run to chat applications, with `deployment.chat`.',
  actions: ['sns:Publish'],
  resources: [topic.topicArn],
});

/** How many subscriptions were confirmed. */
export const countSubscriptions = (topics: readonly ITopic[]): Permission => ({
  sid: 'CountSubscriptions',
  reason: 'Whether any recipient has confirmed: without one, mails reach no one, and an alarm says so.',
  actions: ['sns:GetTopicAttributes'],
  resources: topics.map(({ topicArn }) => topicArn),
});

/** Security Hub and the event bus, where the configuration asks for them. */
export function notifyOthers({ config, deployment }: Settings): readonly Permission[] {
  return [
    ...(deployment.securityHub === 'off' ? [] : [importFindings(ownRegions(config))]),
    ...(deployment.eventBus === null
      ? []
      : [
          {
            sid: 'PutEvents',
            reason: 'Sends an event for each change, with `deployment.eventBus`.',
            actions: ['events:PutEvents'],
            resources: [busArn(deployment.eventBus)],
          },
        ]),
  ];
}

/** Only the account that a finding is about may import it, so member accounts allow the same to their role. */
export const importFindings = (regions: readonly string[]): Permission => ({
  sid: 'ImportFindings',
  reason: 'Imports findings into Security Hub, with `deployment.securityHub`.',
  actions: ['securityhub:BatchImportFindings'],
  resources: [`arn:${Aws.PARTITION}:securityhub:*:${Aws.ACCOUNT_ID}:product/${Aws.ACCOUNT_ID}/default`],
  conditions: { StringEquals: { 'aws:RequestedRegion': regions } },
  wildcard: 'Findings are imported in the region of their cluster; the condition names the regions.',
});

const busArn = (bus: string): string =>
  bus.startsWith('arn:')
    ? bus
    : `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/${bus}`;
