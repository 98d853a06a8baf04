import type { Finding } from '../../../lambda/findings/finding.ts';
import type { NotEvaluated } from '../../../lambda/findings/not-evaluated.ts';
import type { CheckTally, ClusterResult } from '../../../lambda/findings/run-result.ts';
import type { CliResult } from './run-cli.ts';

/** What `audit -o json` prints, as far as the journeys look at it. */
export interface AuditDocument {
  readonly clusters: readonly ClusterEntry[];
  readonly findings: readonly Finding[];
  readonly notEvaluated: readonly NotEvaluated[];
}

export type ClusterEntry = Pick<ClusterResult, 'cluster' | 'outcome' | 'totals' | 'tallies' | 'notes'>;

/** @throws an error with what the program said when it printed no document */
export function documentOf({ code, stdout, stderr }: CliResult): AuditDocument {
  try {
    return JSON.parse(stdout) as AuditDocument;
  } catch {
    throw new Error(`The audit printed no JSON (exit code ${code}): ${stdout.slice(0, 500)}${stderr}`);
  }
}

/** The one cluster of an audit. */
export function clusterOf({ clusters }: AuditDocument): ClusterEntry {
  const [cluster, ...others] = clusters;
  if (cluster === undefined || others.length > 0) throw new Error(`${clusters.length} clusters, not one.`);
  return cluster;
}

export function talliesOf(document: AuditDocument): ReadonlyMap<string, CheckTally> {
  return new Map(clusterOf(document).tallies.map((tally) => [tally.check, tally]));
}

/** `namespace/Kind/name check container` for each row about a workload, sorted. */
export function scopesOf(rows: readonly (Finding | NotEvaluated)[]): readonly string[] {
  return rows
    .flatMap(({ check, workload, container }) =>
      workload === null
        ? []
        : [`${workloadText(workload)} ${check}${container === null ? '' : ` ${container}`}`],
    )
    .sort();
}

export function workloadText({ namespace, kind, name }: Finding['workload']): string {
  return `${namespace}/${kind}/${name}`;
}
