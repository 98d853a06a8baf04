import type { PodClass } from '../../inventory/pod-class.ts';
import { runsOf } from '../../inventory/runs.ts';
import { compareWorkloads } from '../../inventory/workload.ts';

/** The classes of each workload until the time is up. */
export interface InTime {
  groups(): Generator<readonly PodClass[]>;
  /** Of the last group not all was judged. */
  cutShort(): void;
  /** What was not judged to its end, for a sentence; `null`: nothing. */
  left(): string | null;
}

/**
 * @param classes sorted by workload
 * @param leavesOut of what nothing is said
 */
export function untilStopped(
  classes: Iterable<PodClass>,
  stops: () => boolean,
  leavesOut: (group: readonly PodClass[]) => boolean,
): InTime {
  let left = 0;
  return {
    cutShort() {
      left += 1;
    },
    left: () => (left === 0 ? null : `${left} ${left === 1 ? 'workload was' : 'workloads were'} judged`),
    *groups() {
      for (const group of runsOf(classes, ofOneWorkload)) {
        if (leavesOut(group)) continue;
        if (left > 0 || stops()) left += 1;
        else yield group;
      }
    },
  };
}

const ofOneWorkload = (a: PodClass, b: PodClass): boolean => compareWorkloads(a.workload, b.workload) === 0;
