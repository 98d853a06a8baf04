import { notFinished } from '../audit/audit-fleet.ts';
import { bundleSha256 } from '../bundle.ts';
import type { Config } from '../config/config.ts';
import { ReadError } from '../errors.ts';
import { acceptedGapNotes } from '../exemptions/accepted-gaps.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { inParallel } from '../in-parallel.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { compareText } from '../inventory/workload.ts';
import type { Notice } from '../notify/notifier.ts';
import { type Anchor, withAnchor } from '../report/anchor.ts';
import { digest } from '../report/digest.ts';
import { withShortfalls } from '../report/digest-shortfalls.ts';
import type { Shortfall, UnfinishedRun } from '../report/news.ts';
import { ownersWithoutMail, partMails } from '../report/part-mails.ts';
import { summaryDocument } from '../report/summary.ts';
import { trendRow } from '../report/trend.ts';
import { type LinkedManifest, linkedManifest } from '../store/chain.ts';
import { moveLatest, moveLatestPage } from '../store/latest.ts';
import { runKey } from '../store/layout.ts';
import { sealManifest } from '../store/seal.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { Signer } from '../store/signing.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';
import { addUntoldRun } from '../store/untold-runs.ts';
import { advanceLayersOf, advanceState } from './advance-states.ts';
import { compareWithState, isComparison, layersPart, statesToAdvance, UNTOLD } from './compare-with-state.ts';
import { complianceOf } from './compliance-of-run.ts';
import { concludeRun } from './conclude.ts';
import { type CommittedRun, commitRun } from './conclusion-record.ts';
import { lateNews, NOTHING_OWED, owedNews } from './late-news.ts';
import { type MissedClusters, missedClusters, type RunScope } from './missed-clusters.ts';
import { pageOf } from './page-of-run.ts';
import { effectiveConfig, recordedConfig } from './remembered.ts';
import { runChanges } from './run-changes.ts';
import {
  accountsLeftOut,
  type LeftOut,
  leftOutBy,
  type RunContext,
  type RunStart,
  runDocument,
  sortedLeftOut,
} from './run-context.ts';
import { manualRun, type RunIdentity } from './run-identity.ts';
import { appendTrend, readTrend } from './trend.ts';
import { UNFINISHED, unfinishedRuns } from './unfinished-runs.ts';
import { type InventorySource, writeInventories, writeRun } from './write-run.ts';

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

export interface FinishOptions {
  /** A mail follows: until it is accepted, what the run has found is owed. See {@link owedNews}. */
  readonly mail: boolean;
  /** @defaultValue the record is not signed */
  readonly signer?: Signer | null;
}

export interface RecordedRun extends CommittedRun {
  /** How a person finds the reports. */
  readonly location: string;
  /** All that is missing from the record, or could not be looked at. */
  readonly shortfalls: readonly Shortfall[];
  /** What is notified of it: as it was decided, what is missing of the record since, and the anchor. */
  readonly notice: Notice;
  /** It is noted that the run's news is owed until a mail is accepted, so that states may follow. */
  readonly isOwed: boolean;
  /** `null` when the record is not whole, so that no manifest vouches for it. */
  readonly anchor: Anchor | null;
}

/**
 * Records a run so that it can be interrupted anywhere and repeated: first what was decided, in one object;
 * then everything that follows from it, the states of the clusters last. See docs/decisions/0006.
 */
export async function recordRun(
  store: ReportStore,
  results: readonly ClusterResult[],
  options: RecordOptions & FinishOptions,
): Promise<RecordedRun> {
  return finishRun(store, await decideRun(store, results, options), options);
}

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
    ...{ suspended, unfinished: unfinished ?? [] },
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

/** Objects that are read or written at once. */
const AT_ONCE = 8;

/**
 * Writes everything that follows from a decided run: reports, manifest, `latest/`, and the states last.
 * Repeating it, also at the same time, gives the same objects. Whatever the store refuses keeps nothing else from
 * being written, but the states: these wait until it is noted that the run's news is owed.
 */
export async function finishRun(
  store: ReportStore,
  decided: CommittedRun,
  options: FinishOptions,
): Promise<RecordedRun> {
  const { run, record } = decided;
  const { later, anchor, isOwed } =
    record === null ? UNRECORDED : await writeAll(store, decided, { ...options, record });
  const shortfalls = [...decided.shortfalls, ...later];
  const location = reportIn(store, run.run.id);
  const { firstRun, now } = decided;
  const mail = withAnchor(withShortfalls(decided.digest, later, decided.shortfalls), anchor);
  const facts = { ...decided, shortfalls, reportLocation: record === null ? null : location };
  const notice = { run, firstRun, now, location, anchor, digest: mail, facts };
  return { ...decided, location, shortfalls, notice, anchor, isOwed };
}

