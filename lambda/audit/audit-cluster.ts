import { CATALOGUE } from '../checks/catalogue.ts';
import { evaluate } from '../checks/evaluate.ts';
import type { EvaluateInput } from '../checks/evaluation/input.ts';
import { NO_OBSERVER, type PodObserver } from '../collect/observe.ts';
import type { Config } from '../config/config.ts';
import { limitLabelKeys, limitsFor } from '../config/match.ts';
import { registryLevel } from '../config/schema-images.ts';
import { createEgress, selectedLabelKeys } from '../egress/engine.ts';
import { ReadError } from '../errors.ts';
import { askedExemptions } from '../exemptions/asked-exemptions.ts';
import { withNothingToJudge } from '../findings/nothing-to-judge.ts';
import { compareFindings } from '../findings/order.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { SOURCE_LABELS } from '../fixes/source.ts';
import type { Gap } from '../inventory/gap.ts';
import type { CollectedInventory, Inventory } from '../inventory/inventory.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { NO_NETWORK } from '../inventory/network.ts';
import type { PodClass } from '../inventory/pod-class.ts';
import { type ClusterReading, NO_READING } from '../inventory/reading.ts';
import { createMesh, meshLabelKeys, openRevisions } from '../mesh/mesh.ts';
import { once } from '../once.ts';
import { orAborted } from '../or-aborted.ts';
import { withinTime } from '../work.ts';
import { isOver, overBecause } from './budget.ts';
import type { CollectHooks, Target } from './target.ts';

export interface ClusterAuditOptions {
  readonly config: Config;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly observer?: PodObserver;
  readonly onPage?: (progress: { readonly pages: number; readonly pods: number }) => void;
  /** The cluster is read, or given up. */
  readonly onRead?: (inventory: Inventory) => void;
  /** The configuration by which it was last judged, where that was another one. @defaultValue none is known */
  readonly formerConfig?: (cluster: ClusterIdentity) => Promise<Config | null>;
  /** What is read of registries where the configuration says nothing. @defaultValue off, as for a person's own credentials */
  readonly registryDefault?: 'metadata' | 'off';
  /** Ends the reading; its reason is a ReadError. */
  readonly signal?: AbortSignal;
}

/** Collects and judges one cluster. A cluster that cannot be read is a result, not an exception. */
export async function auditCluster(target: Target, options: ClusterAuditOptions): Promise<ClusterResult> {
  const inventory = await readInventory(target, {
    labelKeys: (policies, mesh) =>
      withinTime(
        () => isOver(options.signal),
        () =>
          new Set([
            ...selectedLabelKeys(policies),
            ...meshLabelKeys(mesh),
            ...limitLabelKeys(options.config),
            ...options.config.owners.labels,
            ...SOURCE_LABELS,
          ]),
        () => {
          throw overBecause(options.signal);
        },
      ),
    meshRevisions: openRevisions,
    // Only what is approved is compared with them (see `notAsked` of egress-unapproved).
    podAddresses: options.config.egress.approved.length > 0,
    annotations: options.config.owners.annotations,
    measure: options.config.measure.writableLayer !== 'off',
    images: imagesAsked(options),
    observer: options.observer ?? NO_OBSERVER,
    onPage: options.onPage ?? (() => {}),
    signal: options.signal,
  });
  options.onRead?.(inventory);
  const former = (await options.formerConfig?.(inventory.cluster)) ?? null;
  const stops = stopsAfterGrace(options.signal);
  const reading = { ...readingOf(target, inventory), readAt: new Date(options.now).toISOString() };
  const judged = judgeInventory(inventory, {
    ...options,
    former,
    stops,
    classes: takeClasses(inventory.classes),
  });
  return { ...judged, reading };
}

const readingOf = (
  target: Target,
  { kubernetesVersion }: Pick<Inventory, 'kubernetesVersion'>,
): ClusterReading => ({
  ...NO_READING,
  ...target.reading?.(),
  ...(kubernetesVersion ? { kubernetesVersion } : {}),
});

/** Whether and how registries are asked. */
function imagesAsked({ config: { images }, registryDefault = 'off' }: AskedOptions): CollectHooks['images'] {
  const level = registryLevel(images, registryDefault);
  return level === null ? null : { level, scans: images.scans };
}

type AskedOptions = Pick<ClusterAuditOptions, 'config' | 'registryDefault'>;

/**
 * A cluster of which nothing was read, with what was asked of it: what the configuration asks for was not read, which is
 * another thing than not asked.
 */
export function unreadInventory(
  cluster: ClusterIdentity,
  gap: Gap,
  options: AskedOptions,
): CollectedInventory {
  const images = imagesAsked(options);
  const measures = options.config.measure.writableLayer !== 'off';
  return withAsked(emptyInventory(cluster, gap), { images, measure: measures });
}

const withAsked = (
  inventory: CollectedInventory,
  { images, measure = false }: Pick<CollectHooks, 'images' | 'measure'>,
): CollectedInventory => ({
  ...inventory,
  ...(measure ? { measured: true as const } : {}),
  ...(images ? { images: { level: images.level, facts: new Map() } } : {}),
});

