import * as z from 'zod';
import type { Config } from '../config/config.ts';
import { AuditorError, ReadError } from '../errors.ts';
import type { AcceptedGapNotes } from '../exemptions/accepted-gaps.ts';
import type { RecordedCoverage } from '../findings/former-coverage.ts';
import { clusterKey } from '../findings/identity.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { Digest } from '../report/digest-message.ts';
import { withoutReport, withShortfalls } from '../report/digest-shortfalls.ts';
import type { ExemptionNotes } from '../report/exemption-notes.ts';
import type { GoneCluster, LateNews, RunChanges, Shortfall } from '../report/news.ts';
import type { PartMail } from '../report/part-mails.ts';
import { jsonLine, runRow } from '../report/rows.ts';
import { type GzipMembers, gunzipLines, gzipLines } from '../store/gzip.ts';
import { runKey, stateKey } from '../store/layout.ts';
import { sha256Of } from '../store/manifest.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { RecordedConfig } from '../store/state.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';
import { type Conclusion, rankFindings } from './conclude.ts';
import { changesOf, placesOf, type RecordedChanges, recordedChanges } from './recorded-changes.ts';
import { parseResults, resultLines } from './result-lines.ts';
import type { RunContext } from './run-context.ts';

/** A run as it was decided, with all that is needed to write its reports, states and mail: again, if need be. */
export interface DecidedRun extends Conclusion {
  /** Epoch milliseconds: when the clusters were read. */
  readonly now: number;
  readonly digest: Digest;
  /** Mails about parts of the run, to owners and along routes. */
  readonly parts: readonly PartMail[];
  readonly gone: readonly GoneCluster[];
  /**
   * By `clusterKey`: the state that follows from the comparison. Clusters whose state could not be read, or may be
   * of another cluster, are missing.
   */
  readonly comparedWith: ReadonlyMap<string, StateToAdvance>;
  /** For the states; missing in decisions of earlier versions. */
  readonly config?: RecordedConfig;
  /** What {@link config} leaves out of the effective configuration; missing in decisions of earlier versions. */
  readonly accounts?: Config['accounts'];
  /** Missing in decisions of earlier versions. */
  readonly context?: RunContext;
  /** Objects of the run that were stored before it was decided: inventories. */
  readonly stored: readonly StoredObject[];
  /** What was asked in another way in the last run; `null`: not known, as in decisions of earlier versions. */
  readonly changes: RunChanges | null;
  /** Accepted gaps that a person must look at; `null` likewise. */
  readonly acceptedGaps: AcceptedGapNotes | null;
  /** It could not be read in full what is new. */
  readonly newsUnknown: boolean;
  /** What is sent here because the mails of earlier runs were not accepted. */
  readonly late: LateNews | null;
  /** Runs that need not be listed as untold any more: their mail was accepted, or their news is in {@link late}. */
  readonly settled: readonly string[];
  /** The rows of each cluster are recorded with that cluster; this is the end of the run of a fleet. */
  readonly perCluster?: boolean;
  /** What the record lacks for good, and what could not be read of earlier runs. */
  readonly shortfalls: readonly Shortfall[];
}

/** Where the state of a cluster is to be written, and what was there when it was compared. */
export interface StateToAdvance {
  readonly key: string;
  /** SHA-256; `null`: nothing. */
  readonly sha256: string | null;
  /** What the run could decide; absent in decisions of earlier versions. */
  readonly coverage?: RecordedCoverage;
  /** Key of the note with the layers that were measured; absent where none were. */
  readonly layers?: string;
}

/** A run that is decided, so that its mail may go out. */
export interface CommittedRun extends DecidedRun {
  /**
   * The stored decision. `null` when it could not be stored: then it is no decision that stands, nothing that follows
   * from it is written, and the next delivery of the run decides again.
   */
  readonly record: StoredObject | null;
}

const RECORD_VERSION = 1;

/** The rest is this program's own writing, checked against tampering by the manifest. */
const HEADER = z.looseObject({
  conclusionVersion: z.literal(RECORD_VERSION),
  counts: z.object({ clusters: z.number(), findings: z.number(), notEvaluated: z.number() }),
});

