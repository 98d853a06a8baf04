import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';

const FIVE_MINUTES = Duration.minutes(5);

export const sum = (metrics: readonly IMetric[]): IMetric => combined(metrics, (names) => names.join(' + '));
export const largest = (metrics: readonly IMetric[]): IMetric =>
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
