import * as z from 'zod';
import { AuditorError } from '../errors.ts';
import { latestKey, type RunKey, runKey } from './layout.ts';
import type { ReportStore } from './store.ts';

const ATTEMPTS = 20;

const LATEST = z.object({ run: z.object({ id: z.string(), startedAt: z.string() }) });

/**
 * Makes `latest/summary.json` that of this run, unless it is that of a later one. Nobody else may have
 * changed it in between, so that two runs that end together do not move it back. What it replaces is kept beside it
 * first, so that coverage can be compared; after a kill in between the same is done again.
 */
export async function moveLatest(store: ReportStore, run: RunKey, summary: string): Promise<void> {
  const key = latestKey('summary.json');
  const bytes = Buffer.from(summary, 'utf8');
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const now = await store.getVersioned(key);
    if (now !== null && (bytes.equals(now.bytes) || isLater(now.bytes, run))) return;
    if (now !== null) {
      await store.put(latestKey('previous-summary.json'), [now.bytes], { contentType: 'application/json' });
    }
    const moved = await store.putIf(key, [bytes], {
      contentType: 'application/json',
      expected: now?.version ?? null,
    });
    if (moved !== null) return;
  }
  throw new AuditorError(
    `Other runs kept changing ${store.location(key)}; run again when fewer of them run at once.`,
  );
}

/**
 * Makes `latest/report.html` the page of the run to which `latest/summary.json` leads. Each of two runs that end together
 * looks again after it wrote, so that whichever is the last to write leaves the right page.
 */
export async function moveLatestPage(store: ReportStore): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const run = await latestRun(store);
    const page = run === null ? null : await store.get(runKey(run, 'report.html'));
    // The run of an earlier version has none.
    if (page === null) return;
    await store.put(latestKey('report.html'), [page], { contentType: 'text/html; charset=utf-8' });
    if ((await latestRun(store)) === run) return;
  }
}

async function latestRun(store: ReportStore): Promise<string | null> {
  const summary = await store.get(latestKey('summary.json'));
  return summary === null ? null : (parseLatest(summary)?.id ?? null);
}

/** What cannot be understood is replaced. */
const isLater = (summary: Uint8Array, { startedAt }: RunKey): boolean =>
  (parseLatest(summary)?.startedAt ?? '') > startedAt;

/** @returns `null` when it cannot be understood */
function parseLatest(summary: Uint8Array): z.infer<typeof LATEST>['run'] | null {
  try {
    return LATEST.parse(JSON.parse(Buffer.from(summary).toString('utf8'))).run;
  } catch {
    return null;
  }
}