/** What became of the record. */
interface Written {
  readonly isOwed: boolean;
  /** What is missing of it. */
  readonly later: readonly Shortfall[];
  readonly anchor: Anchor | null;
}

const UNRECORDED: Written = { later: [], anchor: null, isOwed: false };

async function writeAll(
  store: ReportStore,
  decided: CommittedRun,
  { record, mail, signer = null }: FinishOptions & { readonly record: StoredObject },
): Promise<Written> {
  const { run, settled } = decided;
  const { later, anchor } = await writeReports(store, decided, { record, signer });
  const shortfalls = [...later];
  const noted = await orShortfall(
    'the marker that a mail is due, and the new states',
    shortfalls,
    async () => {
      await addUntoldRun(store, run.run.id, { settled, always: mail });
      return true;
    },
  );
  const isOwed = noted !== null;
  const written = { later: shortfalls, anchor, isOwed };
  if (!isOwed) return written;
  // Those of a fleet are moved with what is notified of each cluster.
  if (decided.perCluster === true) return written;
  await inParallel(run.clusters, AT_ONCE, async (result) => {
    const { cluster } = result;
    const advanced = await orShortfall(`the state of cluster ${cluster.name}`, shortfalls, () =>
      advanceState(store, decided, result),
    );
    if (advanced !== null) {
      await orShortfall(layersPart(cluster), shortfalls, () => advanceLayersOf(store, decided, cluster));
    }
  });
  return written;
}

async function writeReports(
  store: ReportStore,
  decided: CommittedRun,
  { record, signer }: { readonly record: StoredObject; readonly signer: Signer | null },
): Promise<Omit<Written, 'isOwed'>> {
  const { run, digest: mail, gone, stored } = decided;
  const shortfalls: Shortfall[] = [];
  const { id } = run.run;
  const linked = await orShortfall('the chain of manifests', shortfalls, async () => ({
    manifest: await linkedManifest(store, id),
  }));
  if (linked === null) return { later: shortfalls, anchor: null };
  const { manifest } = linked;
  if (manifest !== null) {
    return {
      later: await finishReports(store, { run, gone, manifest, signer }),
      anchor: anchorOf(id, manifest),
    };
  }
  // A picture of earlier runs is worth less than this one's page.
  const trend = (await orShortfall('the trend of earlier runs', [], () => readTrend(store))) ?? [];
  const config = effectiveConfig(decided.config, decided.accounts, run.run.config);
  const written = await writeRun(store, run, {
    digest: mail,
    compliance: complianceOf(run),
    page: pageOf(decided, { trend, config, location: reportIn(store, id) }),
    config,
    bundleSha256: decided.context?.bundleSha256 ?? null,
    about: decided.context === undefined ? null : runDocument(run, decided.context, decided.now),
    stored: [...stored, record],
    gone,
    perCluster: decided.perCluster === true,
    signer,
  });
  const { summary, manifest: made } = written;
  const later = [...written.shortfalls, ...(await addToTrend(store, summary, made?.sha256 ?? null))];
  return { later, anchor: made === null ? null : anchorOf(id, made) };
}

const anchorOf = (run: string, { sequence, sha256 }: LinkedManifest): Anchor => ({ run, sequence, sha256 });

/** Later runs may have continued the manifest, so none of the objects that it names is written again. */
async function finishReports(
  store: ReportStore,
  {
    run,
    gone,
    manifest,
    signer,
  }: Pick<CommittedRun, 'run' | 'gone'> & {
    readonly manifest: LinkedManifest;
    readonly signer: Signer | null;
  },
): Promise<readonly Shortfall[]> {
  const shortfalls: Shortfall[] = [];
  const summary = summaryDocument(run, gone);
  await sealManifest(store, run.run.id, { manifest, signer, fresh: false, shortfalls });
  await orShortfall('the summary of the latest run', shortfalls, () => moveLatest(store, run.run, summary));
  await orShortfall('the page of the latest run', shortfalls, () => moveLatestPage(store));
  return [...shortfalls, ...(await addToTrend(store, summary, manifest.sha256))];
}

/** @returns what is missing of it */
async function addToTrend(
  store: ReportStore,
  summary: string,
  manifest: string | null,
): Promise<readonly Shortfall[]> {
  const shortfalls: Shortfall[] = [];
  await orShortfall('the trend of the runs', shortfalls, async () => {
    const row = trendRow(summary, manifest);
    if (row === null) throw new Error('The summary of a run has its numbers.');
    await appendTrend(store, row);
  });
  return shortfalls;
}
