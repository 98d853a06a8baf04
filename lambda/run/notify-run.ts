import { AuditorError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import type { Notice, Notifier } from '../notify/notifier.ts';
import { orAborted } from '../or-aborted.ts';
import { jsonLine } from '../report/rows.ts';
import { boundedStore, within } from '../store/bounded-store.ts';
import { noteKey } from '../store/run-notes.ts';
import type { ReportStore } from '../store/store.ts';
import { timeLimit } from '../time-limit.ts';
import { Contended, type DeliveryMarker, DONE, type MarkerOptions, openMarker } from './delivery-marker.ts';

export interface DeliveryOptions extends MarkerOptions {
  /** Milliseconds for each target. @defaultValue a minute */
  readonly targetMs?: number;
  /** Milliseconds for each request for a marker: a bucket that is silent must not take the mail's time. */
  readonly markerMs?: number;
  /** How many targets are notified at once. @defaultValue one after the other */
  readonly atOnce?: number;
  /** Ends notifying, since the function will be ended. */
  readonly notifying?: AbortSignal;
}

export interface Delivery {
  readonly notifier: string;
  readonly outcome: 'sent' | 'sent-before' | 'failed';
  /** Why it failed, or why it was sent without a word of it in the record. */
  readonly error: AuditorError | null;
}

const TARGET_MS = 60_000;
const MARKER_MS = 5_000;

/**
 * Tells every target about a run once, in their order. A marker for each says who is at it and when it is done,
 * so that a second delivery of the run notifies no target, and a repetition only those not notified yet.
 *
 * No target can be notified exactly once: a crash between the notification and its marker leaves a marker that nothing
 * changes any more. Then it is notified again, since twice is better than never; so it is where no marker can be written.
 */
export async function notifyRun(
  store: ReportStore,
  notice: Notice,
  notifiers: readonly Notifier[],
  options: DeliveryOptions,
): Promise<readonly Delivery[]> {
  return inParallel(notifiers, options.atOnce ?? 1, (notifier) => deliver(store, notice, notifier, options));
}

async function deliver(
  store: ReportStore,
  notice: Notice,
  notifier: Notifier,
  options: DeliveryOptions,
): Promise<Delivery> {
  const { name } = notifier;
  const patient = boundedStore(store, within(options.markerMs ?? MARKER_MS));
  const marker = openMarker(patient, { run: notice.run.run.id, notifier: name }, options);
  let unmarked: AuditorError | null = null;
  try {
    const claimed = await claim(marker);
    if (claimed === false) return { notifier: name, outcome: 'sent-before', error: null };
    if (claimed !== true) unmarked = claimed;
    await withinTime(notifier, notice, options);
  } catch (error) {
    await marker.failed().catch(() => undefined);
    return { notifier: name, outcome: 'failed', error: asAuditorError(error, name) };
  }
  unmarked = (await ignoringRefusal(marker.sent())) ?? unmarked;
  return { notifier: name, outcome: 'sent', error: unmarked };
}

/** @returns an error where the store refuses the marker: no reason to notify no target */
async function claim(marker: DeliveryMarker): Promise<boolean | AuditorError> {
  try {
    return await marker.claim();
  } catch (error) {
    if (error instanceof AuditorError && !(error instanceof Contended)) return error;
    throw error;
  }
}

/** @returns the error of a store that refuses it */
async function ignoringRefusal(work: Promise<void>): Promise<AuditorError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof AuditorError) return error;
    throw error;
  }
}

/** A notification that takes too long is left behind: no target may prevent the notification of the others. */
async function withinTime(
  notifier: Notifier,
  notice: Notice,
  { targetMs = TARGET_MS, notifying }: DeliveryOptions,
): Promise<void> {
  const tooLate = new AuditorError(
    `The notification by ${notifier.name} took too long and was cancelled; it is repeated with the next delivery of the run.`,
  );
  const limit = timeLimit(targetMs, notifying, tooLate);
  try {
    limit.signal.throwIfAborted();
    await orAborted(notifier.notify(notice, limit.signal), limit.signal);
  } finally {
    limit.end();
  }
}

/** The others are notified all the same. */
function asAuditorError(error: unknown, name: string): AuditorError {
  if (error instanceof AuditorError) return error;
  const failed = new AuditorError(
    `The notification by ${name} stopped with an unexpected error (${error instanceof Error ? error.message : String(error)}); this is a bug in eks-drift-auditor.`,
  );
  failed.cause = error;
  return failed;
}

/** Whether everything about the run was written and sent. What cannot be read says nothing of that. */
export async function isDone(store: ReportStore, runId: string): Promise<boolean> {
  try {
    return (await store.get(noteKey(runId, DONE))) !== null;
  } catch (error) {
    if (error instanceof AuditorError) return false;
    throw error;
  }
}

export async function markDone(store: ReportStore, runId: string): Promise<void> {
  await store.putIf(noteKey(runId, DONE), [Buffer.from(`${jsonLine({ run: runId })}\n`)], {
    contentType: 'application/json',
    expected: null,
  });
}
