import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarmAction,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type AuditMetric, auditMetrics } from './audit-metrics.ts';
import { largest, sum } from './combined-metrics.ts';

export interface AuditAlarmsProps {
  /** Of the deployment: the beginning of the alarms' names, and what its metrics are known by. */
  readonly name: string;
  /** Functions that do the work. */
  readonly functions: readonly IFunction[];
  /** Of a single run, for the alarm on its time; the fleet has an invocation a cluster. */
  readonly timeout: Duration;
  readonly stateMachine?: StateMachine | undefined;
  readonly digest: ITopic;
  /** With `deployment.chat`. */
  readonly chat: ITopic | undefined;
  /** The topic for alarm mails, where this stack has one of its own. */
  readonly alarmMail: ITopic | undefined;
  readonly undelivered: IQueue;
  /** Hours after which a run is late. */
  readonly lateAfter: number;
  /** Where alarms go. */
  readonly alarmTopics: readonly ITopic[];
  /** What else an alarm does. @default nothing */
  readonly alarmActions?: readonly IAlarmAction[] | undefined;
}

const HOUR = Duration.hours(1);
const FIVE_MINUTES = Duration.minutes(5);

/** What happened in a period. It ends by itself with nothing fixed, so its end is not announced. */
const EVENT = {
  threshold: 0,
  comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  evaluationPeriods: 1,
  treatMissingData: TreatMissingData.NOT_BREACHING,
} as const;

/** What the last run left, as the watch writes it every hour: without a number it stays as it was. */
const LAST_RUN = { ...EVENT, treatMissingData: TreatMissingData.IGNORE } as const;

const MAIL_REMEDY = 'mails reach no one until a recipient opens the link in the mail of AWS Notifications.';
const CHAT_REMEDY =
  'messages reach no one until a channel of Amazon Q Developer in chat applications names the topic.';

interface Actions {
  /** @default the topics of the alarms */
  readonly to?: readonly ITopic[];
  /** Whether its end is announced, since something has become better then. */
  readonly ends: boolean;
}

/** Alarms for an audit that needs attention: one that fails silently is taken for a clean one. */
export class AuditAlarms extends Construct {
  readonly alarms: readonly Alarm[];
  readonly #props: AuditAlarmsProps;
  readonly #metric: ReturnType<typeof auditMetrics>;

  constructor(scope: Construct, id: string, props: AuditAlarmsProps) {
    super(scope, id);
    this.#props = props;
    this.#metric = auditMetrics(props.name);
    this.alarms = [
      this.#notRun(),
      this.#failed(),
      this.#notAudited(),
      this.#coverageLost(),
      this.#throttled(),
      this.#slow(),
      this.#undeliverable(),
      this.#unrecorded(),
      this.#undelivered(),
      ...this.#unread(),
    ];
  }

