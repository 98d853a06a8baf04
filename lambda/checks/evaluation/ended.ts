import type { Ended } from '../../inventory/pod-class.ts';
import type { Undecided } from '../check.ts';

/** What a finding says of a workload none of whose pods runs. */
export function endedSentence({ pod, phase }: Ended): string {
  return `None of its pods is running; this result is for the newest one, ${pod}, which has ${phase === 'Failed' ? 'failed' : 'completed'}.`;
}

const WHY: Readonly<Record<NonNullable<Ended['open']>, string>> = {
  'owner-unread': 'and their owner was not read, so it is not known whether it will create more',
  'owner-unknown': 'and it is not known whether an owner of this kind creates more',
  'pods-unread': 'and some pods of this namespace could not be read: one of this workload may be running',
};

/** A pod that has ended decides nothing where it is not known whether there will be another one like it. */
export function undecidedByEnded(open: NonNullable<Ended['open']>): Undecided {
  return {
    verdict: 'not-evaluated',
    container: null,
    reason: 'no-running-pod',
    // Without the name of the pod: reports gather what is open for one reason by its sentence.
    message: `No pod of this workload that was read is running, ${WHY[open]}.`,
    remediation:
      open === 'owner-unread'
        ? 'Grant list on jobs, or put the Job into the snapshot; otherwise audit while one of its pods is running.'
        : 'Audit while one of its pods is running, or delete those that have ended.',
  };
}
