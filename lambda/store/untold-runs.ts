import * as z from 'zod';
import { AuditorError, ReadError } from '../errors.ts';
import { jsonLine } from '../report/rows.ts';
import { type UNTOLD_CHATS, UNTOLD_RUNS } from './layout.ts';
import type { ReportStore } from './store.ts';

const UNTOLD = z.object({ untoldVersion: z.literal(1), runs: z.array(z.string().min(1)) });

export interface UntoldRuns {
  /** Ids, oldest first. */
  readonly runs: readonly string[];
  /** For replacing it. */
  readonly version: string;
}

/** Which messages the runs of a list owe. @defaultValue mails */
type UntoldKey = typeof UNTOLD_RUNS | typeof UNTOLD_CHATS;

/**
 * The runs whose mail was not accepted when this was written last; `null` where no run has ever owed one.
 * @throws ReadError when it cannot be understood
 */
export async function readUntoldRuns(
  store: ReportStore,
  key: UntoldKey = UNTOLD_RUNS,
): Promise<UntoldRuns | null> {
  const stored = await store.getVersioned(key);
  if (stored === null) return null;
  try {
    const { runs } = UNTOLD.parse(JSON.parse(Buffer.from(stored.bytes).toString('utf8')));
    return { runs, version: stored.version };
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The list of runs whose message was not sent, ${store.location(key)}, cannot be read.`,
      'Restore an earlier version of the object, or delete it if every message has arrived.',
      error,
    );
  }
}

/** Runs that end at the same moment take turns. */
const ATTEMPTS = 20;

/**
 * Adds a run, and leaves out those that need not be listed any more.
 *
 * @param always Begin the list where there is none yet. Without a list no mail is ever sent from this store.
 */
export async function addUntoldRun(
  store: ReportStore,
  run: string,
  {
    settled,
    always,
    key = UNTOLD_RUNS,
  }: { readonly settled: readonly string[]; readonly always: boolean; readonly key?: UntoldKey },
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const now = await readUntoldRuns(store, key);
    if (now === null && !always) return;
    const before = now?.runs ?? [];
    const runs = [...new Set([...before.filter((id) => !settled.includes(id)), run])].sort();
    if (now !== null && runs.join() === before.join()) return;
    const content = Buffer.from(`${jsonLine({ untoldVersion: 1, runs })}\n`);
    const options = { contentType: 'application/json', expected: now?.version ?? null };
    if ((await store.putIf(key, [content], options)) !== null) return;
  }
  throw new AuditorError(
    `Other runs kept changing ${store.location(key)}; run again when fewer of them run at once.`,
  );
}
