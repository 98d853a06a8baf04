import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { explain } from '../reasons.ts';
import { auditMetrics } from './audit-metrics.ts';

export interface AuditDashboardProps {
  readonly name: string;
  readonly alarms: readonly IAlarm[];
  readonly functions: readonly IFunction[];
}

const DAY = Duration.days(1);

/** One page: is it well, what did the last runs find, and how long did they take. */
export class AuditDashboard extends Construct {
  constructor(scope: Construct, id: string, { name, alarms, functions }: AuditDashboardProps) {
    super(scope, id);
    explain(this, 'One page: is it well, what did the last runs find, and how long did they take.');
    const metric = auditMetrics(name);
    const dashboard = new Dashboard(this, 'Dashboard', {
      dashboardName: name,
      defaultInterval: Duration.days(28),
    });
    dashboard.addWidgets(
      new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 18, height: 4 }),
      new SingleValueWidget({
        title: 'Hours since the last run',
        metrics: [metric('HoursSinceLastRun', 'Maximum', Duration.hours(1))],
        width: 6,
        height: 4,
      }),
    );
    dashboard.addWidgets(
      new GraphWidget({
        title: 'Findings by severity, and new ones',
        left: (
          ['CriticalFindings', 'HighFindings', 'MediumFindings', 'LowFindings', 'NewFindings'] as const
        ).map((one) => metric(one, 'Maximum', DAY)),
        width: 12,
      }),
      new GraphWidget({
        title: 'Not audited, not evaluated',
        left: [metric('FailedClusters', 'Maximum', DAY), metric('NotEvaluated', 'Maximum', DAY)],
        width: 12,
      }),
    );
    dashboard.addWidgets(
      new GraphWidget({
        title: 'Duration',
        left: functions.map((one) => one.metricDuration({ statistic: 'Maximum', period: DAY })),
        width: 12,
      }),
      new GraphWidget({
        title: 'Pods',
        left: [metric('Pods', 'Maximum', DAY)],
        width: 12,
      }),
    );
  }
}
