import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Code, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { countSubscriptions } from '../iam/publish-digest.ts';
import { useKey } from '../iam/use-key.ts';
import { useReports } from '../iam/write-reports.ts';
import type { Settings } from '../settings.ts';
import { auditEnvironment } from './audit-environment.ts';
import { AuditFunction } from './audit-function.ts';
import { auditorRole } from './auditor-role.ts';

export interface LastRunWatchProps {
  readonly settings: Settings;
  readonly key: IKey;
  readonly bucket: IBucket;
  readonly digestTopic: ITopic;
  /** With `deployment.chat`. */
  readonly chatTopic: ITopic | undefined;
  /** The topic of the alarms, where this stack has one of its own. */
  readonly alarmMail: ITopic | undefined;
  readonly undelivered: IQueue;
  /** @default the handler is bundled */
  readonly code?: Code | undefined;
}

/**
 * Measures how long ago the last complete run was, what it left unaudited, and how many subscriptions are confirmed: two
 * objects and the attributes of the topics are read, some numbers written to the log.
 */
export class LastRunWatch extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: LastRunWatchProps) {
    super(scope, id);
    const { settings, key, bucket, digestTopic, chatTopic, alarmMail, undelivered, code } = props;
    const { deployment, configText } = settings;
    this.function = new AuditFunction(this, 'Watch', {
      settings: { key, logsRetention: deployment.retention.logs, configText, undelivered, code },
      handler: 'watch-last-run',
      description: 'Measures the age of the last run',
      role: auditorRole(this, 'Role', { description: 'Reads the time of the last run' }),
      permissions: [
        ...useReports({ bucket, write: [], read: ['latest'] }),
        countSubscriptions([digestTopic, chatTopic, alarmMail].filter((topic) => topic !== undefined)),
        useKey(key, ['s3', 'sqs']),
      ],
      environment: {
        ...auditEnvironment({ ...props, deployment }),
        ALARM_TOPIC_ARN: alarmMail?.topicArn ?? '',
      },
      memory: 256,
      timeout: Duration.minutes(1),
      // The next one comes within the hour.
      retries: 0,
    }).function;
  }
}
