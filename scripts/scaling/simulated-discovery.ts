import { CLUSTERS_AT_ONCE, PLACES_AT_ONCE } from '../../lambda/discover/discover.ts';
import { DISCOVERED_AT_ONCE } from '../../lib/constructs/fleet-definition.ts';
import { type Fleet, request } from './simulated-fleet.ts';
import { tokenBucket } from './token-bucket.ts';

export interface Discovered {
  /** In order. */
  readonly described: readonly number[];
  readonly functionSeconds: number;
}

/** @param inParts each account and region by a function of its own, which ends with what it has when its time is over */
export function discover(fleet: Fleet, inParts: boolean): Discovered {
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
