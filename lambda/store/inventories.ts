import * as z from 'zod';
import { AuditorError, ReadError } from '../errors.ts';
import type { InventoryRow } from '../inventory/inventory.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { compareText } from '../inventory/workload.ts';
import { gunzipLines } from './gzip.ts';
import { clusterPath } from './key-segments.ts';
import {
  clusterOfStateKey,
  inventoryFolder,
  inventoryOfKey,
  isStateKey,
  latestKey,
  STATE_FOLDER,
} from './layout.ts';
import type { ReportStore } from './store.ts';

/** The pods of a cluster as some run listed them last. */
export interface LatestInventory {
  readonly cluster: ClusterIdentity;
  /** Of the run; `null` where no run ever listed the pods of the cluster. */
  readonly run: string | null;
  /** The day, `YYYY-MM-DD`. */
  readonly date: string | null;
  /** Whether it is of the last run of the store, and all of its parts are there. */
  readonly current: boolean;
  readonly keys: readonly string[];
}

const CLUSTER = z.looseObject({
  name: z.string(),
  arn: z.string().nullable(),
  accountId: z.string().nullable(),
  region: z.string().nullable(),
});

const LATEST = z.object({
  run: z.object({ id: z.string(), startedAt: z.string() }),
  gone: z.array(z.object({ cluster: CLUSTER })).default([]),
  clusters: z.array(z.object({ cluster: CLUSTER })),
});

/** The last run of a store, and what its clusters run. */
export interface LatestInventories {
  readonly run: { readonly id: string; readonly startedAt: string };
  readonly clusters: readonly LatestInventory[];
}

/**
 * The latest inventory of each cluster: those of the last run, and those that only earlier runs looked at, as runs of one
 * cluster at a time leave them. A cluster that the last run found to be gone is none of them.
 *
 * @throws ReadError when no run was ever stored there, or the last one cannot be understood
 */
export async function latestInventories(store: ReportStore): Promise<LatestInventories> {
  const { run, gone, clusters } = await latestSummary(store);
  const known = new Map<string, ClusterIdentity>(
    clusters.map(({ cluster }) => [clusterPath(cluster), cluster]),
  );
  const left = new Set(gone.map(({ cluster }) => clusterPath(cluster)));
  for await (const key of store.list(STATE_FOLDER)) {
    if (!isStateKey(key)) continue;
    const cluster = clusterOfStateKey(key);
    const path = clusterPath(cluster);
    if (!known.has(path) && !left.has(path)) known.set(path, cluster);
  }
  const sorted = [...known].sort(([a], [b]) => compareText(a, b));
  const found: LatestInventory[] = [];
  for (const [, cluster] of sorted) found.push(await latestOf(store, cluster, run.id));
  return { run, clusters: found };
}

async function latestSummary(store: ReportStore): Promise<z.infer<typeof LATEST>> {
  const location = store.location(latestKey('summary.json'));
  const bytes = await store.get(latestKey('summary.json'));
  if (bytes === null) {
    throw new ReadError(
      'malformed-object',
      `There is no complete run in this store: ${location} does not exist.`,
      'Give the folder of audit --out or the bucket of the reports, or run an audit first.',
    );
  }
  try {
    return LATEST.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The summary of the last run in ${location} cannot be read.`,
      'Restore an earlier version of the object, or run an audit again.',
      error,
    );
  }
}

async function latestOf(
  store: ReportStore,
  cluster: ClusterIdentity,
  lastRun: string,
): Promise<LatestInventory> {
  let latest: { run: string; date: string; count: number; keys: string[] } | null = null;
  for await (const key of store.list(inventoryFolder(cluster))) {
    const parts = inventoryOfKey(key);
    if (parts === null) continue;
    const { run, date, shard } = parts;
    const order = latest === null ? 1 : compareText(date, latest.date) || compareText(run, latest.run);
    if (order > 0) latest = { run, date, count: shard?.count ?? 1, keys: [key] };
    else if (order === 0) latest?.keys.push(key);
  }
  if (latest === null) return { cluster, run: null, date: null, current: false, keys: [] };
  const { run, date, count, keys } = latest;
  return { cluster, run, date, current: run === lastRun && keys.length >= count, keys: keys.sort() };
}

/** The pods of one object. @throws ReadError when it is damaged, or not there any more */
export async function* inventoryRowsIn(store: ReportStore, key: string): AsyncGenerator<InventoryRow> {
  const bytes = await store.get(key);
  // A lifecycle rule may remove it between the listing and now. Without its pods nothing would look like what runs.
  if (bytes === null) {
    throw new ReadError(
      'malformed-object',
      `The inventory in ${store.location(key)} was removed while the store was read.`,
      'Search again.',
    );
  }
  try {
    for await (const line of gunzipLines(bytes)) {
      // Written by this program; the shape of each of many thousand lines is not checked again.
      if (line !== '') yield JSON.parse(line) as InventoryRow;
    }
  } catch (error) {
    if (error instanceof AuditorError) throw error;
    throw new ReadError(
      'malformed-object',
      `The inventory in ${store.location(key)} cannot be read.`,
      'Restore an earlier version of the object, or run an audit again.',
      error,
    );
  }
}
