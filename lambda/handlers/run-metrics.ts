import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { isIncomplete, summarize } from '../report/summary.ts';
import type { CompletedRun } from '../run/complete-run.ts';
import { SEVERITIES } from '../severity.ts';

const FINDINGS = {
  critical: 'CriticalFindings',
  high: 'HighFindings',
  medium: 'MediumFindings',
  low: 'LowFindings',
} as const;

/** One run in numbers, in the namespace `EksDriftAuditor`. Alarms are set on `DigestUndelivered` and `RecordIncomplete`. */
export function addRunMetrics(
  metrics: Metrics,
  { outcome, recorded, deliveries }: Exclude<CompletedRun, { outcome: 'done-before' }>,
  milliseconds: number,
): void {
  const { clusters, pods, findings, notEvaluated } = summarize(recorded.run);
  const count = (name: string, value: number): unknown => metrics.addMetric(name, MetricUnit.Count, value);
  count('AuditedClusters', clusters.audited);
  count('Pods', pods);
  for (const severity of SEVERITIES) {
    count(FINDINGS[severity], findings.activeBySeverity[severity]);
  }
  count('NewFindings', findings.activeNew);
  count('ManagedFindings', findings.apart);
  count('FixedFindings', findings.byStatus.fixed);
  count('GoneFindings', findings.byStatus.gone);
  count('WithdrawnFindings', findings.byStatus.withdrawn);
  count('NotEvaluated', notEvaluated.total);
  count('NotEvaluatedLost', notEvaluated.byGap.lost);
  count('NotEvaluatedFixable', notEvaluated.byGap.fixable);
  metrics.addMetric('RunDuration', MetricUnit.Milliseconds, milliseconds);
  count('FailedClusters', clusters.failed);
  count('RunIncomplete', isIncomplete(recorded.run.clusters) ? 1 : 0);
  count('DigestUndelivered', deliveries.filter((delivery) => delivery.outcome === 'failed').length);
  count('RecordIncomplete', recorded.shortfalls.length);
  count('UnfinishedRuns', recorded.context?.unfinished?.length ?? 0);
  count('RunCompleted', outcome === 'done' ? 1 : 0);
}
