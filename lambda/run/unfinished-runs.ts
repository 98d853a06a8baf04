import { HOUR } from '../inventory/durations.ts';
import { compareText } from '../inventory/workload.ts';
import type { UnfinishedRun } from '../report/news.ts';
import { readHead } from '../store/head.ts';
import { RUNS_FOLDER, runKey, runOfFolder, startOfRunId } from '../store/layout.ts';
import type { ReportStore } from '../store/store.ts';
import { readTrend } from './trend.ts';

/** What could not be looked at then. */
export const UNFINISHED = 'the list of earlier runs that did not finish';

/**
 * A run without a manifest may still be going on: the longest one, of a fleet, has 20 hours, and its event is delivered
 * again for some more.
 */
const LONGEST = 24 * HOUR;

export interface UnfinishedOptions {
  /** The run that asks. */
  readonly run: { readonly id: string; readonly startedAt: string };
  /** RFC 3339: the start of the first run whose mail was not accepted; `null`: every mail was. */
  readonly lateSince: string | null;
}

/**
 * Runs that have left something and no manifest, so that they were stopped or a part of their record was refused. Each is in the
 * mail of the first run that began {@link LONGEST} after it, and again in the next one where that mail was not accepted.
 *
 * @throws AuditorError when the store refuses to say it
 */
export async function unfinishedRuns(
  store: ReportStore,
  { run, lateSince }: UnfinishedOptions,
): Promise<readonly UnfinishedRun[]> {
  const until = Date.parse(run.startedAt) - LONGEST;
  const since = await lastTold(store, lateSince ?? run.startedAt);
  const found: UnfinishedRun[] = [];
  for await (const folder of store.folders(RUNS_FOLDER)) {
    const id = runOfFolder(folder);
    const at = startOfRunId(id);
    if (at === null || id === run.id || at > until || (since !== null && at <= since)) continue;
    if (!(await hasManifest(store, id))) found.push({ run: id, startedAt: new Date(at).toISOString() });
  }
  return found.sort((a, b) => compareText(a.run, b.run));
}

/** Up to when the run before has told them; `null`: there is none that is known, and all are told. */
async function lastTold(store: ReportStore, before: string): Promise<number | null> {
  const rows = (await readTrend(store)).filter(({ startedAt }) => startedAt < before);
  const last = rows.at(-1);
  return last === undefined ? null : Date.parse(last.startedAt) - LONGEST;
}

/** One that is part of the chain has, although it may not be stored yet. */
async function hasManifest(store: ReportStore, run: string): Promise<boolean> {
  if ((await store.get(runKey(run, 'manifest.json'))) !== null) return true;
  return (await readHead(store))?.value?.run === run;
}
