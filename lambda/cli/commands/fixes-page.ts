import type { Finding } from '../../findings/finding.ts';
import type { Change } from '../../fixes/changes.ts';
import type { PlannedFile } from '../plan-fixes.ts';

export interface ChangeRow {
  readonly rank: number;
  readonly change: Change;
  readonly clusters: readonly string[];
  readonly files: readonly { readonly cluster: string; readonly planned: PlannedFile }[];
}

/** What `fixes` shows. */
export interface FixesPage {
  /** All of them. */
  readonly rows: readonly ChangeRow[];
  /** As a terminal shows them: those that are equal but for names are one. */
  readonly groups: readonly (readonly [ChangeRow, ...ChangeRow[]])[];
  readonly manyClusters: boolean;
  /** How many groups a terminal shows. */
  readonly shown: number;
  /** Open findings that the changes are about. */
  readonly findings: number;
  /** Findings that are not ranked, since their workload is managed. */
  readonly apart: number;
  /** Verdicts that are not evaluated. */
  readonly open: number;
  /** Commands that make the clusters known to kubectl; none where it knows them. */
  readonly kubeconfig: readonly string[];
  /** Commands that work as printed. */
  readonly next: readonly string[];
}

/** One row of `-o json`: stable names, and ids of findings and causes as other outputs have them. */
export function changeRow({ rank, change, clusters, files }: ChangeRow): object {
  const { kind, object, severity, weight, findings, workloads, pods, owners, fix, causes } = change;
  return {
    rank,
    kind,
    object,
    severity,
    weight,
    findings,
    workloads,
    pods,
    clusters,
    owners,
    fix,
    causes: causes.map(({ cause: { id }, cluster, findings: of }) => ({
      id,
      cluster: cluster.name,
      findings: of.map((finding: Finding) => finding.id),
    })),
    files: files.map(({ cluster, planned: { file, command, draft } }) => ({
      cluster,
      file,
      command,
      draft: draft !== null,
      remaining: draft?.remaining.map(({ id }) => id) ?? null,
      appearing: draft?.appearing.map(({ check, workload }) => ({ check, workload })) ?? null,
    })),
  };
}
