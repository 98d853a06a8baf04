import type { PodClass } from '../../inventory/pod-class.ts';
import type { PlacedPod } from './judge.ts';

/** What enforcement asks of the pods of a class. Static pods have their node as owner. */
export const placedPod = ({ workload, spec, placements }: PodClass): PlacedPod => ({
  os: spec.os,
  standalone: workload.kind === 'Pod' && !spec.mirror,
  ownInterface: placements.some(({ ownInterface }) => ownInterface === true),
  placements,
});
