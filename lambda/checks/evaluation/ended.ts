import type { Ended } from '../../inventory/pod-class.ts';
import type { Undecided } from '../check.ts';

/** What a finding says of a workload none of whose pods runs. */
export function endedSentence({ pod, phase }: Ended): string {
  return `None of its pods runs now: this is of the newest, ${pod}, which has ${phase === 'Failed' ? 'failed' : 'completed'}.`;
}

const WHY: Readonly<Record<NonNullable<Ended['open']>, string>> = {
  'owner-unread': 'and what made them was not read, so it is open whether there will be more',
  'owner-unknown': 'and whether what made them makes more is not known of its kind',
  'pods-unread': 'and some pods of this namespace could not be read: one of its own may run',
};

/** Nothing is decided by a pod that has ended where it is open whether it stands for any that is to come. */
export function undecidedByEnded(open: NonNullable<Ended['open']>): Undecided {
  return {
    verdict: 'not-evaluated',
    container: null,
    reason: 'no-running-pod',
    // Without the name of the pod: reports gather what is open for one reason by its sentence.
    message: `No pod of this workload that was read runs, ${WHY[open]}.`,
    remediation:
      open === 'owner-unread'
        ? 'Grant list on jobs, or put the Job into the snapshot; else audit while one of its pods runs.'
        : 'Audit while one of its pods runs, or delete those that have ended.',
  };
}
