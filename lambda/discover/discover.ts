import type { ClusterSelection, Config } from '../config/config.ts';
import { selectsCluster, selectsTags } from '../config/match.ts';
import type { AwsAccess } from '../connect/aws/access.ts';
import { ReadError } from '../errors.ts';
import { inParallel } from '../in-parallel.ts';
import type { ClusterIdentity } from '../inventory/names.ts';
import { openAccounts, type WantedAccount } from './accounts.ts';
import { describeCluster, endpointOf, factsOf } from './describe-cluster.ts';
import { describeFacts } from './describe-facts.ts';
import { listClusters } from './list-clusters.ts';
import { gapOf, identityAt, openPlace, type Place } from './place.ts';
import type { ClusterTarget, DiscoveryGap, LeftOutAccount } from './target.ts';

export interface DiscoverOptions {
  readonly config: Pick<Config, 'organization' | 'clusters'> & {
    readonly accounts: readonly WantedAccount[];
  };
  readonly access: AwsAccess;
  /** Only clusters of these names; they are not listed first. */
  readonly names?: readonly string[] | undefined;
  /** Only the account of this role, instead of the configured ones. */
  readonly roleArn?: string | undefined;
  /** In the place of the configured regions. */
  readonly regions?: readonly string[] | undefined;
}

export interface Discovery {
  /** Sorted by ARN. */
  readonly targets: readonly ClusterTarget[];
  /** Clusters and places that cannot be audited, and why; each must show in the coverage of the run. */
  readonly gaps: readonly DiscoveryGap[];
  /** What the configuration does not want audited. */
  readonly excluded: readonly ClusterIdentity[];
  /** Accounts of the organization that are not looked at. */
  readonly leftOutAccounts: readonly LeftOutAccount[];
  /** Names that were asked for, and that no place has. */
  readonly absent: readonly string[];
}

/**
 * EKS limits the rate of each account and region by itself: many places, and few clusters at each. With 8 and 4 the
 * simulation of 10,000 clusters takes four times as long, and gives up five times as many (`npm run scale`).
 */
export const PLACES_AT_ONCE = 32;
export const CLUSTERS_AT_ONCE = 2;

/**
 * Finds the clusters to audit in all accounts and regions. Whatever fails is a gap; everything else goes on.
 * No error but a defect is thrown.
 */
export async function discoverClusters(options: DiscoverOptions): Promise<Discovery> {
  const { config, access, roleArn, regions } = options;
  const { accounts, organization } = config;
  const { opened, gaps, leftOut } = await openAccounts({ access, accounts, organization, roleArn, regions });
  const places = opened.flatMap(({ regions: its, ...account }) =>
    its.map((region) => ({ ...account, region })),
  );
  const found = await inParallel(places, PLACES_AT_ONCE, async (where) => {
    const place = openPlace(access, where);
    try {
      return await discoverAt(place, options);
    } finally {
      place.eks.destroy();
    }
  });
  const all = found.flat();
  return {
    targets: all
      .flatMap(({ target }) => target ?? [])
      .sort((a, b) => compare(a.identity.arn, b.identity.arn)),
    gaps: [...gaps, ...all.flatMap(({ gap }) => gap ?? [])],
    excluded: all.flatMap(({ excluded }) => excluded ?? []),
    leftOutAccounts: leftOut,
    absent: absentOf(options.names ?? [], all),
  };
}

/** What became of one name at one place, or of the place as a whole. */
interface Outcome {
  readonly name?: string;
  readonly target?: ClusterTarget;
  readonly gap?: DiscoveryGap;
  readonly excluded?: ClusterIdentity;
}

async function discoverAt(place: Place, { config, names }: DiscoverOptions): Promise<readonly Outcome[]> {
  const listed = names === undefined ? await listClusters(place) : { names: [...new Set(names)], gap: null };
  const outcomes = await inParallel(listed.names, CLUSTERS_AT_ONCE, (name) =>
    discoverOne(place, name, config.clusters),
  );
  return [...(listed.gap === null ? [] : [{ gap: listed.gap }]), ...outcomes];
}

async function discoverOne(place: Place, name: string, wanted: ClusterSelection): Promise<Outcome> {
  const identity = identityAt(place, name);
  if (!selectsCluster(wanted, identity)) return { name, excluded: identity };
  const described = await describeCluster(place, name);
  // Of a list that was read a moment ago: deleted since, so there is nothing to audit.
  if (described === 'absent') return {};
  if ('gap' in described) return { name, gap: described.gap };
  const { cluster } = described;
  const createdAt = cluster.createdAt?.toISOString();
  if (!selectsTags(wanted, cluster.tags ?? {})) return { name, excluded: identity };
  const itself = createdAt === undefined ? identity : { ...identity, createdAt };
  const endpoint = endpointOf(place, cluster, itself);
  if (endpoint instanceof ReadError) return { name, gap: gapOf(itself, endpoint) };
  const facts = { ...factsOf(cluster), ...(await describeFacts(place, name)) };
  return { name, target: { ...endpoint, facts } };
}

function absentOf(names: readonly string[], outcomes: readonly Outcome[]): readonly string[] {
  const seen = new Set(outcomes.map(({ name }) => name));
  return [...new Set(names)].filter((name) => !seen.has(name));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
