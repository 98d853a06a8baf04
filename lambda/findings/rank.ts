import { DAY } from '../inventory/durations.ts';
import type { ClusterIdentity, WorkloadRef } from '../inventory/names.ts';
import { runsOf } from '../inventory/runs.ts';
import { compareText, compareWorkloads } from '../inventory/workload.ts';
import { compareSeverity, type Severity } from '../severity.ts';
import type { Finding } from './finding.ts';
import { clusterKey, isActive } from './identity.ts';

/** A workload that somebody should look at. */
export interface RankedWorkload {
  readonly cluster: ClusterIdentity;
  readonly workload: WorkloadRef;
  /** The sum of the parts, 1 to 7998; larger is worse. Compares workloads of all clusters. */
  readonly score: number;
  readonly parts: ScoreParts;
  /** Of its worst finding. */
  readonly severity: Severity;
  /** The most pods that any one of its findings stands for. */
  readonly pods: number;
  /** RFC 3339; `null` when no finding gives a start time. */
  readonly oldestStartedAt: string | null;
  /** Its new and open findings, at least one: by severity, check and container. */
  readonly findings: readonly Finding[];
}

/**
 * Why a workload has its rank. What was measured goes before what is only possible, then severity before everything: the
 * other parts together are less than one step of it, so that no heap of lesser findings hides a worse one.
 */
export interface ScoreParts {
  /** 4000 where it is proven: a container that can replace its own libraries has written into its layer. */
  readonly drift: number;
  /** Worst finding: critical 3000, high 2000, medium 1000, low 1. */
  readonly severity: number;
  /** 0, 200 or 400 for findings of one, two or all three of age, writable layer and egress. */
  readonly combination: number;
  /** Each further check that fails: critical 80, high 40, medium 20, low 5; at most 200. */
  readonly breadth: number;
  /** Oldest pod, logarithmic: 0 when just started, 150 from a year on; 0 when unknown. */
  readonly age: number;
  /** What it reaches: up to 150 for the whole internet. */
  readonly exposure: number;
  /** Pods behind the largest finding, logarithmic: 0 for one, 98 from a thousand on. */
  readonly pods: number;
}

const STEP: Readonly<Record<Severity, number>> = { critical: 3000, high: 2000, medium: 1000, low: 1 };
const FURTHER: Readonly<Record<Severity, number>> = { critical: 80, high: 40, medium: 20, low: 5 };
const MOST = { combination: 400, breadth: 200, age: 150, exposure: 150, pods: 98 } as const;
/** More than everything else together. */
const PROVEN = 4000;
const OLDEST_DAYS = 365;
const MANY_PODS = 1000;

/** What the rank depends on that findings do not say: their catalogue does. */
export interface RankedCheck {
  readonly category: string;
  /** Share of the most exposure: 1 for the whole internet. @defaultValue 0 */
  readonly exposure?: number;
  /** Says what a container may write, or what it has written as its kubelet measured. @defaultValue neither */
  readonly drift?: 'possible' | 'measured';
}

export interface RankOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the catalogue says of a check; findings know only its id. */
  readonly aboutCheck: (check: string) => RankedCheck | undefined;
}

/**
 * Orders workloads by what a person would fix first, of all clusters together. Exempt and closed
 * findings count for nothing. Equal scores stand by cluster, namespace, kind and name.
 */
export function rankWorkloads(findings: readonly Finding[], options: RankOptions): readonly RankedWorkload[] {
  const active = findings.filter(isActive).sort(compareWithinRun);
  const ranked: RankedWorkload[] = [];
  // A copy has no room for more: there may be many workloads.
  for (const group of runsOf(active, isSameWorkload)) ranked.push(rankOne(group.slice(), options));
  return ranked.sort(compareRanked);
}

/** The score of one workload. @param findings of it, at least one, all of them active */
export const scoreOf = (findings: readonly Finding[], options: RankOptions): number =>
  rankOne(findings.toSorted(compareWithinRun), options).score;

