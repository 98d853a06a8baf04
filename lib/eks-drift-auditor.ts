import { Duration, Stack } from 'aws-cdk-lib';
import type { IAlarm, IAlarmAction, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable, Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { longestGap } from '../lambda/config/schedule.ts';
import { MEASURE_GROUP } from '../lambda/connect/kube/measure-group.ts';
import { UsageError } from '../lambda/errors.ts';
import { HOUR } from '../lambda/inventory/durations.ts';
import { AuditAlarms, type AuditAlarmsProps } from './constructs/audit-alarms.ts';
import { AuditDashboard } from './constructs/audit-dashboard.ts';
import { type AuditMetric, auditMetrics } from './constructs/audit-metrics.ts';
import { AuditRun } from './constructs/audit-run.ts';
import { AuditSchedule } from './constructs/audit-schedule.ts';
import { AuditorKey } from './constructs/auditor-key.ts';
import { auditorOutputs } from './constructs/auditor-outputs.ts';
import { auditorRole, roleNames } from './constructs/auditor-role.ts';
import type { AuditorVpc } from './constructs/auditor-vpc.ts';
import { auditorWarnings } from './constructs/auditor-warnings.ts';
import { ChatTopic } from './constructs/chat-topic.ts';
import { ClusterAccess } from './constructs/cluster-access.ts';
import { checkGiven, checkName } from './constructs/given.ts';
import { LastRunWatch } from './constructs/last-run-watch.ts';
import { alarmsMayPublish, MailTopic } from './constructs/mail-topic.ts';
import { measuringRole } from './constructs/measuring-role.ts';
import { Network } from './constructs/network.ts';
import { ReportBucket } from './constructs/report-bucket.ts';
import { ReportCatalog } from './constructs/report-catalog.ts';
import { undeliveredQueue } from './constructs/undelivered-queue.ts';
import { refuseLargePolicies } from './iam/policy-size.ts';
import type { Settings } from './settings.ts';

export interface EksDriftAuditorProps {
  /** The configuration, which decides everything that the other members do not. */
  readonly settings: Settings;
  /**
   * Encrypts reports, mails, queues and logs. CloudWatch Logs and CloudWatch alarms must be allowed to use it, as
   * docs/operations.md says.
   * @default `deployment.kmsKeyArn`; without it one is made
   */
  readonly key?: IKey;
  /**
   * Signs the records of runs: an asymmetric key of the kind ECC_NIST_P256, which none but the auditor should be allowed to
   * use, as docs/evidence.md says.
   * @default `deployment.signing`, by which one is made
   */
  readonly signingKey?: IKey;
  /**
   * Keeps the reports; they are encrypted with {@link key}. It must be versioned and should expire objects, which the
   * bucket that is made otherwise does by `deployment.retention`.
   * @default one is made
   */
  readonly bucket?: IBucket;
  /**
   * Gets the digest. If it is encrypted, then with {@link key}.
   * @default one is made, with a subscription for each of `deployment.emails`
   */
  readonly digestTopic?: ITopic;
  /** Where the function runs. @default `deployment.vpc` */
  readonly vpc?: AuditorVpc;
  /** What alarms do besides what `deployment.alarms` says; with these alone, the digest's topic gets no alarms. */
  readonly alarmActions?: readonly IAlarmAction[];
  /** @default the built handlers of the package; in a checkout they are bundled */
  readonly code?: Code;
}

/** What everything else uses. */
interface Basis {
  readonly settings: Settings;
  readonly key: IKey;
  readonly bucket: IBucket;
  readonly digestTopic: ITopic;
  readonly chatTopic: ITopic | undefined;
  readonly undelivered: IQueue;
  readonly code: Code | undefined;
}

/** How a metric is taken together. */
export interface MetricOfRuns {
  readonly statistic?: string;
  readonly period?: Duration;
}

/** Hours that a run may take before the next one counts as late; one more for changes of the clock. */
const GRACE = { single: 3, fleet: 9 };

/** Audits EKS clusters on a schedule, keeps the reports, mails what changed, and raises an alarm when it does not. */
export class EksDriftAuditor extends Construct {
  readonly bucket: IBucket;
  readonly digestTopic: ITopic;
  /** Takes messages for chat applications; `undefined` without `deployment.chat`. */
  readonly chatTopic: ITopic | undefined;
  readonly key: IKey;
  /** Signs the records; `undefined` with `deployment.signing: off`. */
  readonly signingKey: IKey | undefined;
  /** Reads clusters: the principal of their access entries. */
  readonly reader: Role;
  /** Asks kubelets, and may do nothing in AWS; only with `measure.writableLayer: kubelet`. */
  readonly measurer: Role | undefined;
  /** Each raises an alarm by the topics and actions that were given. */
  readonly alarms: readonly IAlarm[];
  readonly #name: string;

  /** @throws UsageError for what cannot be deployed, or would not work */
  constructor(scope: Construct, id: string, props: EksDriftAuditorProps) {
    super(scope, id);
    checkGiven(props);
    const { settings, vpc, alarmActions } = props;
    const { config, deployment } = settings;
    const { account } = Stack.of(this);
    checkName(this, { name: deployment.name, account }, (other) =>
      other instanceof EksDriftAuditor ? { name: other.#name, account: Stack.of(other).account } : undefined,
    );
    this.#name = deployment.name;
    const basis = this.#basis(props);
    const { key, bucket } = basis;
    this.key = key;
    this.bucket = bucket;
    this.digestTopic = basis.digestTopic;
    this.chatTopic = basis.chatTopic;
    this.reader = auditorRole(this, 'Reader', {
      roleName: roleNames(deployment.name).reader,
      description: 'Reads EKS clusters: the principal of their access entries',
    });
    this.measurer =
      config.measure.writableLayer === 'kubelet'
        ? measuringRole(this, 'Measurer', { roleName: config.measure.roleName, assumedBy: this.reader })
        : undefined;
    const run = new AuditRun(this, 'Run', {
      ...basis,
      reader: this.reader,
      network: this.#network(settings, vpc),
      signingKey: props.signingKey,
    });
    this.signingKey = run.signingKey;
    this.#start(basis, run);
    this.alarms = this.#observe(basis, run, alarmActions);
    if (deployment.athena) {
      new ReportCatalog(this, 'Catalog', { name: deployment.name, bucket, key });
    }
    for (const clusterName of deployment.accessEntries) this.addCluster(clusterName);
    auditorOutputs(this, { name: deployment.name, target: run.target });
    auditorWarnings(this, props);
    refuseLargePolicies(this);
  }

  /**
   * Lets the auditor into a cluster of this account and region by an access entry; what it may read there is granted by
   * the ClusterRole in `manifests/`.
   */
  addCluster(clusterName: string): ClusterAccess {
    // Listed under `deployment.accessEntries`, perhaps.
    const added = this.node.tryFindChild(`Access-${clusterName}`);
    if (added instanceof ClusterAccess) return added;
    if (this.measurer !== undefined) {
      new ClusterAccess(this, `MeasureAccess-${clusterName}`, {
        clusterName,
        principalArn: this.measurer.roleArn,
        group: MEASURE_GROUP,
      });
    }
    return new ClusterAccess(this, `Access-${clusterName}`, {
      clusterName,
      principalArn: this.reader.roleArn,
    });
  }

  /** Lets somebody read the reports and decrypt them, and change nothing. */
  grantReadReports(grantee: IGrantable): void {
    this.bucket.grantRead(grantee);
    this.key.grantDecrypt(grantee);
  }

  /** What the runs measure, such as `NewFindings` or `ClustersNotAudited`. @default of an hour, the maximum */
  metric(
    name: AuditMetric,
    { statistic = 'Maximum', period = Duration.hours(1) }: MetricOfRuns = {},
  ): Metric {
    return auditMetrics(this.#name)(name, statistic, period);
  }

  #basis(props: EksDriftAuditorProps): Basis {
    const { settings, code } = props;
    const { deployment } = settings;
    const key =
      props.key ?? new AuditorKey(this, 'Key', { existingKeyArn: deployment.kmsKeyArn ?? undefined }).key;
    const bucket =
      props.bucket ??
      new ReportBucket(this, 'Reports', {
        key,
        retention: deployment.retention,
        objectLock: deployment.objectLock,
      }).bucket;
    return {
      settings,
      key,
      bucket: bucket as IBucket,
      digestTopic: this.#digestTopic(props, key),
      chatTopic:
        deployment.chat === null
          ? undefined
          : new ChatTopic(this, 'Chat', { key, name: deployment.name, slack: deployment.chat.slack }).topic,
      undelivered: undeliveredQueue(this, 'Undelivered', key),
      code,
    };
  }

  #digestTopic({ settings, digestTopic }: EksDriftAuditorProps, key: IKey): ITopic {
    if (digestTopic === undefined) {
      return new MailTopic(this, 'Digest', {
        key,
        displayName: 'EKS drift audit',
        emails: settings.deployment.emails,
        // Without deployment.alarms the readers of the digest get the alarms.
        forAlarms: true,
      }).topic;
    }
    // The functions may use one key.
    if (digestTopic.masterKey && digestTopic.masterKey !== key) {
      throw new UsageError(
        'The topic of the digest is encrypted with a key that the auditor may not use: give that key as `key`, too.',
      );
    }
    digestTopic.addToResourcePolicy(alarmsMayPublish(digestTopic));
    for (const email of settings.deployment.emails) digestTopic.addSubscription(new EmailSubscription(email));
    return digestTopic;
  }

  #network({ config, deployment }: Settings, vpc: AuditorVpc | undefined): Network | undefined {
    const placement = vpc ?? deployment.vpc;
    const kubelets = config.measure.writableLayer === 'kubelet';
    return placement === null ? undefined : new Network(this, 'Network', { placement, kubelets });
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

  #observe(
    basis: Basis,
    run: AuditRun,
    alarmActions: readonly IAlarmAction[] | undefined,
  ): readonly IAlarm[] {
    const { settings, key, undelivered, digestTopic, chatTopic } = basis;
    const { deployment } = settings;
    const { alarmMail, alarmTopics } = this.#alarmTopics(basis, alarmActions !== undefined);
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
      chat: chatTopic,
      alarmMail,
      undelivered,
      lateAfter: Math.ceil(longestGap(deployment.schedule.cron) / HOUR) + GRACE[deployment.mode],
      alarmTopics,
      alarmActions,
    });
    new AuditDashboard(this, 'Dashboard', { name: deployment.name, alarms, functions: run.functions });
    return alarms;
  }

  /** By other topics than the digest, where they are configured: a topic cannot report that it does not work. */
  #alarmTopics(
    { settings, key, digestTopic }: Basis,
    hasActions: boolean,
  ): Pick<AuditAlarmsProps, 'alarmMail' | 'alarmTopics'> {
    const { emails, topicArn } = settings.deployment.alarms;
    const displayName = 'EKS drift audit alarms';
    const alarmMail =
      emails.length === 0
        ? undefined
        : new MailTopic(this, 'AlarmMail', { key, displayName, emails, forAlarms: true }).topic;
    const topics: ITopic[] = alarmMail === undefined ? [] : [alarmMail];
    if (topicArn !== null) topics.push(Topic.fromTopicArn(this, 'AlarmTopic', topicArn));
    return { alarmMail, alarmTopics: topics.length === 0 && !hasActions ? [digestTopic] : topics };
  }
}
