import { AuditorError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import {
  parseTrendLine,
  TREND_RUNS,
  type TrendRow,
  trendLine,
  trendRow,
  withTrendRows,
} from '../report/trend.ts';
import { previousRun } from '../store/chain.ts';
import { gunzipLines, gzipLines } from '../store/gzip.ts';
import { RUNS_FOLDER, runKey, runOfSummaryKey, TREND } from '../store/layout.ts';
import { sha256Of } from '../store/manifest.ts';
import type { ReportStore } from '../store/store.ts';

/**
 * The numbers of the last runs, oldest first. What is lost or damaged of the trend is made again from the summaries of the
 * runs that are still stored; nothing is written.
 */
export const readTrend = async (store: ReportStore): Promise<readonly TrendRow[]> =>
  (await openTrend(store)).rows;

/** Runs that end at the same moment take turns. */
const ATTEMPTS = 20;

/**
 * Adds the row of a run to the trend, and those of runs right before it that were killed before they could do so.
 * Doing it again, also at the same time as other runs, leaves one row a run.
 */
export async function appendTrend(store: ReportStore, row: TrendRow): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { rows, lines, version } = await openTrend(store);
    const all = withTrendRows(rows, [...(await missedBefore(store, row, rows)), row]);
    const now = all.map(trendLine);
    if (lines !== null && now.join('') === lines) return;
    const options = { contentType: 'application/gzip', expected: version };
    if ((await store.putIf(TREND, gzipLines(now), options)) !== null) return;
  }
  throw new AuditorError(
    `Other runs kept changing ${store.location(TREND)}; run again when fewer of them run at once.`,
  );
}

interface OpenTrend {
  readonly rows: readonly TrendRow[];
  /** The text that is stored; `null` where it is not what is to be stored. */
  readonly lines: string | null;
  /** For replacing it; `null`: there is none. */
  readonly version: string | null;
}

async function openTrend(store: ReportStore): Promise<OpenTrend> {
  const stored = await store.getVersioned(TREND);
  const { rows, whole } = stored === null ? NOTHING : await understood(stored.bytes);
  if (whole) return { rows, lines: rows.map(trendLine).join(''), version: stored?.version ?? null };
  const again = await rebuiltTrend(store);
  return { rows: withTrendRows(again, rows), lines: null, version: stored?.version ?? null };
}

const NOTHING = { rows: [], whole: false };

/** The rows that can be read, and whether these are all. */
async function understood(
  bytes: Uint8Array,
): Promise<{ readonly rows: readonly TrendRow[]; readonly whole: boolean }> {
  const rows: TrendRow[] = [];
  let whole = true;
  try {
    for await (const line of gunzipLines(bytes)) {
      const row = parseTrendLine(line);
      if (row === null) whole = false;
      else rows.push(row);
    }
  } catch {
    whole = false;
  }
  return { rows, whole };
}

/** Summaries that are read at once: one of many clusters is large. */
const AT_ONCE = 4;

async function rebuiltTrend(store: ReportStore): Promise<readonly TrendRow[]> {
  const runs = new Set<string>();
  for await (const key of store.list(RUNS_FOLDER)) {
    const run = runOfSummaryKey(key);
    if (run !== null) runs.add(run);
  }
  // Their ids sort by time.
  const last = [...runs].sort().slice(-TREND_RUNS);
  const rows = await inParallel(last, AT_ONCE, (run) => rowOfRun(store, run));
  return withTrendRows(
    [],
    rows.filter((row) => row !== null),
  );
}

/** @returns `null` when the run has no summary that can be understood */
async function rowOfRun(store: ReportStore, run: string): Promise<TrendRow | null> {
  const summary = await store.get(runKey(run, 'summary.json'));
  if (summary === null) return null;
  const row = trendRow(Buffer.from(summary).toString('utf8'), await manifestHash(store, run));
  return row?.run === run ? row : null;
}

/** SHA-256 of the manifest of a run; `null`: it has none. */
async function manifestHash(store: ReportStore, run: string): Promise<string | null> {
  const manifest = await store.get(runKey(run, 'manifest.json'));
  return manifest === null ? null : sha256Of(manifest);
}

/** The runs that the chain of manifests names before this one, as far back as the trend lacks them. */
async function missedBefore(
  store: ReportStore,
  { run, manifest }: TrendRow,
  rows: readonly TrendRow[],
): Promise<readonly TrendRow[]> {
  if (manifest === null) return [];
  const known = new Set(rows.map((row) => row.run));
  const missed: TrendRow[] = [];
  let before = await previousRun(store, run);
  while (before !== null && !known.has(before) && missed.length < TREND_RUNS) {
    const row = await rowOfRun(store, before);
    if (row === null) break;
    missed.push(row);
    known.add(before);
    before = await previousRun(store, before);
  }
  return missed;
}