/** The first line of a conclusion. */
export interface ConclusionHeader {
  readonly conclusionVersion: typeof RECORD_VERSION;
  readonly run: Conclusion['run']['run'];
  readonly now: number;
  readonly firstRun: boolean;
  readonly digest: Digest;
  readonly parts?: readonly PartMail[];
  readonly exemptions: Pick<ExemptionNotes, 'expired' | 'expiring' | 'unused'>;
  /** Ids of the findings that are no longer exempt. */
  readonly ended: readonly string[];
  /** Places of the findings that became exempt; missing where it is not known. */
  readonly begun?: readonly number[];
  readonly gone: readonly GoneCluster[];
  /** Cluster, SHA-256 and, since this was not the same for all clusters of a name, the key; then what was decided. */
  readonly comparedWith: readonly (readonly [
    cluster: string,
    sha256: string | null,
    key?: string,
    coverage?: RecordedCoverage | null,
    layers?: string,
  ])[];
  readonly stored: readonly StoredObject[];
  readonly config?: RecordedConfig;
  readonly accounts?: Config['accounts'];
  readonly context?: RunContext;
  /** These are missing where a version wrote it that did not know them. */
  readonly late?: LateNews | null;
  readonly settled?: readonly string[];
  readonly shortfalls?: readonly Shortfall[];
  readonly changes?: RecordedChanges | null;
  readonly acceptedGaps?: AcceptedGapNotes | null;
  readonly newsUnknown?: boolean;
  readonly perCluster?: boolean;
  readonly counts: { readonly clusters: number; readonly findings: number; readonly notEvaluated: number };
}

/** NDJSON: a header, then each cluster followed by its findings and by what was not evaluated. */
function* conclusionLines(decided: DecidedRun): Generator<string | GzipMembers> {
  const { run, now, firstRun, digest, exemptions, gone, comparedWith, stored, late, settled, shortfalls } =
    decided;
  const { expired, expiring, unused } = exemptions;
  const count = (of: (result: ClusterResult) => readonly unknown[]): number =>
    run.clusters.reduce((sum, result) => sum + of(result).length, 0);
  const header: ConclusionHeader = {
    conclusionVersion: RECORD_VERSION,
    run: runRow(run),
    now,
    firstRun,
    digest,
    ...(decided.parts.length === 0 ? {} : { parts: decided.parts }),
    exemptions: { expired, expiring, unused },
    ended: exemptions.ended.map(({ id }) => id),
    ...(exemptions.begun === undefined ? {} : { begun: placesOf(exemptions.begun, run.clusters) }),
    gone,
    comparedWith: [...comparedWith].map(([cluster, { sha256, key, coverage, layers }]) =>
      layers !== undefined
        ? ([cluster, sha256, key, coverage ?? null, layers] as const)
        : coverage === undefined
          ? ([cluster, sha256, key] as const)
          : ([cluster, sha256, key, coverage] as const),
    ),
    stored,
    ...(decided.config === undefined ? {} : { config: decided.config }),
    ...(decided.accounts === undefined ? {} : { accounts: decided.accounts }),
    ...(decided.context === undefined ? {} : { context: decided.context }),
    late,
    settled,
    shortfalls,
    changes: recordedChanges(decided),
    acceptedGaps: decided.acceptedGaps,
    ...(decided.newsUnknown ? { newsUnknown: true } : {}),
    ...(decided.perCluster === true ? { perCluster: true } : {}),
    counts: {
      clusters: run.clusters.length,
      findings: count(({ findings }) => findings),
      notEvaluated: count(({ notEvaluated }) => notEvaluated),
    },
  };
  yield `${jsonLine(header)}\n`;
  for (const result of run.clusters) yield* resultLines(result);
}

const keyOf = (runId: string): string => runKey(runId, 'conclusion.ndjson.gz');

const GZIP = { contentType: 'application/gzip' };

/**
 * Stores what was decided. With `once`, what another delivery of the same run has decided before stands, and is
 * returned. Where the store refuses it, the run goes on without a decision that stands.
 */
export async function commitRun(
  store: ReportStore,
  decided: DecidedRun,
  { once, key = keyOf(decided.run.run.id) }: { readonly once: boolean; readonly key?: string },
): Promise<CommittedRun> {
  const refused: Shortfall[] = [];
  const part = 'the decision of the run, and everything that follows from it';
  const committed = await orShortfall(part, refused, () => storeDecision(store, decided, { once, key }));
  if (committed !== null) return committed;
  const shortfalls = [...decided.shortfalls, ...refused];
  return {
    ...decided,
    digest: withShortfalls(withoutReport(decided.digest), refused, decided.shortfalls),
    shortfalls,
    record: null,
  };
}

