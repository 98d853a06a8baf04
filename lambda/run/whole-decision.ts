import { inParallel } from '../in-parallel.ts';
import type { ReportStore } from '../store/store.ts';
import { committedRun } from './conclusion-record.ts';
import { decisionKey } from './decide-cluster.ts';
import type { CommittedRun } from './decided-run.ts';

/** Decisions that are read at once. */
const AT_ONCE = 8;

/**
 * What a run has decided, with all rows: that of a fleet holds only the heaviest ones, and its clusters each hold theirs.
 * A cluster without a decision stays as the run has it, without what it could decide.
 *
 * @returns `null` when it has decided nothing
 * @throws ReadError when it cannot be understood
 */
export async function wholeDecision(store: ReportStore, runId: string): Promise<CommittedRun | null> {
  const decided = await committedRun(store, runId);
  if (decided?.perCluster !== true) return decided;
  const each = await inParallel(decided.run.clusters, AT_ONCE, ({ cluster }) =>
    committedRun(store, runId, decisionKey(runId, cluster)),
  );
  const clusters = decided.run.clusters.map((result, index) => each[index]?.run.clusters[0] ?? result);
  const comparedWith = new Map(each.flatMap((one) => [...(one?.comparedWith ?? [])]));
  return { ...decided, run: { ...decided.run, clusters }, comparedWith };
}