  /**
   * The dead-man's switch. CloudWatch looks back seven days at most
   * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, Period), too little for a
   * weekly run that is late. So the age of the last run is measured every hour, whatever the schedule; and when
   * it is not measured, that is an alarm as well.
   */
  #notRun(): Alarm {
    return this.#alarm(
      'NotRun',
      {
        alarmDescription: `No audit has been completed for ${this.#props.lateAfter} hours, or it is not known when: look at the log of the last run.`,
        metric: this.#metric('HoursSinceLastRun', 'Maximum', HOUR),
        threshold: this.#props.lateAfter,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 3,
        datapointsToAlarm: 2,
        treatMissingData: TreatMissingData.BREACHING,
      },
      { ends: true },
    );
  }

  #failed(): Alarm {
    const { stateMachine, functions } = this.#props;
    const metric = stateMachine
      ? sum([
          stateMachine.metricFailed({ period: FIVE_MINUTES }),
          stateMachine.metricTimedOut({ period: FIVE_MINUTES }),
          stateMachine.metricAborted({ period: FIVE_MINUTES }),
        ])
      : sum(functions.map((one) => one.metricErrors({ period: FIVE_MINUTES })));
    return this.#alarm(
      'Failed',
      {
        alarmDescription: 'An audit run failed: the last lines of the log say why.',
        metric,
        ...EVENT,
      },
      { ends: false },
    );
  }

  #notAudited(): Alarm {
    return this.#alarm(
      'NotAudited',
      {
        alarmDescription:
          'The last run could not audit a cluster, or found none: the digest starts with which, why and the command that helps.',
        metric: this.#metric('ClustersNotAudited', 'Maximum', HOUR),
        ...LAST_RUN,
      },
      { ends: true },
    );
  }

  /** Until it is decided again: a gap that is lost stays lost. */
  #coverageLost(): Alarm {
    return this.#alarm(
      'CoverageLost',
      {
        alarmDescription:
          'The last run could not decide something about a cluster that was decided before: the digest starts with what, since when and the command that helps.',
        metric: this.#metric('CoverageLost', 'Maximum', HOUR),
        ...LAST_RUN,
      },
      { ends: true },
    );
  }

  /**
   * A topic without a confirmed subscription accepts mails and delivers none. So its alarm goes to the other topics; where
   * there is only one topic, the alarm is in the console and on the dashboard alone.
   */
  #unread(): readonly Alarm[] {
    const { digest, chat, alarmMail, alarmTopics } = this.#props;
    const unread = (
      id: string,
      topic: ITopic,
      metric: AuditMetric,
      {
        what,
        remedy = MAIL_REMEDY,
        to = [...alarmTopics, digest],
      }: { readonly what: string; readonly remedy?: string; readonly to?: readonly ITopic[] },
    ): Alarm =>
      this.#alarm(
        id,
        {
          alarmDescription: `No subscription of the topic of ${what} is confirmed, or it is not known: ${remedy}`,
          metric: this.#metric(metric, 'Minimum', HOUR),
          threshold: 1,
          comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
          evaluationPeriods: 3,
          datapointsToAlarm: 2,
          treatMissingData: TreatMissingData.BREACHING,
        },
        { ends: true, to: [...new Set(to)].filter((other) => other !== topic) },
      );
    return [
      unread('DigestUnread', digest, 'DigestSubscriptions', { what: 'the digest' }),
      ...(chat === undefined
        ? []
        : [
            unread('ChatUnread', chat, 'ChatSubscriptions', {
              what: 'the chat',
              remedy: CHAT_REMEDY,
              to: alarmTopics,
            }),
          ]),
      ...(alarmMail === undefined
        ? []
        : [unread('AlarmsUnread', alarmMail, 'AlarmSubscriptions', { what: 'the alarms' })]),
    ];
  }

  #unrecorded(): Alarm {
    return this.#alarm(
      'RecordIncomplete',
      {
        alarmDescription:
          'A part of the record of a run could not be written or read: the digest names it, and the log says why.',
        metric: this.#metric('RecordIncomplete', 'Maximum', FIVE_MINUTES),
        ...EVENT,
      },
      { ends: false },
    );
  }

  #throttled(): Alarm {
    return this.#alarm(
      'Throttled',
      {
        alarmDescription:
          'Lambda throttled invocations: raise the concurrency quota of the account, or audit fewer clusters at once.',
        metric: sum(this.#props.functions.map((one) => one.metricThrottles({ period: FIVE_MINUTES }))),
        ...EVENT,
      },
      { ends: false },
    );
  }

  /** While there is still time to do something about it. */
  #slow(): Alarm {
    const limit = this.#props.timeout.toMilliseconds() * 0.8;
    return this.#alarm(
      'Slow',
      {
        alarmDescription:
          'A run took more than 80 % of the timeout of the function: give the function more memory, or use the mode fleet.',
        metric: largest(
          this.#props.functions.map((one) =>
            one.metricDuration({ statistic: 'Maximum', period: FIVE_MINUTES }),
          ),
        ),
        ...EVENT,
        threshold: limit,
      },
      { ends: false },
    );
  }

  #undeliverable(): Alarm {
    const { digest, chat } = this.#props;
    return this.#alarm(
      'DigestUndeliverable',
      {
        alarmDescription:
          chat === undefined
            ? 'The digest did not reach a subscriber: look at the subscriptions of the topic.'
            : 'The digest, or its message to the chat, did not reach a subscriber: look at the subscriptions of both topics.',
        metric: sum([
          ...[digest, ...(chat === undefined ? [] : [chat])].map((topic) =>
            topic.metricNumberOfNotificationsFailed({ statistic: 'Sum', period: FIVE_MINUTES }),
          ),
          this.#metric('DigestUndelivered', 'Maximum', FIVE_MINUTES),
        ]),
        ...EVENT,
      },
      { ends: false },
    );
  }

  #undelivered(): Alarm {
    return this.#alarm(
      'Undelivered',
      {
        alarmDescription:
          'Runs could not be started: the dead-letter queue holds their events with the reason.',
        metric: this.#props.undelivered.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES }),
        ...EVENT,
      },
      { ends: true },
    );
  }

  #alarm(id: string, props: AlarmProps, { ends, to = this.#props.alarmTopics }: Actions): Alarm {
    const alarm = new Alarm(this, id, { alarmName: `${this.#props.name}-${id}`, ...props });
    for (const topic of to) {
      alarm.addAlarmAction(new SnsAction(topic));
      if (ends) alarm.addOkAction(new SnsAction(topic));
    }
    for (const action of this.#props.alarmActions ?? []) {
      alarm.addAlarmAction(action);
      if (ends) alarm.addOkAction(action);
    }
    return alarm;
  }
}
