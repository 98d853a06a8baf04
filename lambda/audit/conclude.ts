import { CATALOGUE } from '../checks/catalogue.ts';
import { configHash } from '../config/hash.ts';
import type { Config } from '../config/model.ts';
import { compare } from '../findings/compare.ts';
import { applyExemptions } from '../findings/exemptions.ts';
import { clusterKey, runId } from '../findings/identity.ts';
import type { ClusterResult, Finding, RunResult } from '../findings/model.ts';
import { type RankedWorkload, rankWorkloads } from '../findings/rank.ts';
import type { ClusterIdentity } from '../inventory/model.ts';
import type { ExemptionNotes } from '../report/model.ts';
import { VERSION } from '../version.ts';

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
  /** Epoch milliseconds. */
  readonly now: number;
  /** What the last run left behind of a cluster; `null` when there is none. */
  readonly previousOf: (cluster: ClusterIdentity) => readonly Finding[] | null;
}

/**
 * Turns what was found now into a run: compares each cluster with its previous state, applies exemptions
 * to all findings together, and ranks the workloads. Pure.
 *
 * Findings that were known before but could not be looked at this time stay in the run as `open`, with
 * the time at which they were last seen: a cluster that cannot be reached has not become clean.
 */
export function concludeRun(results: readonly ClusterResult[], options: ConcludeOptions): Conclusion {
  const { config, now } = options;
  const compared = results.map((result) => {
    const previous = options.previousOf(result.cluster);
    return { result, ...compare(previous, result, now) };
  });
  const all = compared.flatMap(({ findings, unconfirmed, resolved }) => [
    ...findings,
    ...unconfirmed,
    ...resolved,
  ]);
  const applied = applyExemptions(all, config.exemptions, {
    now,
    notEvaluated: results.flatMap(({ notEvaluated }) => notEvaluated),
    previouslyExempt: new Set(compared.flatMap(({ previouslyExempt }) => [...previouslyExempt])),
  });
  const byCluster = Map.groupBy(applied.findings, ({ cluster }) => clusterKey(cluster));
  const hash = configHash(config);
  return {
    run: {
      run: {
        id: runId(now, JSON.stringify([hash, results.map(({ cluster }) => clusterKey(cluster)).sort()])),
        startedAt: new Date(now).toISOString(),
        version: VERSION,
        config: hash,
      },
      clusters: results.map((result) => ({
        ...result,
        findings: byCluster.get(clusterKey(result.cluster)) ?? [],
      })),
    },
    ranked: rankWorkloads(applied.findings, { now, categoryOf: (check) => CATEGORIES.get(check) }),
    exemptions: applied,
    firstRun: compared.every(({ firstRun }) => firstRun),
  };
}

const CATEGORIES = new Map(CATALOGUE.map(({ id, category }) => [id, category]));
