import type { DiscoveryGap, LeftOutAccount } from '../discover/target.ts';
import { ReadError } from '../errors.ts';
import { compareClusters } from '../findings/order.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import type { GoneCluster } from '../report/news.ts';
import { clusterOfStateKey, isStateKey, STATE_FOLDER, stateKey, uidOfStateKey } from '../store/layout.ts';
import { type OpenState, openState } from '../store/state.ts';
import type { ReportStore } from '../store/store.ts';

/** What a run set out to look at, when that is everything there is. */
export interface RunScope {
  /** Left out on purpose by the configuration: neither audited nor gone. */
  readonly excluded: readonly ClusterIdentity[];
  /** What could not be looked at. */
  readonly gaps: readonly DiscoveryGap[];
  /** Accounts of the organization that were not looked at. @defaultValue none */
  readonly leftOutAccounts?: readonly LeftOutAccount[];
}

export interface MissedClusters {
  /** Not there any more, although all places were looked at where they could be. */
  readonly gone: readonly GoneCluster[];
  /** At a place that could not be looked at: still there, for all that is known. */
  readonly unseen: readonly { readonly cluster: ClusterIdentity; readonly gap: DiscoveryGap }[];
}

/**
 * Clusters of earlier runs that are no target of this one. Their state is kept: nobody is forgotten because a
 * name changed, or because a role lost a permission.
 */
export async function missedClusters(
  store: ReportStore,
  targets: readonly ClusterIdentity[],
  scope: RunScope,
): Promise<MissedClusters> {
  const accounted = new Set([...targets, ...scope.excluded].map(stateKey));
  const gone: GoneCluster[] = [];
  const unseen: MissedClusters['unseen'][number][] = [];
  const keys: string[] = [];
  for await (const key of store.list(STATE_FOLDER)) if (isStateKey(key)) keys.push(key);
  for (const key of keys) {
    if (accounted.has(key) || isLeftBehind(key, keys)) continue;
    const state = await lastKnown(store, key);
    const cluster = state?.cluster ?? clusterOfStateKey(key);
    const gap = scope.gaps.find((place) => place.scope === 'place' && isAt(place, cluster));
    if (gap !== undefined) unseen.push({ cluster, gap });
    else {
      const { run: lastRun = null, findings = null } = state ?? {};
      gone.push({ cluster, lastRun, findings, state: store.location(key) });
    }
  }
  return {
    gone: gone.sort((a, b) => compareClusters(a.cluster, b.cluster)),
    unseen: unseen.sort((a, b) => compareClusters(a.cluster, b.cluster)),
  };
}

/** What an earlier version wrote of a cluster whose state lies under its uid now: kept for a rollback, no cluster. */
function isLeftBehind(key: string, keys: readonly string[]): boolean {
  if (uidOfStateKey(key) !== null) return false;
  const folder = key.slice(0, key.lastIndexOf('/'));
  return keys.some((other) => other.startsWith(`${folder}/uid=`));
}

/** A place whose account is not known may be any account's. */
const isAt = ({ cluster: place }: DiscoveryGap, { accountId, region }: ClusterIdentity): boolean =>
  region === place.region && (place.accountId === null || place.accountId === accountId);

interface LastKnown {
  readonly cluster: ClusterIdentity;
  readonly run: string;
  readonly findings: number;
}

/** `null` when the state cannot be read. */
async function lastKnown(store: ReportStore, key: string): Promise<LastKnown | null> {
  try {
    const state = await openState(store, key);
    if (state === null) return null;
    const { cluster, run, count } = state;
    return { cluster, run, findings: count ?? (await countOf(state)) };
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
}

/** States of the first version do not say how many findings they hold. */
async function countOf(state: OpenState): Promise<number> {
  let count = 0;
  for await (const _ of state.findings()) count++;
  return count;
}
