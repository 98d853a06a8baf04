import * as z from 'zod';
import { configHash } from '../config/hash.ts';
import { type WantedAccount, type WantedAccounts, wantedAccounts } from '../discover/accounts.ts';
import { type Discovery, discoverClusters } from '../discover/discover.ts';
import { placeGap } from '../discover/place.ts';
import { type DiscoveryGap, type LeftOutAccount, parseClusterTarget } from '../discover/target.ts';
import { AuditorError, ReadError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import { jsonLine } from '../report/rows.ts';
import { RUN_IDENTITY, type RunIdentity } from '../run/run-identity.ts';
import { discoveredNote, noteKey } from '../store/run-notes.ts';
import type { ReportStore } from '../store/store.ts';
import { type Found, type PlannedFleet, type PlanOptions, planFleet, readPlan } from './plan.ts';

/**
 * Accounts × regions that one function asks, 32 at once. Where none of them answers, each takes the two minutes that
 * `lambda/connect/aws/client.ts` gives an operation, so that 96 take six of the thirteen minutes that a function has.
 * Beyond that each is an item of a map (docs/decisions/0030-discovery-in-parts.md).
 */
export const MOST_PLACES_AT_ONCE = 96;

/** One account in one region, as the map hands it on. */
export interface DiscoveryItem {
  readonly run: RunIdentity;
  /** Hash of the configuration. */
  readonly config: string;
  readonly account: WantedAccount;
  readonly region: string;
}

/** What is known before any account is entered; written down once, so that every repetition goes on from it. */
interface Scope {
  /** Hash of the configuration that named them. Missing in those of earlier versions. */
  readonly config?: string;
  readonly accounts: readonly WantedAccount[];
  readonly gaps: readonly DiscoveryGap[];
  readonly leftOut: readonly LeftOutAccount[];
}

const ACCOUNT = z.object({
  id: z.string(),
  roleName: z.string(),
  externalId: z.string().nullable(),
  regions: z.array(z.string()),
  unit: z.string().exactOptional(),
});

/** @see DiscoveryItem */
export const DISCOVERY_ITEM: z.ZodType<DiscoveryItem> = z.object({
  run: RUN_IDENTITY,
  config: z.string(),
  account: ACCOUNT,
  region: z.string().min(1),
});

const JSON_TYPE = { contentType: 'application/json' };

/** Places that are still to be asked, each by itself. */
export interface PlacesToAsk {
  /** Where the items of the map are. */
  readonly placesKey: string;
  readonly places: number;
}

/**
 * Begins a run: with a plan where its accounts and regions are few, and else with the list of these. What an earlier
 * attempt began is gone on with.
 */
export async function beginPlan(
  options: PlanOptions & { readonly mostPlaces?: number },
): Promise<PlannedFleet | PlacesToAsk> {
  const { store, run, mostPlaces = MOST_PLACES_AT_ONCE } = options;
  if ((await readPlan(store, run.id)) !== null) return planFleet(options);
  const begun = await readScope(store, run.id);
  if (begun !== null) return writeItems(begun, options);
  const { accounts, gaps, leftOut } = await wantedAccounts({ ...options, ...options.config });
  if (accounts === null || placesOf(accounts).length <= mostPlaces) {
    return planFleet(options, () => discoverListed({ accounts, gaps, leftOut }, options));
  }
  const scope = { config: configHash(options.config), accounts, gaps, leftOut };
  const content = [Buffer.from(`${jsonLine(scope)}\n`, 'utf8')];
  const key = scopeKey(run.id);
  if ((await store.putIf(key, content, { ...JSON_TYPE, expected: null })) !== null) {
    return writeItems(scope, options);
  }
  const first = await readScope(store, run.id);
  if (first !== null) return writeItems(first, options);
  throw new AuditorError(`${store.location(key)} was deleted while it was stored; run again.`);
}

/** All of them in this process; the organization is not listed a second time. */
async function discoverListed(
  { accounts, gaps, leftOut }: WantedAccounts,
  { config, access }: Pick<PlanOptions, 'config' | 'access'>,
): Promise<Found> {
  if (accounts?.length === 0) return { targets: [], gaps, excluded: [], leftOutAccounts: leftOut };
  const listed = { ...config, accounts: accounts ?? [], organization: null };
  const found = await discoverClusters({ config: listed, access });
  return { ...found, gaps: [...gaps, ...found.gaps], leftOutAccounts: leftOut };
}

const scopeKey = (runId: string): string => noteKey(runId, 'discovered/scope.json');

const placesOf = (accounts: readonly WantedAccount[]) =>
  accounts.flatMap((account) => account.regions.map((region) => ({ account, region })));

async function readScope(store: ReportStore, runId: string): Promise<Scope | null> {
  const bytes = await store.get(scopeKey(runId));
  return bytes === null ? null : (JSON.parse(Buffer.from(bytes).toString('utf8')) as Scope);
}

async function writeItems(
  { accounts, config: begun }: Scope,
  { store, config, run }: Pick<PlanOptions, 'store' | 'config' | 'run'>,
): Promise<PlacesToAsk> {
  const hash = begun ?? configHash(config);
  const items = placesOf(accounts).map(({ account, region }) =>
    jsonLine({ run, config: hash, account: { ...account, regions: [region] }, region }),
  );
  const placesKey = noteKey(run.id, 'discovered/places.json');
  await store.put(placesKey, [Buffer.from(`[\n${items.join(',\n')}\n]\n`, 'utf8')], JSON_TYPE);
  return { placesKey, places: items.length };
}

/** What one account and region came to. */
type FoundThere = Pick<Discovery, 'targets' | 'gaps' | 'excluded'>;

/**
 * Finds the clusters of one account and region, and stores them. Whatever cannot be looked at is a gap; a place that is
 * stored already is not asked again.
 */
export async function discoverPlace(
  { run, config: planned, account, region }: DiscoveryItem,
  { store, config, access }: Pick<PlanOptions, 'store' | 'config' | 'access'>,
): Promise<FoundThere> {
  const place = { accountId: account.id, region };
  const key = noteKey(run.id, discoveredNote(place));
  const earlier = await readPlace(store, key);
  if (earlier !== null) return earlier;
  const only = { ...config, accounts: [account], organization: null };
  const { targets, gaps, excluded } =
    configHash(config) === planned
      ? await discoverClusters({ config: only, access })
      : { targets: [], gaps: [placeGap(place, otherConfig())], excluded: [] };
  const found = { targets, gaps, excluded };
  await store.put(key, [Buffer.from(`${jsonLine(found)}\n`, 'utf8')], JSON_TYPE);
  return found;
}

/** @throws ReadError when what is stored cannot be understood */
async function readPlace(store: ReportStore, key: string): Promise<FoundThere | null> {
  const bytes = await store.get(key);
  if (bytes === null) return null;
  try {
    const { targets, gaps, excluded } = JSON.parse(Buffer.from(bytes).toString('utf8')) as FoundThere;
    return { targets: targets.map(parseClusterTarget), gaps: [...gaps], excluded: [...excluded] };
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The list of clusters in ${store.location(key)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Run the audit again.',
      error,
    );
  }
}

/** Lists that are read at once: each is small. */
const AT_ONCE = 32;

/**
 * Makes the plan of what was found in all accounts and regions. One that left nothing is a gap of its own: which clusters
 * it has is not known, so that none of them counts as gone.
 *
 * @throws AuditorError when the run was not begun
 */
export async function joinPlaces(options: PlanOptions): Promise<PlannedFleet> {
  const { store, run } = options;
  return planFleet(options, async () => {
    const scope = await readScope(store, run.id);
    if (scope === null) {
      throw new AuditorError(`The run ${run.id} has no list of accounts; start it with discover-clusters.`);
    }
    const found = await inParallel(placesOf(scope.accounts), AT_ONCE, ({ account, region }) =>
      placeOrGap(store, run, { accountId: account.id, region }),
    );
    return {
      // Where it changed since, accounts of the new one were not asked: the run is one of the first, and says so.
      config: scope.config,
      targets: found
        .flatMap(({ targets }) => targets)
        .sort((a, b) => (a.identity.arn < b.identity.arn ? -1 : 1)),
      gaps: [...scope.gaps, ...found.flatMap(({ gaps }) => gaps)],
      excluded: found.flatMap(({ excluded }) => excluded),
      leftOutAccounts: scope.leftOut,
    };
  });
}

async function placeOrGap(
  store: ReportStore,
  run: RunIdentity,
  place: { readonly accountId: string; readonly region: string },
): Promise<FoundThere> {
  const without = (error: ReadError): FoundThere => ({
    targets: [],
    gaps: [placeGap(place, error)],
    excluded: [],
  });
  try {
    return (await readPlace(store, noteKey(run.id, discoveredNote(place)))) ?? without(notAsked());
  } catch (error) {
    // What the store refuses of one place takes no other place out of the run; a store that is unavailable does.
    if (!(error instanceof ReadError)) throw error;
    return without(error);
  }
}

const notAsked = (): ReadError =>
  new ReadError(
    'not-finished',
    'The function that finds the clusters of this account and region ended without a result: it ran out of memory or time, was refused by Lambda, or could not write to the report bucket.',
    'Look at the log of the function that discovers clusters for the account, then run again.',
  );

const otherConfig = (): ReadError =>
  new ReadError(
    'not-finished',
    'The configuration changed during the run.',
    'Run again: the next run uses the new configuration for all accounts.',
  );
