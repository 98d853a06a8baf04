import { ReadError } from '../errors.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { clusterOfStateKey, stateKey, uidOfStateKey } from '../store/layout.ts';
import { type OpenState, openState } from '../store/state.ts';
import type { ReportStore } from '../store/store.ts';
import {
  eksOfUid,
  type FoundState,
  isEksKey,
  isOf,
  laterOf,
  latestOf,
  stateKeys,
  withoutArn,
} from './search-states.ts';

/** What the store knows of a cluster that was read now. */
export interface KnownCluster {
  /** As it was read, completed by what earlier runs knew. */
  readonly cluster: ClusterIdentity;
  /** Where its state is, or is to be. */
  readonly key: string;
  /** SHA-256 of the state that is there; `null`: none. */
  readonly stored: string | null;
  /** What to compare with; `null`: nothing. */
  readonly previous: OpenState | null;
  /**
   * `replaced`: `previous` is of another cluster, whose place this one has taken. `unclear`: whether it is the same
   * one cannot be told, so that nothing of `previous` may be closed and its state is left alone.
   */
  readonly relation: 'first' | 'same' | 'replaced' | 'unclear';
  /** Why it is unclear, or what has replaced what. */
  readonly because: ReadError | null;
}

/**
 * Finds the state of a cluster, and whether it is of that cluster: a cluster is itself, not its name. EKS clusters
 * are known by ARN and creation, others by the uid of their namespace `kube-system`, and by their name where it could
 * not be read. See docs/decisions/0012.
 *
 * @throws ReadError when there is a state that cannot be read or understood
 */
export function findState(store: ReportStore, cluster: ClusterIdentity): Promise<KnownCluster> {
  if (cluster.arn !== null) return ofEks(store, cluster);
  return cluster.uid ? ofUid(store, cluster, cluster.uid) : ofName(store, cluster);
}

async function ofEks(store: ReportStore, cluster: ClusterIdentity): Promise<KnownCluster> {
  const key = stateKey(cluster);
  const previous = await openState(store, key, cluster.name);
  if (previous === null) {
    // It may have been known by a context that does not tell its ARN.
    const former = cluster.uid ? await withoutArn(store, cluster.uid) : null;
    const relation = former === null ? 'first' : 'same';
    return { cluster, key, stored: null, previous: former, relation, because: null };
  }
  const found = { key, stored: previous.sha256, previous };
  const { createdAt = null, uid = null, incarnation = null } = previous.cluster;
  const completed: ClusterIdentity = {
    ...cluster,
    ...(uid && !cluster.uid ? { uid } : {}),
    ...(createdAt && !cluster.createdAt ? { createdAt } : {}),
    ...(incarnation ? { incarnation } : {}),
  };
  if (createdAt !== null && cluster.createdAt && cluster.createdAt !== createdAt) {
    if (cluster.createdAt > createdAt) {
      const anew = { ...cluster, incarnation: cluster.createdAt };
      return { ...found, cluster: anew, relation: 'replaced', because: createdAnew(cluster, createdAt) };
    }
    return {
      ...found,
      cluster: completed,
      relation: 'unclear',
      because: olderThanKnown(store, cluster, key),
    };
  }
  if (uid !== null && cluster.uid && cluster.uid !== uid) {
    return { ...found, cluster: completed, relation: 'unclear', because: uidAlone(store, cluster, key) };
  }
  return { ...found, cluster: completed, relation: 'same', because: null };
}

async function ofUid(store: ReportStore, cluster: ClusterIdentity, uid: string): Promise<KnownCluster> {
  const own = stateKey(cluster);
  const mine = await openState(store, own, cluster.name);
  const keys = await stateKeys(store);
  const eks = await eksOfUid(store, cluster, { uid, keys });
  if (eks !== null) return asEks(cluster, eks, mine);
  if (mine !== null) return same(cluster, own, mine);
  // Under the name of another context.
  const elsewhere = keys.find((key) => uidOfStateKey(key) === uid);
  if (elsewhere !== undefined)
    return same(cluster, elsewhere, await openState(store, elsewhere, cluster.name));
  const begun = { cluster, key: own, stored: null };
  const others = await latestOf(
    store,
    keys.filter((key) => uidOfStateKey(key) !== null && isOf(cluster, key)),
  );
  if (others !== null)
    return { ...begun, previous: others, relation: 'replaced', because: another(cluster, others) };
  // Of an earlier version, which knew it by its name alone, or by the name of its context.
  const named = await latestOf(
    store,
    keys.filter((key) => uidOfStateKey(key) === null && isOf(cluster, key)),
  );
  return { ...begun, previous: named, relation: named === null ? 'first' : 'same', because: null };
}

