import { AuditorError } from '../errors.ts';
import { summarize } from '../report/summary.ts';
import { type CompletedRun, type CompleteOptions, completeRun } from '../run/complete-run.ts';
import type { CommittedRun } from '../run/decided-run.ts';
import { openNotifiers, partNotifiersOf } from './notifiers.ts';
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
 * @throws AuditorError when a notification could not be sent: the event is then delivered again, and only that is repeated
 */
export async function completeWithMetrics(
  decide: () => Promise<CommittedRun>,
  {
    services,
    invocation,
    openTargets = openNotifiers,
    ...which
  }: Pick<CompleteOptions, 'run' | 'once' | 'onRecorded' | 'isLast'> & {
    readonly services: Services;
    readonly invocation: Invocation;
    /** @defaultValue all that the environment names */
    readonly openTargets?: typeof openNotifiers;
  },
): Promise<RunReport> {
  const { logger, metrics, traced } = invocation;
  const notifiers = await openTargets({ ...services, traced });
  const partNotifiers = partNotifiersOf({ ...services, traced });
  const completed = await completeRun(decide, {
    ...services.completion(),
    notifiers,
    partNotifiers,
    ...which,
  });
  if (completed.outcome === 'done-before') {
    logger.info('The run was already complete; nothing was changed and no notification sent.');
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
  const { run, location, shortfalls, anchor } = recorded;
  const { clusters, findings, coverage } = summarize(run);
  // Beyond the reach of whoever can write the bucket: `verify --expect` compares with it.
  if (anchor !== null) logger.info('The manifest of the run is stored.', { ...anchor });
  for (const { notifier, outcome, error } of deliveries) {
    if (error === null) continue;
    const problem = problemOf(error);
    if (outcome === 'failed')
      logger.error('A notification of the run could not be sent.', { notifier, problem });
    else logger.error('It could not be recorded that a notification was sent.', { notifier, problem });
  }
  for (const shortfall of shortfalls) logger.error('A part of the record is missing.', { ...shortfall });
  const failed = deliveries.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) {
    const what = failed.map(({ error }) => error?.message).join(' ');
    throw new AuditorError(
      `The run ${run.run.id} is recorded in ${location}, but not every notification was sent. ${what}`,
    );
  }
  if (shortfalls.length > 0) {
    const what = shortfalls.map(({ part, problem }) => `${part}: ${problem}`).join(' ');
    throw new AuditorError(
      `Every notification of the run ${run.run.id} was sent, but its record in ${location} is not complete: ${what}`,
    );
  }
  logger.info('The run is complete.', {
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
