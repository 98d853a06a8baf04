import { notFinished } from '../audit/audit-fleet.ts';
import { bundleSha256 } from '../bundle.ts';
import type { Config } from '../config/config.ts';
import { ReadError } from '../errors.ts';
import { acceptedGapNotes } from '../exemptions/accepted-gaps.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { inParallel } from '../in-parallel.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { compareText } from '../inventory/workload.ts';
import { digest } from '../report/digest.ts';
import type { Shortfall, UnfinishedRun } from '../report/news.ts';
import { ownersWithoutMail, partMails } from '../report/part-mails.ts';
import { runKey } from '../store/layout.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';
import { compareWithState, isComparison, statesToAdvance, UNTOLD } from './compare-with-state.ts';
import { concludeRun } from './conclude.ts';
import { commitRun } from './conclusion-record.ts';
import type { CommittedRun } from './decided-run.ts';
import { lateNews, NOTHING_OWED, owedNews } from './late-news.ts';
import { type MissedClusters, missedClusters, type RunScope } from './missed-clusters.ts';
import { recordedConfig } from './remembered.ts';
import { runChanges } from './run-changes.ts';
import {
  accountsLeftOut,
  type LeftOut,
  leftOutBy,
  type RunContext,
  type RunStart,
  sortedLeftOut,
} from './run-context.ts';
import { manualRun, type RunIdentity } from './run-identity.ts';
import { UNFINISHED, unfinishedRuns } from './unfinished-runs.ts';
import { type InventorySource, writeInventories } from './write-run.ts';

export interface RecordOptions {
  readonly config: Config;
  /** @defaultValue a run that somebody starts by hand */
  readonly run?: RunIdentity;
  /** @defaultValue the command line */
  readonly start?: RunStart;
  /** Clusters that are no targets, beside those that {@link scope} excludes. @defaultValue none */
  readonly leftOut?: readonly LeftOut[];
  /** Epoch milliseconds: when the clusters were read. */
  readonly now: number;
  readonly inventories?: readonly InventorySource[];
  /** Inventories that are stored already. */
  readonly stored?: readonly StoredObject[];
  /**
   * The run may be delivered again: what is decided first stands.
   * @defaultValue `false`: somebody starts it by hand, and what is found now counts
   */
  readonly once?: boolean;
  /** Given when the targets are all there is; then those of earlier runs that are missing are reported. */
  readonly scope?: RunScope | null;
  /** Parts of the record that were refused while clusters were read. */
  readonly shortfalls?: readonly Shortfall[];
  /** What images are asked where the configuration says nothing: of clusters that could not be looked for, too. @defaultValue `off` */
  readonly registryDefault?: 'metadata' | 'off';
}

/** Objects that are read or written at once. */
const AT_ONCE = 8;

/**
 * Compares with the last states in the store, and stores what is decided. No state is changed. What the store refuses
 * is a shortfall of the run, not its end.
 */
export async function decideRun(
  store: ReportStore,
  audited: readonly ClusterResult[],
  options: RecordOptions,
): Promise<CommittedRun> {
  const { config, now, once = false } = options;
  const targets = audited.map(({ cluster }) => cluster);
  const run = options.run ?? manualRun(now, config, targets);
  const shortfalls: Shortfall[] = [...(options.shortfalls ?? [])];
  const written = await writeInventories(store, run, options.inventories ?? [], shortfalls);
  const stored = [...(options.stored ?? []), ...written].sort((a, b) => compareText(a.key, b.key));
  const missed = await missedBy(store, { targets, scope: options.scope ?? null }, shortfalls);
  const results = [...audited, ...missed.unseen.map((one) => unseenResult(one, options))];
  const compared = await inParallel(results, AT_ONCE, (result) =>
    compareWithState(store, result, { run, now, shortfalls }),
  );
  const conclusion = concludeRun(compared, { config, now, run });
  const owed = await orShortfall(UNTOLD, shortfalls, () => owedNews(store, run.id));
  const { settled } = owed ?? NOTHING_OWED;
  const facts = { gone: missed.gone, late: lateNews(owed ?? NOTHING_OWED, conclusion), shortfalls };
  const reportLocation = reportIn(store, run.id);
  const rows = conclusion.run.clusters.flatMap(({ notEvaluated }) => notEvaluated);
  const newsUnknown = owed === null || compared.some(({ result }) => result.notEvaluated.some(isComparison));
  const judged = {
    ...conclusion,
    ...facts,
    changes: runChanges(compared, config),
    acceptedGaps: acceptedGapNotes(
      config.acceptedGaps,
      rows,
      now,
      conclusion.firstRun ? null : run.startedAt,
    ),
    newsUnknown,
  };
  const suspended = suspendedIn(options.scope);
  const lateSince = owed?.since ?? null;
  const unfinished = await orShortfall(UNFINISHED, shortfalls, () =>
    unfinishedRuns(store, { run, lateSince }),
  );
  const about = {
    ...judged,
    suspended,
    unfinished: unfinished ?? [],
    reportLocation,
    options: config.digest,
  };
  const mail = digest({ ...about, ownersWithoutMail: ownersWithoutMail(about, config.digest) });
  // Of the accounts the mail about everything speaks.
  const parts = partMails({ ...about, suspended: [], unfinished: [] }, config.digest);
  const comparedWith = statesToAdvance(compared, conclusion.run.clusters);
  const decided = { ...judged, now, digest: mail, parts, comparedWith, stored };
  const { accounts } = config;
  const context = contextOf(options, unfinished);
  return commitRun(
    store,
    { ...decided, settled, config: recordedConfig(config), accounts, context },
    { once },
  );
}

/** Ids of accounts that let nobody in, for the mail. */
export const suspendedIn = (scope: RunScope | null | undefined): readonly string[] =>
  (scope?.leftOutAccounts ?? []).flatMap(({ accountId, reason }) =>
    reason === 'account-suspended' ? [accountId] : [],
  );

/** What a person opens first. */
export const reportIn = (store: ReportStore, runId: string): string =>
  store.location(runKey(runId, 'report.html'));

/** @param unfinished `null`: no look was taken */
export const contextOf = (
  { config, scope, start = 'command', leftOut = [] }: RecordOptions,
  unfinished: readonly UnfinishedRun[] | null,
): RunContext => ({
  start,
  ...(unfinished === null ? {} : { unfinished }),
  bundleSha256: bundleSha256(),
  leftOut: sortedLeftOut([
    ...leftOutBy(config.clusters, scope?.excluded ?? []),
    ...accountsLeftOut(scope?.leftOutAccounts ?? []),
    ...leftOut,
  ]),
});

export async function missedBy(
  store: ReportStore,
  { targets, scope }: { readonly targets: readonly ClusterIdentity[]; readonly scope: RunScope | null },
  shortfalls: Shortfall[],
): Promise<MissedClusters> {
  const none: MissedClusters = { gone: [], unseen: [] };
  if (scope === null) return none;
  const part = 'the list of clusters that earlier runs knew';
  return (await orShortfall(part, shortfalls, () => missedClusters(store, targets, scope))) ?? none;
}

/** A cluster that could not be looked for has not become clean: what was known of it stays open. */
export const unseenResult = ({ cluster, gap }: MissedClusters['unseen'][number], options: RecordOptions) =>
  notFinished(cluster, new ReadError(gap.reason, gap.message, gap.remedy), options);
