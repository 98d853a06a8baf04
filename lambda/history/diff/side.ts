import { UsageError } from '../../errors.ts';
import type { Finding } from '../../findings/finding.ts';
import { type FormerCoverage, formerCoverage } from '../../findings/former-coverage.ts';
import { clusterKey, isClosed } from '../../findings/identity.ts';
import type { NotEvaluated } from '../../findings/not-evaluated.ts';
import type { ClusterResult, RunResult } from '../../findings/run-result.ts';
import type { DecidedRun } from '../../run/decided-run.ts';
import { wholeDecision } from '../../run/whole-decision.ts';
import type { RecordedConfig } from '../../store/state-format.ts';
import type { ReportStore } from '../../store/store.ts';

/** What is known of one of two runs. */
export interface Side {
  readonly run: RunResult['run'];
  /** `null`: an earlier version did not record it. */
  readonly config: RecordedConfig | null;
  /** By {@link clusterKey}. */
  readonly clusters: ReadonlyMap<string, SideCluster>;
  /** Those that are there, by id: new, open or exempt. */
  readonly present: ReadonlyMap<string, Finding>;
  /** Those that the run says are over, by id. */
  readonly over: ReadonlyMap<string, Finding>;
}

export interface SideCluster {
  readonly name: string;
  readonly outcome: ClusterResult['outcome'];
  /** What the run could decide; `null`: it is not known. */
  readonly coverage: FormerCoverage | null;
  readonly notEvaluated: readonly NotEvaluated[];
}

/** @throws UsageError when the run has no decision */
export async function readSide(store: ReportStore, id: string): Promise<Side> {
  const decided = await wholeDecision(store, id);
  if (decided === null) {
    throw new UsageError(`The run ${id} has no record of what it decided, so that it cannot be compared.`);
  }
  return sideOf(decided);
}

export function sideOf({
  run,
  config,
  comparedWith,
}: Pick<DecidedRun, 'run' | 'config' | 'comparedWith'>): Side {
  const findings = run.clusters.flatMap((result) => result.findings);
  const byId = (of: readonly Finding[]) => new Map(of.map((finding) => [finding.id, finding]));
  return {
    run: run.run,
    config: config ?? null,
    clusters: new Map(
      run.clusters.map(({ cluster, outcome, notEvaluated }) => {
        const recorded = comparedWith.get(clusterKey(cluster))?.coverage;
        const coverage = recorded === undefined ? null : formerCoverage(recorded);
        return [clusterKey(cluster), { name: cluster.name, outcome, notEvaluated, coverage }];
      }),
    ),
    present: byId(findings.filter((finding) => !isClosed(finding))),
    over: byId(findings.filter(isClosed)),
  };
}

/**
 * Whether the run decided what the finding is about: its cluster was read, its check was asked, and no gap covers it. What
 * the run does not say counts as not decided.
 */
export function isDecided({ clusters }: Side, finding: Finding): boolean {
  const cluster = clusters.get(clusterKey(finding.cluster));
  return cluster?.outcome === 'audited' && cluster.coverage?.wasDecided(finding) === true;
}

/** Whether the run has a cluster of this name: another one, if it has not the same. */
export const hasName = ({ clusters }: Pick<Side, 'clusters'>, { name }: Finding['cluster']): boolean =>
  [...clusters.values()].some((cluster) => cluster.name === name);

/** Whether the run says that it did not decide it. */
export function isLeftOpen({ clusters }: Side, finding: Finding): boolean {
  const cluster = clusters.get(clusterKey(finding.cluster));
  if (cluster === undefined) return false;
  return cluster.outcome !== 'audited' || (cluster.coverage?.gapOf(finding) ?? null) !== null;
}
