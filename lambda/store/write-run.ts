import { z } from 'zod';
import { ReadError } from '../errors.ts';
import type { ClusterResult, RunResult } from '../findings/model.ts';
import type { ClusterIdentity } from '../inventory/model.ts';
import { csvFindings } from '../report/csv.ts';
import type { Digest } from '../report/digest.ts';
import { ndjsonClusterFindings, ndjsonNotEvaluated } from '../report/json.ts';
import {
  findingsKey,
  inventoryKey,
  latestKey,
  type RunKey,
  type RunObject,
  runKey,
} from '../report/layout.ts';
import {
  type Manifest,
  manifestOf,
  manifestText,
  type PreviousManifest,
  parseManifest,
  sha256Of,
} from '../report/manifest.ts';
import { sortedClusters } from '../report/order.ts';
import { summaryDocument } from '../report/summary.ts';
import { gzipLines } from './gzip.ts';
import type { Chunks, ReportStore, StoredObject } from './store.ts';

/** The pods of one cluster as a gzip file of NDJSON rows: an {@link inventorySpool}, or `gzipLines`. */
export interface InventorySource {
  readonly cluster: ClusterIdentity;
  readonly chunks: Chunks;
}

export interface RunExtras {
  readonly digest: Digest;
  readonly inventories?: readonly InventorySource[];
  /** Objects of this run that are stored already; the manifest names them too. */
  readonly stored?: readonly StoredObject[];
}

export interface WrittenRun {
  /** Every object of the run, the manifest last. */
  readonly objects: readonly StoredObject[];
  readonly manifest: StoredObject;
}

const GZIP = { contentType: 'application/gzip' };
const TEXT = { contentType: 'text/plain; charset=utf-8' };
const JSON_TYPE = { contentType: 'application/json' };
const CSV = { contentType: 'text/csv; charset=utf-8' };

/**
 * Stores the whole report set of a run: findings and inventory of each cluster, the run's own objects,
 * then the manifest, which says that the run is complete. Only then does `latest/` move to it, unless it
 * leads to a later run already, so that it and the chain of manifests never lead to half a run. Repeating it with the same run gives the same bytes.
 */
export async function writeRun(store: ReportStore, run: RunResult, extras: RunExtras): Promise<WrittenRun> {
  const objects: StoredObject[] = [...(extras.stored ?? [])];
  for (const [key, results] of byKey(run)) objects.push(await writeFindings(store, key, results));
  for (const source of inventoriesOf(run, extras)) objects.push(await writeInventory(store, run.run, source));
  objects.push(...(await writeRunObjects(store, run, extras.digest)));

  const previous = await previousManifest(store, run.run.id);
  const manifestKey = runKey(run.run.id, 'manifest.json');
  const manifest = await putText(
    store,
    manifestKey,
    [manifestText(manifestOf(run, objects, previous))],
    JSON_TYPE,
  );
  const latest = await latestRun(store);
  if (latest === null || latest.startedAt <= run.run.startedAt) {
    await putText(store, latestKey('summary.json'), [summaryDocument(run)], JSON_TYPE);
  }
  return { objects: [...objects, manifest], manifest };
}

/**
 * Clusters whose identity gives the same key (one name, no account known) share an object. One that could
 * not be audited gets none: an empty list of findings would read as a pass.
 */
function byKey(run: RunResult): ReadonlyMap<string, readonly ClusterResult[]> {
  const results = sortedClusters(run).filter(
    ({ outcome, findings }) => outcome === 'audited' || findings.length > 0,
  );
  return Map.groupBy(results, ({ cluster }) => findingsKey(run.run, cluster));
}

/** Sources that share a key become one object: gzip files that follow each other are a gzip file. */
function inventoriesOf({ run }: RunResult, { inventories = [] }: RunExtras): readonly InventorySource[] {
  const shared = Map.groupBy(inventories, ({ cluster }) => inventoryKey(run, cluster));
  return [...shared.values()].flatMap((sources) => {
    const [first, ...rest] = sources;
    if (first === undefined) return [];
    return rest.length === 0 ? [first] : [{ cluster: first.cluster, chunks: joined(sources) }];
  });
}

async function* joined(sources: readonly InventorySource[]): AsyncGenerator<Uint8Array> {
  for (const { chunks } of sources) yield* chunks;
}

function writeFindings(
  store: ReportStore,
  key: string,
  results: readonly ClusterResult[],
): Promise<StoredObject> {
  function* lines(): Generator<string> {
    for (const result of results) yield* ndjsonClusterFindings(result);
  }
  return store.put(key, gzipLines(lines()), GZIP);
}

/** Stores the inventory of one cluster; call it as soon as the cluster is read, to free the memory. */
export const writeInventory = (
  store: ReportStore,
  run: RunKey,
  { cluster, chunks }: InventorySource,
): Promise<StoredObject> => store.put(inventoryKey(run, cluster), chunks, GZIP);

async function writeRunObjects(store: ReportStore, run: RunResult, digest: Digest): Promise<StoredObject[]> {
  const key = (object: RunObject): string => runKey(run.run.id, object);
  return [
    await store.put(key('not-evaluated.ndjson.gz'), gzipLines(ndjsonNotEvaluated(run)), GZIP),
    await putText(store, key('findings.csv'), csvFindings(run), CSV),
    await putText(store, key('summary.json'), [summaryDocument(run)], JSON_TYPE),
    await putText(store, key('digest.txt'), [`Subject: ${digest.subject}\n\n${digest.body}`], TEXT),
  ];
}

function putText(
  store: ReportStore,
  key: string,
  pieces: Iterable<string>,
  options: { readonly contentType: string },
): Promise<StoredObject> {
  return store.put(key, encoded(pieces), options);
}

function* encoded(pieces: Iterable<string>): Generator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece, 'utf8');
}

/**
 * The manifest that this run continues: that of the run to which `latest/` leads. A run that is repeated
 * keeps the one that it named the first time. What cannot be read is no reason to lose the run: the chain
 * then begins anew, and `verifyChain` shows where.
 */
async function previousManifest(store: ReportStore, runId: string): Promise<PreviousManifest | null> {
  const own = await store.get(runKey(runId, 'manifest.json'));
  const repeated = own === null ? null : readManifest(own);
  if (repeated !== null) return repeated.previous;
  const before = await latestRun(store);
  if (before === null || before.id === runId) return null;
  const manifest = await store.get(runKey(before.id, 'manifest.json'));
  return manifest === null ? null : { run: before.id, sha256: sha256Of(manifest) };
}

function readManifest(bytes: Uint8Array): Manifest | null {
  try {
    return parseManifest(text(bytes));
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
}

const LATEST = z.object({ run: z.object({ id: z.string().min(1), startedAt: z.string() }) });

async function latestRun(store: ReportStore): Promise<RunKey | null> {
  const latest = await store.get(latestKey('summary.json'));
  if (latest === null) return null;
  try {
    return LATEST.parse(JSON.parse(text(latest))).run;
  } catch {
    return null;
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
