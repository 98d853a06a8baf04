import type { PodClass } from '../../inventory/pod-class.ts';
import { runsOf } from '../../inventory/runs.ts';
import { compareWorkloads } from '../../inventory/workload.ts';
import type { EvaluateInput } from './input.ts';

/** The classes of each workload until the time is up, and how many workloads were left then. */
export function untilStopped(
  { classes, stops = () => false }: EvaluateInput,
  leavesOut: (group: readonly PodClass[]) => boolean,
) {
  let left = 0;
  return {
    left: () => left,
    *groups(): Generator<readonly PodClass[]> {
      // Classes come sorted by workload.
      for (const group of runsOf(classes, ofOneWorkload)) {
        if (leavesOut(group)) continue;
        if (left > 0 || stops()) left += 1;
        else yield group;
      }
    },
  };
}

const ofOneWorkload = (a: PodClass, b: PodClass): boolean => compareWorkloads(a.workload, b.workload) === 0;

export const leftText = (left: number): string | null =>
  left === 0 ? null : `${left} ${left === 1 ? 'workload was' : 'workloads were'} judged`;
