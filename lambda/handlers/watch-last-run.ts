import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { openMail } from '../connect/aws/mail-client.ts';
import { openS3 } from '../connect/aws/s3-client.ts';
import { type LastCoverage, lastCoverage } from '../run/last-coverage.ts';
import { hoursSinceLastRun } from '../run/last-run.ts';
import { s3Store } from '../store/s3-store.ts';
import { confirmedSubscriptions } from './confirmed-subscriptions.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { type Invocation, type LambdaHandler, lambdaHandler } from './runtime.ts';
import type { Seams } from './services.ts';

export interface LastRunReport {
  readonly hours: number | null;
  readonly coverage: LastCoverage | null;
}

/**
 * Measures every hour how old the last complete run is, what it left unaudited, and whether anybody receives the mails.
 * Without a number the alarm goes off: when there was no run yet, when its summary cannot be read, and when this
 * function does not run. What the last run left is written every hour, so that its alarm holds until a run is better.
 */
export const createHandler = ({
  env = process.env,
  clock = Date.now,
}: Seams = {}): LambdaHandler<LastRunReport> =>
  lambdaHandler({ event: z.unknown(), instead: 'send {}' }, async (_, invocation) => {
    const { logger, metrics, traced } = invocation;
    const environment = readEnvironment(env);
    const { AWS_REGION: region, REPORT_BUCKET: bucket } = environment;
    const client = traced(openS3({ region }));
    const mail = traced(openMail(region));
    try {
      // First, and whatever becomes of it: the topics say nothing of the runs.
      await measureTopics(mail, environment, invocation);
      const store = s3Store({ client, bucket });
      const hours = await hoursSinceLastRun(store, clock());
      if (hours === null)
        logger.warn(
          'There is no complete run, its summary cannot be read, or its time is in the future; in the last case delete latest/summary.json.',
        );
      else metrics.addMetric('HoursSinceLastRun', MetricUnit.NoUnit, hours);
      const coverage = await lastCoverage(store);
      if (coverage !== null) addCoverage(metrics, coverage);
      return { hours, coverage };
    } finally {
      client.destroy();
      mail.destroy();
    }
  });

function addCoverage(metrics: Metrics, { notAudited, lost }: LastCoverage): void {
  metrics.addMetric('ClustersNotAudited', MetricUnit.Count, notAudited);
  metrics.addMetric('CoverageLost', MetricUnit.Count, lost);
}

/** Topics that do not say are left out: their alarms go off without a number. */
async function measureTopics(
  client: SNSClient,
  { TOPIC_ARN, CHAT_TOPIC_ARN, ALARM_TOPIC_ARN }: Environment,
  { logger, metrics }: Invocation,
): Promise<void> {
  const topics = [
    ['DigestSubscriptions', TOPIC_ARN],
    ['ChatSubscriptions', CHAT_TOPIC_ARN],
    ['AlarmSubscriptions', ALARM_TOPIC_ARN],
  ] as const;
  for (const [metric, topicArn] of topics) {
    if (topicArn === null) continue;
    try {
      const confirmed = await confirmedSubscriptions(client, topicArn);
      if (confirmed !== null) metrics.addMetric(metric, MetricUnit.Count, confirmed);
      if (confirmed === 0)
        logger.warn(`No subscription of ${topicArn} is confirmed, so its messages reach no one.`);
    } catch (error) {
      logger.warn(`The subscriptions of ${topicArn} could not be counted.`, { error: String(error) });
    }
  }
}

export const handler = createHandler();
