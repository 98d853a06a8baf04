import { notFinished } from '../audit/audit-fleet.ts';
import type { Config } from '../config/config.ts';
import { AuditorError, ReadError } from '../errors.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { inParallel } from '../in-parallel.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { type Shard, shardText } from '../inventory/shard.ts';
import type { Shortfall } from '../report/news.ts';
import { committedRun } from '../run/conclusion-record.ts';
import { decideCluster, decisionKey, judgeCluster } from '../run/decide-cluster.ts';
import type { RunIdentity } from '../run/run-identity.ts';
import { writeCluster } from '../run/write-cluster.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';
import {
  type ClusterSummary,
  readSummary,
  roomOfCluster,
  storeSummary,
  summaryOf,
} from './cluster-summary.ts';
import { joinShards } from './join-shards.ts';
import { type FleetResult, NO_INVENTORY, readResult } from './results.ts';

export interface SettleOptions {
  readonly store: ReportStore;
  readonly config: Config;
  readonly run: RunIdentity;
  /** Of the whole run. */
  readonly clusters: number;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** What was found of a cluster in a run, in however many parts it was audited. */
export interface FoundCluster {
  readonly result: ClusterResult;
  readonly inventories: readonly StoredObject[];
  readonly shortfalls: readonly Shortfall[];
}

/**
 * Brings one cluster of a run to its end, wherever an earlier attempt stopped: compares it with its last state, stores
 * what is decided and its record, and sums it up. Whoever is first decides; everybody else goes on from there. The state
 * is not moved: the run as a whole is not decided yet (docs/decisions/0006).
 */
export async function settleCluster(
  cluster: ClusterIdentity,
  find: () => Promise<FoundCluster>,
  options: SettleOptions,
): Promise<ClusterSummary> {
  const { store, config, run, now } = options;
  const known = await readSummary(store, run.id, cluster);
  if (known !== null) return known;
  const earlier = await committedRun(store, run.id, decisionKey(run.id, cluster));
  const decided = earlier ?? (await decideFound(await find(), { store, config, run, now }));
  const shortfalls: Shortfall[] = [];
  const manifest = await writeCluster(store, cluster, decided, shortfalls);
  const summary = summaryOf(
    { ...decided, shortfalls: [...decided.shortfalls, ...shortfalls] },
    { config, room: roomOfCluster(options.clusters), manifest },
  );
  // What the store refuses now it may take from the next attempt.
  if (manifest !== null) await storeSummary(store, run.id, cluster, summary);
  return summary;
}

const decideFound = (
  { result, inventories, shortfalls }: FoundCluster,
  { store, config, run, now }: Pick<SettleOptions, 'store' | 'config' | 'run' | 'now'>,
) => decideCluster(store, result, { config, run, now, stored: inventories, shortfalls });

/** Sums up what has no record of its own: a region that could not be asked, or a decision that cannot be read. */
export async function sumUp(result: ClusterResult, options: SettleOptions): Promise<ClusterSummary> {
  const { store, config, run, now } = options;
  const judged = await judgeCluster(store, result, { config, run, now, stored: [], shortfalls: [] });
  return summaryOf(judged, { config, room: roomOfCluster(options.clusters), manifest: null });
}

/** The roles of stacks may describe images, so that registries are read where the configuration says nothing. */
export const deployed = ({ config, now }: Pick<SettleOptions, 'config' | 'now'>) =>
  ({ config, now, registryDefault: 'metadata' }) as const;

/** Parts of a cluster that are read at once. */
const AT_ONCE = 8;

/** One result for a cluster; a part without a result leaves the cluster open. */
export async function readParts(
  cluster: ClusterIdentity,
  shards: readonly (Shard | null)[],
  { store, run, ...options }: Pick<SettleOptions, 'store' | 'config' | 'run' | 'now'>,
): Promise<FoundCluster> {
  const partOf = async (shard: Shard | null): Promise<FleetResult> => {
    try {
      const part = await readResult(store, run, { cluster, shard });
      return part ?? { result: notFinished(cluster, noResult(shard), deployed(options)), ...NO_INVENTORY };
    } catch (error) {
      if (!(error instanceof AuditorError)) throw error;
      return { result: notFinished(cluster, unreadResult(error), deployed(options)), ...NO_INVENTORY };
    }
  };
  const [first = null, ...others] = shards;
  const parts = [await partOf(first), ...(await inParallel(others, AT_ONCE, partOf))] as const;
  const [whole, ...rest] = parts;
  return {
    result: joinShards([whole.result, ...rest.map(({ result }) => result)]),
    inventories: parts.flatMap(({ inventory }) => inventory ?? []),
    shortfalls: parts.flatMap((part) => part.shortfalls),
  };
}

/** What the store refuses of one cluster takes no other cluster out of the run. */
export const unreadResult = (error: AuditorError): ReadError =>
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
