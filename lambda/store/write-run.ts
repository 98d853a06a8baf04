import { AuditorError } from '../errors.ts';
import type { ClusterResult, RunResult } from '../findings/model.ts';
import { inParallel } from '../in-parallel.ts';
import type { ClusterIdentity } from '../inventory/model.ts';
import type { Shard } from '../inventory/shard.ts';
import { csvFindings } from '../report/csv.ts';
import type { Digest } from '../report/digest.ts';
import { ndjsonNotEvaluated } from '../report/json.ts';
import { findingsKey, inventoryKey, type RunKey, type RunObject, runKey } from '../report/layout.ts';
import { sha256Of } from '../report/manifest.ts';
import type { GoneCluster } from '../report/model.ts';
import { sortedClusters } from '../report/order.ts';
import { summaryDocument } from '../report/summary.ts';
import { linkManifest } from './chain.ts';
import { findingMembers } from './finding-members.ts';
import { gzipLines } from './gzip.ts';
import { moveLatest } from './latest.ts';
import type { Chunks, ReportStore, StoredObject } from './store.ts';

/** The pods of one cluster as a gzip file of NDJSON rows: an {@link inventorySpool}, or `gzipLines`. */
export interface InventorySource {
  readonly cluster: ClusterIdentity;
  /** Of a cluster that is read in parts. */
  readonly shard?: Shard | null;
  readonly chunks: Chunks;
}

export interface RunExtras {
  readonly digest: Digest;
  readonly inventories?: readonly InventorySource[];
  /** Objects of this run that are stored already; the manifest names them too. */
  readonly stored?: readonly StoredObject[];
  /** Known from earlier runs and not found any more. */
  readonly gone?: readonly GoneCluster[];
}

export interface WrittenRun {
  /** Every object of the run, the manifest last. */
  readonly objects: readonly StoredObject[];
  readonly manifest: StoredObject;
}

/** Objects that are written at once. */
const AT_ONCE = 8;

const GZIP = { contentType: 'application/gzip' };
const TEXT = { contentType: 'text/plain; charset=utf-8' };
const JSON_TYPE = { contentType: 'application/json' };
const CSV = { contentType: 'text/csv; charset=utf-8' };

/**
 * Stores the whole report set of a run: findings and inventory of each cluster, the run's own objects,
 * then the manifest, which says that the run is complete. Only then does `latest/` move to it, unless it
 * leads to a later run already, so that it and the chain of manifests never lead to half a run. Repeating it
 * with the same run gives the same bytes.
 */
export async function writeRun(store: ReportStore, run: RunResult, extras: RunExtras): Promise<WrittenRun> {
  const objects: StoredObject[] = [...(extras.stored ?? [])];
  objects.push(
    ...(await inParallel([...byKey(run)], AT_ONCE, ([key, results]) => writeFindings(store, key, results))),
    ...(await writeInventories(store, run.run, extras.inventories ?? [])),
  );
  const summary = summaryDocument(run, extras.gone);
  objects.push(...(await writeRunObjects(store, run, { digest: extras.digest, summary })));
  const manifest = await linkManifest(store, run, objects);
  await moveLatest(store, run.run, summary);
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
export async function writeInventories(
  store: ReportStore,
  run: RunKey,
  sources: readonly InventorySource[],
): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  for (const [key, shared] of Map.groupBy(sources, ({ cluster }) => inventoryKey(run, cluster))) {
    const [only] = shared.length === 1 ? shared : [];
    objects.push(await store.put(key, only?.chunks ?? joined(shared), GZIP));
  }
  return objects;
}

async function* joined(sources: readonly InventorySource[]): AsyncGenerator<Uint8Array> {
  for (const { chunks } of sources) yield* chunks;
}

function writeFindings(
  store: ReportStore,
  key: string,
  results: readonly ClusterResult[],
): Promise<StoredObject> {
  return store.put(
    key,
    results.flatMap(({ findings }) => findingMembers(findings)),
    GZIP,
  );
}

/**
 * Stores the inventory of one cluster as soon as it is read, to free the memory. The first one of a run stands:
 * another delivery of it may have decided with that one already.
 */
export async function writeInventoryOnce(
  store: ReportStore,
  run: RunKey,
  { cluster, shard = null, chunks }: InventorySource,
): Promise<StoredObject> {
  const key = inventoryKey(run, cluster, shard);
  const stored = await store.putIf(key, chunks, { ...GZIP, expected: null });
  if (stored !== null) return stored;
  const bytes = await store.get(key);
  if (bytes === null)
    throw new AuditorError(`${store.location(key)} was deleted while it was stored; run again.`);
  return { key, bytes: bytes.byteLength, sha256: sha256Of(bytes) };
}

async function writeRunObjects(
  store: ReportStore,
  run: RunResult,
  { digest, summary }: { readonly digest: Digest; readonly summary: string },
): Promise<StoredObject[]> {
  const key = (object: RunObject): string => runKey(run.run.id, object);
  return [
    await store.put(key('not-evaluated.ndjson.gz'), gzipLines(ndjsonNotEvaluated(run)), GZIP),
    await putText(store, key('findings.csv'), csvFindings(run), CSV),
    await putText(store, key('summary.json'), [summary], JSON_TYPE),
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

const CHUNK_BYTES = 256 * 1024;

/** Gathered as bytes: joined as strings first, they would be copied once more. */
function* encoded(pieces: Iterable<string>): Generator<Uint8Array> {
  let chunk = Buffer.alloc(0);
  let size = 0;
  for (const piece of pieces) {
    // No UTF-16 unit takes more than three bytes of UTF-8.
    const most = piece.length * 3;
    if (size + most > chunk.length) {
      if (size > 0) yield chunk.subarray(0, size);
      // Whoever takes chunks may keep them.
      chunk = Buffer.allocUnsafeSlow(Math.max(most, CHUNK_BYTES));
      size = 0;
    }
    size += chunk.write(piece, size, 'utf8');
  }
  if (size > 0) yield chunk.subarray(0, size);
}