async function storeDecision(
  store: ReportStore,
  decided: DecidedRun,
  { once, key }: { readonly once: boolean; readonly key: string },
): Promise<CommittedRun> {
  const { id } = decided.run.run;
  const chunks = gzipLines(conclusionLines(decided));
  if (!once) return { ...decided, record: await store.put(key, chunks, GZIP) };
  const record = await store.putIf(key, chunks, { ...GZIP, expected: null });
  if (record !== null) return { ...decided, record };
  const earlier = await committedRun(store, id, key);
  if (earlier !== null) return earlier;
  throw new AuditorError(`The conclusion of run ${id} was deleted while it was stored; run again.`);
}

/**
 * What an earlier delivery of a run has decided; `null` when it got no further than reading clusters.
 * @throws ReadError when it cannot be understood
 */
export function committedRun(
  store: ReportStore,
  runId: string,
  key: string = keyOf(runId),
): Promise<CommittedRun | null> {
  return readConclusion(store, { runId, key }, async (lines, bytes) => {
    const record = { key, bytes: bytes.byteLength, sha256: sha256Of(bytes) };
    return { ...(await parseConclusion(lines)), record };
  });
}

/**
 * Reads the lines of a conclusion, the header first; `null` when there is none.
 * @throws ReadError when `parse` does not understand them
 */
export async function readConclusion<T>(
  store: ReportStore,
  { runId, key = keyOf(runId) }: { readonly runId: string; readonly key?: string },
  parse: (lines: AsyncGenerator<string>, bytes: Uint8Array) => Promise<T>,
): Promise<T | null> {
  const bytes = await store.get(key);
  if (bytes === null) return null;
  try {
    return await parse(gunzipLines(bytes), bytes);
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The conclusion of run ${runId} in ${store.location(key)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Restore an earlier version of the object, or delete it to repeat the run.',
      error,
    );
  }
}

/** @throws Error when it is none */
export async function parseHeader(lines: AsyncGenerator<string>): Promise<ConclusionHeader> {
  const first = await lines.next();
  return HEADER.parse(JSON.parse(first.done ? '' : first.value)) as unknown as ConclusionHeader;
}

async function parseConclusion(lines: AsyncGenerator<string>): Promise<DecidedRun> {
  const header = await parseHeader(lines);
  const clusters = await parseResults(lines);
  const findings = clusters.flatMap((result) => result.findings);
  const rows = clusters.reduce((sum, { notEvaluated }) => sum + notEvaluated.length, 0);
  const { counts } = header;
  if (
    clusters.length !== counts.clusters ||
    findings.length !== counts.findings ||
    rows !== counts.notEvaluated
  ) {
    throw new Error('it is incomplete');
  }
  const ended = new Set(header.ended);
  return {
    run: { run: header.run, clusters },
    ranked: rankFindings(clusters, header.now),
    exemptions: {
      ...header.exemptions,
      ended: findings.filter(({ id }) => ended.has(id)),
      ...(header.begun === undefined
        ? {}
        : { begun: header.begun.flatMap((place) => findings[place] ?? []) }),
    },
    firstRun: header.firstRun,
    now: header.now,
    digest: header.digest,
    parts: header.parts ?? [],
    gone: header.gone,
    comparedWith: statesOf(header, clusters),
    ...(header.config === undefined ? {} : { config: header.config }),
    ...(header.accounts === undefined ? {} : { accounts: header.accounts }),
    ...(header.context === undefined ? {} : { context: header.context }),
    stored: header.stored,
    late: header.late ?? null,
    settled: header.settled ?? [],
    shortfalls: header.shortfalls ?? [],
    changes: changesOf(header.changes ?? null, findings),
    acceptedGaps: header.acceptedGaps ?? null,
    newsUnknown: header.newsUnknown ?? false,
    ...(header.perCluster === true ? { perCluster: true } : {}),
  };
}

/** Conclusions of earlier versions do not say the keys, which followed from the clusters then. */
function statesOf(
  { comparedWith }: ConclusionHeader,
  clusters: readonly ClusterResult[],
): ReadonlyMap<string, StateToAdvance> {
  const keys = new Map(clusters.map(({ cluster }) => [clusterKey(cluster), stateKey(cluster)]));
  return new Map(
    comparedWith.flatMap(([cluster, sha256, key = keys.get(cluster), coverage, layers]) =>
      key === undefined
        ? []
        : [
            [
              cluster,
              {
                sha256,
                key,
                ...(coverage == null ? {} : { coverage }),
                ...(layers === undefined ? {} : { layers }),
              },
            ] as const,
          ],
    ),
  );
}
