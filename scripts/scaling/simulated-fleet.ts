import type { Numbers } from './assumptions.ts';
import type { Chance } from './chance.ts';
import type { Events } from './events.ts';
import type { TokenBucket } from './token-bucket.ts';

export interface FleetOptions {
  readonly clusters: number;
  /** `MaxConcurrency` of the Distributed Map. */
  readonly concurrency: number;
  /** MiB of the function for one cluster. */
  readonly memory: number;
  readonly seed: number;
  readonly numbers: Numbers;
  /** Sees every request that a limit of AWS let through; for tests. */
  readonly onGranted?: (limit: Limit, place: number, at: number) => void;
}

export type Limit = 'eks' | 'sts' | 'start' | 'lambda';

/** What became of a cluster. All but the first are in the report as not evaluated, with the reason. */
export type Outcome = 'audited' | 'unreachable' | 'out of time' | 'not described' | 'not invoked';

/** lambda/connect/aws/client.ts. */
const SDK_ATTEMPTS = 6;

/** Everything that the stages share. */
export interface Fleet {
  readonly options: FleetOptions;
  readonly events: Events;
  readonly chance: Chance;
  readonly outcomes: (Outcome | null)[];
  readonly refused: Record<Limit, number>;
  end(cluster: number, outcome: Outcome): void;
}

interface Request {
  readonly limit: Limit;
  readonly place: number;
  readonly bucket: TokenBucket;
  /** Makes the chance of this request its own. */
  readonly about: readonly number[];
}

/** As the SDK repeats what was throttled: with full jitter, doubled up to 20 s. */
export function request(
  { events, options, chance, refused }: Fleet,
  { limit, place, bucket, about }: Request,
  done: () => void,
  givenUp: () => void,
): void {
  const attempt = (count: number): void => {
    if (bucket.take(events.now())) {
      options.onGranted?.(limit, place, events.now());
      events.after(options.numbers.eksLatency, done);
      return;
    }
    refused[limit] += 1;
    if (count === SDK_ATTEMPTS) {
      givenUp();
      return;
    }
    const most = Math.min(20, 0.5 * 2 ** (count - 1));
    events.after(chance(1, count, ...about) * most, () => attempt(count + 1));
  };
  attempt(1);
}
