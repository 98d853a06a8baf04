import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import type { CompleteOptions } from '../audit/complete-run.ts';
import type { RunObserver } from '../audit/run-observer.ts';
import type { Config } from '../config/model.ts';
import { type AwsAccess, openAwsAccess } from '../connect/aws-access.ts';
import { clientConfig } from '../connect/aws-client.ts';
import { s3Store } from '../store/s3-store.ts';
import type { ReportStore } from '../store/store.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { loadConfig } from './load-config.ts';
import { type Invocation, problemOf } from './runtime.ts';

/** Where a test may take hold. */
export interface Seams {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: () => number;
  /** See `DeliveryOptions`. */
  readonly patience?: number;
  readonly aroundStore?: (store: ReportStore) => ReportStore;
}

/** What the stages need, opened for one invocation: credentials are asked for anew. */
export interface Services {
  readonly environment: Environment;
  readonly config: Config;
  readonly access: AwsAccess;
  readonly store: ReportStore;
  readonly clock: () => number;
  readonly observer: RunObserver;
  /** What completing a run takes besides the run and those who are told of it. */
  completion(): Pick<CompleteOptions, 'store' | 'attempt' | 'patience' | 'trace'>;
  close(): void;
}

export async function openServices(
  { logger, trace, traced }: Invocation,
  { env = process.env, clock = Date.now, patience, aroundStore = (store) => store }: Seams,
): Promise<Services> {
  const environment = readEnvironment(env);
  const { AWS_REGION: region, REPORT_BUCKET: bucket, REPORT_KEY_ARN: kmsKeyArn } = environment;
  const client = traced(new S3Client({ ...clientConfig({ region }), followRegionRedirects: true }));
  const config = await loadConfig(environment, client, (line) => logger.warn(line));
  const access = openAwsAccess({ region });
  const store = aroundStore(s3Store({ client, bucket, kmsKeyArn }));
  return {
    environment,
    config,
    access,
    store,
    clock,
    observer: loggingObserver(logger),
    completion: () => ({
      store,
      trace,
      attempt: randomUUID(),
      ...(patience === undefined ? {} : { patience }),
    }),
    close: () => {
      access.close();
      client.destroy();
    },
  };
}

function loggingObserver(logger: Invocation['logger']): RunObserver {
  return {
    onDiscovered: (found) => logger.info('Clusters were discovered.', { ...found }),
    onAudited: ({ cluster, outcome, totals, findings, notEvaluated }, milliseconds) => {
      const [first] = notEvaluated;
      logger[outcome === 'failed' ? 'warn' : 'info'](
        outcome === 'failed' ? 'A cluster could not be audited.' : 'A cluster was audited.',
        {
          cluster: cluster.arn ?? cluster.name,
          pods: totals.pods,
          findings: findings.length,
          notEvaluated: notEvaluated.length,
          milliseconds: Math.round(milliseconds),
          ...(outcome === 'failed' && first ? { reason: first.reason, problem: first.message } : {}),
        },
      );
    },
    onDefect: (cluster, error) =>
      logger.error('The audit of a cluster broke off.', {
        cluster: cluster.arn ?? cluster.name,
        problem: problemOf(error),
      }),
  };
}
