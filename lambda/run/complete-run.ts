import type { Budget } from '../audit/budget.ts';
import { AuditorError, ReadError } from '../errors.ts';
import { CHAT, MAIL, type Notice, type Notifier } from '../notify/notifier.ts';
import type { Shortfall } from '../report/news.ts';
import type { PartMail } from '../report/part-mails.ts';
import { boundedStore, until } from '../store/bounded-store.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { Signer } from '../store/signing.ts';
import type { ReportStore } from '../store/store.ts';
import { committedRun } from './conclusion-record.ts';
import type { CommittedRun } from './decided-run.ts';
import { withLateChat } from './late-chat.ts';
import { type Delivery, type DeliveryOptions, isDone, markDone, notifyRun } from './notify-run.ts';
import { finishRun, type RecordedRun } from './record.ts';
import type { RunIdentity } from './run-identity.ts';
import { type Trace, untraced } from './trace.ts';

export interface CompleteOptions extends DeliveryOptions {
  readonly store: ReportStore;
  readonly run: RunIdentity;
  readonly notifiers: readonly Notifier[];
  /** @defaultValue the record is not signed */
  readonly signer?: Signer | null;
  /** Who is told of the parts of the run, once it is decided. @defaultValue nobody */
  readonly partNotifiers?: (parts: readonly PartMail[]) => readonly Notifier[];
  /** The run may be delivered again: then it goes on where an earlier delivery of it has ended. */
  readonly once: boolean;
  readonly trace?: Trace;
  /** Takes the run when it is recorded, and its news is owed. @defaultValue nothing else follows from it */
  readonly onRecorded?: (recorded: RecordedRun) => Promise<void>;
  /** Whether this ends the run: of a fleet, what each cluster is due follows. @defaultValue `true` */
  readonly isLast?: boolean;
  /** When each part ends; see `startBudget`. @defaultValue when it is done */
  readonly limits?: Pick<Budget, 'comparing' | 'recording' | 'notifying'>;
}

/** Each waits for its topic and its marker, most of the time. */
const PARTS_AT_ONCE = 8;

export type CompletedRun =
  /** An earlier delivery has done all of it; nothing was changed. */
  | { readonly outcome: 'done-before' }
  /** `undelivered`: not every notification was sent; `unrecorded`: all were, but a part of the record is missing. */
  | {
      readonly outcome: 'done' | 'undelivered' | 'unrecorded';
      readonly recorded: RecordedRun;
      readonly deliveries: readonly Delivery[];
    };

/**
 * Brings a run to its end from wherever an earlier delivery of it has stopped: decides it unless that was done,
 * writes what follows, notifies every target, and records that the run is complete.
 *
 * @param decide Reads the clusters and commits what they say.
 */
export async function completeRun(
  decide: () => Promise<CommittedRun>,
  options: CompleteOptions,
): Promise<CompletedRun> {
  const { run, notifiers, once, signer = null, limits = NO_LIMITS, trace = untraced } = options;
  const { comparing, recording, notifying } = limits;
  const [decided, store, last] = [comparing, recording, notifying].map((end) =>
    boundedStore(options.store, until(end)),
  ) as [ReportStore, ReportStore, ReportStore];
  if (once && (await isDone(decided, run.id))) return { outcome: 'done-before' };
  const earlier = once ? await earlierDecision(decided, run.id) : null;
  const committed = earlier ?? (await decide());
  const mail = notifiers.some(({ name }) => name === MAIL);
  const recorded = await trace('record', () => finishRun(store, committed, { mail, signer }));
  if (recorded.isOwed) await options.onRecorded?.(recorded);
  const deliveries = await trace('notify', async () => {
    const notice = await noticeFor(last, recorded, notifiers);
    const told = await notifyRun(last, notice, notifiers, { ...options, notifying });
    // They have waited for those who watch over all of it.
    const ofParts = options.partNotifiers?.(recorded.parts) ?? [];
    return [
      ...told,
      ...(await notifyRun(last, recorded.notice, ofParts, { ...options, notifying, atOnce: PARTS_AT_ONCE })),
    ];
  });
  if (deliveries.some(({ outcome }) => outcome === 'failed')) {
    return { outcome: 'undelivered', recorded, deliveries };
  }
  if (recorded.shortfalls.length > 0) return { outcome: 'unrecorded', recorded, deliveries };
  if (options.isLast === false) return { outcome: 'done', recorded, deliveries };
  const shortfalls: Shortfall[] = [];
  await orShortfall('the marker that the run is complete', shortfalls, () => markDone(last, run.id));
  const outcome = shortfalls.length === 0 ? 'done' : 'unrecorded';
  return { outcome, recorded: { ...recorded, shortfalls }, deliveries };
}

/** What the chat is owed concerns no other target. */
async function noticeFor(
  store: ReportStore,
  recorded: RecordedRun,
  notifiers: readonly Notifier[],
): Promise<Notice> {
  return notifiers.some(({ name }) => name === CHAT) ? withLateChat(store, recorded) : recorded.notice;
}

const never = new AbortController().signal;
const NO_LIMITS = { comparing: never, recording: never, notifying: never };

/** One that the store refuses to give is decided again, and then not stored over. */
async function earlierDecision(store: ReportStore, runId: string): Promise<CommittedRun | null> {
  try {
    return await committedRun(store, runId);
  } catch (error) {
    if (error instanceof AuditorError && !(error instanceof ReadError)) return null;
    throw error;
  }
}
