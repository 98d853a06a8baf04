import * as z from 'zod';
import { AuditorError } from '../errors.ts';
import { latestKey, type RunKey } from './layout.ts';
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

/** What cannot be understood is replaced. */
function isLater(summary: Uint8Array, { startedAt }: RunKey): boolean {
  try {
    const { run } = LATEST.parse(JSON.parse(Buffer.from(summary).toString('utf8')));
    return run.startedAt > startedAt;
  } catch {
    return false;
  }
}
