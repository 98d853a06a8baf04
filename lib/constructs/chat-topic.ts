import { LoggingLevel, SlackChannelConfiguration } from 'aws-cdk-lib/aws-chatbot';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Deployment } from '../../lambda/config/config.ts';
import { explain } from '../reasons.ts';

export interface ChatTopicProps {
  readonly key: IKey;
  /** Of the deployment: the name of the channel configuration, one an account. */
  readonly name: string;
  /** `null`: whoever wants the messages subscribes a chat application by hand. */
  readonly slack: NonNullable<Deployment['chat']>['slack'];
}

/**
 * An encrypted topic for messages in the form of Amazon Q Developer in chat applications, which SNS decrypts before it
 * delivers them, so that the chat service may not use the key.
 */
export class ChatTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { key, name, slack }: ChatTopicProps) {
    super(scope, id);
    this.topic = explain(
      new Topic(this, 'Topic', { displayName: 'EKS drift audit chat', masterKey: key, enforceSSL: true }),
      'Takes the message of each run for chat applications, with `deployment.chat`.',
    );
    if (slack === null) return;
    const channel = new SlackChannelConfiguration(this, 'Slack', {
      slackChannelConfigurationName: name,
      slackWorkspaceId: slack.workspaceId,
      slackChannelId: slack.channelId,
      notificationTopics: [this.topic],
      loggingLevel: LoggingLevel.ERROR,
      role: new Role(this, 'Role', {
        assumedBy: new ServicePrincipal('chatbot.amazonaws.com'),
        description: 'Of the chat channel: it grants nothing, since messages need no right',
      }),
      // The default lets members of the channel run whatever AdministratorAccess permits their roles.
      guardrailPolicies: [ManagedPolicy.fromAwsManagedPolicyName('AWSDenyAll')],
    });
    explain(channel, 'Shows the messages in a Slack channel, whose members can run nothing in the account.');
  }
}
