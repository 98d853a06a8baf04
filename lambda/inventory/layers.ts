import type { GapReason } from './gap.ts';
import type { ContainerState, PodRecord } from './pod.ts';

/** How much is in the writable layer of one container, as its kubelet measured it. */
export interface LayerReading {
  readonly bytes: number;
  /** At least 1: the directory of the layer counts itself. */
  readonly inodes: number;
  /** When it was measured, epoch milliseconds. */
  readonly sampledAt: number;
}

/** Why the layers of some containers are unknown; one object for all that share the reason. */
export interface Unmeasured {
  readonly reason: GapReason;
  /** A sentence about them. */
  readonly message: string;
  readonly remedy: string;
}

/** What is known of the layer of a container that runs. */
export type LayerAnswer = LayerReading | Unmeasured;

export type AskLayer = (pod: PodRecord, state: ContainerState) => LayerAnswer;

/** A container that was measured, as an example. */
export interface MeasuredContainer extends LayerReading {
  readonly pod: string;
  /** When the container was started, epoch milliseconds: its layer began empty. */
  readonly startedAt: number;
}

/** The layers of the containers of one name in a class of pods. */
export interface LayerSizes {
  /** Of all that were measured, in one order. */
  readonly bytes: readonly number[];
  readonly inodes: readonly number[];
  /** Those with most bytes, at most five, the largest first. */
  readonly largest: readonly MeasuredContainer[];
  /** Those with most inodes, likewise. */
  readonly fullest: readonly MeasuredContainer[];
  readonly unmeasured: ReadonlyMap<Unmeasured, number>;
}

/** While pods are still being added. */
export interface LayersBuilder extends LayerSizes {
  readonly bytes: number[];
  readonly inodes: number[];
  readonly largest: MeasuredContainer[];
  readonly fullest: MeasuredContainer[];
  readonly unmeasured: Map<Unmeasured, number>;
}

export const newLayers = (): LayersBuilder => ({
  bytes: [],
  inodes: [],
  largest: [],
  fullest: [],
  unmeasured: new Map(),
});

const MOST_EXAMPLES = 5;

const isMeasured = (answer: LayerAnswer): answer is LayerReading => 'bytes' in answer;

/** Adds one container that runs; one without a start cannot have been measured since. */
export function addLayer(
  layers: LayersBuilder,
  pod: string,
  startedAt: number | null,
  answer: LayerAnswer,
): void {
  if (!isMeasured(answer)) {
    layers.unmeasured.set(answer, (layers.unmeasured.get(answer) ?? 0) + 1);
    return;
  }
  if (startedAt === null) throw new TypeError('A reading counts only for a container whose start is known.');
  layers.bytes.push(answer.bytes);
  layers.inodes.push(answer.inodes);
  offer(layers.largest, { ...answer, pod, startedAt }, byBytes);
  offer(layers.fullest, { ...answer, pod, startedAt }, byInodes);
}

type Order = (a: MeasuredContainer, b: MeasuredContainer) => number;

const byPod: Order = (a, b) => (a.pod < b.pod ? -1 : a.pod > b.pod ? 1 : 0);
const byBytes: Order = (a, b) => b.bytes - a.bytes || byPod(a, b);
const byInodes: Order = (a, b) => b.inodes - a.inodes || byPod(a, b);

function offer(kept: MeasuredContainer[], one: MeasuredContainer, order: Order): void {
  const last = kept[MOST_EXAMPLES - 1];
  if (last !== undefined && order(one, last) >= 0) return;
  let at = kept.length;
  while (at > 0 && order(one, kept[at - 1] as MeasuredContainer) < 0) at--;
  kept.splice(at, 0, one);
  if (kept.length > MOST_EXAMPLES) kept.length = MOST_EXAMPLES;
}
