import { hasAllPods } from '../audit/audit-cluster.ts';
import { auditFleet } from '../audit/audit-fleet.ts';
import { eksTarget, gapTarget } from '../audit/discovered-targets.ts';
import type { Target } from '../audit/target.ts';
import type { Config } from '../config/config.ts';
import type { AwsAccess } from '../connect/aws/access.ts';
import { type Discovery, discoverClusters } from '../discover/discover.ts';
import type { Shortfall } from '../report/news.ts';
import { jsonLine } from '../report/rows.ts';
import { decideRun } from '../run/decide-run.ts';
import type { CommittedRun } from '../run/decided-run.ts';
import { imageMemory } from '../run/image-memory.ts';
import { inventoryRows } from '../run/inventory-rows.ts';
import { formerConfig } from '../run/remembered.ts';
import type { RunStart } from '../run/run-context.ts';
import type { RunIdentity } from '../run/run-identity.ts';
import type { RunObserver } from '../run/run-observer.ts';
import { finishSboms, openSboms } from '../run/run-sboms.ts';
import { type Trace, untraced } from '../run/trace.ts';
import { inventoryName, writeInventoryOnce } from '../run/write-run.ts';
import { type InventorySpool, inventorySpool } from '../store/inventory-spool.ts';
import { noteKey } from '../store/run-notes.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';

/** The role of the stack may describe images: see `deployed`. */
const REGISTRY_DEFAULT = 'metadata' as const;

export interface AuditDiscoveredOptions {
  readonly store: ReportStore;
  readonly config: Config;
  readonly access: AwsAccess;
  readonly run: RunIdentity;
  readonly start: RunStart;
  readonly once: boolean;
  /** Epoch milliseconds; asked again for each cluster, since its pods go on starting. */
  readonly clock: () => number;
  /** How many clusters are read at once. */
  readonly concurrency: number;
  /** Ends the reading; see `startBudget`. */
  readonly signal: AbortSignal;
  readonly observer: RunObserver;
  readonly trace?: Trace;
}

/** Finds the clusters of the configuration, audits all of them in this process, and decides the run. */
export async function auditDiscovered(options: AuditDiscoveredOptions): Promise<CommittedRun> {
  const { store, config, access, run, start, once, clock, observer, trace = untraced } = options;
  const now = clock();
  await noteBegun(store, run);
  const found = await trace('discover', () => discoverClusters({ config, access }));
  const kept: Kept = { stored: [], shortfalls: [] };
  const sboms = await openSboms({ store, config, now }, kept.shortfalls);
  observer.onDiscovered?.(countsOf(found));
  const targets = [
    ...found.targets.map((target) =>
      eksTarget(target, access, {
        gzip: isElsewhere(target, access),
        routing: config.egress.routing,
        measure: config.measure,
        registries: {
          config,
          otherwise: REGISTRY_DEFAULT,
          memory: imageMemory(store, target.identity),
          sbomSink: sboms ?? undefined,
          now: clock,
        },
      }),
    ),
    ...found.gaps.map(gapTarget),
  ];
  const results = await trace('audit', () => auditAll(targets, options, kept));
  await finishSboms(sboms, kept.shortfalls, { signal: options.signal });
  const { excluded, gaps, leftOutAccounts } = found;
  const scope = { excluded, gaps, leftOutAccounts };
  const facts = { config, registryDefault: REGISTRY_DEFAULT, run, start, now };
  return trace('decide', () => decideRun(store, results, { ...facts, ...kept, once, scope }));
}

/**
 * Notes that the run has begun, so that the next one can tell that it did not finish, whenever it is stopped. A refusal costs
 * that alone.
 */
async function noteBegun(store: ReportStore, { id, startedAt }: RunIdentity): Promise<void> {
  const content = Buffer.from(`${jsonLine({ run: id, startedAt })}\n`);
  const options = { contentType: 'application/json', expected: null };
  await orShortfall('the note that the run has begun', [], () =>
    store.putIf(noteKey(id, 'begun.json'), [content], options),
  );
}

export const countsOf = ({ targets, gaps, excluded }: Pick<Discovery, 'targets' | 'gaps' | 'excluded'>) => ({
  targets: targets.length,
  gaps: gaps.length,
  excluded: excluded.length,
});

/** Between regions bandwidth is dearer than the time to unpack. */
export const isElsewhere = (
  { identity }: { readonly identity: { readonly region: string } },
  { settings }: AwsAccess,
): boolean => identity.region !== settings.region;

/** A cluster that is being read. */
interface Reading {
  readonly begun: number;
  readonly spool: InventorySpool;
  /** Half a list would read as the whole inventory. */
  readonly whole: boolean;
}

/** What becomes of the inventories, each stored as soon as its cluster is read. */
interface Kept {
  readonly stored: StoredObject[];
  readonly shortfalls: Shortfall[];
}

function auditAll(
  targets: readonly Target[],
  { store, config, run, clock, concurrency, signal, observer }: AuditDiscoveredOptions,
  { stored, shortfalls }: Kept,
) {
  const open = new Map<Target, Reading>();
  return auditFleet(targets, {
    concurrency,
    optionsFor: (target) => {
      const { identity } = target;
      const spool = inventorySpool();
      const begun = performance.now();
      open.set(target, { begun, spool, whole: false });
      return {
        config,
        registryDefault: REGISTRY_DEFAULT,
        now: clock(),
        signal,
        formerConfig: (cluster) => formerConfig(store, cluster, config),
        observer: inventoryRows(identity.name, spool),
        onRead: (inventory) => {
          open.set(target, { begun, spool, whole: hasAllPods(inventory) });
        },
      };
    },
    onResult: async (target, result) => {
      const reading = open.get(target);
      if (reading === undefined) throw new Error('A result is of a target that was begun.');
      open.delete(target);
      const { begun, spool, whole } = reading;
      try {
        if (whole) {
          const rows = { cluster: target.identity, chunks: spool.chunks() };
          const object = await orShortfall(inventoryName(target.identity), shortfalls, () =>
            writeInventoryOnce(store, run, rows),
          );
          if (object !== null) stored.push(object);
        }
      } finally {
        spool.close();
      }
      observer.onAudited?.(result, performance.now() - begun);
    },
    onDefect: ({ identity }, error) => observer.onDefect?.(identity, error),
  });
}
