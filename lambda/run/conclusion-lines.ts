import * as z from 'zod';
import type { Config } from '../config/config.ts';
import type { AcceptedGapNotes } from '../exemptions/accepted-gaps.ts';
import type { RecordedCoverage } from '../findings/former-coverage.ts';
import { clusterKey } from '../findings/identity.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import { parsed } from '../parsed-problem.ts';
import type { Digest } from '../report/digest-message.ts';
import type { ExemptionNotes } from '../report/exemption-notes.ts';
import type { GoneCluster, LateNews, Shortfall } from '../report/news.ts';
import type { PartMail } from '../report/part-mails.ts';
import { jsonLine, runRow } from '../report/rows.ts';
import type { GzipMembers } from '../store/gzip.ts';
import { stateKey } from '../store/layout.ts';
import type { RecordedConfig } from '../store/state-format.ts';
import type { StoredObject } from '../store/store.ts';
import { type Conclusion, rankFindings } from './conclude.ts';
import type { DecidedRun, StateToAdvance } from './decided-run.ts';
import { changesOf, placesOf, type RecordedChanges, recordedChanges } from './recorded-changes.ts';
import { parseResults, resultLines } from './result-lines.ts';
import type { RunContext } from './run-context.ts';

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
export function* conclusionLines(decided: DecidedRun): Generator<string | GzipMembers> {
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

/** @throws Error when it is none */
export async function parseHeader(lines: AsyncGenerator<string>): Promise<ConclusionHeader> {
  const first = await lines.next();
  return parsed(HEADER, JSON.parse(first.done ? '' : first.value)) as unknown as ConclusionHeader;
}

/** What {@link conclusionLines} wrote. @throws Error when it is incomplete, or none */
export async function parseConclusion(lines: AsyncGenerator<string>): Promise<DecidedRun> {
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
