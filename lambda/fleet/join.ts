import { notFinished } from '../audit/audit-fleet.ts';
import type { Config } from '../config/config.ts';
import { configHash } from '../config/hash.ts';
import { AuditorError, ReadError } from '../errors.ts';
import { clusterKey } from '../findings/identity.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { inOrder } from '../in-parallel.ts';
import { compareText } from '../inventory/workload.ts';
import { digest } from '../report/digest.ts';
import type { Shortfall } from '../report/news.ts';
import { ownersWithoutMail, partMails } from '../report/part-mails.ts';
import { UNTOLD } from '../run/compare-with-state.ts';
import { rankFindings } from '../run/conclude.ts';
import { readNews } from '../run/conclusion-news.ts';
import { commitRun } from '../run/conclusion-record.ts';
import { contextOf, missedBy, reportIn, suspendedIn, unseenResult } from '../run/decide-run.ts';
import type { CommittedRun } from '../run/decided-run.ts';
import { lateNews, NOTHING_OWED, owedNews } from '../run/late-news.ts';
import { recordedConfig } from '../run/remembered.ts';
import { UNFINISHED, unfinishedRuns } from '../run/unfinished-runs.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore } from '../store/store.ts';
import type { ClusterSummary } from './cluster-summary.ts';
import { type FoldedFleet, foldFleet, joinLate } from './fold.ts';
import { type FleetPlan, shardsOf } from './plan.ts';
import { deployed, readParts, type SettleOptions, settleCluster, sumUp, unreadResult } from './settle.ts';

export interface JoinOptions {
  readonly store: ReportStore;
  readonly config: Config;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Summaries that are read at once: each is small. */
const AT_ONCE = 16;

/** Else the record would say that its clusters were judged by what is configured now. */
const CHANGED_CONFIG: Shortfall = {
  part: 'the configuration',
  problem:
    'It changed while the run was going on. Clusters that were read before were judged by the earlier one, and config.json of this run is the later one. Deploy between two runs; the next run is whole.',
};

/**
 * Decides the run of a fleet from the summaries of its clusters. One that has none yet is brought to its end here, which
 * says of a cluster without a result that it was not audited. Its memory does not grow with what the clusters hold.
 */
export async function joinFleet(plan: FleetPlan, { store, config, now }: JoinOptions): Promise<CommittedRun> {
  const { run, targets, gaps, excluded, leftOutAccounts = [] } = plan;
  const options: SettleOptions = { store, config, run, clusters: targets.length, now };
  const shortfalls: Shortfall[] = plan.config === configHash(config) ? [] : [CHANGED_CONFIG];
  const scope = { excluded, gaps, leftOutAccounts };
  const looked = [...targets.map(({ identity }) => identity), ...gaps.map(({ cluster }) => cluster)];
  const missed = await missedBy(store, { targets: looked, scope }, shortfalls);
  const sums: readonly (() => Promise<ClusterSummary>)[] = [
    ...targets.map(
      (target) => () =>
        settled(target.identity, options, () => readParts(target.identity, shardsOf(plan, target), options)),
    ),
    ...gaps.map(({ cluster, scope: of, reason, message, remedy }) => () => {
      const result = notFinished(cluster, new ReadError(reason, message, remedy), deployed(options));
      return of === 'place' ? sumUp(result, options) : unread(result, options);
    }),
    ...missed.unseen.map((one) => () => unread(unseenResult(one, deployed(options)), options)),
  ];
  const fold = foldFleet({ config, run, now });
  // In their order, so that the same run is the same text.
  for await (const [index, summary] of inOrder(sums, AT_ONCE)) fold.add(index, summary);
  const folded = fold.finish();
  const { late, settledRuns, newsUnknown } = await lateOfFleet(folded, options, shortfalls);
  const unfinished = await orShortfall(UNFINISHED, shortfalls, () =>
    unfinishedRuns(store, { run, lateSince: late?.since ?? null }),
  );
  const judged = {
    run: folded.run,
    ranked: rankFindings(folded.run.clusters, now),
    exemptions: folded.exemptions,
    firstRun: folded.firstRun,
    gone: missed.gone,
    late,
    shortfalls: [...folded.shortfalls, ...shortfalls],
    changes: folded.changes,
    acceptedGaps: folded.acceptedGaps,
    newsUnknown,
  };
  const suspended = suspendedIn(scope);
  const about = {
    ...judged,
    ...{ suspended, unfinished: unfinished ?? [], reportLocation: reportIn(store, run.id) },
    options: config.digest,
  };
  const decided = {
    ...judged,
    now,
    digest: digest({ ...about, ownersWithoutMail: ownersWithoutMail(about, config.digest) }),
    parts: partMails({ ...about, suspended: [], unfinished: [] }, config.digest),
    comparedWith: new Map(),
    stored: folded.stored.toSorted((a, b) => compareText(a.key, b.key)),
    settled: settledRuns,
    config: recordedConfig(config),
    accounts: config.accounts,
    context: contextOf({ config, scope, now, start: plan.start ?? 'scheduled' }, unfinished),
    perCluster: true,
  };
  return commitRun(store, decided, { once: true });
}

const unread = (result: ClusterResult, options: SettleOptions): Promise<ClusterSummary> =>
  settled(result.cluster, options, async () => ({ result, inventories: [], shortfalls: [] }));

/** What cannot be read of one cluster costs that cluster its verdicts, and no other one the run. */
async function settled(
  cluster: ClusterResult['cluster'],
  options: SettleOptions,
  find: Parameters<typeof settleCluster>[1],
): Promise<ClusterSummary> {
  try {
    return await settleCluster(cluster, find, options);
  } catch (error) {
    if (!(error instanceof AuditorError)) throw error;
    return sumUp(notFinished(cluster, unreadResult(error), deployed(options)), options);
  }
}

/** With what earlier runs owe of clusters that this one does not hold. */
async function lateOfFleet(
  folded: FoldedFleet,
  { store, run }: SettleOptions,
  shortfalls: Shortfall[],
): Promise<Pick<CommittedRun, 'late' | 'newsUnknown'> & { readonly settledRuns: readonly string[] }> {
  const held = new Set(folded.run.clusters.map(({ cluster }) => clusterKey(cluster)));
  const isOther = (row: { readonly cluster: ClusterResult['cluster'] }): boolean =>
    !held.has(clusterKey(row.cluster));
  const owed = await orShortfall(UNTOLD, shortfalls, () =>
    owedNews(store, run.id, async (earlier) => {
      const news = await readNews(store, earlier);
      if (news === null) return null;
      const { rows, changed, ended, ...about } = news;
      return { ...about, rows: rows.filter(isOther), changed: changed.filter(isOther), ended: [] };
    }),
  );
  const none = {
    run: { run: folded.run.run, clusters: [] },
    exemptions: { ...folded.exemptions, ended: [] },
  };
  const others = lateNews(owed ?? NOTHING_OWED, none);
  const settledRuns = (owed ?? NOTHING_OWED).settled.filter(
    (id) => folded.settled.has(id) || folded.run.clusters.length === 0,
  );
  return {
    late: joinLate(
      [folded.late, others].filter((one) => one !== null),
      Number.POSITIVE_INFINITY,
    ),
    newsUnknown: folded.newsUnknown || owed === null,
    settledRuns,
  };
}
