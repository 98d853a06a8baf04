import type { Notifier } from '../notify/notifier.ts';
import type { ReportStore } from '../store/store.ts';
import { type CommittedRun, committedRun } from './conclusion-record.ts';
import { type Delivery, type DeliveryOptions, isDone, markDone, notifyRun } from './notify-run.ts';
import { finishRun, type RecordedRun } from './record.ts';
import type { RunIdentity } from './run-identity.ts';
import { type Trace, untraced } from './trace.ts';

export interface CompleteOptions extends DeliveryOptions {
  readonly store: ReportStore;
  readonly run: RunIdentity;
  readonly notifiers: readonly Notifier[];
  /** The run may be delivered again: then it goes on where an earlier delivery of it has ended. */
  readonly once: boolean;
  readonly trace?: Trace;
}

export type CompletedRun =
  /** An earlier delivery has done all of it; nothing was changed. */
  | { readonly outcome: 'done-before' }
  | {
      readonly outcome: 'done' | 'undelivered';
      readonly recorded: RecordedRun;
      readonly deliveries: readonly Delivery[];
    };

/**
 * Brings a run to its end from wherever an earlier delivery of it has stopped: decides it unless that was done,
 * writes what follows, tells everybody, and remembers that all is done.
 *
 * @param decide Reads the clusters and commits what they say.
 */
export async function completeRun(
  decide: () => Promise<CommittedRun>,
  options: CompleteOptions,
): Promise<CompletedRun> {
  const { store, run, notifiers, once, trace = untraced } = options;
  if (once && (await isDone(store, run.id))) return { outcome: 'done-before' };
  const earlier = once ? await committedRun(store, run.id) : null;
  const committed = earlier ?? (await decide());
  const recorded = await trace('record', () => finishRun(store, committed));
  const deliveries = await trace('notify', () => notifyRun(store, recorded, notifiers, options));
  if (deliveries.some(({ outcome }) => outcome === 'failed')) {
    return { outcome: 'undelivered', recorded, deliveries };
  }
  await markDone(store, run.id);
  return { outcome: 'done', recorded, deliveries };
}
