import type { NodeFacts } from '../inventory/fold.ts';
import type { Unmeasured } from '../inventory/layers.ts';
import type { Measurement } from './join.ts';
import { platformGap } from './platform.ts';
import { createReadings } from './readings.ts';
import type { NodeLayers } from './summary.ts';

/** The answers of kubelets that are among the files of a snapshot. Of one node the last counts. */
export function measuredInFiles(
  summaries: readonly NodeLayers[],
  nodes: ReadonlyMap<string, NodeFacts>,
): Measurement {
  const byNode = new Map(summaries.map((summary) => [summary.node, summary]));
  const readings = createReadings();
  for (const { node, layers } of byNode.values()) {
    for (const { namespace, pod, container, reading, because } of layers) {
      readings.add({ node, namespace, pod, container }, reading ?? because ?? 'malformed');
    }
  }
  return {
    readings,
    unreadOf: (node) => {
      const facts = nodes.get(node);
      const platform = facts === undefined ? null : platformGap(facts);
      return platform ?? (byNode.has(node) ? null : NOT_IN_FILES);
    },
  };
}

const NOT_IN_FILES: Unmeasured = {
  reason: 'not-in-snapshot',
  message: 'The snapshot does not hold the answer of the kubelet of its node.',
  remedy:
    'Add the files that kubectl get --raw /api/v1/nodes/NODE/proxy/stats/summary gives, or audit the live cluster.',
};
