import { hash } from 'node:crypto';
import type { WorkloadRef } from '../inventory/names.ts';
import { workloadKey } from '../inventory/workload.ts';
import { COMPARISON } from './coverage.ts';
import type { GapClass, NotEvaluated } from './not-evaluated.ts';
import { COVERAGE } from './nothing-to-judge.ts';
import type { ClusterResult } from './run-result.ts';

/**
 * What a run could decide of a cluster, as its state keeps it for the next one. Workloads and containers are short hashes
 * without separators: a large cluster has tens of thousands.
 */
export interface RecordedCoverage {
  /** Checks that were asked. */
  readonly checks: readonly string[];
  /** Workloads that were judged, sorted. */
  readonly seen: string;
  readonly gaps: readonly RecordedGap[];
  /**
   * Checks that decided nothing, since their gap concerns the whole cluster; others may have one and have decided
   * workloads beside it, or in the last run that could read the cluster. Absent: all with such a gap.
   */
  readonly blocked?: readonly string[] | undefined;
}

/** Scopes that the same checks do not decide since the same run. */
export interface RecordedGap {
  readonly checks: readonly string[];
  /** RFC 3339. */
  readonly since: string;
  readonly gap: GapClass;
  /** `null`: the whole cluster. */
  readonly scopes: string | null;
}

/** Answers about the last run. */
export interface FormerCoverage {
  /** Whether it asked the check about the workload or cluster of this row, and decided it. */
  wasDecided(row: Scope): boolean;
  /** Whether it has judged the workload at all. */
  knows(workload: WorkloadRef): boolean;
  /** What it left open that covers the row; `null`: nothing. */
  gapOf(row: Scope): FormerGap | null;
}

/** A check of a workload, of one of its containers, or of a cluster. */
export type Scope = Pick<NotEvaluated, 'check' | 'workload' | 'container'>;

export interface FormerGap extends Pick<RecordedGap, 'since' | 'gap'> {
  /** It was one of the whole cluster, and the row is about a workload. */
  readonly isWider: boolean;
}

/** Rows of these are about a run as a whole, and no check of the catalogue. */
const ALWAYS_ASKED: readonly string[] = [COMPARISON, COVERAGE];

/** Characters of base64url: 48 bits, so that among 100,000 workloads two of one hash are one chance in 50,000. */
const LENGTH = 8;

export function formerCoverage(recorded: RecordedCoverage): FormerCoverage {
  const asked = new Set([...recorded.checks, ...ALWAYS_ASKED]);
  const seen = new Set(split(recorded.seen));
  const whole = new Map<string, RecordedGap>();
  const scoped = new Map<string, RecordedGap>();
  for (const gap of recorded.gaps) {
    for (const check of gap.checks) {
      if (gap.scopes === null) whole.set(check, gap);
      else for (const scope of split(gap.scopes)) scoped.set(`${check} ${scope}`, gap);
    }
  }
  const blocked = new Set(recorded.blocked ?? whole.keys());
  const ofScope = (row: Scope): RecordedGap | undefined => {
    const { check, workload, container } = row;
    const own = scoped.get(`${check} ${scopeOf(row)}`);
    if (own !== undefined || container === null) return own;
    return scoped.get(`${check} ${scopeOf({ workload, container: null })}`);
  };
  const gapOf: FormerCoverage['gapOf'] = (row) => {
    const { check, workload } = row;
    const ofCluster = whole.get(check);
    if (workload === null) return ofCluster === undefined ? null : { ...ofCluster, isWider: false };
    const own = ofScope(row);
    // What was lost with the cluster stays lost; any other gap of it says nothing of what was decided beside it.
    const isOpen = ofCluster !== undefined && (ofCluster.gap === 'lost' || blocked.has(check));
    if (own !== undefined && ofCluster?.gap !== 'lost') return { ...own, isWider: false };
    return isOpen ? { ...ofCluster, isWider: true } : null;
  };
  return {
    gapOf,
    knows: (workload) => seen.has(scopeOf({ workload, container: null })),
    wasDecided: (row) => {
      const isKnown = row.workload === null || seen.has(scopeOf({ ...row, container: null }));
      return isKnown && asked.has(row.check) && gapOf(row) === null;
    },
  };
}

/**
 * What a state keeps of the coverage of a run. Where the cluster could not be read, what was decided before is kept, so
 * that it is still known once it can be.
 *
 * @param result with its gaps classified
 */
export function recordCoverage(result: ClusterResult, before: RecordedCoverage | null): RecordedCoverage {
  const { outcome, basis, findings, tallies, notEvaluated } = result;
  const gaps = recordedGaps(notEvaluated);
  if (outcome === 'failed') {
    const { checks = [], seen = '', gaps: earlier = [], blocked = wholeChecks(earlier) } = before ?? {};
    return { checks, seen, gaps: [...earlier.filter(({ scopes }) => scopes !== null), ...gaps], blocked };
  }
  const workloads = [...(basis?.clean ?? []), ...findings.map(({ workload }) => workload)];
  const seen = new Set(workloads.map((workload) => scopeOf({ workload, container: null })));
  const decided = new Set(
    tallies.flatMap(({ check, pass, fail, exempt = 0 }) => (pass + fail + exempt > 0 ? check : [])),
  );
  const blocked = wholeChecks(gaps).filter((check) => !decided.has(check));
  return {
    checks: tallies.map(({ check }) => check).sort(),
    seen: [...seen].sort().join(''),
    gaps,
    ...(gaps.some(({ scopes }) => scopes === null) ? { blocked } : {}),
  };
}

const wholeChecks = (gaps: readonly RecordedGap[]): readonly string[] =>
  gaps.flatMap(({ scopes, checks }) => (scopes === null ? checks : [])).sort();

function recordedGaps(rows: readonly NotEvaluated[]): readonly RecordedGap[] {
  const byCheck = Map.groupBy(
    rows,
    ({ check, since = '', gap = 'fixable', workload }) => `${workload === null} ${gap} ${since} ${check}`,
  );
  const gaps = new Map<string, RecordedGap & { readonly checks: string[] }>();
  for (const of of byCheck.values()) {
    const [first] = of;
    if (first === undefined) continue;
    const { check, workload, since = '', gap = 'fixable' } = first;
    const scopes =
      workload === null
        ? null
        : [...new Set(of.flatMap((row) => (row.workload === null ? [] : scopeOf(row))))].sort().join('');
    const key = JSON.stringify([gap, since, scopes]);
    const same = gaps.get(key);
    if (same === undefined) gaps.set(key, { checks: [check], since, gap, scopes });
    else same.checks.push(check);
  }
  return [...gaps.values()].map((gap) => ({ ...gap, checks: gap.checks.toSorted() }));
}

const scopeOf = ({ workload, container }: Pick<NotEvaluated, 'workload' | 'container'>): string =>
  hash('sha256', JSON.stringify([workload && workloadKey(workload), container]), 'base64url').slice(
    0,
    LENGTH,
  );

function split(text: string): readonly string[] {
  const parts: string[] = [];
  for (let i = 0; i < text.length; i += LENGTH) parts.push(text.slice(i, i + LENGTH));
  return parts;
}
