import * as z from 'zod';
import { clusterPath } from '../store/key-segments.ts';
import { latestKey } from '../store/layout.ts';
import type { ReportStore } from '../store/store.ts';

/** What the watch needs of `summary.json`. */
const CLUSTER = z.object({
  cluster: z.object({
    name: z.string(),
    arn: z.string().nullable(),
    accountId: z.string().nullable(),
    region: z.string().nullable(),
    uid: z.string().nullable().default(null),
  }),
  outcome: z.enum(['audited', 'failed']),
  coverage: z.object({ decided: z.number(), total: z.number() }),
  notEvaluated: z.object({
    byReason: z.record(z.string(), z.number()),
    /** Missing in summaries of earlier versions. */
    byGap: z.object({ lost: z.number(), fixable: z.number(), known: z.number() }).optional(),
  }),
});
const SUMMARY = z.object({ clusters: z.array(CLUSTER) });

type Cluster = z.infer<typeof CLUSTER>;

/** Verdicts of a cluster that may become undecidable for known reasons, as workloads come and go. */
const NOTABLE_SHARE = 0.1;

export interface LastCoverage {
  /** Clusters that the last run could not audit, without those where that is accepted; 1 when it found none at all. */
  readonly notAudited: number;
  /** Audited clusters of which something is not decided that was before, and has not been since. */
  readonly lost: number;
}

/**
 * What the last complete run left unaudited, and where it decides less than the run before; `null` when that is not
 * known.
 */
export async function lastCoverage(store: ReportStore): Promise<LastCoverage | null> {
  const [latest, previous] = await Promise.all([
    clustersIn(store, 'summary.json'),
    clustersIn(store, 'previous-summary.json'),
  ]);
  if (latest === null) return null;
  const before = new Map((previous ?? []).map((one) => [keyOf(one), one]));
  const failed = latest.filter((one) => one.outcome === 'failed' && !isAccepted(one)).length;
  return {
    notAudited: latest.length === 0 ? 1 : failed,
    lost: latest.filter((one) => hasLost(one, before.get(keyOf(one)))).length,
  };
}

/** `null` when there is no such object, or when it cannot be understood. */
async function clustersIn(
  store: ReportStore,
  object: Parameters<typeof latestKey>[0],
): Promise<readonly Cluster[] | null> {
  const bytes = await store.get(latestKey(object));
  if (bytes === null) return null;
  try {
    return SUMMARY.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).clusters;
  } catch {
    return null;
  }
}

const keyOf = ({ cluster }: Cluster): string => cluster.arn ?? `${cluster.uid ?? ''} ${clusterPath(cluster)}`;

/** Everything that is missing is known to be. */
const isAccepted = ({ notEvaluated: { byGap } }: Cluster): boolean =>
  byGap !== undefined && byGap.known > 0 && byGap.lost + byGap.fixable === 0;

/** Where a version did not say it: a kind of gap that was not there, or a notably smaller share of verdicts. */
function hasLost(now: Cluster, before: Cluster | undefined): boolean {
  if (now.outcome === 'failed') return false;
  if (now.notEvaluated.byGap !== undefined) return now.notEvaluated.byGap.lost > 0;
  if (before === undefined || before.outcome === 'failed') return false;
  const known = before.notEvaluated.byReason;
  if (Object.keys(now.notEvaluated.byReason).some((reason) => !Object.hasOwn(known, reason))) return true;
  return shareOf(before) - shareOf(now) > NOTABLE_SHARE;
}

const shareOf = ({ coverage: { decided, total } }: Cluster): number => (total === 0 ? 1 : decided / total);