/** States of EKS clusters that a context of eksctl may mean, which does not tell the account. */
const namesakes = ({ name, region }: ClusterIdentity, keys: readonly string[]): readonly string[] =>
  region === null
    ? []
    : keys.filter((key) => {
        const of = clusterOfStateKey(key);
        return isEksKey(key) && of.name === name && of.region === region;
      });

/** A context that does not tell the ARN of a cluster leads to one whose ARN is known. */
function asEks(cluster: ClusterIdentity, { key, state }: FoundState, mine: OpenState | null): KnownCluster {
  const { name, arn, accountId, region, createdAt, incarnation } = state.cluster;
  return {
    cluster: {
      ...cluster,
      ...{ name, arn, accountId, region },
      ...(createdAt ? { createdAt } : {}),
      ...(incarnation ? { incarnation } : {}),
    },
    key,
    stored: state.sha256,
    previous: laterOf(state, mine),
    relation: 'same',
    because: null,
  };
}

async function ofName(store: ReportStore, cluster: ClusterIdentity): Promise<KnownCluster> {
  const key = stateKey(cluster);
  const keys = await stateKeys(store);
  const withUid = keys.filter((one) => uidOfStateKey(one) !== null && isOf(cluster, one));
  const known = laterOf(await latestOf(store, withUid), await latestOf(store, namesakes(cluster, keys)));
  if (known !== null) {
    return { cluster, key, stored: null, previous: known, relation: 'unclear', because: noUid(cluster) };
  }
  const own = await openState(store, key, cluster.name);
  if (own !== null) return same(cluster, key, own);
  const former = await latestOf(
    store,
    keys.filter((one) => uidOfStateKey(one) === null && isOf(cluster, one)),
  );
  return { cluster, key, stored: null, previous: former, relation: former ? 'same' : 'first', because: null };
}

const same = (cluster: ClusterIdentity, key: string, state: OpenState | null): KnownCluster => ({
  cluster,
  key,
  stored: state?.sha256 ?? null,
  previous: state,
  relation: state === null ? 'first' : 'same',
  because: null,
});

function createdAnew({ name, createdAt }: ClusterIdentity, before: string): ReadError {
  return new ReadError(
    'identity-unclear',
    `The cluster ${name} was created again at ${createdAt}: the cluster of the last run, created at ${before}, was another one. Its findings are withdrawn, and every finding of the new cluster is new.`,
    'No action is needed if that was intended.',
  );
}

function another({ name, uid }: ClusterIdentity, { run, cluster: before }: OpenState): ReadError {
  return new ReadError(
    'identity-unclear',
    `${name} is another cluster than in run ${run}: its namespace kube-system has the uid ${uid}, not ${before.uid}. Findings of the earlier cluster are withdrawn, none counts as fixed, and every finding of this one is new.`,
    'Check that the context leads to the right cluster.',
  );
}

const leaveOrDelete = (store: ReportStore, key: string): string =>
  `Check that this is the right cluster; if it is, delete ${store.location(key)} to start over.`;

function uidAlone(store: ReportStore, { name }: ClusterIdentity, key: string): ReadError {
  return new ReadError(
    'identity-unclear',
    `The namespace kube-system of ${name} has another uid than in the last run, although EKS reports no new cluster.`,
    leaveOrDelete(store, key),
  );
}

function olderThanKnown(store: ReportStore, { name, createdAt }: ClusterIdentity, key: string): ReadError {
  return new ReadError(
    'identity-unclear',
    `EKS says that ${name} was created at ${createdAt}, which is earlier than it said in the last run.`,
    leaveOrDelete(store, key),
  );
}

function noUid({ name }: ClusterIdentity): ReadError {
  return new ReadError(
    'identity-unclear',
    `Whether ${name} is the cluster of the last run is not known: the uid of its namespace kube-system could not be read.`,
    'Allow list on namespaces, then run again.',
  );
}
