import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** As the handlers write them to their logs: lambda/handlers/run-metrics.ts, watch-last-run.ts. */
export type AuditMetric =
  | 'HoursSinceLastRun'
  | 'ClustersNotAudited'
  | 'CoverageLost'
  | 'DigestSubscriptions'
  | 'AlarmSubscriptions'
  | 'ChatSubscriptions'
  | 'RecordIncomplete'
  | 'UnfinishedRuns'
  | 'DigestUndelivered'
  | 'CriticalFindings'
  | 'HighFindings'
  | 'MediumFindings'
  | 'LowFindings'
  | 'NewFindings'
  | 'FailedClusters'
  | 'NotEvaluated'
  | 'Pods';

/** @param name of the deployment: its dimension, so that alarms never see the runs of another one */
export const auditMetrics =
  (name: string) =>
  (metricName: AuditMetric, statistic: string, period: Duration): Metric =>
    new Metric({
      namespace: 'EksDriftAuditor',
      dimensionsMap: { service: name },
      metricName,
      statistic,
      period,
    });
