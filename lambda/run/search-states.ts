import { identityOfContext } from '../connect/cluster-identity.ts';
import { AuditorError, ReadError } from '../errors.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import {
  clusterOfStateKey,
  isStateKey,
  STATE_FOLDER,
  STATES_WITHOUT_ACCOUNT,
  uidOfStateKey,
} from '../store/layout.ts';
import { type OpenState, openState } from '../store/state.ts';
import type { ReportStore } from '../store/store.ts';

/** A state, and where it is. */
export interface FoundState {
  readonly key: string;
  readonly state: OpenState;
}

/** The keys of all states, or of those of clusters whose account is not known; sorted. */
export async function stateKeys(store: ReportStore, folder = STATE_FOLDER): Promise<readonly string[]> {
  const keys: string[] = [];
  try {
    for await (const key of store.list(folder)) if (isStateKey(key)) keys.push(key);
  } catch (error) {
    if (!(error instanceof AuditorError)) throw error;
    const message = `The recorded states of clusters cannot be listed: ${error.message}`;
    throw new ReadError('server-error', message, 'Fix this, then run again.', error);
  }
  return keys.sort();
}

/** Whether a state is of a cluster of this name, as contexts are named now or were before. */
export function isOf(cluster: ClusterIdentity, key: string): boolean {
  const { name, accountId, region } = clusterOfStateKey(key);
  if (accountId !== cluster.accountId) return false;
  if (region === cluster.region) return name === cluster.name;
  const { name: meant, region: at } = identityOfContext({ name, cluster: '' });
  return region === null && meant === cluster.name && at === cluster.region;
}

/** That of the latest run; ids of runs sort by time. */
export async function latestOf(store: ReportStore, keys: readonly string[]): Promise<OpenState | null> {
  let latest: OpenState | null = null;
  for (const key of keys) latest = laterOf(latest, await openState(store, key));
  return latest;
}

export const laterOf = (one: OpenState | null, other: OpenState | null): OpenState | null =>
  one === null || (other !== null && other.run > one.run) ? other : one;

/** The state of a cluster of this uid that was known without its ARN. */
export async function withoutArn(store: ReportStore, uid: string): Promise<OpenState | null> {
  const keys = await stateKeys(store, STATES_WITHOUT_ACCOUNT);
  return latestOf(
    store,
    keys.filter((key) => uidOfStateKey(key) === uid),
  );
}

/** So many states of EKS clusters with other names are looked into. */
const MOST_LOOKED_INTO = 100;

/**
 * The state of the EKS cluster of this uid. Paths of these do not say it; those of the same name go first, as contexts
 * mostly say the name.
 */
export async function eksOfUid(
  store: ReportStore,
  { name }: ClusterIdentity,
  { uid, keys }: { readonly uid: string; readonly keys: readonly string[] },
): Promise<FoundState | null> {
  const ofEks = keys.filter(isEksKey);
  const [named, others] = [true, false].map((same) =>
    ofEks.filter((key) => (clusterOfStateKey(key).name === name) === same),
  ) as [string[], string[]];
  for (const key of [...named, ...others.slice(0, MOST_LOOKED_INTO)]) {
    const state = await openState(store, key).catch(unreadable);
    if (state?.cluster.uid === uid && state.cluster.arn !== null) return { key, state };
  }
  return null;
}

export const isEksKey = (key: string): boolean => clusterOfStateKey(key).accountId !== null;

/** That of another cluster must not keep this one from being compared. */
function unreadable(error: unknown): null {
  if (error instanceof AuditorError) return null;
  throw error;
}
