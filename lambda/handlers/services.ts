import { randomUUID } from 'node:crypto';
import { type Budget, startBudget } from '../audit/budget.ts';
import type { Config } from '../config/config.ts';
import { type AwsAccess, openAwsAccess } from '../connect/aws/access.ts';
import { openS3 } from '../connect/aws/s3-client.ts';
import type { ReadError } from '../errors.ts';
import type { CompleteOptions } from '../run/complete-run.ts';
import type { RunObserver } from '../run/run-observer.ts';
import { boundedStore } from '../store/bounded-store.ts';
import { s3Store } from '../store/s3-store.ts';
import type { ReportStore } from '../store/store.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { openKmsSigner } from './kms-signer.ts';
import { loadConfig } from './load-config.ts';
import { type Invocation, problemOf } from './runtime.ts';

/** Where a test may take hold. */
export interface Seams {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly clock?: () => number;
  /** See `DeliveryOptions`. */
  readonly patience?: number;
  /** See `AwsSettings`; of the bucket. */
  readonly silenceMs?: number;
  readonly aroundStore?: (store: ReportStore) => ReportStore;
}

/** What the stages need, opened for one invocation: credentials are requested again. */
export interface Services {
  readonly environment: Environment;
  readonly config: Config;
  /** For finding and reading clusters: it ends with their time. */
  readonly access: AwsAccess;
  readonly budget: Budget;
  readonly store: ReportStore;
  /** The store while the run is decided: what earlier runs have left is read as long as there is time. */
  readonly deciding: ReportStore;
  readonly clock: () => number;
  readonly observer: RunObserver;
  /** What completing a run takes besides the run and those who are notified of it. */
  completion(): Pick<CompleteOptions, 'store' | 'signer' | 'attempt' | 'patience' | 'trace' | 'limits'>;
  /** Takes what else ends with the invocation. */
  onClose(close: () => void): void;
  /** Ends the requests that are under way: the process goes on to the next invocation. */
  close(): void;
}

/** @param outOfTime What is said of clusters for which the time of the function was not enough. */
export async function openServices(
  { context, logger, trace, traced }: Invocation,
  { env = process.env, clock = Date.now, patience, silenceMs, aroundStore = (store) => store }: Seams,
  outOfTime?: ReadError,
): Promise<Services> {
  const environment = readEnvironment(env);
  const { AWS_REGION: region, REPORT_BUCKET: bucket, REPORT_KEY_ARN: kmsKeyArn } = environment;
  const { SIGNING_KEY_ARN: keyArn } = environment;
  const client = traced(openS3({ region, ...(silenceMs === undefined ? {} : { silenceMs }) }));
  const config = await loadConfig(environment, client, (line) => logger.warn(line));
  const budget = startBudget(context.getRemainingTimeInMillis(), outOfTime);
  const access = openAwsAccess({ region, signal: budget.signal });
  const store = aroundStore(s3Store({ client, bucket, kmsKeyArn }));
  const { credentials } = client.config;
  const { recording } = budget;
  const signer = keyArn === null ? null : openKmsSigner({ keyArn, credentials, recording });
  const closers: (() => void)[] = [];
  return {
    budget,
    deciding: boundedStore(store, { reads: () => budget.comparing, writes: () => budget.recording }),
    environment,
    config,
    access,
    store,
    clock,
    observer: loggingObserver(logger),
    completion: () => ({
      store,
      signer,
      trace,
      limits: budget,
      attempt: randomUUID(),
      ...(patience === undefined ? {} : { patience }),
    }),
    close: () => {
      budget.close();
      access.close();
      signer?.close();
      client.destroy();
      for (const close of closers) close();
    },
    onClose: (close) => {
      closers.push(close);
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
      logger.error('The audit of a cluster stopped with an unexpected error.', {
        cluster: cluster.arn ?? cluster.name,
        problem: problemOf(error),
      }),
  };
}
