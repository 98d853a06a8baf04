import { TransientReadError } from '../connect/kube/transport-errors.ts';
import { ReadError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import type { Unmeasured } from '../inventory/layers.ts';
import type { MeasurableNode } from '../inventory/measurable-node.ts';
import { timeLimit } from '../time-limit.ts';
import type { Measurement } from './join.ts';
import { platformGap } from './platform.ts';
import { createReadings, type Readings } from './readings.ts';
import { readSummary } from './summary.ts';
import { type StatsApi, statsPath } from './ways.ts';

export interface MeasureOptions {
  /** Milliseconds for all nodes together; those that are left then are not measured. */
  readonly withinMs: number;
  /** When it fires, the time is up as well. */
  readonly signal?: AbortSignal | undefined;
  /** For one node. @defaultValue {@link WHOLE_MS} */
  readonly nodeMs?: number;
}

/** To connect, to be answered, and to read the answer. */
const WHOLE_MS = 10_000;

/**
 * Asks the kubelets of all nodes what containers wrote. What stands in the way of one is the reason for which the
 * containers of its node are not measured; it ends nothing else.
 */
export async function measureNodes(
  nodes: readonly MeasurableNode[],
  stats: StatsApi,
  { withinMs, signal, nodeMs = WHOLE_MS }: MeasureOptions,
): Promise<Measurement> {
  const readings = createReadings();
  const failed = new Map<string, ReadError | Unmeasured>();
  const whole = timeLimit(withinMs, signal, OUT_OF_TIME);
  try {
    await inParallel(nodes, stats.atOnce, async (node) => {
      const gap = whole.signal.aborted ? OUT_OF_TIME : notAsked(node);
      if (gap !== null) {
        failed.set(node.name, gap);
        return;
      }
      try {
        await measureNode(node, stats, { readings, within: whole.signal, nodeMs });
      } catch (error) {
        if (!(error instanceof ReadError)) throw error;
        failed.set(node.name, error);
      }
    });
  } finally {
    whole.end();
  }
  const gaps = foldGaps(failed);
  return { readings, unreadOf: (node) => gaps.get(node) ?? null };
}

const OUT_OF_TIME = new ReadError(
  'out-of-time',
  'The time that a run has for asking kubelets was over before this one was asked.',
  'Audit each cluster in a separate invocation (deployment.mode: fleet), or look why many nodes do not answer.',
);

/** Why a node is not asked at all. */
function notAsked(node: MeasurableNode): Unmeasured | null {
  return platformGap(node) ?? (node.ready === false ? NOT_READY : null);
}

const NOT_READY: Unmeasured = {
  reason: 'unreachable',
  message: 'The node is not ready, so that its kubelet was not asked.',
  remedy: 'Look at the conditions of the node (kubectl describe node).',
};

interface NodeOptions {
  readonly readings: Readings;
  readonly within: AbortSignal;
  readonly nodeMs: number;
}

async function measureNode(
  node: MeasurableNode,
  stats: StatsApi,
  { readings, within, nodeMs }: NodeOptions,
): Promise<void> {
  const summary = readSummary(await askTwice(node, stats, { within, nodeMs }));
  // A node must not speak for the containers of another one.
  if (summary === null || summary.node !== node.name) throw NOT_UNDERSTOOD;
  for (const { namespace, pod, container, reading, because } of summary.layers) {
    readings.add({ node: node.name, namespace, pod, container }, reading ?? because ?? 'malformed');
  }
}

const NOT_UNDERSTOOD = new ReadError(
  'malformed-object',
  'The answer of the kubelet is not understood, or names another node.',
  'Compare it with kubectl get --raw /api/v1/nodes/NODE/proxy/stats/summary.',
);

const TOO_SLOW = new TransientReadError(
  'timeout',
  'The kubelet did not complete its answer in time.',
  'Look at the load of the node; the next audit asks it again.',
);

/** What may pass is tried a second time; the message then is that of a snapshot in which both attempts are written. */
async function askTwice(
  node: MeasurableNode,
  stats: StatsApi,
  limits: Omit<NodeOptions, 'readings'>,
): Promise<unknown> {
  try {
    return await ask(node, stats, limits);
  } catch (error) {
    if (!(error instanceof TransientReadError)) throw error;
  }
  try {
    return await ask(node, stats, limits);
  } catch (error) {
    if (!(error instanceof TransientReadError)) throw error;
    throw new ReadError(error.reason, `${error.message} 2 attempts were made.`, error.remedy, error);
  }
}

async function ask(
  { name }: MeasurableNode,
  stats: StatsApi,
  { within, nodeMs }: Omit<NodeOptions, 'readings'>,
): Promise<unknown> {
  const limit = timeLimit(nodeMs, within);
  try {
    const response = await stats.request({ path: statsPath(name), signal: limit.signal });
    return response.json();
  } catch (error) {
    if (within.aborted) throw OUT_OF_TIME;
    if (limit.hasPassed()) throw TOO_SLOW;
    if (error instanceof SyntaxError) throw NOT_UNDERSTOOD;
    throw error;
  } finally {
    limit.end();
  }
}

/** How many nodes are named. */
const NAMED = 3;

/** One object for all nodes that share a reason, which says how many they are and names some. */
function foldGaps(failed: ReadonlyMap<string, ReadError | Unmeasured>): ReadonlyMap<string, Unmeasured> {
  const groups = Map.groupBy(failed, ([, { reason, message }]) => `${reason} ${message}`);
  const gaps = new Map<string, Unmeasured>();
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const { reason, message, remedy } = first[1];
    const names = group.map(([name]) => name).sort();
    const gap = { reason, message: `${message.replace(/\.$/, '')} (${nodesText(names)}).`, remedy };
    for (const name of names) gaps.set(name, gap);
  }
  return gaps;
}

function nodesText(names: readonly string[]): string {
  const [first] = names;
  if (names.length === 1) return `node ${first}`;
  const shown = names.slice(0, NAMED).join(', ');
  return `${names.length} nodes${names.length > NAMED ? ', such as' : ':'} ${shown}`;
}
