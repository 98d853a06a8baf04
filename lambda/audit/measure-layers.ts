import type { CollectOptions } from '../collect/collect-cluster.ts';
import { MINUTE } from '../inventory/durations.ts';
import { joinLayers } from '../measure/join.ts';
import { measureNodes } from '../measure/measure-nodes.ts';
import type { StatsWay } from '../measure/ways.ts';
import { remainingMs } from './budget.ts';

/** Where nobody waits for a function to end. */
const WITHOUT_BUDGET = 10 * MINUTE;

/** Asks kubelets in a fifth of the time that is left: they are many, and the pods are still to be read. */
export const measuring =
  (way: StatsWay, signal: AbortSignal | undefined): NonNullable<CollectOptions['layers']> =>
  async ({ server, nodes, recorded }) => {
    const left = remainingMs(signal);
    const withinMs = left === null ? WITHOUT_BUDGET : left / 5;
    return joinLayers(await measureNodes(nodes, recorded(way(server, nodes)), { withinMs, signal }));
  };
