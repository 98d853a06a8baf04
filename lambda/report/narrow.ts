import type { Finding } from '../findings/finding.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import type { RunResult } from '../findings/run-result.ts';

/** Which rows are shown. */
export interface Shown {
  readonly finding: (finding: Finding) => boolean;
  readonly notEvaluated: (row: NotEvaluated) => boolean;
}

/**
 * A run of which a part is shown (SPEC §4, narrowing): what was judged, counted and recorded stays, so that totals,
 * tallies and exit codes are those of the whole.
 */
export const narrowed = ({ run, clusters }: RunResult, shown: Shown): RunResult => ({
  run,
  clusters: clusters.map((result) => ({
    ...result,
    findings: result.findings.filter(shown.finding),
    notEvaluated: result.notEvaluated.filter(shown.notEvaluated),
  })),
});
