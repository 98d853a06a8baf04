import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { auditMetrics } from './audit-metrics.ts';

export interface AuditAlarmsProps {
  /** Of the deployment: the beginning of the alarms' names, and what its metrics are known by. */
  readonly name: string;
  /** Functions that do the work. */
  readonly functions: readonly IFunction[];
  /** Of a single run, for the alarm on its time; the fleet has an invocation a cluster. */
  readonly timeout: Duration;
  readonly stateMachine?: StateMachine | undefined;
  readonly digest: ITopic;
  readonly undelivered: IQueue;
  /** Hours after which a run is late. */
  readonly lateAfter: number;
  /** Where alarms go. */
  readonly alarmTopics: readonly ITopic[];
}

const HOUR = Duration.hours(1);
const FIVE_MINUTES = Duration.minutes(5);

/** More than nothing, at any time. */
const ANY = {
  threshold: 0,
  comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  evaluationPeriods: 1,
  treatMissingData: TreatMissingData.NOT_BREACHING,
} as const;

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
      this.#incomplete(),
      this.#throttled(),
      this.#slow(),
      this.#undeliverable(),
      this.#unrecorded(),
      this.#undelivered(),
    ];
  }

  /**
   * The dead-man's switch. CloudWatch looks back seven days at most
   * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html, Period), too little for a
   * weekly run that is late. So the age of the last run is measured every hour, whatever the schedule; and when
   * it is not measured, that is an alarm as well.
   */
  #notRun(): Alarm {
    return this.#alarm('NotRun', {
      alarmDescription: `No audit has been completed for ${this.#props.lateAfter} hours, or it is not known when: look at the log of the last run.`,
      metric: this.#metric('HoursSinceLastRun', 'Maximum', HOUR),
      threshold: this.#props.lateAfter,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: TreatMissingData.BREACHING,
    });
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
    return this.#alarm('Failed', {
      alarmDescription: 'An audit run failed: the last lines of the log say why.',
      metric,
      ...ANY,
    });
  }

  #incomplete(): Alarm {
    return this.#alarm('Incomplete', {
      alarmDescription:
        'A cluster could not be audited, or something in it was not evaluated; the digest starts with what, why and the command that helps.',
      metric: this.#metric('RunIncomplete', 'Maximum', FIVE_MINUTES),
      ...ANY,
    });
  }

  #unrecorded(): Alarm {
    return this.#alarm('RecordIncomplete', {
      alarmDescription:
        'A part of the record of a run could not be written or read: the digest names it, and the log says why.',
      metric: this.#metric('RecordIncomplete', 'Maximum', FIVE_MINUTES),
      ...ANY,
    });
  }

  #throttled(): Alarm {
    return this.#alarm('Throttled', {
      alarmDescription:
        'Lambda throttled invocations: raise the concurrency quota of the account, or audit fewer clusters at once.',
      metric: sum(this.#props.functions.map((one) => one.metricThrottles({ period: FIVE_MINUTES }))),
      ...ANY,
    });
  }

  /** While there is still time to do something about it. */
  #slow(): Alarm {
    const limit = this.#props.timeout.toMilliseconds() * 0.8;
    return this.#alarm('Slow', {
      alarmDescription:
        'A run took more than 80 % of the timeout of the function: give the function more memory, or use the mode fleet.',
      metric: largest(
        this.#props.functions.map((one) =>
          one.metricDuration({ statistic: 'Maximum', period: FIVE_MINUTES }),
        ),
      ),
      ...ANY,
      threshold: limit,
    });
  }

  #undeliverable(): Alarm {
    return this.#alarm('DigestUndeliverable', {
      alarmDescription: 'The digest did not reach a subscriber: look at the subscriptions of the topic.',
      metric: sum([
        this.#props.digest.metricNumberOfNotificationsFailed({ statistic: 'Sum', period: FIVE_MINUTES }),
        this.#metric('DigestUndelivered', 'Maximum', FIVE_MINUTES),
      ]),
      ...ANY,
    });
  }

  #undelivered(): Alarm {
    return this.#alarm('Undelivered', {
      alarmDescription:
        'Runs could not be started: the dead-letter queue holds their events with the reason.',
      metric: this.#props.undelivered.metricApproximateNumberOfMessagesVisible({ period: FIVE_MINUTES }),
      ...ANY,
    });
  }

  #alarm(id: string, props: AlarmProps): Alarm {
    const alarm = new Alarm(this, id, { alarmName: `${this.#props.name}-${id}`, ...props });
    for (const topic of this.#props.alarmTopics) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    return alarm;
  }
}

const sum = (metrics: readonly IMetric[]): IMetric => combined(metrics, (names) => names.join(' + '));
const largest = (metrics: readonly IMetric[]): IMetric =>
  combined(metrics, (names) => `MAX([${names.join(', ')}])`);

/** What has no value at a time counts as nothing; else one metric without data would hide the others. */
function combined(metrics: readonly IMetric[], expression: (names: readonly string[]) => string): IMetric {
  const [only, ...others] = metrics;
  if (only !== undefined && others.length === 0) return only;
  return new MathExpression({
    expression: expression(metrics.map((_, i) => `FILL(m${i}, 0)`)),
    usingMetrics: Object.fromEntries(metrics.map((metric, i) => [`m${i}`, metric])),
    period: FIVE_MINUTES,
  });
}
