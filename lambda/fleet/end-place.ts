import { hash } from 'node:crypto';
import * as z from 'zod';
import { AuditorError, ReadError } from '../errors.ts';
import { compareClusters } from '../findings/order.ts';
import { inParallel } from '../in-parallel.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { compareText } from '../inventory/workload.ts';
import type { Notice, Notifier } from '../notify/notifier.ts';
import { parsed } from '../parsed-problem.ts';
import { NO_EXEMPTION_NOTES } from '../report/exemption-notes.ts';
import type { Shortfall } from '../report/news.ts';
import { jsonLine } from '../report/rows.ts';
import { advanceLayersOf, advanceState } from '../run/advance-states.ts';
import { layersPart } from '../run/compare-with-state.ts';
import { parseHeader } from '../run/conclusion-lines.ts';
import { committedRun, readConclusion } from '../run/conclusion-record.ts';
import { decisionKey } from '../run/decide-cluster.ts';
import { reportIn } from '../run/decide-run.ts';
import type { CommittedRun } from '../run/decided-run.ts';
import { type Delivery, type DeliveryOptions, isDone, markDone, notifyRun } from '../run/notify-run.ts';
import { RUN_IDENTITY, type RunIdentity } from '../run/run-identity.ts';
import type { HubPlaceKey } from '../store/layout.ts';
import { noteKey } from '../store/run-notes.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore } from '../store/store.ts';

/**
 * The clusters of one account in one region: what Security Hub has a list of its own for. EKS allows 100 of them unless
 * that quota is raised (https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html).
 */
export interface PlaceItem {
  readonly run: RunIdentity;
  readonly place: HubPlaceKey;
  readonly clusters: readonly ClusterIdentity[];
}

const CLUSTER = z.object({
  name: z.string(),
  arn: z.string(),
  accountId: z.string().nullable(),
  region: z.string().nullable(),
});

export const PLACE_ITEM = z.object({
  run: RUN_IDENTITY,
  place: z.object({ partition: z.string(), accountId: z.string(), region: z.string() }),
  clusters: z.array(CLUSTER),
});

const JSON_TYPE = { contentType: 'application/json' };

/** The items of the map that ends a run: a JSON array. */
export const placesKey = (runId: string): string => noteKey(runId, 'places.json');

/**
 * Writes what is left to do of a run that is decided and noted as owed: each account and region with its clusters, and
 * those where Security Hub may hold findings of clusters that are gone.
 */
export async function writePlaces(
  store: ReportStore,
  { run }: Pick<CommittedRun, 'run'>,
  others: readonly HubPlaceKey[],
): Promise<void> {
  const places = new Map<string, PlaceItem & { clusters: ClusterIdentity[] }>();
  const { id, startedAt } = run.run;
  const at = (place: HubPlaceKey): ClusterIdentity[] => {
    const key = JSON.stringify([place.partition, place.accountId, place.region]);
    const item = places.get(key) ?? { run: { id, startedAt }, place, clusters: [] };
    places.set(key, item);
    return item.clusters;
  };
  for (const { cluster } of run.clusters) {
    const place = placeOfCluster(cluster);
    const { name, arn, accountId, region } = cluster;
    if (place !== null) at(place).push({ name, arn, accountId, region });
  }
  for (const place of others) at(place);
  const items = [...places].sort(([a], [b]) => compareText(a, b)).map(([, item]) => item);
  for (const { clusters } of items) clusters.sort(compareClusters);
  const text = `[\n${items.map((item) => jsonLine(item)).join(',\n')}\n]\n`;
  await store.put(placesKey(id), [Buffer.from(text, 'utf8')], JSON_TYPE);
}

function placeOfCluster({ arn, accountId, region }: ClusterIdentity): HubPlaceKey | null {
  const partition = arn?.split(':')[1];
  return partition === undefined || accountId === null || region === null
    ? null
    : { partition, accountId, region };
}

/** @throws AuditorError when the run has none, since it was not decided or not noted as owed */
async function readPlaces(store: ReportStore, runId: string): Promise<readonly PlaceItem[]> {
  const bytes = await store.get(placesKey(runId));
  if (bytes === null) {
    throw new AuditorError(
      `The run ${runId} was not recorded, so no state follows from it: everything that it found is news of the next run.`,
    );
  }
  try {
    return parsed(z.array(PLACE_ITEM), JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The list of accounts and regions in ${store.location(placesKey(runId))} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Run the audit again.',
      error,
    );
  }
}

export interface EndPlaceOptions extends DeliveryOptions {
  readonly store: ReportStore;
  /** Targets beside the mail, which has gone out: Security Hub, an event bus. */
  readonly notifiers: readonly Notifier[];
}

export interface EndedPlace {
  readonly outcome: 'done' | 'done-before';
  readonly clusters: number;
}

