import { countedFindings, isApart } from '../findings/apart.ts';
import type {
  Coverage,
  FindingCounts,
  NotEvaluatedCounts,
  StatusCounts,
} from '../findings/cluster-numbers.ts';
import { addCauses, type CauseCounts, countCauses } from '../findings/count-causes.ts';
import { type Finding, STATUSES } from '../findings/finding.ts';
import { isActive } from '../findings/identity.ts';
import { GAP_CLASSES, gapOf } from '../findings/not-evaluated.ts';
import type { CheckTally, ClusterResult, RunResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { compareText } from '../inventory/workload.ts';
import { SEVERITIES, type Severity } from '../severity.ts';

import type { GoneCluster } from './news.ts';
import { sortedClusters } from './order.ts';
import { ownerCounts } from './owner-counts.ts';
import { jsonLine, runRow } from './rows.ts';

export type { Coverage, NotEvaluatedCounts, StatusCounts };

/** The numbers of a run. Counts are findings (one a workload and container) unless named otherwise. */
export interface Summary {
  readonly clusters: { readonly total: number; readonly audited: number; readonly failed: number };
  readonly pods: number;
  readonly workloads: number;
  readonly namespaces: number;
  readonly nodes: number;
  readonly findings: FindingCounts;
  /** What is behind the active findings: the changes that would remove them. */
  readonly causes: CauseCounts;
  /** Verdicts by check over all clusters, sorted by check. */
  readonly checks: readonly CheckTally[];
  readonly coverage: Coverage;
  readonly notEvaluated: NotEvaluatedCounts;
}

export function summarize(run: RunResult): Summary {
  const { clusters } = run;
  const audited = clusters.filter((result) => result.outcome === 'audited').length;
  return {
    clusters: { total: clusters.length, audited, failed: clusters.length - audited },
    pods: sum(clusters, (result) => result.totals.pods),
    workloads: sum(clusters, (result) => result.totals.workloads),
    namespaces: sum(clusters, (result) => result.totals.namespaces),
    nodes: sum(clusters, (result) => result.totals.nodes),
    findings: countFindings(clusters),
    causes: addCauses(clusters.map(activeCauses)),
    checks: mergeTallies(clusters),
    coverage: coverageOf(clusters),
    notEvaluated: countReasons(clusters),
  };
}

/** Whether nothing at all is missing from the cluster's results. */
export const isComplete = (result: ClusterResult): boolean =>
  result.outcome === 'audited' && undecided(result) === 0;

/**
 * Whether something is missing that a person can do something about: a cluster that was not audited, or a gap that is lost
 * or fixable. What is known to be undecidable, or accepted, is in the data and asks for nothing.
 */
export const isIncomplete = (clusters: readonly ClusterResult[]): boolean =>
  clusters.length === 0 || clusters.some(asksToAct);

/** Verdicts that a person can bring about. */
export const missingVerdicts = ({ notEvaluated, numbers }: ClusterResult): number =>
  numbers === undefined
    ? notEvaluated.filter(({ gap }) => gap !== 'known').length
    : numbers.notEvaluated.byGap.lost + numbers.notEvaluated.byGap.fixable;

const asksToAct = ({ outcome, notEvaluated, numbers }: ClusterResult): boolean =>
  (numbers !== undefined && numbers.notEvaluated.byGap.lost + numbers.notEvaluated.byGap.fixable > 0) ||
  notEvaluated.some((row) => gapOf(row) !== 'known') ||
  (outcome === 'failed' && notEvaluated.length === 0);

/** Verdicts of the clusters together; see {@link Coverage}. */
export function coverageOf(clusters: readonly ClusterResult[]): Coverage {
  const decided = sum(clusters, ({ tallies }) =>
    sum(tallies, (tally) => tally.pass + tally.fail + (tally.exempt ?? 0)),
  );
  return {
    decided,
    total: decided + sum(clusters, undecided),
    complete: clusters.length > 0 && clusters.every(isComplete),
  };
}

/** A hole that spans the whole cluster is one row and no scopes to tally, so the larger number counts. */
const undecided = ({ tallies, notEvaluated, numbers }: ClusterResult): number =>
  Math.max(
    numbers?.notEvaluated.total ?? notEvaluated.length,
    sum(tallies, (tally) => tally.notEvaluated),
  );

function countFindings(clusters: readonly ClusterResult[]): FindingCounts {
  const counts = new Map(SEVERITIES.map((severity) => [severity, emptyCounts()]));
  for (const { findings, numbers } of clusters) {
    if (numbers !== undefined) {
      for (const [severity, row] of counts) {
        for (const status of STATUSES) row[status] += numbers.findings.bySeverity[severity][status];
      }
      continue;
    }
    for (const finding of findings) {
      const row = counts.get(finding.severity);
      if (row !== undefined) row[statusOf(finding)]++;
    }
  }
  const byStatus = emptyCounts();
  for (const row of counts.values()) for (const status of STATUSES) byStatus[status] += row[status];
  return { ...countActive(clusters), byStatus, bySeverity: Object.fromEntries(counts) as SeverityCounts };
}

type SeverityCounts = Record<Severity, StatusCounts>;
type ActiveCounts = Omit<FindingCounts, 'byStatus' | 'bySeverity'>;

function countActive(clusters: readonly ClusterResult[]): ActiveCounts {
  const activeBySeverity = { critical: 0, high: 0, medium: 0, low: 0 };
  let activeNew = 0;
  let apart = 0;
  for (const { findings, numbers, firstRun = false } of clusters) {
    if (numbers !== undefined) {
      for (const severity of SEVERITIES)
        activeBySeverity[severity] += numbers.findings.activeBySeverity[severity];
      activeNew += numbers.findings.activeNew;
      apart += numbers.findings.apart;
      continue;
    }
    for (const finding of findings) {
      if (!isActive(finding)) continue;
      if (isApart(finding, firstRun)) {
        apart++;
        continue;
      }
      activeBySeverity[finding.severity]++;
      if (finding.status === 'new') activeNew++;
    }
  }
  return {
    active: sum(SEVERITIES, (severity) => activeBySeverity[severity]),
    activeNew,
    activeBySeverity,
    apart,
    maxSeverity: SEVERITIES.find((severity) => activeBySeverity[severity] > 0) ?? null,
  };
}

const activeCauses = (result: ClusterResult): CauseCounts =>
  result.numbers?.causes ?? countCauses(countedFindings(result).filter(isActive));

/** Earlier versions did not distinguish fixed ones from those that are gone. */
const statusOf = ({ status }: Finding): keyof StatusCounts => (status === 'resolved' ? 'fixed' : status);

const emptyCounts = (): Record<keyof StatusCounts, number> => ({
  new: 0,
  open: 0,
  fixed: 0,
  gone: 0,
  withdrawn: 0,
  exempt: 0,
});

function mergeTallies(clusters: readonly ClusterResult[]): readonly CheckTally[] {
  const merged = new Map<string, CheckTally>();
  for (const tally of clusters.flatMap((result) => result.tallies)) {
    const before = merged.get(tally.check) ?? {
      check: tally.check,
      pass: 0,
      fail: 0,
      exempt: 0,
      notEvaluated: 0,
    };
    merged.set(tally.check, {
      check: tally.check,
      pass: before.pass + tally.pass,
      fail: before.fail + tally.fail,
      exempt: (before.exempt ?? 0) + (tally.exempt ?? 0),
      notEvaluated: before.notEvaluated + tally.notEvaluated,
    });
  }
  return [...merged.values()].sort((a, b) => compareText(a.check, b.check));
}

function countReasons(clusters: readonly ClusterResult[]): NotEvaluatedCounts {
  const counts = new Map<string, number>();
  const byGap = { lost: 0, fixable: 0, known: 0 };
  for (const { notEvaluated, numbers } of clusters) {
    if (numbers !== undefined) {
      const { byReason, byGap: more } = numbers.notEvaluated;
      for (const [reason, rows] of Object.entries(byReason))
        counts.set(reason, (counts.get(reason) ?? 0) + rows);
      for (const gap of GAP_CLASSES) byGap[gap] += more[gap];
      continue;
    }
    for (const row of notEvaluated) {
      counts.set(row.reason, (counts.get(row.reason) ?? 0) + 1);
      byGap[gapOf(row)]++;
    }
  }
  const byReason = [...counts].sort(([a], [b]) => compareText(a, b));
  return {
    total: sum(clusters, ({ numbers, notEvaluated }) => numbers?.notEvaluated.total ?? notEvaluated.length),
    byReason: Object.fromEntries(byReason),
    byGap,
  };
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}

/**
 * `summary.json`: the run, its numbers, and those of each cluster, for trends and dashboards. `gone` stands in
 * it only when there is such a cluster.
 */
export function summaryDocument(run: RunResult, gone: readonly GoneCluster[] = []): string {
  const clusters = sortedClusters(run).map(clusterSummary);
  return [
    `{\n"run": ${jsonLine(runRow(run))},`,
    `"summary": ${jsonLine(summarize(run))},`,
    ...(gone.length === 0 ? [] : [`"gone": ${jsonLine(gone)},`]),
    `"owners": [${listed(ownerCounts(run))}],`,
    `"clusters": [${listed(clusters)}]`,
    '}\n',
  ].join('\n');
}

const listed = (rows: readonly object[]): string =>
  `${rows.map((row) => `\n${jsonLine(row)}`).join(',')}${rows.length > 0 ? '\n' : ''}`;

export interface ClusterSummary {
  readonly cluster: ClusterIdentity;
  readonly outcome: ClusterResult['outcome'];
  readonly totals: ClusterResult['totals'];
  readonly findings: Summary['findings'];
  readonly causes: CauseCounts;
  readonly coverage: Coverage;
  readonly notEvaluated: Summary['notEvaluated'];
}

/** The numbers of one cluster. */
export const clusterSummary = (result: ClusterResult): ClusterSummary => ({
  cluster: result.cluster,
  outcome: result.outcome,
  totals: result.totals,
  findings: countFindings([result]),
  causes: activeCauses(result),
  coverage: coverageOf([result]),
  notEvaluated: countReasons([result]),
});
