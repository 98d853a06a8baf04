import { type CompletedRun, type CompleteOptions, completeRun } from '../audit/complete-run.ts';
import type { CommittedRun } from '../audit/conclusion-record.ts';
import { AuditorError } from '../errors.ts';
import { summarize } from '../report/summary.ts';
import { openNotifiers } from './notifiers.ts';
import { addRunMetrics } from './run-metrics.ts';
import { type Invocation, problemOf } from './runtime.ts';
import type { Services } from './services.ts';

/** What a handler that ends a run gives back: small, whatever the run has found. */
export interface RunReport {
  readonly run: string;
  readonly outcome: 'done' | 'done-before';
  readonly location: string | null;
  readonly clusters: number;
  readonly findings: number;
  readonly complete: boolean;
}

/**
 * Brings the run to its end, with its metrics and a line in the log.
 * @throws AuditorError when somebody could not be told: the event is then delivered again, and only that is repeated
 */
export async function completeWithMetrics(
  decide: () => Promise<CommittedRun>,
  {
    services,
    invocation,
    ...which
  }: Pick<CompleteOptions, 'run' | 'once'> & {
    readonly services: Services;
    readonly invocation: Invocation;
  },
): Promise<RunReport> {
  const { logger, metrics, traced } = invocation;
  const notifiers = await openNotifiers({ ...services, traced });
  const completed = await completeRun(decide, { ...services.completion(), notifiers, ...which });
  if (completed.outcome === 'done-before') {
    logger.info('The run was done before; nothing was changed and nobody was told again.');
    return {
      run: which.run.id,
      outcome: 'done-before',
      location: null,
      clusters: 0,
      findings: 0,
      complete: false,
    };
  }
  addRunMetrics(metrics, completed, services.clock() - Date.parse(which.run.startedAt));
  return reportOf(completed, logger);
}

function reportOf(
  { recorded, deliveries }: Exclude<CompletedRun, { outcome: 'done-before' }>,
  logger: Invocation['logger'],
): RunReport {
  const { run, location } = recorded;
  const { clusters, findings, coverage } = summarize(run);
  const failed = deliveries.flatMap(({ notifier, error }) => (error === null ? [] : [{ notifier, error }]));
  for (const { notifier, error } of failed) {
    logger.error('Somebody could not be told of the run.', { notifier, problem: problemOf(error) });
  }
  if (failed.length > 0) {
    const what = failed.map(({ error }) => error.message).join(' ');
    throw new AuditorError(
      `The run ${run.run.id} is recorded in ${location}, but not everybody was told. ${what}`,
    );
  }
  logger.info('The run is done.', {
    clusters: clusters.total,
    failedClusters: clusters.failed,
    findings: findings.active,
    complete: coverage.complete,
    location,
  });
  return {
    run: run.run.id,
    outcome: 'done',
    location,
    clusters: clusters.total,
    findings: findings.active,
    complete: coverage.complete,
  };
}
