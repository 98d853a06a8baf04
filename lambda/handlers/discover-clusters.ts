import { placesKey } from '../fleet/end-place.ts';
import { lockFleet } from '../fleet/lock.ts';
import { planFleet } from '../fleet/plan.ts';
import { isDone } from '../run/notify-run.ts';
import type { RunIdentity } from '../run/run-identity.ts';
import { type LambdaHandler, lambdaHandler } from './runtime.ts';
import { SCHEDULE_EVENT, startedBy } from './schedule-event.ts';
import { openServices, type Seams } from './services.ts';

/** What the state machine goes on with. */
export interface FleetReference {
  readonly run: RunIdentity;
  /** An earlier execution has done all of it: there is nothing to do. */
  readonly done: boolean;
  /** Where the items of the Distributed Map are. */
  readonly bucket: string;
  readonly key: string;
  /** Where those of the map that ends the run will be. */
  readonly places: string;
  /** Of items: clusters, or parts of them. */
  readonly count: number;
}

/** First stage of a fleet run: finds the clusters and writes the list of items. */
export const createHandler = (seams: Seams = {}): LambdaHandler<FleetReference> =>
  lambdaHandler(SCHEDULE_EVENT, async (event, invocation) => {
    const { logger, trace } = invocation;
    const services = await openServices(invocation, seams);
    try {
      const { store, config, access, clock, environment, observer } = services;
      const { run, start } = startedBy(event, config, clock());
      logger.appendKeys({ run: run.id });
      const bucket = environment.REPORT_BUCKET;
      if (await isDone(store, run.id)) {
        logger.info('The run was already complete.');
        return { run, done: true, bucket, key: '', places: '', count: 0 };
      }
      await lockFleet(store, run.id, clock());
      const { plan, itemsKey, items } = await trace('discover', () =>
        planFleet({ store, config, access, run, start }),
      );
      const { targets, gaps, excluded } = plan;
      observer.onDiscovered?.({
        targets: targets.length,
        gaps: gaps.length,
        excluded: excluded.length,
      });
      const places = placesKey(run.id);
      return { run, done: false, bucket, key: itemsKey, places, count: items };
    } finally {
      services.close();
    }
  });

export const handler = createHandler();
