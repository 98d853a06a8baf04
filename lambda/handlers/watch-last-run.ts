import { MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { openS3 } from '../connect/aws/s3-client.ts';
import { hoursSinceLastRun } from '../run/last-run.ts';
import { s3Store } from '../store/s3-store.ts';
import { readEnvironment } from './environment.ts';
import { type LambdaHandler, lambdaHandler } from './runtime.ts';
import type { Seams } from './services.ts';

export interface LastRunReport {
  readonly hours: number | null;
}

/**
 * Measures every hour how old the last complete run is. Without a number the alarm goes off: when there was no run
 * yet, when its summary cannot be read, and when this function does not run.
 */
export const createHandler = ({
  env = process.env,
  clock = Date.now,
}: Seams = {}): LambdaHandler<LastRunReport> =>
  lambdaHandler(z.unknown(), async (_, { logger, metrics, traced }) => {
    const { AWS_REGION: region, REPORT_BUCKET: bucket } = readEnvironment(env);
    const client = traced(openS3({ region }));
    try {
      const hours = await hoursSinceLastRun(s3Store({ client, bucket }), clock());
      if (hours === null)
        logger.warn(
          'There is no complete run, its summary cannot be read, or its time is in the future; in the last case delete latest/summary.json.',
        );
      else metrics.addMetric('HoursSinceLastRun', MetricUnit.NoUnit, hours);
      return { hours };
    } finally {
      client.destroy();
    }
  });

export const handler = createHandler();
