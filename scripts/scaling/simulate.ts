import { MOST_PLACES_AT_ONCE } from '../../lambda/fleet/discover-parts.ts';
import { ENDED_AT_ONCE } from '../../lib/constructs/fleet-definition.ts';
import { chanceOf } from './chance.ts';
import { createEvents } from './events.ts';
import { discover } from './simulated-discovery.ts';
import type { Fleet, FleetOptions, Limit, Outcome } from './simulated-fleet.ts';
import { audit, neverInvoked } from './simulated-map.ts';

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

const RESULTS_AT_ONCE = 16;

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
