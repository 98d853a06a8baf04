import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { hoursSinceLastRun } from '../audit/last-run.ts';
import { clientConfig } from '../connect/aws-client.ts';
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
    const client = traced(new S3Client({ ...clientConfig({ region }), followRegionRedirects: true }));
    try {
      const hours = await hoursSinceLastRun(s3Store({ client, bucket }), clock());
      if (hours === null) logger.warn('There is no complete run, or its summary cannot be read.');
      else metrics.addMetric('HoursSinceLastRun', MetricUnit.NoUnit, hours);
      return { hours };
    } finally {
      client.destroy();
    }
  });

export const handler = createHandler();
