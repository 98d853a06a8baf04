import { CATALOGUE } from '../checks/catalogue.ts';
import type { Config } from '../config/config.ts';
import { configHash } from '../config/hash.ts';
import type { ReadError } from '../errors.ts';
import { acceptance } from '../exemptions/accepted-gaps.ts';
import { applyExemptions } from '../exemptions/exemptions.ts';
import { managedNotes } from '../exemptions/managed-notes.ts';
import { countedFindings } from '../findings/apart.ts';
import { causesUnder } from '../findings/cause.ts';
import type { NewFactsOf } from '../findings/changed.ts';
import { type Comparison, compare } from '../findings/compare.ts';
import { COMPARISON } from '../findings/coverage.ts';
import type { Finding } from '../findings/finding.ts';
import { formerCoverage, type RecordedCoverage } from '../findings/former-coverage.ts';
import { classified } from '../findings/gap-class.ts';
import { clusterKey, findingId } from '../findings/identity.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import { compareFindings } from '../findings/order.ts';
import { type RankedWorkload, rankWorkloads } from '../findings/rank.ts';
import type { CheckTally, ClusterResult, RunResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { ExemptionNotes } from '../report/exemption-notes.ts';
import { wholeIdentity } from '../report/rows.ts';
import { VERSION } from '../version.ts';
import type { KnownCluster } from './known-cluster.ts';
import type { RunIdentity } from './run-identity.ts';

/** A run with everything that reports say of it. */
export interface Conclusion {
  readonly run: RunResult;
  /** Worst first; only workloads with active findings. */
  readonly ranked: readonly RankedWorkload[];
  readonly exemptions: ExemptionNotes;
  /** No earlier state of any cluster is known, so that everything is new. */
  readonly firstRun: boolean;
}

export interface ConcludeOptions {
  readonly config: Config;
  readonly run: RunIdentity;
  /** Epoch milliseconds: when the clusters were read. */
  readonly now: number;
}

/** What was found now in a cluster, beside what the last run left behind of it. */
export interface ComparedCluster extends Comparison {
  readonly result: ClusterResult;
  /** What the last run could decide of it; absent or `null`: not known. */
  readonly before?: LastCoverage | null;
}

export interface LastCoverage {
  readonly coverage: RecordedCoverage;
  /** Of the program. */
  readonly version: string | null;
}

/**
 * Turns what was found now, compared, into a run: applies exemptions to all findings together, and ranks the
 * workloads. Pure.
 *
 * Findings that were known before but could not be looked at this time stay in the run as `open`, with
 * the time at which they were last seen: a cluster that cannot be reached has not become clean.
 */
export function concludeRun(compared: readonly ComparedCluster[], options: ConcludeOptions): Conclusion {
  const { config, now, run } = options;
  const results = compared.map(({ result }) => result);
  // In the order in which they are recorded, so that a run is the same when it is read again.
  const all = compared.flatMap(({ findings, unconfirmed, closed }) =>
    [...findings, ...unconfirmed, ...closed].sort(compareFindings),
  );
  const applied = applyExemptions(all, config.exemptions, {
    now,
    annotations: results.flatMap(({ askedExemptions = [] }) => askedExemptions),
    notEvaluated: results.flatMap(({ notEvaluated }) => notEvaluated),
    previouslyExempt: new Set(compared.flatMap(({ previouslyExempt }) => [...previouslyExempt])),
  });
  const ofManaged = managedNotes(config.managed.workloads, results, now);
  // Not by the clusters that rows name: those of a cluster that was replaced belong to the result of the new one.
  let taken = 0;
  const take = (count: number): readonly Finding[] => {
    taken += count;
    return applied.findings.slice(taken - count, taken);
  };
  const clusters = compared.map(({ result, findings, unconfirmed, closed, before = null }) => {
    const rows = take(findings.length + unconfirmed.length + closed.length);
    return {
      ...result,
      notEvaluated: withClasses(result.notEvaluated, before, options),
      // As it is read again, so that what follows from it has the same bytes then.
      cluster: wholeIdentity(result),
      findings: rows,
      tallies: withExempt(result.tallies, findings, rows),
    };
  });
  return {
    run: {
      run: { id: run.id, startedAt: run.startedAt, version: VERSION, config: configHash(config) },
      clusters,
    },
    ranked: rankFindings(clusters, now),
    exemptions: {
      ...applied,
      begun: begunIn(compared, clusters),
      expired: [...applied.expired, ...ofManaged.expired],
      expiring: [...applied.expiring, ...ofManaged.expiring],
      unused: [...applied.unused, ...ofManaged.unused],
    },
    firstRun: compared.every(({ firstRun }) => firstRun),
  };
}

/** What became exempt since the last run; of a cluster that cannot be compared with it that is not known. */
const begunIn = (
  compared: readonly ComparedCluster[],
  clusters: readonly ClusterResult[],
): readonly Finding[] =>
  compared.flatMap(({ firstRun, previouslyExempt, result }, index) =>
    firstRun || result.firstRun === true || result.notEvaluated.some(({ check }) => check === COMPARISON)
      ? []
      : (clusters[index]?.findings ?? []).filter(
          ({ id, status }) => status === 'exempt' && !previouslyExempt.has(id),
        ),
  );

/**
 * The tallies of a cluster with exempt verdicts apart from those that fail.
 *
 * @param found what this run has found; what only earlier ones did is in no tally
 * @param rows the same after exemptions, among others
 */
function withExempt(
  tallies: readonly CheckTally[],
  found: readonly Finding[],
  rows: readonly Finding[],
): readonly CheckTally[] {
  const exempt = rows.filter(({ status }) => status === 'exempt');
  if (exempt.length === 0) return tallies;
  const now = new Set(found.map(({ id }) => id));
  const byCheck = Map.groupBy(
    exempt.filter(({ id }) => now.has(id)),
    ({ check }) => check,
  );
  return tallies.map((tally) => {
    const count = Math.min(tally.fail, byCheck.get(tally.check)?.length ?? 0);
    const { check, pass, fail, notEvaluated } = tally;
    return count === 0 ? tally : { check, pass, fail: fail - count, exempt: count, notEvaluated };
  });
}

/** Each row with its class (SPEC §9), and since when it is not decided. */
function withClasses(
  rows: readonly NotEvaluated[],
  before: LastCoverage | null,
  { config, now, run }: ConcludeOptions,
): readonly NotEvaluated[] {
  if (rows.length === 0) return rows;
  const context = {
    former: before === null ? null : formerCoverage(before.coverage),
    newVersion: before !== null && before.version !== VERSION,
    isAccepted: acceptance(config.acceptedGaps, now),
    now: run.startedAt,
  };
  return rows.map((row) => classified(row, context));
}

/** All but what is apart. */
export const rankFindings = (
  clusters: readonly Pick<ClusterResult, 'findings' | 'firstRun'>[],
  now: number,
): readonly RankedWorkload[] =>
  rankWorkloads(clusters.flatMap(countedFindings), { now, aboutCheck: (check) => CHECKS.get(check) });

const CHECKS = new Map(CATALOGUE.map((check) => [check.id, check]));

/** What each check says of its own evidence. */
export const newFactsOf: NewFactsOf = (check) => CHECKS.get(check)?.newFacts;

/** There is nothing to compare with: everything is new. */
export const comparedWithNothing = (result: ClusterResult, now: number): ComparedCluster => ({
  result: { ...result, firstRun: true },
  ...compare(null, result, now),
});

/** Another cluster has taken the place of the one that was known: its own findings are all new. */
export const comparedWithReplaced = (
  result: ClusterResult,
  replaced: readonly Finding[],
  now: number,
): ComparedCluster => ({ ...comparedWithNothing(result, now), firstRun: false, closed: replaced });

/** The result under the identity that earlier runs know, with what is to be said about it. */
export function identify(
  result: ClusterResult,
  { cluster, relation, because }: Pick<KnownCluster, 'cluster' | 'relation' | 'because'>,
): ClusterResult {
  const identified = { ...under(cluster, result), cluster };
  if (because === null || result.outcome === 'failed') return identified;
  if (relation !== 'unclear') return { ...identified, notes: [...identified.notes, because.message] };
  // Without a basis nothing counts as closed.
  const { basis: _, ...open } = identified;
  return { ...open, notEvaluated: [...open.notEvaluated, notCompared(open, because)] };
}

/** Findings as they are known under another identity of their cluster. */
function under(cluster: ClusterIdentity, result: ClusterResult): ClusterResult {
  if (clusterKey(cluster) === clusterKey(result.cluster)) return result;
  const ids = new Map(result.findings.map((finding) => [finding.id, findingId({ ...finding, cluster })]));
  const idOf = (id: string): string => ids.get(id) ?? id;
  return {
    ...result,
    findings: result.findings.map((finding) => ({
      ...finding,
      cluster,
      id: idOf(finding.id),
      ...(finding.impliedBy == null ? {} : { impliedBy: idOf(finding.impliedBy) }),
      ...causesUnder(cluster, finding),
    })),
    notEvaluated: result.notEvaluated.map((record) => ({ ...record, cluster })),
    ...patchesUnder(cluster, result),
  };
}

/** Patches name their causes, which are those of the cluster. */
function patchesUnder(
  cluster: ClusterIdentity,
  { findings, patches }: ClusterResult,
): Pick<ClusterResult, 'patches'> {
  if (patches === undefined) return {};
  const causes = new Map(
    findings.flatMap(({ cause }) =>
      cause == null ? [] : [[cause.id, causesUnder(cluster, { cause }).cause?.id] as const],
    ),
  );
  return {
    patches: patches.map((of) => ({
      ...of,
      patches: of.patches.map((patch) => ({ ...patch, cause: causes.get(patch.cause) ?? patch.cause })),
    })),
  };
}

/** What the last run left behind is there, but cannot be read. */
export function notComparable(result: ClusterResult, error: ReadError, now: number): ComparedCluster {
  const alone = compare(null, result, now);
  return {
    ...alone,
    firstRun: false,
    // Not news: most of them will have been there before.
    findings: alone.findings.map((finding) => ({ ...finding, status: 'open' })),
    result: { ...result, notEvaluated: [...result.notEvaluated, notCompared(result, error)] },
  };
}

const notCompared = ({ cluster }: ClusterResult, { reason, message, remedy }: ReadError): NotEvaluated => ({
  check: COMPARISON,
  cluster,
  workload: null,
  container: null,
  pods: null,
  reason,
  message: `${message} So it is not known which of its findings are new and which are fixed or gone.`,
  remediation: remedy,
});
