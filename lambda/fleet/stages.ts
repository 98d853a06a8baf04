import { hasAllPods } from '../audit/audit-cluster.ts';
import { auditFleet, notFinished } from '../audit/audit-fleet.ts';
import { eksTarget } from '../audit/discovered-targets.ts';
import type { Config } from '../config/config.ts';
import { configHash } from '../config/hash.ts';
import type { AwsAccess } from '../connect/aws/access.ts';
import { ReadError } from '../errors.ts';
import type { Shortfall } from '../report/news.ts';
import { imageMemory } from '../run/image-memory.ts';
import { inventoryRows } from '../run/inventory-rows.ts';
import { formerConfig } from '../run/remembered.ts';
import type { RunObserver } from '../run/run-observer.ts';
import { finishSboms, openSboms } from '../run/run-sboms.ts';
import { inventoryName, writeInventoryOnce } from '../run/write-run.ts';
import { type InventorySpool, inventorySpool } from '../store/inventory-spool.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore } from '../store/store.ts';
import { isElsewhere } from './audit-discovered.ts';
import { type FleetItem, shardsIn } from './plan.ts';
import { type FleetResult, hasResult, NO_INVENTORY, readResult, storeResult } from './results.ts';
import { deployed, readParts, settleCluster } from './settle.ts';

export interface FleetItemOptions {
  readonly store: ReportStore;
  readonly config: Config;
  readonly access: AwsAccess;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Ends the reading; see `startBudget`. */
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
}

/**
 * Audits one cluster of a plan, or one part of it, and stores the result. Whatever keeps it from being read is a result, too: an error
 * is thrown only when that cannot be stored, and then it is worth another attempt. A cluster that has a result in
 * this run is not read again.
 */
export async function auditItem(item: FleetItem, options: FleetItemOptions): Promise<FleetResult> {
  const found = await auditOnce(item, options);
  await settleItem(item, options);
  return found;
}

async function auditOnce(item: FleetItem, options: FleetItemOptions): Promise<FleetResult> {
  const { run, config: planned, target, shard } = item;
  const { store, config, observer } = options;
  const earlier = await readResult(store, run, { cluster: target.identity, shard });
  if (earlier !== null) return earlier;
  const begun = performance.now();
  const found =
    configHash(config) === planned
      ? await readAndJudge(item, options)
      : { result: notFinished(target.identity, otherConfig(), deployed(options)), ...NO_INVENTORY };
  observer.onAudited?.(found.result, performance.now() - begun);
  return storeResult(store, item, found);
}

/** Whoever audits the last part of a cluster brings it to its end; one that is missing is left to the end of the run. */
async function settleItem(
  { run, target, shard, clusters = MANY }: FleetItem,
  { store, config, now }: FleetItemOptions,
): Promise<void> {
  const cluster = target.identity;
  const shards = shardsIn(shard?.count ?? 1);
  for (const other of shards) {
    if (other?.index !== shard?.index && !(await hasResult(store, run, { cluster, shard: other }))) return;
  }
  const options = { store, config, run, clusters, now };
  await settleCluster(cluster, () => readParts(cluster, shards, options), options);
}

/** Items of earlier versions do not say how many there are. */
const MANY = 10_000;

async function readAndJudge(item: FleetItem, options: FleetItemOptions): Promise<FleetResult> {
  const spool = inventorySpool();
  try {
    return await readThrough(spool, item, options);
  } finally {
    spool.close();
  }
}

async function readThrough(
  spool: InventorySpool,
  { run, target, shard }: FleetItem,
  { store, config, access, now, signal, observer }: FleetItemOptions,
): Promise<FleetResult> {
  const { identity } = target;
  let whole = false;
  const { routing } = config.egress;
  const shortfalls: Shortfall[] = [];
  const sboms = await openSboms({ store, config, now }, shortfalls);
  const source = eksTarget(target, access, {
    gzip: isElsewhere(target, access),
    shard,
    routing,
    measure: config.measure,
    registries: {
      config,
      otherwise: 'metadata',
      memory: imageMemory(store, identity, shard),
      sbomSink: sboms ?? undefined,
      now: () => now,
    },
  });
  const [result] = await auditFleet([source], {
    concurrency: 1,
    optionsFor: () => ({
      config,
      registryDefault: 'metadata',
      now,
      signal,
      formerConfig: (cluster) => formerConfig(store, cluster, config),
      observer: inventoryRows(identity.name, spool),
      onRead: (inventory) => {
        whole = hasAllPods(inventory);
      },
    }),
    onDefect: (_, error) => observer.onDefect?.(identity, error),
  });
  if (result === undefined) throw new Error('One target has one result.');
  await finishSboms(sboms, shortfalls, { signal });
  const rows = { cluster: identity, shard, chunks: spool.chunks() };
  const inventory = whole
    ? await orShortfall(inventoryName(identity), shortfalls, () => writeInventoryOnce(store, run, rows))
    : null;
  return { result, inventory, shortfalls };
}

const otherConfig = (): ReadError =>
  new ReadError(
    'not-finished',
    'The configuration changed during the run.',
    'Run again: the next run uses the new configuration for all clusters.',
  );