/** @param findings of one workload, at least one, the worst first */
function rankOne(findings: readonly Finding[], options: RankOptions): RankedWorkload {
  const [worst] = findings as readonly [Finding];
  const pods = findings.reduce((most, finding) => Math.max(most, finding.pods.count), 0);
  const oldestStartedAt = oldestOf(findings);
  const parts: ScoreParts = {
    drift: isDriftProven(findings, options.aboutCheck) ? PROVEN : 0,
    severity: STEP[worst.severity],
    combination: combinationOf(findings, options.aboutCheck),
    breadth: breadthOf(findings),
    age: agePart(oldestStartedAt, options.now),
    exposure: Math.round(MOST.exposure * exposureOf(findings, options.aboutCheck)),
    pods: logarithmic(MOST.pods, pods - 1, MANY_PODS - 1),
  };
  const score = Object.values(parts).reduce((sum: number, part: number) => sum + part, 0);
  const { cluster, workload, severity } = worst;
  return { cluster, workload, score, parts, severity, pods, oldestStartedAt, findings };
}

/** Of one and the same container; what another one of the pod wrote proves nothing about this one. */
function isDriftProven(findings: readonly Finding[], aboutCheck: RankOptions['aboutCheck']): boolean {
  const containers = (drift: RankedCheck['drift']): ReadonlySet<string | null> =>
    new Set(
      findings.filter(({ check }) => aboutCheck(check)?.drift === drift).map(({ container }) => container),
    );
  const possible = containers('possible');
  return [...containers('measured')].some((container) => possible.has(container));
}

const exposureOf = (findings: readonly Finding[], aboutCheck: RankOptions['aboutCheck']): number =>
  Math.max(0, ...findings.map(({ check }) => aboutCheck(check)?.exposure ?? 0));

/** A finding of several categories together has what it takes of the writable layer and of egress. */
function combinationOf(findings: readonly Finding[], aboutCheck: RankOptions['aboutCheck']): number {
  const present = new Set<string>();
  for (const { check } of findings) {
    const category = aboutCheck(check)?.category;
    if (category === 'together') present.add('writable-layer').add('egress');
    else if (category !== undefined) present.add(category);
  }
  return (MOST.combination / 2) * Math.min(2, Math.max(0, present.size - 1));
}

/** Containers of one check count once; the worst finding counts in its severity. */
function breadthOf(findings: readonly Finding[]): number {
  const severityOf = new Map(findings.map(({ check, severity }) => [check, severity]));
  const [, ...further] = severityOf.values();
  return Math.min(
    MOST.breadth,
    further.reduce((sum, severity) => sum + FURTHER[severity], 0),
  );
}

/** Findings of a workload are nearly all about the same pods: a time like the one before is not read again. */
function oldestOf(findings: readonly Finding[]): string | null {
  let oldest: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  let before: string | null = null;
  for (const { pods } of findings) {
    const text = pods.oldestStartedAt;
    if (text === null || text === before) continue;
    before = text;
    const time = Date.parse(text);
    // What is no time is not less.
    if (!(time < least)) continue;
    oldest = text;
    least = time;
  }
  return oldest;
}

function agePart(startedAt: string | null, now: number): number {
  return startedAt === null ? 0 : logarithmic(MOST.age, (now - Date.parse(startedAt)) / DAY, OLDEST_DAYS);
}

/** From 0 at nothing to `most` at `full` and beyond; whole, so that sums are equal on every machine. */
const logarithmic = (most: number, value: number, full: number): number =>
  Math.round(most * Math.min(1, Math.log2(1 + Math.max(0, value)) / Math.log2(1 + full)));

/** Findings come sorted by check, so that to sort them is little work; keys to group them by would be many. */
const compareWithinRun = (a: Finding, b: Finding): number =>
  compareScope(a, b) ||
  compareSeverity(a.severity, b.severity) ||
  compareText(a.check, b.check) ||
  compareText(a.container ?? '', b.container ?? '');

const compareScope = (a: Finding, b: Finding): number =>
  (a.cluster === b.cluster ? 0 : compareText(clusterKey(a.cluster), clusterKey(b.cluster))) ||
  compareWorkloads(a.workload, b.workload);

const isSameWorkload = (a: Finding, b: Finding): boolean => compareScope(a, b) === 0;

const compareRanked = (a: RankedWorkload, b: RankedWorkload): number =>
  b.score - a.score ||
  compareText(a.cluster.name, b.cluster.name) ||
  compareText(clusterKey(a.cluster), clusterKey(b.cluster)) ||
  compareWorkloads(a.workload, b.workload);
