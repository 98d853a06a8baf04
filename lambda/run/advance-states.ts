import { AuditorError } from '../errors.ts';
import { clusterKey } from '../findings/identity.ts';
import type { ClusterResult } from '../findings/run-result.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { openState, readState, writeState } from '../store/state.ts';
import type { ReportStore } from '../store/store.ts';
import type { CommittedRun } from './decided-run.ts';
import { keepLayers } from './measured-layers.ts';
import { mergeStates } from './merge-states.ts';
import { remember } from './remembered.ts';

const STATE_ATTEMPTS = 20;

/** Moves the state of one cluster from what it was compared with to what was concluded. */
export async function advanceState(
  store: ReportStore,
  decided: CommittedRun,
  result: ClusterResult,
): Promise<void> {
  const { cluster, findings, outcome } = result;
  const comparedWith = decided.comparedWith.get(clusterKey(cluster));
  // What cannot be understood is left to whoever can repair it.
  if (comparedWith === undefined) return;
  const { key, sha256, coverage } = comparedWith;
  // Of a cluster that was never read there is nothing to remember.
  if (outcome === 'failed' && findings.length === 0 && sha256 === null) return;
  const run = decided.run.run.id;
  const own = { run, cluster, findings, seenAt: new Date(decided.now).toISOString() };
  for (let attempt = 1; attempt <= STATE_ATTEMPTS; attempt++) {
    const now = await openState(store, key, cluster.name);
    const untouched = (now?.sha256 ?? null) === sha256;
    const other = untouched ? null : await readState(store, key, cluster.name);
    // Of the same run, when it is repeated, there is nothing to merge.
    const merged = other === null ? own : mergeStates(own, other);
    const withdrawn = remember(now, findings, decided.now);
    const { config } = decided;
    // Of runs that overlapped, the later one says what can be decided.
    const decidedThen = merged.run === run ? coverage : now?.coverage;
    const state = {
      ...merged,
      withdrawn,
      ...(config === undefined ? {} : { config }),
      ...(decidedThen === undefined ? {} : { coverage: decidedThen }),
    };
    if (await writeState(store, state, { key, expected: other ?? now })) return;
  }
  throw new AuditorError(
    `Other runs kept changing the state of cluster ${cluster.name}; run again when fewer of them run at once.`,
  );
}

/** After the state, so that growth is never told since a run that is not recorded. */
export async function advanceLayersOf(
  store: ReportStore,
  { comparedWith, run }: CommittedRun,
  cluster: ClusterIdentity,
): Promise<void> {
  const { key, layers } = comparedWith.get(clusterKey(cluster)) ?? {};
  if (key !== undefined && layers !== undefined) {
    await keepLayers(store, { note: layers, state: key, run: run.run.id });
  }
}
