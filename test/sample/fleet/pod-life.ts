import { minutes, seconds } from './kubernetes.ts';

/** What has become of one pod. All times are milliseconds before now. */
export interface PodLife {
  /** Since the kubelet accepted it (`status.startTime`); negative when the node's clock is ahead. */
  readonly age: number;
  /** Since its containers last started, when that is not since the pod's start. */
  readonly restarted?: number;
  readonly state?: PodState;
  /** `kubectl debug` attached a container to it. */
  readonly debugged?: { readonly image: string; readonly ago: number };
}

export type PodState =
  | 'running'
  | 'terminating'
  | 'completed'
  | 'failed'
  | 'evicted'
  | 'crash-loop'
  | 'invalid-image';

/** `count` pods, the first `age` old, the others a few seconds younger each, as a controller creates them. */
export function replicas(count: number, age: number): readonly PodLife[] {
  return Array.from({ length: count }, (_, index) => ({ age: age - seconds(index * 3) }));
}

export const isFinished = (state: PodState): boolean =>
  state === 'completed' || state === 'failed' || state === 'evicted';

/** Running and not about to end: what controllers count as ready. */
export const isReady = (life: PodLife): boolean => life.state === undefined || life.state === 'running';

/** The instants of a pod's life, epoch milliseconds. */
export interface PodTimes {
  readonly created: number;
  /** `status.startTime` */
  readonly accepted: number;
  readonly initialized: number;
  /** The first start of its containers. */
  readonly firstStart: number;
  /** The last start of its containers. */
  readonly lastStart: number;
  readonly ready: number;
  /** When a completed or failed pod ended. */
  readonly finished: number;
}

export function timesOf(life: PodLife, now: number): PodTimes {
  const accepted = now - life.age;
  const firstStart = accepted + seconds(8);
  const lastStart = life.restarted === undefined ? firstStart : now - life.restarted;
  return {
    // The API server's clock is right even where the node's is not.
    created: Math.min(accepted, now - minutes(1)),
    accepted,
    initialized: accepted + seconds(6),
    firstStart,
    lastStart,
    ready: lastStart + seconds(12),
    finished: accepted + minutes(4),
  };
}