/** To judge what was read until the time was up: seconds that the budget keeps for what comes after reading. */
const JUDGING_MS = 2_000;

/** Judging stops when the time is up, but not before it had a moment: reading may have used up all of it. */
function stopsAfterGrace(signal: AbortSignal | undefined): () => boolean {
  const until = performance.now() + JUDGING_MS;
  return () => isOver(signal) && performance.now() >= until;
}

/**
 * Takes each class out of the list when the next is asked for: classes are most of the memory before they are judged,
 * and findings after. Whoever looks at the list again fails, instead of finding nothing in it.
 */
function* takeClasses(classes: (PodClass | undefined)[]): Generator<PodClass> {
  for (const [index, subject] of classes.entries()) {
    if (subject === undefined) throw new Error('The classes of this inventory were taken before.');
    classes[index] = undefined;
    yield subject;
  }
}

/** Reads a cluster; when it cannot be reached at all, the inventory is one gap. */
export async function readInventory(target: Target, hooks: CollectHooks): Promise<CollectedInventory> {
  try {
    hooks.signal?.throwIfAborted();
    return await withinGrace(target.collect(hooks), hooks.signal);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    const { reason, message, remedy } = error;
    return withAsked(emptyInventory(target.identity, { resource: null, reason, message, remedy }), hooks);
  }
}

/** Whether every pod was read, apart from single ones that could not be understood. */
export const hasAllPods = ({ gaps }: Inventory): boolean =>
  !gaps.some(({ resource, scope }) => scope === undefined && (resource === null || resource === 'pods'));

/** To hand in what was read when the time is up. */
const GRACE_MS = 5_000;

/** Not everything on the way to a cluster hears the signal: waiting for AWS to issue credentials does not. */
async function withinGrace<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const grace = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = (): void => {
    timer = setTimeout(() => grace.abort(signal.reason), GRACE_MS);
  };
  signal.addEventListener('abort', begin, { once: true });
  try {
    return await orAborted(work, grace.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', begin);
  }
}

export interface JudgeOptions extends Pick<ClusterAuditOptions, 'config' | 'now'> {
  /** Those of the inventory, each asked for once, in order. @defaultValue `inventory.classes` */
  readonly classes?: Iterable<PodClass>;
  /** The configuration of the last run, where it was another one. */
  readonly former?: Config | null;
  /** Asked before each workload; those that are left then are not evaluated. @defaultValue never */
  readonly stops?: () => boolean;
}

export function judgeInventory(
  inventory: Inventory,
  { config, now, former = null, stops, classes = inventory.classes }: JudgeOptions,
): ClusterResult {
  const { cluster } = inventory;
  const askedOf = (by: Config) => ({
    limitsOf: ({ workload, labels }: PodClass) =>
      limitsFor(by, { cluster, namespace: workload.namespace, kind: workload.kind, labels }),
    egressOf: egressBy(inventory, by),
  });
  const asked = askedExemptions(inventory, {
    accepted: config.exemptionAnnotations,
    knownChecks: CATALOGUE.map(({ id }) => id),
    now,
  });
  const result = evaluate({
    inventory,
    classes,
    checks: CATALOGUE,
    config,
    now,
    ...askedOf(config),
    mesh: createMesh(inventory),
    stops,
    former: former === null ? undefined : { config: former, ...askedOf(former) },
  });
  const judged = {
    ...result,
    findings: result.findings.toSorted(compareFindings),
    ...(asked.exemptions.length === 0 ? {} : { askedExemptions: asked.exemptions }),
    notes: [...result.notes, ...asked.notes],
  };
  // A part of a cluster may well hold nothing.
  return inventory.shard === undefined ? withNothingToJudge(judged) : judged;
}

/** What pods may reach, with the destinations and ports that a configuration names. */
function egressBy(inventory: Inventory, { egress: config }: Config): EvaluateInput['egressOf'] {
  // When it is first asked for, which is while the clock is looked at.
  const egress = once(() =>
    createEgress({
      policies: inventory.policies,
      namespaces: inventory.namespaces,
      serviceAccounts: inventory.serviceAccounts,
      network: inventory.network,
      vpc: inventory.vpc,
      asDeclared: inventory.content === 'manifests',
      config,
    }),
  );
  return ({ workload, labels, spec }) =>
    egress().view({ namespace: workload.namespace, labels, hostNetwork: spec.hostNetwork });
}

export function emptyInventory(cluster: ClusterIdentity, gap: Gap): CollectedInventory {
  return {
    cluster,
    classes: [],
    policies: [],
    mesh: [],
    meshConfigs: new Map(),
    namespaces: new Map(),
    network: NO_NETWORK,
    gaps: [gap],
    notes: [],
    totals: { pods: 0, completed: 0, terminating: 0, workloads: 0, namespaces: 0, nodes: 0 },
  };
}
