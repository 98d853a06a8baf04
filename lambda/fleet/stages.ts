import { hasAllPods } from '../audit/audit-cluster.ts';
import { auditFleet, notFinished } from '../audit/audit-fleet.ts';
import { eksTarget } from '../audit/discovered-targets.ts';
import type { Config } from '../config/config.ts';
import { configHash } from '../config/hash.ts';
import type { AwsAccess } from '../connect/aws/access.ts';
import type { ClusterTarget } from '../discover/target.ts';
import { AuditorError, ReadError } from '../errors.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { inParallel } from '../in-parallel.ts';
import { type Shard, shardText } from '../inventory/shard.ts';
import type { Shortfall } from '../report/news.ts';
import type { CommittedRun } from '../run/conclusion-record.ts';
import { imageMemory } from '../run/image-memory.ts';
import { inventoryRows } from '../run/inventory-rows.ts';
import { decideRun } from '../run/record.ts';
import { formerConfig } from '../run/remembered.ts';
import type { RunObserver } from '../run/run-observer.ts';
import { finishSboms, openSboms } from '../run/run-sboms.ts';
import { inventoryName, writeInventoryOnce } from '../run/write-run.ts';
import { type InventorySpool, inventorySpool } from '../store/inventory-spool.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';
import { isElsewhere } from './audit-discovered.ts';
import { joinShards } from './join-shards.ts';
import { type FleetItem, type FleetPlan, shardsOf } from './plan.ts';
import { type FleetResult, readResult, storeResult } from './results.ts';

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
      otherwise: DEPLOYED,
      memory: imageMemory(store, identity, shard),
      sbomSink: sboms ?? undefined,
      now: () => now,
    },
  });
  const [result] = await auditFleet([source], {
    concurrency: 1,
    optionsFor: () => ({
      config,
      registryDefault: DEPLOYED,
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
  await finishSboms(sboms, shortfalls);
  const rows = { cluster: identity, shard, chunks: spool.chunks() };
  const inventory = whole
    ? await orShortfall(inventoryName(identity), shortfalls, () => writeInventoryOnce(store, run, rows))
    : null;
  return { result, inventory, shortfalls };
}

/** What is read of registries where the configuration says nothing: the roles of stacks may describe images. */
const DEPLOYED = 'metadata';

const deployed = (options: Pick<FleetItemOptions, 'config' | 'now'>) =>
  ({
    ...options,
    registryDefault: DEPLOYED,
  }) as const;

const NO_INVENTORY = { inventory: null, shortfalls: [] } as const;

const otherConfig = (): ReadError =>
  new ReadError(
    'not-finished',
    'The configuration changed during the run.',
    'Run again: the next run uses the new configuration for all clusters.',
  );

/** Results that are read at once. */
const AT_ONCE = 8;

/** Joins the results of all clusters of a plan and decides the run. A cluster without a result is not audited. */
export async function joinFleet(
  plan: FleetPlan,
  { store, config, now }: Pick<FleetItemOptions, 'store' | 'config' | 'now'>,
): Promise<CommittedRun> {
  const options = { config, now };
  const found = await inParallel(plan.targets, AT_ONCE, (target) =>
    readParts(plan, target, { store, ...options }),
  );
  const unreachable = plan.gaps.map(({ cluster, reason, message, remedy }) =>
    notFinished(cluster, new ReadError(reason, message, remedy), deployed(options)),
  );
  return decideRun(store, [...found.map(({ result }) => result), ...unreachable], {
    config,
    run: plan.run,
    start: plan.start ?? 'scheduled',
    now,
    stored: found.flatMap(({ inventories }) => inventories),
    shortfalls: found.flatMap(({ shortfalls }) => shortfalls),
    once: true,
    scope: { excluded: plan.excluded, gaps: plan.gaps },
  });
}

interface JoinedCluster {
  readonly result: ClusterResult;
  readonly inventories: readonly StoredObject[];
  readonly shortfalls: readonly Shortfall[];
}

/** One result for each cluster, in however many parts it was audited. */
async function readParts(
  plan: FleetPlan,
  target: ClusterTarget,
  { store, ...options }: Pick<FleetItemOptions, 'store' | 'config' | 'now'>,
): Promise<JoinedCluster> {
  const { identity } = target;
  const partOf = async (shard: Shard | null): Promise<FleetResult> => {
    try {
      const part = await readResult(store, plan.run, { cluster: identity, shard });
      return part ?? { result: notFinished(identity, noResult(shard), deployed(options)), ...NO_INVENTORY };
    } catch (error) {
      if (!(error instanceof AuditorError)) throw error;
      return { result: notFinished(identity, unreadResult(error), deployed(options)), ...NO_INVENTORY };
    }
  };
  const [first = null, ...others] = shardsOf(plan, target);
  const parts = [await partOf(first), ...(await inParallel(others, AT_ONCE, partOf))] as const;
  const [whole, ...rest] = parts;
  return {
    result: joinShards([whole.result, ...rest.map(({ result }) => result)]),
    inventories: parts.flatMap(({ inventory }) => inventory ?? []),
    shortfalls: parts.flatMap(({ shortfalls }) => shortfalls),
  };
}

/** What the store refuses of one cluster takes no other cluster out of the run. */
const unreadResult = (error: AuditorError): ReadError =>
  error instanceof ReadError
    ? error
    : new ReadError(
        'server-error',
        `The result of this cluster cannot be read: ${error.message}`,
        'Allow the function to read its report bucket, and run again.',
        error,
      );

const noResult = (shard: Shard | null): ReadError =>
  new ReadError(
    'not-finished',
    `The function that audits ${shard === null ? '' : `${shardText(shard)} of `}this cluster ended without a result: it ran out of memory or time, or could not write to the report bucket.`,
    'Look at its log for the name of the cluster, and give it more memory or time.',
  );
