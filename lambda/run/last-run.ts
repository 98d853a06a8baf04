import * as z from 'zod';
import { HOUR } from '../inventory/durations.ts';
import { latestKey } from '../store/layout.ts';
import type { ReportStore } from '../store/store.ts';

const LATEST = z.object({ run: z.object({ startedAt: z.iso.datetime() }) });

/** Clocks differ; a run that lies further ahead says nothing of when the last one was. */
const MOST_AHEAD_HOURS = 24;

/**
 * How many hours ago the last run began of which all reports are there; `null` when there is none, or when this
 * is not known. That counts as late: absent data never means that all is well.
 *
 * @param now Epoch milliseconds.
 */
export async function hoursSinceLastRun(store: ReportStore, now: number): Promise<number | null> {
  const bytes = await store.get(latestKey('summary.json'));
  if (bytes === null) return null;
  const latest = LATEST.safeParse(parsed(bytes)).data;
  if (latest === undefined) return null;
  const hours = (now - Date.parse(latest.run.startedAt)) / HOUR;
  return hours < -MOST_AHEAD_HOURS ? null : hours;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}
