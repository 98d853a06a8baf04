import * as z from 'zod';
import { AuditorError } from '../errors.ts';
import { HOUR } from '../inventory/durations.ts';
import { jsonLine } from '../report/rows.ts';
import { isDone } from '../run/notify-run.ts';
import { FLEET_LOCK } from '../store/layout.ts';
import type { ReportStore } from '../store/store.ts';

const LOCK = z.object({
  lockVersion: z.literal(1),
  run: z.string().min(1).nullable(),
  until: z.iso.datetime(),
});

/** As long as an execution of the state machine may take; what ended without a word holds the lock no longer. */
export const LOCK_HOURS = 20;

const JSON_TYPE = { contentType: 'application/json' };
const ATTEMPTS = 5;

/**
 * Takes the lock of the store for a run of a fleet: two at once would compare with the same past, and notify twice. The
 * run that holds it may take it again. It is free when that run is complete, has given it back, or its time is over.
 *
 * @param now Epoch milliseconds.
 * @throws AuditorError while another run holds it
 */
export async function lockFleet(store: ReportStore, runId: string, now: number): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await store.getVersioned(FLEET_LOCK);
    const lock = found === null ? null : parsed(found.bytes);
    const holder = lock?.run ?? null;
    if (holder === runId) return;
    if (lock !== null && holder !== null && now < Date.parse(lock.until) && !(await isDone(store, holder))) {
      throw new AuditorError(
        `The run ${holder} of this fleet is not over, so the run ${runId} was not begun; it holds ${store.location(FLEET_LOCK)} until ${lock.until} at most. Give the fleet more time between its runs, or delete the object if no execution of the state machine is running.`,
      );
    }
    const content = { lockVersion: 1, run: runId, until: new Date(now + LOCK_HOURS * HOUR).toISOString() };
    const options = { ...JSON_TYPE, expected: found?.version ?? null };
    if ((await store.putIf(FLEET_LOCK, [Buffer.from(`${jsonLine(content)}\n`)], options)) !== null) return;
  }
  throw new AuditorError(
    `Other runs kept changing ${store.location(FLEET_LOCK)}; run again when fewer of them run at once.`,
  );
}

/** Gives the lock back, unless another run has taken it since. */
export async function unlockFleet(store: ReportStore, runId: string, now: number): Promise<void> {
  const found = await store.getVersioned(FLEET_LOCK);
  if (found === null || parsed(found.bytes)?.run !== runId) return;
  const content = { lockVersion: 1, run: null, until: new Date(now).toISOString() };
  await store.putIf(FLEET_LOCK, [Buffer.from(`${jsonLine(content)}\n`)], {
    ...JSON_TYPE,
    expected: found.version,
  });
}

/** What cannot be understood is held by nobody. */
function parsed(bytes: Uint8Array): z.infer<typeof LOCK> | null {
  try {
    return LOCK.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return null;
  }
}
