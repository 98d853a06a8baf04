import type { Config } from '../config/config.ts';
import { acceptedGapNotes } from '../exemptions/accepted-gaps.ts';
import { clusterKey } from '../findings/identity.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { digest } from '../report/digest.ts';
import type { Shortfall } from '../report/news.ts';
import { clusterObjectKey } from '../store/layout.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';
import { compareWithState, isComparison, statesToAdvance, UNTOLD } from './compare-with-state.ts';
import { concludeRun } from './conclude.ts';
import { type DecidedNews, readNews } from './conclusion-news.ts';
import { commitRun } from './conclusion-record.ts';
import type { CommittedRun, DecidedRun } from './decided-run.ts';
import { lateNews, NOTHING_OWED, owedNews } from './late-news.ts';
import { recordedConfig } from './remembered.ts';
import { runChanges } from './run-changes.ts';
import type { RunIdentity } from './run-identity.ts';

export interface DecideClusterOptions {
  readonly config: Config;
  readonly run: RunIdentity;
  /** Epoch milliseconds: when the cluster was read. */
  readonly now: number;
  /** Its inventories, which are stored already. */
  readonly stored: readonly StoredObject[];
  /** Parts of the record that were refused while it was read. */
  readonly shortfalls: readonly Shortfall[];
}

/** Where it is kept what was decided about a cluster of a fleet. */
export const decisionKey = (runId: string, cluster: ClusterIdentity): string =>
  clusterObjectKey(runId, cluster, 'conclusion.ndjson.gz');

/**
 * Compares one cluster of a fleet with its last state, and stores what is decided about it: the first decision of a run
 * stands. No state is changed, as in `decideRun`, which does so for all clusters of a run together.
 */
export async function decideCluster(
  store: ReportStore,
  result: ClusterResult,
  options: DecideClusterOptions,
): Promise<CommittedRun> {
  const key = decisionKey(options.run.id, result.cluster);
  return commitRun(store, await judgeCluster(store, result, options), { once: true, key });
}

/** The same without storing it: for what is no cluster of its own, such as a region that could not be asked. */
export async function judgeCluster(
  store: ReportStore,
  result: ClusterResult,
  { config, run, now, stored, ...options }: DecideClusterOptions,
): Promise<DecidedRun> {
  const { cluster } = result;
  const shortfalls: Shortfall[] = [...options.shortfalls];
  const compared = await compareWithState(store, result, { run, now, shortfalls });
  const conclusion = concludeRun([compared], { config, now, run });
  const owed = await orShortfall(UNTOLD, shortfalls, () =>
    owedNews(store, run.id, (earlier) => newsOfCluster(store, earlier, cluster)),
  );
  const rows = conclusion.run.clusters.flatMap(({ notEvaluated }) => notEvaluated);
  const since = conclusion.firstRun ? null : run.startedAt;
  const judged = {
    ...conclusion,
    gone: [],
    late: lateNews(owed ?? NOTHING_OWED, conclusion),
    shortfalls,
    changes: runChanges([compared], config),
    acceptedGaps: acceptedGapNotes(config.acceptedGaps, rows, now, since),
    newsUnknown: owed === null || rows.some(isComparison),
  };
  return {
    ...judged,
    now,
    digest: digest({ ...judged, reportLocation: null, options: config.digest }),
    parts: [],
    comparedWith: statesToAdvance([compared], conclusion.run.clusters),
    stored,
    settled: (owed ?? NOTHING_OWED).settled,
    config: recordedConfig(config),
    accounts: config.accounts,
  };
}

/** What an earlier run owes of one cluster, whether its clusters were decided one by one or together. */
async function newsOfCluster(
  store: ReportStore,
  run: string,
  cluster: ClusterIdentity,
): Promise<DecidedNews | null> {
  const own = await readNews(store, run, decisionKey(run, cluster));
  if (own !== null) return own;
  const news = await readNews(store, run);
  if (news === null) return null;
  const isOwn = (row: { readonly cluster: ClusterIdentity }): boolean =>
    row.cluster.arn === null || cluster.arn === null
      ? clusterKey(row.cluster) === clusterKey(cluster)
      : row.cluster.arn === cluster.arn;
  const { rows, changed, ended, ...about } = news;
  return {
    ...about,
    rows: rows.filter(isOwn),
    changed: changed.filter(isOwn),
    ended: ended.filter(isOwn),
  };
}
