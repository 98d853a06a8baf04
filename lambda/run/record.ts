import type { ClusterResult } from '../findings/run-result.ts';
import { inParallel } from '../in-parallel.ts';
import type { Notice } from '../notify/notifier.ts';
import { type Anchor, withAnchor } from '../report/anchor.ts';
import { withShortfalls } from '../report/digest-shortfalls.ts';
import type { Shortfall } from '../report/news.ts';
import { summaryDocument } from '../report/summary.ts';
import { trendRow } from '../report/trend.ts';
import { type LinkedManifest, linkedManifest } from '../store/chain.ts';
import { moveLatest, moveLatestPage } from '../store/latest.ts';
import { sealManifest } from '../store/seal.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { Signer } from '../store/signing.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';
import { addUntoldRun } from '../store/untold-runs.ts';
import { advanceLayersOf, advanceState } from './advance-states.ts';
import { layersPart } from './compare-with-state.ts';
import { complianceOf } from './compliance-of-run.ts';
import { decideRun, type RecordOptions, reportIn } from './decide-run.ts';
import type { CommittedRun } from './decided-run.ts';
import { pageOf } from './page-of-run.ts';
import { effectiveConfig } from './remembered.ts';
import { runDocument } from './run-context.ts';
import { appendTrend, readTrend } from './trend.ts';
import { writeRun } from './write-run.ts';

export interface FinishOptions {
  /** A mail follows: until it is accepted, what the run has found is owed; see late-news.ts. */
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
