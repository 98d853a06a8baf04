import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { explainStatement } from '../reasons.ts';

export interface AuditorKeyProps {
  /**
   * ARN of a key that exists. Its policy must let CloudWatch and CloudWatch Logs use it, as
   * docs/operations.md says: it cannot be changed from here.
   * @default a key is made
   */
  readonly existingKeyArn?: string | undefined;
}

/** The one key for reports, mails, queues and logs: who may use it is decided in one place. */
export class AuditorKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, { existingKeyArn }: AuditorKeyProps = {}) {
    super(scope, id);
    if (existingKeyArn !== undefined) {
      this.key = Key.fromKeyArn(this, 'Existing', existingKeyArn);
      return;
    }
    const key = new Key(this, 'Key', {
      description: 'eks-drift-auditor: reports, mails, queues and logs',
      enableKeyRotation: true,
      // Without it nothing that was kept could be read again.
      // Of a deployment that failed at once nothing was encrypted.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    key.addToResourcePolicy(logsMayUse());
    key.addToResourcePolicy(alarmsMayUse());
    explainStatement(key, 'CloudWatchLogs', 'Encrypts the logs of this account.');
    explainStatement(
      key,
      'CloudWatchAlarms',
      'Lets alarms of this account reach the topics, which are encrypted: otherwise they report a message that never arrives.',
    );
    this.key = key;
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
const logsMayUse = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'CloudWatchLogs',
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`)],
    actions: [
      'kms:Encrypt',
      'kms:Decrypt',
      'kms:ReEncryptFrom',
      'kms:ReEncryptTo',
      'kms:GenerateDataKey',
      'kms:GenerateDataKeyWithoutPlaintext',
      'kms:GenerateDataKeyPair',
      'kms:GenerateDataKeyPairWithoutPlaintext',
      'kms:DescribeKey',
    ],
    resources: ['*'],
    conditions: {
      ArnLike: {
        'kms:EncryptionContext:aws:logs:arn': `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:*`,
      },
    },
  });

/** Otherwise an alarm reports a sent notification that never arrives. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
const alarmsMayUse = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'CloudWatchAlarms',
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: ['*'],
    conditions: {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: {
        'aws:SourceArn': `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:*`,
      },
    },
  });
