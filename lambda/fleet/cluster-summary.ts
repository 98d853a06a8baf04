import * as z from 'zod';
import type { Config } from '../config/config.ts';
import { ReadError } from '../errors.ts';
import { type AcceptedGapCount, acceptedGapCounts } from '../exemptions/accepted-gaps.ts';
import type { ClusterNumbers } from '../findings/cluster-numbers.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { parsed } from '../parsed-problem.ts';
import { checkNumbers } from '../report/compliance.ts';
import { newsOf } from '../report/digest-news.ts';
import type { ExemptionNotes } from '../report/exemption-notes.ts';
import { heaviest, heaviestGaps, unitsOf } from '../report/heaviest.ts';
import type { AskedReason, LateNews, Shortfall } from '../report/news.ts';
import { ownerCounts } from '../report/owner-counts.ts';
import { jsonLine } from '../report/rows.ts';
import { clusterSummary } from '../report/summary.ts';
import type { DecidedRun } from '../run/decided-run.ts';
import { parseResults, resultLines } from '../run/result-lines.ts';
import { type GzipMembers, gzipLines, headedLines } from '../store/gzip.ts';
import { noteKey, summaryNote } from '../store/run-notes.ts';
import type { ReportStore, StoredObject } from '../store/store.ts';

/** What the end of a run takes from one cluster, whatever the cluster holds. */
export interface ClusterSummary {
  /** With its heaviest rows, and the numbers of all. */
  readonly result: ClusterResult & { readonly numbers: ClusterNumbers };
  /** Rows were left out. */
  readonly isCut: boolean;
  readonly firstRun: boolean;
  readonly exemptions: Pick<ExemptionNotes, 'expired' | 'expiring' | 'unused'>;
  /** Ids of kept findings that are no longer exempt. */
  readonly ended: readonly string[];
  /** Ids of kept findings that became exempt; missing where it is not known. */
  readonly begun?: readonly string[];
  readonly late: LateNews | null;
  /** Runs whose news of this cluster is in this one's. */
  readonly settled: readonly string[];
  readonly newsUnknown: boolean;
  readonly changes: {
    readonly settings: readonly string[];
    readonly asked: readonly (readonly [string, AskedReason])[];
  } | null;
  readonly acceptedGaps: readonly AcceptedGapCount[];
  readonly shortfalls: readonly Shortfall[];
  /** The list of the objects of its record; `null` where that is not whole. */
  readonly manifest: StoredObject | null;
}

/** How many rows a summary holds: fewer of each cluster where there are many. */
export interface SummaryRoom {
  readonly rows: number;
  readonly causes: number;
  readonly gaps: number;
}

/** The most that the end of a run holds of all clusters. */
export const FLEET_ROOM: SummaryRoom = { rows: 20_000, causes: 1_000, gaps: 20_000 };

/** Each cluster offers more than its share, since those of others may be lighter. */
const LEAST = { rows: 100, gaps: 8 };

/** @param clusters of the fleet */
export const roomOfCluster = (clusters: number): SummaryRoom => ({
  rows: Math.max(LEAST.rows, Math.floor(FLEET_ROOM.rows / Math.max(clusters, 1))),
  causes: FLEET_ROOM.causes,
  gaps: Math.max(LEAST.gaps, Math.floor(FLEET_ROOM.gaps / Math.max(clusters, 1))),
});

/** Ids of the findings that mail or page say something of although their status does not say so. */
export const idsToSay = ({
  late,
  ended,
  begun = [],
}: Pick<ClusterSummary, 'late' | 'ended' | 'begun'>): readonly string[] => [
  ...(late?.found ?? []),
  ...(late?.ended ?? []),
  ...(late?.changed ?? []).map(({ id }) => id),
  ...ended,
  ...begun,
];

