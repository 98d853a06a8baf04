import * as z from 'zod';
import { outOfTimeToDiscover } from '../audit/out-of-time.ts';
import { countsOf } from '../fleet/audit-discovered.ts';
import {
  beginPlan,
  DISCOVERY_ITEM,
  type DiscoveryItem,
  discoverPlace,
  joinPlaces,
} from '../fleet/discover-parts.ts';
import { placesKey } from '../fleet/end-place.ts';
import { lockFleet, unlockFleet } from '../fleet/lock.ts';
import type { PlannedFleet } from '../fleet/plan.ts';
import { problemAt } from '../parsed-problem.ts';
import { isDone } from '../run/notify-run.ts';
import type { RunStart } from '../run/run-context.ts';
import { RUN_IDENTITY, type RunIdentity } from '../run/run-identity.ts';
import { type Invocation, type LambdaHandler, lambdaHandler } from './runtime.ts';
import { SCHEDULE_EVENT, SEND_TIME, type StartedRun, startedBy } from './schedule-event.ts';
import { openServices, type Seams, type Services } from './services.ts';

/** What the state machine goes on with. */
export interface FleetReference {
  readonly run: RunIdentity;
  readonly start: RunStart;
  /** An earlier execution has done all of it: there is nothing to do. */
  readonly done: boolean;
  /** Where the items of the Distributed Map are. */
  readonly bucket: string;
  readonly key: string;
  /** Where those of the map that ends the run will be. */
  readonly places: string;
  /** Of items: clusters, or parts of them. */
  readonly count: number;
  /** Each account and region has to be asked by itself first: where the items of that map are. */
  readonly inParts: boolean;
  readonly toAsk: string;
}

/** What the map keeps of an account and region; what was found there is in the bucket. */
export interface PlaceReport {
  readonly account: string;
  readonly region: string;
  readonly targets: number;
  readonly gaps: number;
  readonly excluded: number;
}

/** What is left of a run that was given up. */
export interface GivenUp {
  readonly run: RunIdentity;
  readonly givenUp: true;
}

/** By the state machine, with the time at which its execution was started, and its name: the same at each attempt. */
const BEGIN = z.object({
  event: SCHEDULE_EVENT,
  startedAt: z.iso.datetime({ offset: true }),
  /** State machines of earlier versions do not give it. */
  execution: z.string().min(1).optional(),
  giveUp: z.literal(true).optional(),
});
const JOIN = z.object({
  run: RUN_IDENTITY,
  start: z.enum(['scheduled', 'manual']),
  join: z.literal(true),
});

type Event =
  | { readonly begin: Omit<z.infer<typeof BEGIN>, 'startedAt'> & { readonly startedAt?: string } }
  | { readonly place: DiscoveryItem }
  | { readonly join: z.infer<typeof JOIN> };

/**
 * Each kind has a key that no other one has, so that what is wrong is said of the kind that was meant. An account and a
 * region are in events of EventBridge rules, too.
 */
const EVENT: z.ZodType<Event> = z.unknown().transform((value, context): Event => {
  const has = (key: string): boolean =>
    typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  const parse = <T>(schema: z.ZodType<T>, of: (data: T) => Event): Event => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return of(parsed.data);
    for (const issue of parsed.error.issues) {
      const { path, problem } = problemAt(issue, value);
      context.addIssue({ code: 'custom', path: [...path], message: problem });
    }
    return z.NEVER;
  };
  if (has('config')) return parse(DISCOVERY_ITEM, (place) => ({ place }));
  if (has('join')) return parse(JOIN, (join) => ({ join }));
  if (has('event')) return parse(BEGIN, (begin) => ({ begin }));
  return parse(SCHEDULE_EVENT, (event) => ({ begin: { event } }));
});

/**
 * First stages of a fleet run. With the event that starts it: finds the clusters and writes the list of items, or, where
 * accounts and regions are many, the list of these. With an account and region: finds its clusters. With `join`: makes
 * the list of items of what was found in all of them.
 */
export const createHandler = (
  seams: Seams & { readonly mostPlaces?: number } = {},
): LambdaHandler<FleetReference | PlaceReport | GivenUp> =>
  lambdaHandler({ event: EVENT, instead: SEND_TIME }, async (event, invocation) => {
    const services = await openServices(invocation, seams, outOfTimeToDiscover());
    try {
      if ('place' in event) return await discover(event.place, services, invocation);
      if ('join' in event) return await join(event.join, services, invocation);
      const { event: started, startedAt, execution, giveUp } = event.begin;
      const now = startedAt === undefined ? services.clock() : Date.parse(startedAt);
      const begun = { ...startedBy(started, services.config, now), execution };
      return giveUp === undefined
        ? await begin(begun, services, invocation, seams.mostPlaces)
        : await release(begun, services);
    } finally {
      services.close();
    }
  });

/** A run, with the execution of the state machine that begins it. */
type BegunRun = StartedRun & { readonly execution: string | undefined };

async function begin(
  { run, start, execution }: BegunRun,
  services: Services,
  invocation: Invocation,
  mostPlaces: number | undefined,
): Promise<FleetReference> {
  const { store, config, access, clock } = services;
  const { logger, trace } = invocation;
  logger.appendKeys({ run: run.id });
  if (await isDone(store, run.id)) {
    logger.info('The run was already complete.');
    return { ...referenceOf({ run, start }, services), done: true, places: '' };
  }
  await lockFleet(store, { run: run.id, execution }, clock());
  const bounds = mostPlaces === undefined ? {} : { mostPlaces };
  const begun = await trace('discover', () => beginPlan({ store, config, access, run, start, ...bounds }));
  if ('plan' in begun) return planned(begun, { run, start }, services);
  logger.info('Each account and region is asked by itself.', { places: begun.places });
  return { ...referenceOf({ run, start }, services), inParts: true, toAsk: begun.placesKey };
}

async function discover(
  item: DiscoveryItem,
  services: Services,
  { logger, trace }: Invocation,
): Promise<PlaceReport> {
  const { run, account, region } = item;
  logger.appendKeys({ run: run.id, account: account.id, region });
  const counts = countsOf(await trace('discover', () => discoverPlace(item, services)));
  services.observer.onDiscovered?.(counts);
  return { account: account.id, region, ...counts };
}

async function join(
  { run, start }: Pick<StartedRun, 'run' | 'start'>,
  services: Services,
  { logger, trace }: Invocation,
): Promise<FleetReference> {
  logger.appendKeys({ run: run.id });
  const { store, config, access } = services;
  const made = await trace('join', () => joinPlaces({ store, config, access, run, start }));
  return planned(made, { run, start }, services);
}

function planned(
  { plan, itemsKey, items }: PlannedFleet,
  begun: Pick<StartedRun, 'run' | 'start'>,
  services: Services,
): FleetReference {
  services.observer.onDiscovered?.(countsOf(plan));
  return { ...referenceOf(begun, services), key: itemsKey, count: items };
}

const referenceOf = (
  { run, start }: Pick<StartedRun, 'run' | 'start'>,
  { environment }: Services,
): FleetReference => ({
  run,
  start,
  done: false,
  bucket: environment.REPORT_BUCKET,
  key: '',
  places: placesKey(run.id),
  count: 0,
  inParts: false,
  toAsk: '',
});

/** Nothing was found, so nothing follows: the next run need not wait until the lock expires. */
async function release({ run, execution }: BegunRun, { store, clock }: Services): Promise<GivenUp> {
  await unlockFleet(store, { run: run.id, execution }, clock());
  return { run, givenUp: true };
}

export const handler = createHandler();
