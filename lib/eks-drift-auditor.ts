import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { longestGap } from '../lambda/config/schedule.ts';
import { HOUR } from '../lambda/inventory/durations.ts';
import { AuditAlarms, type AuditAlarmsProps } from './constructs/audit-alarms.ts';
import { AuditDashboard } from './constructs/audit-dashboard.ts';
import { AuditRun } from './constructs/audit-run.ts';
import { AuditSchedule, type ScheduleTarget } from './constructs/audit-schedule.ts';
import { AuditorKey } from './constructs/auditor-key.ts';
import { auditorRole, roleNames } from './constructs/auditor-role.ts';
import { ClusterAccess } from './constructs/cluster-access.ts';
import { LastRunWatch } from './constructs/last-run-watch.ts';
import { MailTopic } from './constructs/mail-topic.ts';
import { Network } from './constructs/network.ts';
import { ReportBucket } from './constructs/report-bucket.ts';
import { ReportCatalog } from './constructs/report-catalog.ts';
import { undeliveredQueue } from './constructs/undelivered-queue.ts';
import type { Settings } from './settings.ts';

export interface EksDriftAuditorProps {
  /** The configuration, which decides everything. */
  readonly settings: Settings;
  /** @default the handlers are bundled with the esbuild of this project */
  readonly code?: Code;
}

/** What everything else uses. */
interface Basis {
  readonly settings: Settings;
  readonly key: IKey;
  readonly bucket: IBucket;
  readonly digestTopic: ITopic;
  readonly undelivered: IQueue;
  readonly code: Code | undefined;
}

/** Hours that a run may take before the next one counts as late; one more for changes of the clock. */
const GRACE = { single: 3, fleet: 9 };

/** Audits EKS clusters on a schedule, keeps the reports, mails what changed, and raises an alarm when it does not. */
export class EksDriftAuditor extends Construct {
  readonly bucket: IBucket;
  readonly digestTopic: ITopic;
  /** Reads clusters: the principal of their access entries. */
  readonly reader: Role;

  constructor(scope: Construct, id: string, { settings, code }: EksDriftAuditorProps) {
    super(scope, id);
    const { config, deployment } = settings;
    const basis = this.#basis(settings, code);
    const { key, bucket } = basis;
    this.bucket = bucket;
    this.digestTopic = basis.digestTopic;
    this.reader = auditorRole(this, 'Reader', {
      roleName: roleNames(deployment.name).reader,
      description: 'Reads EKS clusters: the principal of their access entries',
    });
    const run = new AuditRun(this, 'Run', {
      ...basis,
      reader: this.reader,
      network: this.#network(settings),
    });
    this.#start(basis, run);
    this.#observe(basis, run);
    if (deployment.athena) {
      new ReportCatalog(this, 'Catalog', { name: deployment.name, bucket, key, accounts: config.accounts });
    }
    for (const clusterName of deployment.accessEntries) {
      new ClusterAccess(this, `Access-${clusterName}`, { clusterName, principalArn: this.reader.roleArn });
    }
    this.#outputs(settings, run);
    this.#warn(settings);
  }

