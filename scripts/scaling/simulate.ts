import { CLUSTERS_AT_ONCE, PLACES_AT_ONCE } from '../../lambda/discover/discover.ts';
import { MOST_PLACES_AT_ONCE } from '../../lambda/fleet/discover-parts.ts';
import { DISCOVERED_AT_ONCE, ENDED_AT_ONCE } from '../../lib/constructs/fleet-definition.ts';
import type { Numbers } from './assumptions.ts';
import { secondsPerPod } from './capacity.ts';
import { type Chance, chanceOf, logNormal, normal } from './chance.ts';
import { createEvents, type Events } from './events.ts';
import { type TokenBucket, tokenBucket } from './token-bucket.ts';

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

export interface FleetRun {
  /** By cluster. */
  readonly outcomes: readonly Outcome[];
  readonly pods: number;
  /** Seconds. */
  readonly discover: number;
  readonly audit: number;
  readonly digest: number;
  /** After the mail: states that move, and Security Hub. */
  readonly ends: number;
  /** Requests that were refused, each time; of `start`, children that had to wait. */
  readonly refused: Readonly<Record<Limit, number>>;
  readonly mostAtOnce: number;
  readonly gbSeconds: number;
  readonly invocations: number;
}

/** lambda/connect/aws/client.ts. */
const SDK_ATTEMPTS = 6;
/** lib/constructs/fleet-definition.ts: how the state machine repeats what Lambda refused. */
const INVOKE_ATTEMPTS = 9;
/** Until a server that does not answer is given up. */
const GIVEN_UP_AFTER = 30;
const RESULTS_AT_ONCE = 16;

/** Everything that the stages share. */
interface Fleet {
  readonly options: FleetOptions;
  readonly events: Events;
  readonly chance: Chance;
  readonly outcomes: (Outcome | null)[];
  readonly refused: Record<Limit, number>;
  end(cluster: number, outcome: Outcome): void;
}

/**
 * One run of a fleet, as a simulation of events: no clock and no chance but the seed, so the same options give
 * the same run.
 */
export function simulateFleet(options: FleetOptions): FleetRun {
  const { clusters, seed, numbers } = options;
  const outcomes = new Array<Outcome | null>(clusters).fill(null);
  const fleet: Fleet = {
    options,
    events: createEvents(),
    chance: chanceOf(seed),
    outcomes,
    refused: { eks: 0, sts: 0, start: 0, lambda: 0 },
    end(cluster, outcome) {
      if (outcomes[cluster] !== null) throw new Error(`cluster ${cluster} ended twice`);
      outcomes[cluster] = outcome;
    },
  };
  const inParts = numbers.places > MOST_PLACES_AT_ONCE;
  const { described, functionSeconds } = discover(fleet, inParts);
  const discoverSeconds = fleet.events.now();
  const audited =
    !inParts && discoverSeconds > numbers.timeout ? neverInvoked(fleet, described) : audit(fleet, described);
  const auditSeconds = fleet.events.now() - discoverSeconds;
  const digest =
    numbers.coldStart +
    described.length *
      Math.max(numbers.readResult / RESULTS_AT_ONCE, (numbers.joinResult / 1000) * numbers.slower);
  const end = endOfPlace(options);
  const own =
    (functionSeconds * numbers.discoverMemory + (digest + end * numbers.places) * options.memory) / 1024;
  return {
    outcomes: outcomes.map((outcome, cluster) => outcome ?? lost(cluster)),
    pods: audited.pods,
    discover: discoverSeconds,
    audit: auditSeconds,
    digest,
    ends: Math.ceil(numbers.places / ENDED_AT_ONCE) * end,
    refused: fleet.refused,
    mostAtOnce: audited.mostAtOnce,
    gbSeconds: audited.gbSeconds + own,
    invocations: audited.invocations + numbers.places * (inParts ? 2 : 1) + (inParts ? 4 : 3),
  };
}

/** Seconds of the function that ends one account and region, with findings for Security Hub at the rate that it takes. */
function endOfPlace({ clusters, numbers }: FleetOptions): number {
  const here = clusters / numbers.places;
  const imports = (here * numbers.findings) / numbers.hubBatch / numbers.hubRate;
  return numbers.coldStart + here * numbers.endOfCluster + imports;
}

function lost(cluster: number): never {
  throw new Error(`cluster ${cluster} never ended`);
}

interface Audited {
  readonly pods: number;
  readonly mostAtOnce: number;
  readonly gbSeconds: number;
  readonly invocations: number;
}

/** The function that discovers ran out of time, so there is no list to go through. */
function neverInvoked({ end }: Fleet, described: readonly number[]): Audited {
  for (const cluster of described) end(cluster, 'not invoked');
  return { pods: 0, mostAtOnce: 0, gbSeconds: 0, invocations: 0 };
}

interface Discovered {
  /** In order. */
  readonly described: readonly number[];
  readonly functionSeconds: number;
}

/** @param inParts each account and region by a function of its own, which ends with what it has when its time is over */
function discover(fleet: Fleet, inParts: boolean): Discovered {
  const { events, options, end } = fleet;
  const { clusters, numbers } = options;
  const described: number[] = [];
  let functionSeconds = 0;
  const places = Array.from({ length: numbers.places }, (_, place) => place).values();

  function nextPlace(): void {
    const next = places.next();
    if (next.done) return;
    const place: number = next.value;
    const bucket = tokenBucket({ burst: numbers.eksBurst, rate: numbers.eksRate });
    let cluster = place - numbers.places;
    let busy = CLUSTERS_AT_ONCE;
    const begun = events.now();
    const isOver = (): boolean => inParts && events.now() - begun > numbers.timeout - numbers.reserve;
    const nextCluster = (): void => {
      cluster += numbers.places;
      while (cluster < clusters && isOver()) {
        end(cluster, 'not described');
        cluster += numbers.places;
      }
      if (cluster < clusters) describe(cluster);
      else if (--busy === 0) {
        if (inParts) functionSeconds += events.now() - begun;
        nextPlace();
      }
    };
    function describe(one: number): void {
      let calls = numbers.eksCalls;
      const call = (): void => {
        const whenRefused = (): void => {
          // Without the other answers the cluster is audited all the same, and they are named as missing.
          if (calls < numbers.eksCalls) proceed();
          else {
            end(one, 'not described');
            nextCluster();
          }
        };
        request(fleet, { limit: 'eks', place, bucket, about: [one, calls] }, proceed, whenRefused);
      };
      const proceed = (): void => {
        if (calls === numbers.eksCalls) described.push(one);
        if (--calls > 0) call();
        else nextCluster();
      };
      call();
    }
    // A function starts and signs in first, whose credentials the other clusters of the place share.
    const before = inParts ? numbers.coldStart + 2 * numbers.eksLatency : 0;
    events.after(before, () => {
      for (let worker = 0; worker < CLUSTERS_AT_ONCE; worker++) nextCluster();
    });
  }

  for (let worker = 0; worker < (inParts ? DISCOVERED_AT_ONCE : PLACES_AT_ONCE); worker++) nextPlace();
  events.run();
  if (!inParts) functionSeconds = events.now();
  return { described: described.sort((a, b) => a - b), functionSeconds };
}

interface Request {
  readonly limit: Limit;
  readonly place: number;
  readonly bucket: TokenBucket;
  /** Makes the chance of this request its own. */
  readonly about: readonly number[];
}

/** As the SDK repeats what was throttled: with full jitter, doubled up to 20 s. */
function request(
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

/** The Distributed Map: children up to its concurrency, each with one invocation. */
function audit(fleet: Fleet, described: readonly number[]): Audited {
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
