import * as z from 'zod';
import { AuditorError } from '../errors.ts';
import {
  type EndedPlace,
  endPlace,
  finishFleet,
  markJoined,
  PLACE_ITEM,
  type PlaceItem,
  placesKey,
  writePlaces,
} from '../fleet/end-place.ts';
import { joinFleet } from '../fleet/join.ts';
import { unlockFleet } from '../fleet/lock.ts';
import { readPlan } from '../fleet/plan.ts';
import { isDone } from '../run/notify-run.ts';
import { RUN_IDENTITY, type RunIdentity } from '../run/run-identity.ts';
import { storedHubLedger } from '../store/hub-ledger.ts';
import { completeWithMetrics, type RunReport } from './finish.ts';
import { openJoinNotifiers, openPlaceNotifiers } from './notifiers.ts';
import { BY_STATE_MACHINE, type Invocation, type LambdaHandler, lambdaHandler } from './runtime.ts';
import { openServices, type Seams, type Services } from './services.ts';

/** What `discover-clusters` has given back; the results are found by the plan. */
const RUN = z.object({ run: RUN_IDENTITY });

/** With the name of the execution; state machines of earlier versions do not give it. */
const FINISH = RUN.extend({ finish: z.literal(true), execution: z.string().min(1).optional() });

/** The last three states of the state machine: the mail, each account and region, the end. */
const EVENT = z.union([PLACE_ITEM, FINISH, RUN]);

/** What the state machine goes on with. */
export interface JoinReport extends RunReport {
  /** Where the items of the map are that ends the run. */
  readonly places: string;
}

export interface FinishReport {
  readonly run: string;
  readonly outcome: 'done';
}

/**
 * Last stages of a fleet run. With a run: joins the summaries of its clusters, records the run and sends the digest. With
 * an account and region: moves the states of its clusters and notifies the other targets. With `finish`: marks the run as
 * complete.
 */
export const createHandler = (seams: Seams = {}): LambdaHandler<JoinReport | EndedPlace | FinishReport> =>
  lambdaHandler({ event: EVENT, instead: BY_STATE_MACHINE }, async (event, invocation) => {
    const { run } = event;
    invocation.logger.appendKeys({ run: run.id });
    const services = await openServices(invocation, seams);
    try {
      if ('place' in event) return await end(event, services, invocation);
      if ('finish' in event) return await finish(event, services);
      return await join(run, services, invocation);
    } finally {
      services.close();
    }
  });

async function join(run: RunIdentity, services: Services, invocation: Invocation): Promise<JoinReport> {
  const { deciding, store, config, clock, environment } = services;
  const decide = async () => {
    const plan = await readPlan(deciding, run.id);
    if (plan === null) {
      throw new AuditorError(`The run ${run.id} has no list of clusters; start it with discover-clusters.`);
    }
    return joinFleet(plan, { store: deciding, config, now: clock() });
  };
  const imports = environment.SECURITY_HUB !== null && environment.SECURITY_HUB !== 'off';
  const report = await completeWithMetrics(decide, {
    run,
    once: true,
    services,
    invocation,
    openTargets: openJoinNotifiers,
    isLast: false,
    onRecorded: async (recorded) =>
      writePlaces(store, recorded, imports ? await storedHubLedger(store).places() : []),
  });
  if (report.outcome === 'done') await markJoined(store, run.id);
  return { ...report, places: placesKey(run.id) };
}

async function end(item: PlaceItem, services: Services, invocation: Invocation): Promise<EndedPlace> {
  const { traced, logger } = invocation;
  logger.appendKeys({ account: item.place.accountId, region: item.place.region });
  const { store, attempt, patience, limits } = { patience: undefined, ...services.completion() };
  const notifiers = await openPlaceNotifiers({ ...services, traced }, item.place);
  const ended = await endPlace(item, {
    store,
    notifiers,
    attempt,
    ...(patience === undefined ? {} : { patience }),
    ...(limits === undefined ? {} : { notifying: limits.notifying, targetMs: PLACE_MS }),
  });
  logger.info('The clusters of an account and region are done.', { ...ended });
  return ended;
}

/** It has a function for itself: most of its time is for Security Hub. */
const PLACE_MS = 600_000;

/** The lock goes back in any case: what is left of this run the next one repeats. */
async function finish(
  { run, execution }: z.infer<typeof FINISH>,
  { store, clock }: Services,
): Promise<FinishReport> {
  try {
    await finishFleet(store, run.id);
  } finally {
    if (!(await isDone(store, run.id))) {
      await unlockFleet(store, { run: run.id, execution }, clock());
    }
  }
  return { run: run.id, outcome: 'done' };
}

export const handler = createHandler();
