import { paginateListClusters } from '@aws-sdk/client-eks';
import { ReadError } from '../errors.ts';
import { errorAt, type Place, placeGap } from './place.ts';
import type { DiscoveryGap } from './target.ts';

export interface ListedClusters {
  readonly names: readonly string[];
  /** Why there may be more than these. */
  readonly gap: DiscoveryGap | null;
}

/** The most that `ListClusters` gives (https://docs.aws.amazon.com/eks/latest/APIReference/API_ListClusters.html). */
const PAGE_SIZE = 100;
/** A list that goes on beyond this never ends. */
const MOST_PAGES = 1000;

/**
 * The names of all EKS clusters at a place. When a page fails, those of the pages before it count all the
 * same. Without `include: all`, so without clusters elsewhere that are only registered with EKS.
 */
export async function listClusters(place: Place): Promise<ListedClusters> {
  const found = new Set<string>();
  const incomplete = (error: ReadError): ListedClusters => ({
    names: [...found],
    gap: placeGap({ accountId: place.account.accountId, region: place.region }, error),
  });
  const tokens = new Set<string>();
  try {
    for await (const page of paginateListClusters({ client: place.eks, pageSize: PAGE_SIZE }, {})) {
      if (page.clusters === undefined) return incomplete(noList(place));
      for (const name of page.clusters) found.add(name);
      if (page.nextToken === undefined) continue;
      // A token that comes again leads back to a page that was read.
      if (tokens.has(page.nextToken) || tokens.size >= MOST_PAGES) return incomplete(endless(place));
      tokens.add(page.nextToken);
    }
  } catch (error) {
    return incomplete(errorAt(place, 'eks:ListClusters', error));
  }
  return { names: [...found], gap: null };
}

const CHECK_ENDPOINT =
  'Check AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_EKS, if they are set, and proxies in between.';

function noList({ account, region }: Place): ReadError {
  return new ReadError(
    'server-error',
    `The answer to eks:ListClusters for account ${account.accountId} in ${region} holds no list of clusters.`,
    CHECK_ENDPOINT,
  );
}

function endless({ account, region }: Place): ReadError {
  return new ReadError(
    'list-incomplete',
    `The list of clusters of account ${account.accountId} in ${region} does not end.`,
    CHECK_ENDPOINT,
  );
}
