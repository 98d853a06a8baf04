import { Aws } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { explain, explainStatement } from '../reasons.ts';

export interface MailTopicProps {
  readonly key: IKey;
  /** Stands as the sender's name in mails. */
  readonly displayName: string;
  readonly emails: readonly string[];
  /**
   * Whether CloudWatch alarms of this account may publish.
   * @default false
   */
  readonly forAlarms?: boolean;
}

/** An encrypted topic that sends mails; each address confirms by a link that it wants them. */
export class MailTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { key, displayName, emails, forAlarms = false }: MailTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { displayName, masterKey: key, enforceSSL: true });
    explain(this, `Sends the mails of "${displayName}" to the addresses of the configuration.`);
    explainStatement(this, 'CloudWatchAlarms', 'Alarms of this account publish here.');
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email));
    if (forAlarms) this.topic.addToResourcePolicy(alarmsMayPublish(this.topic));
  }
}

/** For a topic that CloudWatch alarms of this account publish to. */
export const alarmsMayPublish = (topic: ITopic): PolicyStatement =>
  new PolicyStatement({
    sid: 'CloudWatchAlarms',
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: {
        'aws:SourceArn': `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:*`,
      },
    },
  });
