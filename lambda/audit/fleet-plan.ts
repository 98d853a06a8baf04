import * as z from 'zod';
import { configHash } from '../config/hash.ts';
import type { Config } from '../config/model.ts';
import type { AwsAccess } from '../connect/aws-access.ts';
import { type Discovery, discoverClusters } from '../discover/discover.ts';
import { type ClusterTarget, parseClusterTarget } from '../discover/target.ts';
import { AuditorError, ReadError } from '../errors.ts';
import { noteKey } from '../report/layout.ts';
import { jsonLine } from '../report/rows.ts';
import type { ReportStore } from '../store/store.ts';
import type { RunIdentity } from './run-identity.ts';

/** What is to be done in a run, written down once so that every repetition of it does the same. */
export interface FleetPlan extends Pick<Discovery, 'targets' | 'gaps' | 'excluded'> {
  readonly run: RunIdentity;
  /** Hash of the configuration. */
  readonly config: string;
}

/** One cluster to audit, as a Distributed Map hands it on. */
export interface FleetItem {
  readonly run: RunIdentity;
  readonly config: string;
  readonly target: ClusterTarget;
}

const RUN = z.object({ id: z.string().min(1), startedAt: z.iso.datetime() });
const ITEM = z.object({ run: RUN, config: z.string(), target: z.unknown() });

const JSON_TYPE = { contentType: 'application/json' };

export interface PlanOptions {
  readonly store: ReportStore;
  readonly config: Config;
  readonly access: AwsAccess;
  readonly run: RunIdentity;
}

/**
 * Finds the clusters and writes two objects: the plan, and the list of items for a Distributed Map
 * (`InputType: JSON`, a JSON array). Of a run that is delivered again the first plan stands.
 */
export async function planFleet(
  options: PlanOptions,
): Promise<{ readonly plan: FleetPlan; readonly itemsKey: string }> {
  const plan = (await readPlan(options.store, options.run.id)) ?? (await makePlan(options));
  const itemsKey = noteKey(plan.run.id, 'targets.json');
  await options.store.put(itemsKey, encoded(itemLines(plan)), JSON_TYPE);
  return { plan, itemsKey };
}

async function makePlan({ store, config, access, run }: PlanOptions): Promise<FleetPlan> {
  const { targets, gaps, excluded } = await discoverClusters({ config, access });
  const plan: FleetPlan = { run, config: configHash(config), targets, gaps, excluded };
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
    return { ...plan, run: RUN.parse(plan.run), targets: plan.targets.map(parseClusterTarget) };
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The list of clusters in ${store.location(key)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Delete it to have the clusters discovered again.',
      error,
    );
  }
}

function* itemLines({ run, config, targets }: FleetPlan): Generator<string> {
  let before = '[\n';
  for (const target of targets) {
    yield `${before}${jsonLine({ run, config, target } satisfies FleetItem)}`;
    before = ',\n';
  }
  yield targets.length === 0 ? '[]\n' : '\n]\n';
}

function* encoded(pieces: Iterable<string>): Generator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece, 'utf8');
}

/** @throws ReadError when it is no item of a plan */
export function parseFleetItem(value: unknown): FleetItem {
  const parsed = ITEM.safeParse(value);
  if (parsed.success) return { ...parsed.data, target: parseClusterTarget(parsed.data.target) };
  const [issue] = parsed.error.issues;
  throw new ReadError(
    'malformed-object',
    `This is no item of a list of clusters: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`,
    'Discover the clusters again with this version of the program.',
  );
}
