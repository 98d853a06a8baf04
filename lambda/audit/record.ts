import type { Config } from '../config/model.ts';
import { clusterKey } from '../findings/identity.ts';
import type { ClusterResult, Finding } from '../findings/model.ts';
import { type Digest, digest } from '../report/digest.ts';
import { runFolder } from '../report/layout.ts';
import { readState, writeState } from '../store/state.ts';
import type { ReportStore } from '../store/store.ts';
import { type InventorySource, writeRun } from '../store/write-run.ts';
import { type Conclusion, concludeRun } from './conclude.ts';

export interface RecordOptions {
  readonly config: Config;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly inventories: readonly InventorySource[];
}

export interface RecordedRun extends Conclusion {
  readonly digest: Digest;
  /** How a person finds the reports. */
  readonly location: string;
}

/**
 * Compares with the last state in the store, writes the reports and, last of all, the new states: after
 * an interruption the old state still stands and the run can simply be repeated.
 */
export async function recordRun(
  store: ReportStore,
  results: readonly ClusterResult[],
  { config, now, inventories }: RecordOptions,
): Promise<RecordedRun> {
  const previous = new Map<string, readonly Finding[] | null>();
  for (const { cluster } of results) previous.set(clusterKey(cluster), await readState(store, cluster));
  const conclusion = concludeRun(results, {
    config,
    now,
    previousOf: (cluster) => previous.get(clusterKey(cluster)) ?? null,
  });
  const { run } = conclusion;
  const location = store.location(runFolder(run.run.id));
  const mail = digest({ ...conclusion, reportLocation: location, options: config.digest });
  await writeRun(store, run, { digest: mail, inventories });
  for (const { cluster, findings, outcome } of run.clusters) {
    // Of a cluster that was never read there is nothing to remember; its old findings stay as they were.
    if (outcome === 'failed' && findings.length === 0) continue;
    await writeState(store, { run: run.run.id, cluster, findings });
  }
  return { ...conclusion, digest: mail, location };
}
