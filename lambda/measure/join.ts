import type { GapReason } from '../inventory/gap.ts';
import type { AskLayer, Unmeasured } from '../inventory/layers.ts';
import type { Readings } from './readings.ts';

export interface Measurement {
  readonly readings: Readings;
  /**
   * Why nothing is known of the containers of a node, one object for all nodes that share the reason; `null`: its
   * kubelet answered.
   */
  readonly unreadOf: (node: string) => Unmeasured | null;
}

/**
 * Joins readings with containers while pods are read. A reading belongs to the container that runs only if it was made
 * after the start of that one: a restart makes a new layer. Both times are those of the node's clock, in whole
 * seconds, so that one second alone does not tell them apart.
 */
export function joinLayers({ readings, unreadOf }: Measurement): AskLayer {
  return (pod, { container, startedAt }) => {
    const { nodeName: node, namespace, name } = pod;
    if (node === null) return NO_NODE;
    const gap = unreadOf(node);
    if (gap !== null) return gap;
    if (startedAt === null) return NO_START;
    const known = readings.find({ node, namespace, pod: name, container });
    if (known === undefined) return NOT_NAMED;
    if (typeof known === 'string') return WHY[known];
    return known.sampledAt > startedAt ? known : STARTED_SINCE;
  };
}

const unmeasured = (reason: GapReason, message: string, remedy: string): Unmeasured => ({
  reason,
  message,
  remedy,
});

const AGAIN = 'The next audit measures it again.';

const NO_NODE = unmeasured(
  'field-missing',
  'The pod does not name its node.',
  'Audit the live cluster, or a snapshot that keeps spec.nodeName.',
);
const NO_START = unmeasured(
  'field-missing',
  'The status does not say when the container was started, so the measurement may be that of an earlier container.',
  'Audit the live cluster, or a snapshot that keeps the status of its pods.',
);
const NOT_NAMED = unmeasured(
  'not-sampled',
  'The kubelet of its node was asked and does not name the container: it was started or ended meanwhile, or the answer is that of another time.',
  AGAIN,
);
const STARTED_SINCE = unmeasured(
  'not-sampled',
  'The container was started after its layer was measured, so the measurement is that of an earlier container.',
  AGAIN,
);
const WHY = {
  'not-sampled': unmeasured(
    'not-sampled',
    'The container was starting or changing files while it was measured; a reading of 0 proves nothing.',
    AGAIN,
  ),
  'no-rootfs': unmeasured(
    'not-sampled',
    'The kubelet of its node gives no size of the writable layer.',
    'See whether the container runtime of the node reports the disk usage of containers (crictl stats).',
  ),
  malformed: unmeasured(
    'malformed-object',
    'The size of the writable layer in the answer of the kubelet is not understood.',
    'Report it with the version of the kubelet and of the container runtime.',
  ),
} as const;
