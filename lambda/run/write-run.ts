import { AuditorError } from '../errors.ts';
import type { ClusterResult, RunResult } from '../findings/run-result.ts';
import { inParallel } from '../in-parallel.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { Shard } from '../inventory/shard.ts';
import { csvFindings } from '../report/csv.ts';
import type { Digest } from '../report/digest-message.ts';
import { ndjsonNotEvaluated } from '../report/json.ts';
import type { GoneCluster, Shortfall } from '../report/news.ts';
import { sortedClusters } from '../report/order.ts';
import { summaryDocument } from '../report/summary.ts';
import { type LinkedManifest, linkManifest } from '../store/chain.ts';
import { findingMembers } from '../store/finding-members.ts';
import { gzipLines } from '../store/gzip.ts';
import { moveLatest, moveLatestPage } from '../store/latest.ts';
import {
  clusterObjectKey,
  complianceKey,
  findingsKey,
  inventoryKey,
  type RunKey,
  type RunObject,
  runKey,
} from '../store/layout.ts';
import { sha256Of } from '../store/manifest.ts';
import { sealManifest } from '../store/seal.ts';
import { orShortfall } from '../store/shortfall.ts';
import { type Signer, signingBy } from '../store/signing.ts';
import type { Chunks, ReportStore, StoredObject } from '../store/store.ts';
import type { ComplianceTexts } from './compliance-of-run.ts';
import { ocsfOf } from './ocsf-of-run.ts';

/** The pods of one cluster as a gzip file of NDJSON rows: an {@link inventorySpool}, or `gzipLines`. */
export interface InventorySource {
  readonly cluster: ClusterIdentity;
  /** Of a cluster that is read in parts. */
  readonly shard?: Shard | null;
  readonly chunks: Chunks;
}

export interface RunExtras {
  readonly digest: Digest;
  /** The text of `report.html`, given what was stored before it. */
  readonly page: (objects: readonly StoredObject[]) => Iterable<string>;
  /** The text of `compliance.csv` and its rows for queries, likewise. */
  readonly compliance: (objects: readonly StoredObject[]) => ComplianceTexts;
  /** The text of the effective configuration. @defaultValue it is not known, and not written */
  readonly config?: string | null;
  /** Of the program that decided the run. @defaultValue not known */
  readonly bundleSha256?: string | null;
  /** The text of `run.json`. @defaultValue it is not known, and not written */
  readonly about?: string | null;
  readonly inventories?: readonly InventorySource[];
  /** Objects of this run that are stored already; the manifest names them too. */
  readonly stored?: readonly StoredObject[];
  /** Known from earlier runs and not found any more. */
  readonly gone?: readonly GoneCluster[];
  /** The rows of each cluster are recorded with that cluster already. @defaultValue `false` */
  readonly perCluster?: boolean;
  /** @defaultValue the manifest is not signed */
  readonly signer?: Signer | null;
}

export interface WrittenRun {
  /** Every object of the run that was stored and is in its manifest, and that one last. */
  readonly objects: readonly StoredObject[];
  /** `null` when an object is missing: the chain of manifests and `latest/` lead to whole runs only. */
  readonly manifest: LinkedManifest | null;
  /** The text of `summary.json`. */
  readonly summary: string;
  /** What the store refused; everything else was written. */
  readonly shortfalls: readonly Shortfall[];
}

/** Objects that are written at once. */
const AT_ONCE = 8;

export const GZIP = { contentType: 'application/gzip' };
const TEXT = { contentType: 'text/plain; charset=utf-8' };
export const JSON_TYPE = { contentType: 'application/json' };
export const HTML = { contentType: 'text/html; charset=utf-8' };
export const CSV = { contentType: 'text/csv; charset=utf-8' };

/**
 * Stores the whole report set of a run: findings and inventory of each cluster, the run's own objects,
 * then the manifest, which says that the run is complete, with its signature. Only then does `latest/` move to it, unless
 * it leads to a later run already, so that it and the chain of manifests never lead to half a run. Repeating it
 * with the same run gives the same bytes, but for the signature.
 *
 * An object that is refused keeps none of the others from being written, but the manifest.
 */
export async function writeRun(store: ReportStore, run: RunResult, extras: RunExtras): Promise<WrittenRun> {
  const shortfalls: Shortfall[] = [];
  const summary = summaryDocument(run, extras.gone);
  const objects = [...(extras.stored ?? [])];
  const storeAll = (parts: readonly Part[], atOnce: number) =>
    inParallel(parts, atOnce, async ({ name, write }) => {
      const stored = await orShortfall(name, shortfalls, write);
      if (stored !== null) objects.push(stored);
    });
  if (extras.perCluster !== true) await storeAll(findingsParts(store, run), AT_ONCE);
  // Each of these may be as large as all of those together.
  await storeAll(inventoryParts(store, run.run, extras.inventories ?? []), 1);
  await storeAll(runParts(store, run, { ...extras, summary, objects }), 1);
  if (shortfalls.length > 0) return { objects, manifest: null, summary, shortfalls };
  const { signer = null } = extras;
  const tool = { version: run.run.version, bundleSha256: extras.bundleSha256 ?? null };
  const signing = signer === null ? null : signingBy(signer, shortfalls);
  const manifest = await orShortfall('the manifest of the run', shortfalls, () =>
    linkManifest(store, run, { objects, tool, signing }),
  );
  if (manifest === null) return { objects, manifest, summary, shortfalls };
  await sealManifest(store, run.run.id, { manifest, signer, fresh: true, shortfalls });
  await orShortfall('the summary of the latest run', shortfalls, () => moveLatest(store, run.run, summary));
  await orShortfall('the page of the latest run', shortfalls, () => moveLatestPage(store));
  const { key, bytes, sha256 } = manifest;
  return { objects: [...objects, { key, bytes, sha256 }], manifest, summary, shortfalls };
}

