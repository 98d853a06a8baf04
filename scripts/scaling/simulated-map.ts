import type { Numbers } from './assumptions.ts';
import { secondsPerPod } from './capacity.ts';
import { type Chance, logNormal, normal } from './chance.ts';
import { type Fleet, type Outcome, request } from './simulated-fleet.ts';
import { tokenBucket } from './token-bucket.ts';

/** lib/constructs/fleet-definition.ts: how the state machine repeats what Lambda refused. */
const INVOKE_ATTEMPTS = 9;
/** Until a server that does not answer is given up. */
const GIVEN_UP_AFTER = 30;

export interface Audited {
  readonly pods: number;
  readonly mostAtOnce: number;
  readonly gbSeconds: number;
  readonly invocations: number;
}

/** The function that discovers ran out of time, so there is no list to go through. */
export function neverInvoked({ end }: Fleet, described: readonly number[]): Audited {
  for (const cluster of described) end(cluster, 'not invoked');
  return { pods: 0, mostAtOnce: 0, gbSeconds: 0, invocations: 0 };
}

/** The Distributed Map: children up to its concurrency, each with one invocation. */
export function audit(fleet: Fleet, described: readonly number[]): Audited {
  const { events, options, refused, chance, end } = fleet;
  const { numbers, memory, concurrency, onGranted } = options;
  const starts = tokenBucket({ burst: numbers.startBurst, rate: numbers.startRate });
  const environments = tokenBucket({ burst: numbers.lambdaConcurrency, rate: numbers.lambdaScaling });
  const signIns = tokenBucket({ burst: numbers.stsBurst, rate: numbers.stsRate });
  const perPod = secondsPerPod(memory, numbers);
  const queue = described.values();
  let [running, idle, mostAtOnce, invocations, gbSeconds, pods] = [0, 0, 0, 0, 0, 0];

  function nextChild(): void {
    const { value: cluster } = queue.next();
    if (cluster !== undefined) start(cluster);
  }

  /** Step Functions waits by itself where it starts children faster than it may. */
  function start(cluster: number, delayed = false): void {
    if (starts.take(events.now())) {
      onGranted?.('start', 0, events.now());
      invoke(cluster, 1);
      return;
    }
    if (!delayed) refused.start += 1;
    events.after(1 / numbers.startRate, () => start(cluster, true));
  }

  function invoke(cluster: number, count: number): void {
    const free = running < numbers.lambdaConcurrency;
    const warm = free && idle > 0;
    if (!warm && !(free && environments.take(events.now()))) {
      refused.lambda += 1;
      if (count === INVOKE_ATTEMPTS) {
        finish(cluster, 'not invoked');
        return;
      }
      const most = Math.min(120, 2 * 2 ** (count - 1));
      events.after(chance(2, cluster, count) * most, () => invoke(cluster, count + 1));
      return;
    }
    onGranted?.('lambda', 0, events.now());
    invocations += 1;
    if (warm) idle -= 1;
    mostAtOnce = Math.max(mostAtOnce, ++running);
    const begun = events.now();
    const leave = (outcome: Outcome): void => {
      gbSeconds += ((events.now() - begun) * memory) / 1024;
      running -= 1;
      idle += 1;
      finish(cluster, outcome);
    };
    events.after(warm ? 0 : numbers.coldStart, () => {
      const signIn = { limit: 'sts', place: 0, bucket: signIns, about: [cluster] } as const;
      request(
        fleet,
        signIn,
        () => read(cluster, leave),
        () => leave('unreachable'),
      );
    });
  }

  function read(cluster: number, leave: (outcome: Outcome) => void): void {
    if (chance(3, cluster) < numbers.unreachable) {
      events.after(GIVEN_UP_AFTER, () => leave('unreachable'));
      return;
    }
    const count = podsOf(cluster, chance, numbers);
    const duration = numbers.fixedTime + count * perPod;
    const most = numbers.timeout - numbers.reserve;
    if (duration <= most) pods += count;
    events.after(Math.min(duration, most), () => leave(duration > most ? 'out of time' : 'audited'));
  }

  function finish(cluster: number, outcome: Outcome): void {
    end(cluster, outcome);
    nextChild();
  }

  for (let child = 0; child < Math.min(concurrency, numbers.mapConcurrency); child++) nextChild();
  events.run();
  return { pods, mostAtOnce, gbSeconds, invocations };
}

const podsOf = (cluster: number, chance: Chance, { medianPods, meanPods }: Numbers): number =>
  Math.round(
    logNormal({ median: medianPods, mean: meanPods }, normal(chance(4, cluster), chance(5, cluster))),
  );
