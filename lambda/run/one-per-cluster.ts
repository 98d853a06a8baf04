import type { ClusterResult } from '../findings/run-result.ts';

/** What is left when contexts that lead to one cluster count once. */
export interface OnePerCluster {
  readonly results: readonly ClusterResult[];
  /** Positions of those that were left out. */
  readonly leftOut: ReadonlySet<number>;
}

/**
 * Several contexts of a kubeconfig may lead to one cluster, which shows only once it is read: by its ARN, or by the uid
 * of its namespace `kube-system`. It is counted once, by what tells most of it.
 */
export function onePerCluster(all: readonly ClusterResult[]): OnePerCluster {
  const best: ClusterResult[] = [];
  const places: number[] = [];
  const leftOut = new Set<number>();
  all.forEach((result, index) => {
    const at = best.findIndex((other) => isSame(other, result));
    const other = best[at];
    const place = places[at];
    if (other === undefined || place === undefined) {
      best.push(result);
      places.push(index);
      return;
    }
    const [kept, left] = knowledge(result) > knowledge(other) ? [result, other] : [other, result];
    leftOut.add(kept === result ? place : index);
    if (kept === result) places[at] = index;
    best[at] = { ...kept, notes: [...new Set([...kept.notes, countedOnce(kept, left)])] };
  });
  return { results: best, leftOut };
}

function isSame({ cluster: a }: ClusterResult, { cluster: b }: ClusterResult): boolean {
  if (a.arn !== null && b.arn !== null) return a.arn === b.arn;
  return Boolean(a.uid) && a.uid === b.uid;
}

/** A cluster that was read says more than one that was not; then an ARN more than a name. */
const knowledge = ({ outcome, cluster }: ClusterResult): number =>
  (outcome === 'audited' ? 2 : 0) + (cluster.arn === null ? 0 : 1);

function countedOnce({ cluster: kept }: ClusterResult, { cluster: left }: ClusterResult): string {
  const names = kept.name === left.name ? 'Two contexts' : `The contexts of ${kept.name} and ${left.name}`;
  return `${names} lead to one cluster, which is counted once.`;
}
