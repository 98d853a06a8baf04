import * as z from 'zod';
import type { Config } from '../config/config.ts';
import { configHash } from '../config/hash.ts';
import { shardCount } from '../config/match.ts';
import type { AwsAccess } from '../connect/aws/access.ts';
import { type Discovery, discoverClusters } from '../discover/discover.ts';
import { CLUSTER_TARGET, type ClusterTarget, parseClusterTarget } from '../discover/target.ts';
import { AuditorError, ReadError } from '../errors.ts';
import type { Shard } from '../inventory/shard.ts';
import { parsed } from '../parsed-problem.ts';
import { jsonLine } from '../report/rows.ts';
import type { RunStart } from '../run/run-context.ts';
import { RUN_IDENTITY, type RunIdentity } from '../run/run-identity.ts';
import { noteKey } from '../store/run-notes.ts';
import type { ReportStore } from '../store/store.ts';

/** What is to be done in a run, written down once so that every repetition of it does the same. */
export interface FleetPlan extends Pick<Discovery, 'targets' | 'gaps' | 'excluded'> {
  /** Missing in plans of earlier versions. */
  readonly leftOutAccounts?: Discovery['leftOutAccounts'];
  readonly run: RunIdentity;
  /** Missing in plans of earlier versions. */
  readonly start?: RunStart;
  /** Hash of the configuration. */
  readonly config: string;
  /** By ARN: in how many parts a cluster is audited; those that are not here, whole. */
  readonly shards: Readonly<Record<string, number>>;
}

/** One cluster to audit, or one part of it, as a Distributed Map hands it on. */
export interface FleetItem {
  readonly run: RunIdentity;
  readonly config: string;
  readonly target: ClusterTarget;
  /** `null`: the whole cluster. */
  readonly shard: Shard | null;
  /** How many clusters the run has, which decides how many rows of each its end holds. @defaultValue many */
  readonly clusters?: number;
}

const SHARD = z.object({ index: z.int().min(0), count: z.int().min(2) });
/** @see FleetItem */
export const FLEET_ITEM = z.object({
  run: RUN_IDENTITY,
  config: z.string(),
  target: CLUSTER_TARGET,
  shard: SHARD.nullable(),
  clusters: z.int().exactOptional(),
});

const JSON_TYPE = { contentType: 'application/json' };

export interface PlanOptions {
  readonly store: ReportStore;
  readonly config: Config;
  readonly access: AwsAccess;
  readonly run: RunIdentity;
  readonly start: RunStart;
}

/** A plan, with where its items are. */
export interface PlannedFleet {
  readonly plan: FleetPlan;
  readonly itemsKey: string;
  readonly items: number;
}

/**
 * Writes two objects: the plan, and the list of items for a Distributed Map (`InputType: JSON`, a JSON array). Of a run
 * that is delivered again the first plan stands.
 *
 * @param find Finds the clusters, where the run has no plan yet.
 */
export async function planFleet(
  options: PlanOptions,
  find: () => Promise<Found> = () => discoverClusters(options),
): Promise<PlannedFleet> {
  const plan = (await readPlan(options.store, options.run.id)) ?? (await storePlan(options, await find()));
  const itemsKey = noteKey(plan.run.id, 'targets.json');
  const items = itemsOf(plan);
  await options.store.put(itemsKey, encoded(itemLines(items)), JSON_TYPE);
  return { plan, itemsKey, items: items.length };
}

/** What was found of a fleet. */
export interface Found extends Pick<Discovery, 'targets' | 'gaps' | 'excluded' | 'leftOutAccounts'> {
  /** Hash of the configuration by which it was looked for. @defaultValue that of the plan's options */
  readonly config?: string | undefined;
}

async function storePlan({ store, config, run, start }: PlanOptions, found: Found): Promise<FleetPlan> {
  const { targets, gaps, excluded, leftOutAccounts } = found;
  const shards = targets
    .map(({ identity }) => [identity.arn, shardCount(config.clusters, identity)] as const)
    .filter(([, count]) => count > 1);
  const plan: FleetPlan = {
    run,
    start,
    config: found.config ?? configHash(config),
    shards: Object.fromEntries(shards),
    targets,
    gaps,
    excluded,
    leftOutAccounts,
  };
  const key = noteKey(run.id, 'discovery.json');
  const content = [Buffer.from(`${jsonLine(plan)}\n`, 'utf8')];
  if ((await store.putIf(key, content, { ...JSON_TYPE, expected: null })) !== null) return plan;
  const first = await readPlan(store, run.id);
  if (first !== null) return first;
  throw new AuditorError(`${store.location(key)} was deleted while it was stored; run again.`);
}

/**
 * @returns `null` when the run has none
 * @throws ReadError when it cannot be understood
 */
export async function readPlan(store: ReportStore, runId: string): Promise<FleetPlan | null> {
  const key = noteKey(runId, 'discovery.json');
  const bytes = await store.get(key);
  if (bytes === null) return null;
  try {
    const plan = JSON.parse(Buffer.from(bytes).toString('utf8')) as FleetPlan;
    return { ...plan, run: parsed(RUN_IDENTITY, plan.run), targets: plan.targets.map(parseClusterTarget) };
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The list of clusters in ${store.location(key)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Delete it to have the clusters discovered again.',
      error,
    );
  }
}

/** The parts in which a cluster of the plan is audited: `null` stands for all of it. */
export function shardsOf(
  { shards }: Pick<FleetPlan, 'shards'>,
  { identity }: ClusterTarget,
): readonly (Shard | null)[] {
  return shardsIn((Object.hasOwn(shards, identity.arn) ? shards[identity.arn] : undefined) ?? 1);
}

export const shardsIn = (count: number): readonly (Shard | null)[] =>
  count === 1 ? [null] : Array.from({ length: count }, (_, index) => ({ index, count }));

function itemsOf(plan: FleetPlan): readonly FleetItem[] {
  const { run, config, targets } = plan;
  return targets.flatMap((target) =>
    shardsOf(plan, target).map((shard) => ({ run, config, target, shard, clusters: targets.length })),
  );
}

function* itemLines(items: readonly FleetItem[]): Generator<string> {
  let before = '[\n';
  for (const item of items) {
    yield `${before}${jsonLine(item)}`;
    before = ',\n';
  }
  yield items.length === 0 ? '[]\n' : '\n]\n';
}

function* encoded(pieces: Iterable<string>): Generator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece, 'utf8');
}
