import type { ClusterIdentity, Labels } from '../inventory/names.ts';
import type { ClusterSelection, Config, LimitOverride, Limits } from './config.ts';

/**
 * Whether the whole of `text` fits `pattern`, where `*` stands for any characters (none, too) and `?`
 * for exactly one. Case counts, as in Kubernetes names.
 *
 * Goes back to the last `*` only, so the cost is at most |pattern| × |text| and never exponential;
 * configured patterns have at most 256 characters (`pattern` of the fields), which makes it linear in the text.
 * Characters are UTF-16 units: names in Kubernetes and EKS are ASCII.
 */
export function matches(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

export const matchesAny = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => matches(pattern, text));

/** What names a cluster: its ARN where it is known. */
export type ClusterName = Pick<ClusterIdentity, 'name' | 'arn'>;

/** A pattern for clusters is compared with the name, or with the ARN when it begins with `arn:`. */
export function matchesCluster(pattern: string, cluster: ClusterName): boolean {
  if (matches(pattern, cluster.name)) return true;
  return pattern.startsWith('arn:') && cluster.arn !== null && matches(pattern, cluster.arn);
}

type NamedClusters = Pick<ClusterSelection, 'include' | 'exclude'>;

/** Whether the configuration wants this cluster audited: included, and not excluded. */
export const selectsCluster = (clusters: NamedClusters, cluster: ClusterName): boolean =>
  whyNotSelected(clusters, cluster) === null;

/** Which of the settings keeps a cluster from being audited; `null`: none. */
export function whyNotSelected(
  clusters: NamedClusters,
  cluster: ClusterName,
): 'not-included' | 'excluded' | null {
  const any = (patterns: readonly string[]) => patterns.some((pattern) => matchesCluster(pattern, cluster));
  if (!any(clusters.include)) return 'not-included';
  return any(clusters.exclude) ? 'excluded' : null;
}

/** Whether the tags of an EKS cluster let it be audited: all that are wanted, and none that excludes. */
export function selectsTags(
  { includeTags, excludeTags }: Pick<ClusterSelection, 'includeTags' | 'excludeTags'>,
  tags: Labels,
): boolean {
  const fits = ([key, pattern]: [string, string]): boolean => {
    const value = Object.hasOwn(tags, key) ? tags[key] : undefined;
    return value !== undefined && matches(pattern, value);
  };
  return Object.entries(includeTags).every(fits) && !Object.entries(excludeTags).some(fits);
}

/** In how many parts a cluster is audited: the first entry that fits decides. */
export const shardCount = ({ shards }: Pick<ClusterSelection, 'shards'>, cluster: ClusterName): number =>
  shards.find(({ match }) => match.some((pattern) => matchesCluster(pattern, cluster)))?.count ?? 1;

/** What limits are looked up for: one class of pods. */
export interface LimitSubject {
  readonly cluster: ClusterName;
  readonly namespace: string;
  /** Kind of the workload, e.g. `Deployment`. */
  readonly kind: string;
  /** Labels of the pods. */
  readonly labels: Labels;
}

/** The limits that hold for a subject: for each limit the first override that matches and sets it wins. */
export function limitsFor(config: Pick<Config, 'limits' | 'overrides'>, subject: LimitSubject): Limits {
  const limits = { ...config.limits };
  for (const override of config.overrides.toReversed()) {
    if (overrideMatches(override, subject)) Object.assign(limits, override.limits);
  }
  return limits;
}

/** Every part of `match` that is given must fit; of a list, one pattern must. */
function overrideMatches({ match }: LimitOverride, subject: LimitSubject): boolean {
  const { clusters, namespaces, kinds, labels } = match;
  if (clusters !== null && !clusters.some((pattern) => matchesCluster(pattern, subject.cluster)))
    return false;
  if (namespaces !== null && !matchesAny(namespaces, subject.namespace)) return false;
  if (kinds !== null && !matchesAny(kinds, subject.kind)) return false;
  return Object.entries(labels ?? {}).every(([key, pattern]) => {
    const value = Object.hasOwn(subject.labels, key) ? subject.labels[key] : undefined;
    return value !== undefined && matches(pattern, value);
  });
}

/** The label keys that overrides select on: the only ones that must survive when pods are folded for limits. */
export function limitLabelKeys(config: Pick<Config, 'overrides'>): ReadonlySet<string> {
  return new Set(config.overrides.flatMap(({ match }) => Object.keys(match.labels ?? {})));
}