/** One object to be stored. */
export interface Part {
  /** For whoever reads that it is missing. */
  readonly name: string;
  readonly write: () => Promise<StoredObject>;
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

/** The findings of each cluster, as objects for queries. */
export function findingsParts(store: ReportStore, run: RunResult): readonly Part[] {
  return [...byKey(run)].map(([key, results]) => ({
    name: `the findings of cluster ${results[0]?.cluster.name}`,
    write: () =>
      store.put(
        key,
        results.flatMap(({ findings }) => findingMembers(findings)),
        GZIP,
      ),
  }));
}

/**
 * Stores inventories, and goes on without those that are refused.
 * @param shortfalls Takes these.
 */
export async function writeInventories(
  store: ReportStore,
  run: RunKey,
  sources: readonly InventorySource[],
  shortfalls: Shortfall[],
): Promise<readonly StoredObject[]> {
  const objects: StoredObject[] = [];
  // One after the other: each may be a separate file that is read again.
  for (const { name, write } of inventoryParts(store, run, sources)) {
    const stored = await orShortfall(name, shortfalls, write);
    if (stored !== null) objects.push(stored);
  }
  return objects;
}

/** Sources that share a key become one object: gzip files that follow each other are a gzip file. */
function inventoryParts(
  store: ReportStore,
  run: RunKey,
  sources: readonly InventorySource[],
): readonly Part[] {
  return [...Map.groupBy(sources, ({ cluster }) => inventoryKey(run, cluster))].map(([key, shared]) => {
    const [only] = shared.length === 1 ? shared : [];
    return {
      name: inventoryName(shared[0]?.cluster),
      write: () => store.put(key, only?.chunks ?? joined(shared), GZIP),
    };
  });
}

/** What a person calls the inventory of a cluster. */
export const inventoryName = (cluster: ClusterIdentity | undefined): string =>
  `the inventory of cluster ${cluster?.name}`;

async function* joined(sources: readonly InventorySource[]): AsyncGenerator<Uint8Array> {
  for (const { chunks } of sources) yield* chunks;
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

interface RunParts
  extends Pick<RunExtras, 'digest' | 'page' | 'compliance' | 'config' | 'about' | 'perCluster'> {
  readonly summary: string;
  /** What was stored before; grows. */
  readonly objects: readonly StoredObject[];
}

function runParts(
  store: ReportStore,
  run: RunResult,
  { digest, page, compliance, config = null, about = null, perCluster = false, summary, objects }: RunParts,
): readonly Part[] {
  const part = (object: RunObject, write: (key: string) => Promise<StoredObject>): Part => {
    const key = runKey(run.run.id, object);
    return { name: object, write: () => write(key) };
  };
  const mail = `Subject: ${digest.subject}\n\n${digest.body}`;
  const gaps = perCluster ? withoutRecord(run, objects) : run;
  return [
    part('not-evaluated.ndjson.gz', (key) => store.put(key, gzipLines(ndjsonNotEvaluated(gaps)), GZIP)),
    ...(perCluster
      ? []
      : [
          part('findings.ocsf.ndjson.gz', (key) => store.put(key, gzipLines(ocsfOf(run)), GZIP)),
          part('findings.csv', (key) => putText(store, key, csvFindings(run), CSV)),
        ]),
    part('compliance.csv', (key) => putText(store, key, compliance(objects).csv, CSV)),
    {
      name: 'the rows of compliance.csv for queries',
      write: () => store.put(complianceKey(run.run), gzipLines(compliance(objects).lines), GZIP),
    },
    part('summary.json', (key) => putText(store, key, [summary], JSON_TYPE)),
    ...(config === null ? [] : [part('config.json', (key) => putText(store, key, [config], JSON_TYPE))]),
    ...(about === null ? [] : [part('run.json', (key) => putText(store, key, [about], JSON_TYPE))]),
    part('digest.txt', (key) => putText(store, key, [mail], TEXT)),
    // It names the hashes of all others.
    part('report.html', (key) => putText(store, key, page(objects), HTML)),
  ];
}

/** Regions that could not be asked, and clusters of which the store refused something: nobody else records their rows. */
function withoutRecord(run: RunResult, objects: readonly StoredObject[]): RunResult {
  const recorded = new Set(objects.map(({ key }) => key));
  const isRecorded = ({ cluster }: ClusterResult): boolean =>
    recorded.has(clusterObjectKey(run.run.id, cluster, 'cluster-manifest.json'));
  return { ...run, clusters: run.clusters.filter((result) => !isRecorded(result)) };
}

/** Stores text that is made piece by piece. */
export function putText(
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
