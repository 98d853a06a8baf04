import type { LayerSizes } from './layers.ts';
import type { Labels, WorkloadRef } from './names.ts';
import type { Placement } from './node-network.ts';
import type { PodSpecFacts } from './pod.ts';
import type { Exits } from './vpc.ts';

/** A pod named as an example in a finding. */
export interface PodExample {
  readonly name: string;
  readonly startedAt: number | null;
  readonly node: string | null;
  readonly terminating: boolean;
}

/** Start times of many pods or containers, kept as bare numbers. */
export interface StartTimes {
  /** Epoch milliseconds in no particular order. */
  readonly startedAt: readonly number[];
  /** How many gave no start time. */
  readonly unknown: number;
  /** The oldest, oldest first, at most five; those without a start time come last. */
  readonly oldest: readonly PodExample[];
}

/** A pod that has ended for good. */
export interface EndedPod extends PodExample {
  readonly createdAt: number | null;
  readonly phase: 'Succeeded' | 'Failed';
}

/** The pods of one class. */
export interface Population {
  /** Those that are judged: all that have not ended, or else the newest that has. */
  readonly count: number;
  /** How many have ended. */
  readonly completed: number;
  /** Of those that have not ended. */
  readonly terminating: number;
  /** Pods that have been started and have not ended; those that wait to be started have no age and are not in it. */
  readonly active: StartTimes;
  /** Up to five of the pods that are judged, oldest first. */
  readonly examples: readonly PodExample[];
  /** By container name: the containers that run now. */
  readonly running: ReadonlyMap<string, StartTimes>;
  /** The writable layers of these, likewise; empty where none were measured. */
  readonly layers: ReadonlyMap<string, LayerSizes>;
}

/** Of a workload none of whose pods lives: the newest, which stands for those to come. */
export interface Ended {
  readonly pod: string;
  readonly phase: EndedPod['phase'];
  /** Why it is open whether more will come, so that nothing is decided; `null`: they will. */
  readonly open: 'owner-unread' | 'owner-unknown' | 'pods-unread' | null;
}

/**
 * Pods that are alike in everything that checks read, so that one evaluation serves all of them.
 * `labels` holds only the keys that some policy or configured limit selects on.
 */
export interface PodClass {
  readonly workload: WorkloadRef;
  readonly source: 'pod' | 'template';
  readonly labels: Labels;
  readonly spec: PodSpecFacts;
  readonly population: Population;
  /** Absent where something lives. */
  readonly ended?: Ended;
  /** On which kinds of nodes they are; empty if they ran on nodes that are gone. */
  readonly placements: readonly Placement[];
  /** By which ways its traffic leaves; only where the VPC was asked. */
  readonly exits?: Exits;
}
