import type { Placement } from '../../inventory/node-network.ts';
import type { OperatingSystem } from '../../inventory/pod.ts';
import type { PodClass } from '../../inventory/pod-class.ts';

/** Of a pod, what decides whether policies are enforced for it. */
export interface PodSituation {
  readonly os: OperatingSystem | null;
  /** No controller owns it. */
  readonly standalone: boolean;
  /** Whether some pod like it has its own network interface. @defaultValue false */
  readonly ownInterface?: boolean;
}

/** What enforcement asks of the pods of a class. Static pods have their node as owner. */
export const placedPod = ({ workload, spec, placements }: PodClass): PlacedPod => ({
  os: spec.os,
  standalone: workload.kind === 'Pod' && !spec.mirror,
  ownInterface: placements.some(({ ownInterface }) => ownInterface === true),
  placements,
});

/** A pod, for the question of who enforces its policies. */
export interface PlacedPod extends PodSituation {
  readonly placements: readonly Placement[];
}