/** What the decision about one cluster comes to. */
export function summaryOf(
  decided: DecidedRun,
  {
    config,
    room,
    manifest,
  }: { readonly config: Config; readonly room: SummaryRoom; readonly manifest: StoredObject | null },
): ClusterSummary {
  const [whole] = decided.run.clusters;
  if (whole === undefined) throw new Error('A cluster is decided with its result.');
  const { exemptions, changes, late } = decided;
  const isWithin = whole.findings.length <= room.rows;
  const findings = isWithin ? whole.findings : keptOf(whole, decided, room);
  const notEvaluated = heaviestGaps(whole.notEvaluated, room.gaps);
  const ids = new Set(findings.map(({ id }) => id));
  const { layers: _, basis: __, askedExemptions: ___, population, ...rest } = whole;
  // Namespaces of thousands of clusters are too many for one page.
  const isSmall = room.rows > LEAST.rows && population !== undefined;
  const result = { ...rest, ...(isSmall ? { population } : {}) };
  const rows = late?.rows.slice(0, room.rows) ?? [];
  const isCut =
    findings.length < whole.findings.length ||
    notEvaluated.length < whole.notEvaluated.length ||
    rows.length < (late?.rows.length ?? 0);
  return {
    result: { ...result, findings, notEvaluated, numbers: numbersOf(decided, whole, config) },
    isCut,
    firstRun: decided.firstRun,
    exemptions: { expired: exemptions.expired, expiring: exemptions.expiring, unused: exemptions.unused },
    ended: exemptions.ended.flatMap(({ id }) => (ids.has(id) ? id : [])),
    ...(exemptions.begun === undefined
      ? {}
      : { begun: exemptions.begun.flatMap(({ id }) => (ids.has(id) ? id : [])) }),
    late: late === null ? null : lateOf(late, ids, rows),
    settled: decided.settled,
    newsUnknown: decided.newsUnknown,
    changes:
      changes === null
        ? null
        : { settings: changes.settings, asked: [...changes.asked].filter(([id]) => ids.has(id)) },
    acceptedGaps: acceptedGapCounts(config.acceptedGaps, whole.notEvaluated, decided.run.run.startedAt),
    shortfalls: decided.shortfalls,
    manifest,
  };
}

/** Only of kept findings: the others are counted. */
const lateOf = (late: LateNews, ids: ReadonlySet<string>, rows: LateNews['rows']): LateNews => ({
  ...late,
  found: late.found.filter((id) => ids.has(id)),
  ended: late.ended.filter((id) => ids.has(id)),
  ...(late.changed === undefined ? {} : { changed: late.changed.filter(({ id }) => ids.has(id)) }),
  rows,
});

const idOf = ({ id }: { readonly id: string }): string => id;

/** In the order in which they were. */
function keptOf(
  { findings }: ClusterResult,
  { late, exemptions }: DecidedRun,
  room: SummaryRoom,
): ClusterResult['findings'] {
  const { ended, begun = [] } = exemptions;
  const said = new Set(idsToSay({ late, ended: ended.map(idOf), begun: begun.map(idOf) }));
  const kept = new Set(heaviest(unitsOf(findings, said), room).flatMap(({ rows }) => rows.map(idOf)));
  return findings.filter(({ id }) => kept.has(id));
}

function numbersOf(decided: DecidedRun, result: ClusterResult, config: Config): ClusterNumbers {
  const { findings, causes, coverage, notEvaluated } = clusterSummary(result);
  // Whether it is the first run of the whole fleet is not known yet.
  const input = { ...decided, firstRun: false, reportLocation: null, options: config.digest };
  return {
    findings,
    causes,
    coverage,
    notEvaluated,
    owners: ownerCounts(decided.run),
    checks: checkNumbers(result),
    news: newsOf(input).counts,
  };
}

/** The rest is this program's own writing. */
const HEADER = z.looseObject({
  summaryVersion: z.literal(1),
  counts: z.object({ findings: z.number(), notEvaluated: z.number() }),
});

const GZIP = { contentType: 'application/gzip' };

/** Stores a summary; the first one of a run stays. */
export async function storeSummary(
  store: ReportStore,
  runId: string,
  cluster: ClusterIdentity,
  { result, ...summary }: ClusterSummary,
): Promise<void> {
  const counts = { findings: result.findings.length, notEvaluated: result.notEvaluated.length };
  function* lines(): Generator<string | GzipMembers> {
    yield `${jsonLine({ summaryVersion: 1, run: runId, counts, ...summary })}\n`;
    yield* resultLines(result);
  }
  await store.putIf(noteKey(runId, summaryNote(cluster)), gzipLines(lines()), { ...GZIP, expected: null });
}

/**
 * @returns `null` when there is none
 * @throws ReadError when it cannot be understood
 */
export async function readSummary(
  store: ReportStore,
  runId: string,
  cluster: ClusterIdentity,
): Promise<ClusterSummary | null> {
  const key = noteKey(runId, summaryNote(cluster));
  const bytes = await store.get(key);
  if (bytes === null) return null;
  try {
    const { first, lines } = await headedLines(bytes);
    const header = parsed(HEADER, JSON.parse(first));
    const [result, ...others] = await parseResults(lines);
    const { summaryVersion: _, counts, ...summary } = header;
    const isWhole =
      result?.numbers !== undefined &&
      others.length === 0 &&
      summary['run'] === runId &&
      result.cluster.arn === cluster.arn &&
      result.findings.length === counts.findings &&
      result.notEvaluated.length === counts.notEvaluated;
    if (!isWhole) throw new Error('it is incomplete, or of another cluster');
    return { ...summary, result } as unknown as ClusterSummary;
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The summary in ${store.location(key)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Delete it and run the audit again.',
      error,
    );
  }
}
