import * as z from 'zod';
import { AuditorError, ReadError } from '../errors.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { Shard } from '../inventory/shard.ts';
import { parsed } from '../parsed-problem.ts';
import type { Shortfall } from '../report/news.ts';
import { jsonLine } from '../report/rows.ts';
import { storeLayers } from '../run/layer-source.ts';
import { parseResults, resultLines } from '../run/result-lines.ts';
import type { RunIdentity } from '../run/run-identity.ts';
import { type GzipMembers, gunzipLines, gzipLines } from '../store/gzip.ts';
import { measuredNote, noteKey, resultNote } from '../store/run-notes.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';

/** What is audited by one invocation. */
export interface ClusterPart {
  readonly cluster: ClusterIdentity;
  /** `null`: the whole cluster. */
  readonly shard: Shard | null;
}

/** What became of one cluster, or of one part of it, in a run, before it is compared with anything. */
export interface FleetResult {
  readonly result: ClusterResult;
  /** `null` when not all pods could be read. */
  readonly inventory: StoredObject | null;
  /** Parts of the record that the store refused. */
  readonly shortfalls: readonly Shortfall[];
}

/** Of a cluster of which not all pods could be read. */
export const NO_INVENTORY = { inventory: null, shortfalls: [] } as const;

const STORED = z.object({ key: z.string(), bytes: z.number(), sha256: z.string() });
const WORKLOAD = z.object({ namespace: z.string(), kind: z.string(), name: z.string() });
const ASKED = z.array(
  z.object({
    check: z.string(),
    workload: WORKLOAD,
    container: z.string().nullable(),
    reason: z.enum(['limit-changed', 'configuration-changed']),
  }),
);
const BASIS = z.object({
  clean: z.array(WORKLOAD),
  checksOff: z.array(z.string()),
  checksNotAsked: z.array(z.string()),
  namespacesExcluded: z.array(z.string()),
  noLongerAsked: ASKED,
  newlyAsked: ASKED.default([]),
});
const HEADER = z.object({
  resultVersion: z.literal(1),
  run: z.string(),
  inventory: STORED.nullable(),
  shortfalls: z.array(z.object({ part: z.string(), problem: z.string() })).default([]),
  counts: z.object({ findings: z.number(), notEvaluated: z.number() }),
  /** Missing in results of earlier versions. */
  basis: BASIS.optional(),
  /** Keys of notes; missing where no layers were measured. */
  layers: z.array(z.string()).optional(),
});

export const resultKey = (run: RunIdentity, { cluster, shard }: ClusterPart): string =>
  noteKey(run.id, resultNote(cluster, shard));

/** Whether there is a result, readable or not. */
export const hasResult = async (store: ReportStore, run: RunIdentity, part: ClusterPart): Promise<boolean> =>
  (await store.get(resultKey(run, part))) !== null;

/** Stores a result: a header line, then the lines of the cluster. The first one of a run stands, and is returned. */
export async function storeResult(
  store: ReportStore,
  { run, shard }: { readonly run: RunIdentity; readonly shard: Shard | null },
  found: FleetResult,
): Promise<FleetResult> {
  const { inventory } = found;
  const shortfalls = [...found.shortfalls];
  const result = await withStoredLayers(store, { run, shard }, found.result, shortfalls);
  function* lines(): Generator<string | GzipMembers> {
    const counts = { findings: result.findings.length, notEvaluated: result.notEvaluated.length };
    const { basis } = result;
    const layers = result.layers?.stored;
    yield `${jsonLine({ resultVersion: 1, run: run.id, inventory, shortfalls, counts, basis, layers })}\n`;
    yield* resultLines(result);
  }
  const part = { cluster: result.cluster, shard };
  const key = resultKey(run, part);
  const options = { contentType: 'application/gzip', expected: null };
  if ((await store.putIf(key, gzipLines(lines()), options)) !== null) {
    return { result, inventory, shortfalls };
  }
  const first = await readResult(store, run, part);
  if (first !== null) return first;
  throw new AuditorError(`${store.location(key)} was deleted while it was stored; run again.`);
}

/** The join reads them when it decides about the cluster. Refused, they cost the growth of layers and nothing else. */
async function withStoredLayers(
  store: ReportStore,
  { run, shard }: { readonly run: RunIdentity; readonly shard: Shard | null },
  { layers, ...result }: ClusterResult,
  shortfalls: Shortfall[],
): Promise<ClusterResult> {
  if (layers === undefined) return result;
  const key = noteKey(run.id, measuredNote(result.cluster, shard));
  const part = `the measured layers of cluster ${result.cluster.name}`;
  const stored = await orShortfall(part, shortfalls, () => storeLayers(store, key, layers));
  return stored === null ? result : { ...result, layers: stored };
}

/**
 * @returns `null` when the run has none of this cluster
 * @throws ReadError when it cannot be understood
 */
export async function readResult(
  store: ReportStore,
  run: RunIdentity,
  part: ClusterPart,
): Promise<FleetResult | null> {
  const key = resultKey(run, part);
  const bytes = await store.get(key);
  if (bytes === null) return null;
  try {
    const lines = gunzipLines(bytes);
    const first = await lines.next();
    const header = parsed(HEADER, JSON.parse(first.done ? '' : first.value));
    const { inventory, shortfalls, counts, basis, layers, run: writer } = header;
    const [result, ...others] = await parseResults(lines);
    const whole =
      result !== undefined &&
      others.length === 0 &&
      writer === run.id &&
      result.cluster.arn === part.cluster.arn &&
      result.findings.length === counts.findings &&
      result.notEvaluated.length === counts.notEvaluated;
    if (!whole) throw new Error('it is incomplete, or of another cluster');
    const judged = {
      ...result,
      ...(basis === undefined ? {} : { basis }),
      ...(layers === undefined ? {} : { layers: { packed: [], stored: layers } }),
    };
    return { result: judged, inventory, shortfalls };
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The result in ${store.location(key)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Run the audit again.',
      error,
    );
  }
}
