import type { DiscoveryGap } from '../discover/target.ts';
import { ReadError } from '../errors.ts';
import type { ClusterIdentity } from '../inventory/model.ts';
import { clusterOfStateKey, isStateKey, STATE_FOLDER, stateKey } from '../report/layout.ts';
import type { GoneCluster } from '../report/model.ts';
import { compareClusters } from '../report/order.ts';
import { type OpenState, openStateAt } from '../store/state.ts';
import type { ReportStore } from '../store/store.ts';

/** What a run set out to look at, when that is everything there is. */
export interface RunScope {
  /** Left out on purpose by the configuration: neither audited nor gone. */
  readonly excluded: readonly ClusterIdentity[];
  /** What could not be looked at. */
  readonly gaps: readonly DiscoveryGap[];
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
  for await (const key of store.list(STATE_FOLDER)) {
    if (!isStateKey(key) || accounted.has(key)) continue;
    const state = await openIfPossible(store, key);
    const cluster = state?.cluster ?? clusterOfStateKey(key);
    const gap = scope.gaps.find((place) => place.scope === 'place' && isAt(place, cluster));
    if (gap !== undefined) unseen.push({ cluster, gap });
    else {
      const { run: lastRun = null, count: findings = null } = state ?? {};
      gone.push({ cluster, lastRun, findings, state: store.location(key) });
    }
  }
  return {
    gone: gone.sort((a, b) => compareClusters(a.cluster, b.cluster)),
    unseen: unseen.sort((a, b) => compareClusters(a.cluster, b.cluster)),
  };
}

/** A place whose account is not known may be any account's. */
const isAt = ({ cluster: place }: DiscoveryGap, { accountId, region }: ClusterIdentity): boolean =>
  region === place.region && (place.accountId === null || place.accountId === accountId);

async function openIfPossible(store: ReportStore, key: string): Promise<OpenState | null> {
  try {
    return await openStateAt(store, key);
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
}