/** Clusters whose decisions are read, and whose states are moved, at once. */
const AT_ONCE = 4;

/**
 * What follows for the clusters of one place from a run that is decided: their states move to what was decided, and the
 * targets beside the mail are notified. Repeating it changes nothing.
 *
 * @throws AuditorError when something is left to do, so that it is repeated
 */
export async function endPlace(item: PlaceItem, options: EndPlaceOptions): Promise<EndedPlace> {
  const { store, notifiers } = options;
  const { run, place, clusters } = item;
  const marker = noteKey(run.id, `sent/place-${nameOf(place)}.json`);
  if ((await store.get(marker)) !== null) return { outcome: 'done-before', clusters: clusters.length };
  const whole = await readConclusion(store, { runId: run.id }, (lines) => parseHeader(lines));
  if (whole === null)
    throw new AuditorError(`The run ${run.id} is not decided, so no state follows from it.`);
  const shortfalls: Shortfall[] = [];
  const decided = await inParallel(clusters, AT_ONCE, async (cluster) => {
    const one = await committedRun(store, run.id, decisionKey(run.id, cluster));
    const [result] = one?.run.clusters ?? [];
    if (one === null || result === undefined) {
      const problem = 'What the run decided about it is not stored, so its state stays as it was.';
      shortfalls.push({ part: `the state of cluster ${cluster.name}`, problem });
      return null;
    }
    await orShortfall(`the state of cluster ${cluster.name}`, shortfalls, async () => {
      await advanceState(store, one, result);
      await orShortfall(layersPart(cluster), shortfalls, () => advanceLayersOf(store, one, result.cluster));
    });
    return one;
  });
  const known = decided.filter((one) => one !== null);
  const location = reportIn(store, run.id);
  const of = { run: whole.run, clusters: known.flatMap((one) => one.run.clusters) };
  const { digest, firstRun, now } = whole;
  const facts = { run: of, exemptions: NO_EXEMPTION_NOTES, firstRun, reportLocation: location };
  const notice: Notice = { run: of, digest, facts, firstRun, now, location, anchor: null };
  // What is not known of a cluster must not be taken for what is not there any more.
  const deliveries =
    known.length < clusters.length
      ? []
      : await notifyRun(
          store,
          notice,
          notifiers.map((one) => ({
            name: `${one.name}-${nameOf(place)}`,
            notify: (...about) => one.notify(...about),
          })),
          options,
        );
  failWith(item, shortfalls, deliveries);
  await store.put(marker, [Buffer.from(`${jsonLine({ status: 'sent', place })}\n`)], JSON_TYPE);
  return { outcome: 'done', clusters: clusters.length };
}

function failWith(
  { run, place }: PlaceItem,
  shortfalls: readonly Shortfall[],
  deliveries: readonly Delivery[],
): void {
  const problems = [
    ...shortfalls.map(({ part, problem }) => `${part}: ${problem}`),
    ...deliveries.flatMap(({ outcome, error }) =>
      outcome === 'failed' && error !== null ? error.message : [],
    ),
  ];
  if (problems.length === 0) return;
  throw new AuditorError(
    `The run ${run.id} is not complete for account ${place.accountId} in ${place.region}: ${problems.join(' ')}`,
  );
}

const nameOf = ({ partition, accountId, region }: HubPlaceKey): string =>
  hash('sha256', JSON.stringify([partition, accountId, region]), 'hex').slice(0, 16);

/** Says that the mail went out and the record is whole, so that the run is complete when its places are. */
export async function markJoined(store: ReportStore, runId: string): Promise<void> {
  await store.put(joinedKey(runId), [Buffer.from(`${jsonLine({ status: 'sent' })}\n`)], JSON_TYPE);
}

const joinedKey = (runId: string): string => noteKey(runId, 'sent/joined.json');

/**
 * Marks the run as complete.
 * @throws AuditorError when something of it is left to do
 */
export async function finishFleet(store: ReportStore, runId: string): Promise<void> {
  if (await isDone(store, runId)) return;
  if ((await store.get(joinedKey(runId))) === null) {
    throw new AuditorError(
      `The run ${runId} is not complete: its mail was not sent, or its record is not whole. Look at the log of the function that sends the digest.`,
    );
  }
  const places = await readPlaces(store, runId);
  const ended = await inParallel(places, AT_ONCE, ({ place }) =>
    store.get(noteKey(runId, `sent/place-${nameOf(place)}.json`)),
  );
  const missing = places.filter((_, index) => ended[index] === null);
  const [first] = missing;
  if (first !== undefined) {
    throw new AuditorError(
      `The run ${runId} is not complete: ${missing.length} of ${places.length} accounts and regions are left, first ${first.place.accountId} in ${first.place.region}. Its next run repeats what they miss; look at the log of the function that sends the digest.`,
    );
  }
  await markDone(store, runId);
}
