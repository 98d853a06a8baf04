import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { AuditorError } from '../errors.ts';
import type { Notifier } from '../notify/notifier.ts';
import { noteKey, type RunNote } from '../report/layout.ts';
import { jsonLine } from '../report/rows.ts';
import type { ReportStore } from '../store/store.ts';
import type { RecordedRun } from './record.ts';

export interface DeliveryOptions {
  /** Tells this attempt at the run from all others. */
  readonly attempt: string;
  /** Longer than telling one target may take; milliseconds. @defaultValue 30 seconds */
  readonly patience?: number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

export interface Delivery {
  readonly notifier: string;
  readonly outcome: 'sent' | 'sent-before' | 'failed';
  /** Why it failed. */
  readonly error: AuditorError | null;
}

const PATIENCE = 30_000;

const MARKER = z.object({ status: z.enum(['sending', 'sent', 'failed']), attempt: z.string() });
type Marker = Readonly<z.infer<typeof MARKER>>;

/**
 * Tells every target about a run once. A marker for each says who is at it and when it is done, so that a second
 * delivery of the run tells nobody, and a repetition only those who were not told yet.
 *
 * No target can be told exactly once: whoever crashes between telling and saying so leaves a marker that nobody
 * changes any more. Then it is told again, since twice is better than never.
 */
export async function notifyRun(
  store: ReportStore,
  recorded: RecordedRun,
  notifiers: readonly Notifier[],
  options: DeliveryOptions,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  for (const notifier of notifiers) deliveries.push(await deliver(store, recorded, notifier, options));
  return deliveries;
}

async function deliver(
  store: ReportStore,
  recorded: RecordedRun,
  notifier: Notifier,
  options: DeliveryOptions,
): Promise<Delivery> {
  const { name } = notifier;
  const marker = openMarker(store, noteKey(recorded.run.run.id, `sent/${name}.json`), options);
  try {
    if (!(await marker.claim())) return { notifier: name, outcome: 'sent-before', error: null };
    await notifier.notify(recorded);
  } catch (error) {
    await marker.set('failed').catch(() => undefined);
    return { notifier: name, outcome: 'failed', error: asAuditorError(error, name) };
  }
  await marker.set('sent');
  return { notifier: name, outcome: 'sent', error: null };
}

/** The others are told all the same. */
function asAuditorError(error: unknown, name: string): AuditorError {
  if (error instanceof AuditorError) return error;
  const failed = new AuditorError(
    `Telling ${name} broke off (${error instanceof Error ? error.message : String(error)}); this is a defect of eks-drift-auditor.`,
  );
  failed.cause = error;
  return failed;
}

function openMarker(store: ReportStore, key: string, options: DeliveryOptions) {
  const { attempt, patience = PATIENCE, sleep = delay } = options;
  const read = async (): Promise<(Marker & { readonly version: string }) | null> => {
    const stored = await store.getVersioned(key);
    return stored === null ? null : { ...parseMarker(stored.bytes), version: stored.version };
  };
  const write = async (status: Marker['status'], expected: string | null): Promise<boolean> => {
    const content = Buffer.from(`${jsonLine({ status, attempt })}\n`);
    return (await store.putIf(key, [content], { contentType: 'application/json', expected })) !== null;
  };
  return {
    /** Takes the task, unless it is done or somebody else is at it. */
    async claim(): Promise<boolean> {
      for (;;) {
        const found = await read();
        if (found?.status === 'sent') return false;
        if (found?.status === 'sending' && found.attempt !== attempt) {
          // If it is alive, it will have changed the marker by then. No clock of another machine is asked.
          await sleep(patience);
        }
        if (await write('sending', found?.version ?? null)) return true;
      }
    },
    async set(status: Marker['status']): Promise<void> {
      const found = await read();
      // Whoever has taken over in the meantime says how it ended.
      if (found?.attempt === attempt) await write(status, found.version);
    },
  };
}

/** A marker that cannot be understood says nothing of having been sent. */
function parseMarker(bytes: Uint8Array): Marker {
  try {
    return MARKER.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return { status: 'failed', attempt: '' };
  }
}

const DONE: RunNote = 'done.json';

/** Whether everything about the run was written and told. */
export const isDone = async (store: ReportStore, runId: string): Promise<boolean> =>
  (await store.get(noteKey(runId, DONE))) !== null;

export async function markDone(store: ReportStore, runId: string): Promise<void> {
  await store.putIf(noteKey(runId, DONE), [Buffer.from(`${jsonLine({ run: runId })}\n`)], {
    contentType: 'application/json',
    expected: null,
  });
}
