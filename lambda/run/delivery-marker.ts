import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { AuditorError } from '../errors.ts';
import { MAIL } from '../notify/notifier.ts';
import { jsonLine } from '../report/rows.ts';
import { noteKey, type RunNote } from '../store/run-notes.ts';
import type { ReportStore } from '../store/store.ts';

/** A note that everything about a run was written and sent. */
export const DONE: RunNote = 'done.json';

const MARKER = z.object({ status: z.enum(['sending', 'sent', 'failed']), attempt: z.string() });
type Marker = Readonly<z.infer<typeof MARKER>>;

export interface MarkerOptions {
  /** Tells this attempt at the run from all others. */
  readonly attempt: string;
  /** Longer than telling one target may take; milliseconds. @defaultValue 30 seconds */
  readonly patience?: number;
  readonly sleep?: (ms: number) => Promise<unknown>;
}

const PATIENCE = 30_000;

/** How often a marker is written that others change in between; whoever does so is at the task. */
const CLAIMS = 5;

const JSON_TYPE = { contentType: 'application/json' };

/** Says of one target and one run who is notifying it, and whether it was notified. */
export interface DeliveryMarker {
  /**
   * Takes the task.
   * @returns `false` when it was done before
   * @throws AuditorError when the store refuses it, or when others take it again and again
   */
  claim(): Promise<boolean>;
  /** Right after it was notified, with nothing in between. */
  sent(): Promise<void>;
  /** Whoever has taken over in the meantime says how it ended. */
  failed(): Promise<void>;
}

export function openMarker(
  store: ReportStore,
  { run, notifier }: { readonly run: string; readonly notifier: string },
  { attempt, patience = PATIENCE, sleep = delay }: MarkerOptions,
): DeliveryMarker {
  const key = keyOf(run, notifier);
  const content = (status: Marker['status']) => [Buffer.from(`${jsonLine({ status, attempt })}\n`)];
  const write = async (status: Marker['status'], expected: string | null): Promise<boolean> =>
    (await store.putIf(key, content(status), { ...JSON_TYPE, expected })) !== null;
  return {
    async claim() {
      for (let claim = 1; claim <= CLAIMS; claim++) {
        const found = await readMarker(store, key);
        if (found?.status === 'sent') return false;
        if (found?.status === 'sending' && found.attempt !== attempt) {
          // If it is alive, it will have changed the marker by then. No clock of another machine is asked.
          await sleep(patience);
        }
        if (await write('sending', found?.version ?? null)) return true;
      }
      throw new Contended(
        `Other deliveries of the run kept changing ${store.location(key)}, so ${notifier} was left to them; run again when fewer of them run at once.`,
      );
    },
    async sent() {
      await store.put(key, content('sent'), JSON_TYPE);
    },
    async failed() {
      const found = await readMarker(store, key);
      if (found?.attempt === attempt) await write('failed', found.version);
    },
  };
}

/** Somebody else is at it. */
export class Contended extends AuditorError {}

/** Whether the mail of a run was accepted. What cannot be read says nothing of that: twice is better than never. */
export const isMailSent = (store: ReportStore, run: string): Promise<boolean> => isSent(store, run, MAIL);

/** Likewise, of any target. */
export async function isSent(store: ReportStore, run: string, notifier: string): Promise<boolean> {
  try {
    if ((await readMarker(store, keyOf(run, notifier)))?.status === 'sent') return true;
    // A run is done when every target was notified, also where the marker could not be written.
    return (await store.get(noteKey(run, DONE))) !== null;
  } catch (error) {
    if (error instanceof AuditorError) return false;
    throw error;
  }
}

const keyOf = (run: string, notifier: string): string => noteKey(run, `sent/${notifier}.json`);

async function readMarker(
  store: ReportStore,
  key: string,
): Promise<(Marker & { readonly version: string }) | null> {
  const stored = await store.getVersioned(key);
  return stored === null ? null : { ...parseMarker(stored.bytes), version: stored.version };
}

/** A marker that cannot be understood says nothing of having been sent. */
function parseMarker(bytes: Uint8Array): Marker {
  try {
    return MARKER.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return { status: 'failed', attempt: '' };
  }
}
