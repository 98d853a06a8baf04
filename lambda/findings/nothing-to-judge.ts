import type { NotEvaluated } from './not-evaluated.ts';
import type { ClusterResult } from './run-result.ts';

/** Used instead of a check in the record that says that nothing could be judged. */
export const COVERAGE = 'coverage';

/**
 * Nothing judged is not an all clear: a cluster that was read and in which there is no pod, or nothing to which any
 * check applies, gets one record that says so. A proxy that answers every list with an empty one looks like that.
 */
export function withNothingToJudge(result: ClusterResult): ClusterResult {
  const { outcome, totals, tallies, notEvaluated } = result;
  if (outcome === 'failed') return result;
  const isJudged = notEvaluated.length > 0 || tallies.some(({ pass, fail }) => pass + fail > 0);
  if (totals.pods > 0 && isJudged) return result;
  return { ...result, notEvaluated: [recordOf(result), ...notEvaluated] };
}

/** Whether a result says of itself that it decides nothing about findings that were there before. */
export const saysNothing = ({ notEvaluated }: Pick<ClusterResult, 'notEvaluated'>): boolean =>
  notEvaluated.some(({ reason }) => reason === 'nothing-to-judge');

function recordOf({ cluster, totals }: ClusterResult): NotEvaluated {
  const { pods, nodes } = totals;
  return {
    check: COVERAGE,
    cluster,
    workload: null,
    container: null,
    pods: null,
    reason: 'nothing-to-judge',
    message:
      pods > 0
        ? 'No check applies to any of its pods, so nothing was evaluated.'
        : nodes > 0
          ? `No pod was found, although there ${nodes === 1 ? 'is a node' : `are ${nodes} nodes`}, so nothing was evaluated.`
          : 'No pod was found, so nothing was evaluated.',
    remediation:
      pods > 0
        ? 'Check which checks and namespaces the configuration excludes, and whether only ended pods were read.'
        : 'Check that this is the right cluster or snapshot, and that no proxy answers instead of it (kubectl get pods -A).',
  };
}