  #basis(settings: Settings, code: Code | undefined): Basis {
    const { deployment } = settings;
    const { key } = new AuditorKey(this, 'Key', { existingKeyArn: deployment.kmsKeyArn ?? undefined });
    const { bucket } = new ReportBucket(this, 'Reports', {
      key,
      retention: deployment.retention,
      objectLock: deployment.objectLock,
    });
    const { topic } = new MailTopic(this, 'Digest', {
      key,
      displayName: 'EKS drift audit',
      emails: deployment.emails,
      // Without deployment.alarms the readers of the digest get the alarms.
      forAlarms: true,
    });
    const undelivered = undeliveredQueue(this, 'Undelivered', key);
    return { settings, key, bucket: bucket as IBucket, digestTopic: topic, undelivered, code };
  }

  #network({ deployment }: Settings): Network | undefined {
    if (deployment.vpc === null) return undefined;
    return new Network(this, 'Network', { placement: deployment.vpc });
  }

  #start({ settings, key, undelivered }: Basis, { target }: AuditRun): void {
    const { cron, timeZone } = settings.deployment.schedule;
    new AuditSchedule(this, 'Schedule', {
      target,
      expression: `cron(${cron})`,
      timeZone,
      description: 'Starts the audit',
      // The time for which it was meant is the identity of a run, however often its event is delivered.
      input: { scheduledTime: '<aws.scheduler.scheduled-time>' },
      undelivered,
      key,
    });
  }

  #observe(basis: Basis, run: AuditRun): void {
    const { settings, key, undelivered, digestTopic } = basis;
    const { deployment } = settings;
    const { alarmMail, alarmTopics } = this.#alarmTopics(basis);
    const watch = new LastRunWatch(this, 'Watch', { ...basis, alarmMail });
    new AuditSchedule(this, 'WatchSchedule', {
      target: { arn: watch.function.functionArn, action: 'lambda:InvokeFunction' },
      expression: 'rate(1 hour)',
      description: 'Measures the age of the last run',
      input: {},
      undelivered,
      key,
    });
    const { alarms } = new AuditAlarms(this, 'Alarms', {
      name: deployment.name,
      functions: run.functions,
      timeout: run.timeout,
      stateMachine: run.stateMachine,
      digest: digestTopic,
      alarmMail,
      undelivered,
      lateAfter: Math.ceil(longestGap(deployment.schedule.cron) / HOUR) + GRACE[deployment.mode],
      alarmTopics,
    });
    new AuditDashboard(this, 'Dashboard', { name: deployment.name, alarms, functions: run.functions });
  }

  /** By other topics than the digest, where they are configured: a topic cannot report that it does not work. */
  #alarmTopics({ settings, key, digestTopic }: Basis): Pick<AuditAlarmsProps, 'alarmMail' | 'alarmTopics'> {
    const { emails, topicArn } = settings.deployment.alarms;
    const displayName = 'EKS drift audit alarms';
    const alarmMail =
      emails.length === 0
        ? undefined
        : new MailTopic(this, 'AlarmMail', { key, displayName, emails, forAlarms: true }).topic;
    const topics: ITopic[] = alarmMail === undefined ? [] : [alarmMail];
    if (topicArn !== null) topics.push(Topic.fromTopicArn(this, 'AlarmTopic', topicArn));
    return { alarmMail, alarmTopics: topics.length === 0 ? [digestTopic] : topics };
  }

  #outputs({ deployment }: Settings, { target }: AuditRun): void {
    const output = (id: string, value: string, description: string): void => {
      new CfnOutput(this, id, { value, description });
    };
    output('ReportBucket', this.bucket.bucketName, 'Where the reports are');
    output(
      'ReaderRoleArn',
      this.reader.roleArn,
      'Principal of the access entries of clusters in this account',
    );
    output(
      'ConfirmedRecipients',
      `aws sns get-topic-attributes --topic-arn ${this.digestTopic.topicArn} --query Attributes.SubscriptionsConfirmed`,
      'Counts the confirmed subscriptions of the digest: with 0 no one receives it',
    );
    output('StartNow', startCommand(target), 'Starts a run without waiting for the schedule');
    output('HubAccountId', Stack.of(this).account, 'HubAccountId of the member stack');
    output('HubName', deployment.name, 'HubName of the member stack');
  }

  #warn({ deployment, warnings }: Settings): void {
    const annotations = Annotations.of(this);
    for (const line of warnings) annotations.addWarningV2('eks-drift-auditor:setting-without-effect', line);
    const { alarms, emails } = deployment;
    if (emails.length === 0) {
      annotations.addWarningV2(
        'eks-drift-auditor:nobody-reads',
        'The digest has no recipients: list mail addresses under deployment.emails.',
      );
    }
    if (alarms.emails.length === 0 && alarms.topicArn === null) {
      annotations.addWarningV2(
        'eks-drift-auditor:alarms-by-digest',
        'Alarms go to the topic of the digest, so an alarm about this topic may not arrive: set deployment.alarms.',
      );
    }
  }
}

/** With the time, so that a start which Lambda repeats is one run and one mail. */
const NOW = `"{\\"time\\":\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\"}"`;

const startCommand = ({ arn, action }: ScheduleTarget): string =>
  action === 'lambda:InvokeFunction'
    ? `aws lambda invoke --function-name ${arn} --invocation-type Event --cli-binary-format raw-in-base64-out --payload ${NOW} /dev/stdout`
    : `aws stepfunctions start-execution --state-machine-arn ${arn} --input ${NOW}`;
