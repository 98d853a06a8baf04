import * as z from 'zod';
import { GAP_CLASSES, type GapClass } from '../findings/not-evaluated.ts';
import { compareText } from '../inventory/workload.ts';
import { SEVERITIES, type Severity } from '../severity.ts';
import { jsonLine } from './rows.ts';
import type { Coverage, StatusCounts, Summary } from './summary.ts';

/** The numbers of one run, for comparing runs with each other: a line of `state/trend.ndjson.gz`. */
export interface TrendRow {
  /** Its id; ids sort by time. */
  readonly run: string;
  /** RFC 3339. */
  readonly startedAt: string;
  /** Of the program. */
  readonly version: string;
  /** SHA-256 of the effective configuration. */
  readonly config: string;
  readonly clusters: Summary['clusters'];
  readonly pods: number;
  readonly findings: Readonly<Record<Severity, StatusCounts>>;
  /** New and open findings of managed workloads, which {@link findings} count, too. */
  readonly apart: number;
  readonly coverage: Coverage;
  /** What was not evaluated, by what it asks of people. */
  readonly notEvaluated: Readonly<Record<GapClass, number>>;
  /** SHA-256 of the run's manifest; `null`: it has none, so that its record is not complete. */
  readonly manifest: string | null;
}

/** How many runs the trend holds: over a year of daily ones. */
export const TREND_RUNS = 400;

const count = z.number().int().nonnegative();
const text = z.string();
/** In the order in which reports name them. */
const STATUS_COUNTS = z.object({
  new: count,
  open: count,
  exempt: count,
  fixed: count,
  gone: count,
  withdrawn: count,
});
const RUN = { startedAt: text, version: text, config: text };
const CLUSTERS = z.object({ total: count, audited: count, failed: count });
const COVERAGE = z.object({ decided: count, total: count, complete: z.boolean() });

/** What a later version adds to a row is kept. */
const TREND_ROW = z.looseObject({
  run: text.min(1),
  ...RUN,
  clusters: CLUSTERS,
  pods: count,
  findings: z.record(z.enum(SEVERITIES), STATUS_COUNTS),
  apart: count,
  coverage: COVERAGE,
  notEvaluated: z.record(z.enum(GAP_CLASSES), count),
  manifest: text.nullable(),
});

/** Earlier versions did not distinguish fixed findings from those that are gone, and had fewer numbers. */
const SUMMARY_STATUSES = z.object({
  new: count,
  open: count,
  exempt: count,
  fixed: count.default(0),
  gone: count.default(0),
  withdrawn: count.default(0),
  resolved: count.default(0),
});

const SUMMARY = z.object({
  run: z.object({ id: text.min(1), ...RUN }),
  summary: z.object({
    clusters: CLUSTERS,
    pods: count,
    findings: z.object({
      apart: count.default(0),
      bySeverity: z.record(z.enum(SEVERITIES), SUMMARY_STATUSES),
    }),
    coverage: COVERAGE,
    notEvaluated: z.object({
      total: count,
      byGap: z.record(z.enum(GAP_CLASSES), count).optional(),
    }),
  }),
});

/**
 * The row of a run from its `summary.json`, so that a row that is made again is the same.
 *
 * @param manifest SHA-256 of the run's manifest
 * @returns `null` when the text is no summary
 */
export function trendRow(summaryText: string, manifest: string | null): TrendRow | null {
  const parsed = SUMMARY.safeParse(parseJson(summaryText));
  if (!parsed.success) return null;
  const { run, summary } = parsed.data;
  const { clusters, pods, findings, coverage, notEvaluated } = summary;
  return {
    run: run.id,
    startedAt: run.startedAt,
    version: run.version,
    config: run.config,
    clusters,
    pods,
    findings: bySeverity((severity) => {
      const { resolved, fixed, ...others } = findings.bySeverity[severity];
      return { ...others, fixed: fixed + resolved };
    }),
    apart: findings.apart,
    coverage,
    // Rows that no run has classified count as fixable.
    notEvaluated: notEvaluated.byGap ?? { lost: 0, fixable: notEvaluated.total, known: 0 },
    manifest,
  };
}

const bySeverity = (of: (severity: Severity) => StatusCounts): TrendRow['findings'] => ({
  critical: inOrder(of('critical')),
  high: inOrder(of('high')),
  medium: inOrder(of('medium')),
  low: inOrder(of('low')),
});

const inOrder = (counts: StatusCounts): StatusCounts => STATUS_COUNTS.parse(counts);

/** @returns `null` when the line is no row of a trend */
export function parseTrendLine(line: string): TrendRow | null {
  const parsed = TREND_ROW.safeParse(parseJson(line));
  return parsed.success ? parsed.data : null;
}

export const trendLine = (row: TrendRow): string => `${jsonLine(row)}\n`;

/**
 * The trend with more rows, oldest first, without those that are too old. A run has one row: one with a manifest takes
 * the place of one without; else the one that is added counts.
 */
export function withTrendRows(rows: readonly TrendRow[], added: readonly TrendRow[]): readonly TrendRow[] {
  const byRun = new Map(rows.map((row) => [row.run, row]));
  for (const row of added) {
    if (row.manifest === null && byRun.get(row.run)?.manifest != null) continue;
    byRun.set(row.run, row);
  }
  return [...byRun.values()].sort((a, b) => compareText(a.run, b.run)).slice(-TREND_RUNS);
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}
