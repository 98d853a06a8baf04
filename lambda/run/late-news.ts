import type { Finding } from '../findings/finding.ts';
import { clusterKey, isActive, isClosed } from '../findings/identity.ts';
import type { LateNews } from '../report/news.ts';
import type { ReportStore } from '../store/store.ts';
import { readUntoldRuns } from '../store/untold-runs.ts';
import type { Conclusion } from './conclude.ts';
import { type DecidedNews, readNews } from './conclusion-news.ts';
import { isMailSent } from './delivery-marker.ts';
import { addChange, lateChanges } from './late-changes.ts';

/** News that earlier runs decided to send, and that as far as is known no mail contained. */
export interface OwedNews {
  /** Ids of the runs that owe it. */
  readonly runs: readonly string[];
  /** Ids of listed runs that need not be listed once this run is: it owes what they did. */
  readonly settled: readonly string[];
  /** RFC 3339: the start of the first run whose news was in no mail; `null`: no mail is due. */
  readonly since: string | null;
  /** By id, as the last of these runs saw it: found, over, or no longer exempt. */
  readonly found: ReadonlyMap<string, Finding>;
  readonly over: ReadonlyMap<string, Finding>;
  readonly ended: ReadonlyMap<string, Finding>;
  /** With all that became worse in these runs. */
  readonly changed: ReadonlyMap<string, Finding>;
}

export const NOTHING_OWED: OwedNews = {
  runs: [],
  settled: [],
  since: null,
  found: new Map(),
  over: new Map(),
  ended: new Map(),
  changed: new Map(),
};

/**
 * What was found is in the states of the clusters, and no news for the next run. Whether anybody was notified of it, the
 * marker of each run's mail says: this is what the runs without one have decided to send.
 *
 * @param own The run that asks.
 * @param read What of the news of a run is asked for. @defaultValue all
 * @throws AuditorError when it cannot be read: then it is not known that nothing is new
 */
export async function owedNews(
  store: ReportStore,
  own: string,
  read: (run: string) => Promise<DecidedNews | null> = (run) => readNews(store, run),
): Promise<OwedNews> {
  const listed = (await readUntoldRuns(store))?.runs ?? [];
  const settled = listed.filter((id) => id !== own).sort();
  const untold: string[] = [];
  for (const run of settled) if (!(await isMailSent(store, run))) untold.push(run);
  return { ...(await newsOfRuns(untold, read)), settled };
}

/**
 * What these runs have decided to send.
 * @param untold oldest first
 * @throws AuditorError when it cannot be read
 */
export async function newsOfRuns(
  untold: readonly string[],
  read: (run: string) => Promise<DecidedNews | null>,
): Promise<Omit<OwedNews, 'settled'>> {
  const runs: string[] = [];
  const [found, over, ended, changed] = [1, 2, 3, 4].map(() => new Map<string, Finding>()) as Maps;
  let since: string | null = null;
  for (const run of untold) {
    const news = await read(run);
    if (news === null) continue;
    runs.push(...news.runs.filter((id) => !runs.includes(id)));
    if (since === null || news.since < since) since = news.since;
    for (const row of news.rows) {
      found.delete(row.id);
      over.delete(row.id);
      (isClosed(row) ? over : found).set(row.id, row);
    }
    for (const row of news.ended) ended.set(row.id, row);
    for (const row of news.changed) addChange(changed, row);
  }
  return { runs, since, found, over, ended, changed };
}

type Maps = [Map<string, Finding>, Map<string, Finding>, Map<string, Finding>, Map<string, Finding>];

/** What of it the mail of a run must contain in addition to the run's own news; `null` when nothing is late. */
export function lateNews(
  owed: Omit<OwedNews, 'settled'>,
  { run, exemptions }: Pick<Conclusion, 'run' | 'exemptions'>,
): LateNews | null {
  const { since, runs } = owed;
  if (since === null) return null;
  const rows = run.clusters.flatMap(({ findings }) => findings);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const byPlace =
    owed.found.size + owed.changed.size === 0 ? byId : new Map(rows.map((row) => [placeOf(row), row]));
  const looked = new Set(run.clusters.map(({ cluster }) => clusterKey(cluster)));
  const endedNow = new Set(exemptions.ended.map(({ id }) => id));
  const found: string[] = [];
  const others: Finding[] = [...owed.over.values()].filter(({ id }) => !byId.has(id));
  for (const row of owed.found.values()) {
    const now = byId.get(row.id) ?? byPlace.get(placeOf(row));
    // One that is new or over now is news of this run itself, and an exempt one is accepted.
    if (now?.status === 'open') found.push(now.id);
    else if (now === undefined && !looked.has(clusterKey(row.cluster))) others.push(row);
  }
  const nowOf = (row: Finding): Finding | undefined => byId.get(row.id) ?? byPlace.get(placeOf(row));
  const isUnseen = (row: Finding): boolean =>
    nowOf(row) === undefined && !looked.has(clusterKey(row.cluster)) && !owed.found.has(row.id);
  others.push(...[...owed.changed.values()].filter(isUnseen));
  const changed = lateChanges(owed.changed.values(), nowOf, found);
  const ended = [...owed.ended.keys()].filter((id) => {
    const now = byId.get(id);
    return now !== undefined && isActive(now) && !endedNow.has(id);
  });
  if (found.length + ended.length + others.length + changed.length === 0) return null;
  return { since, runs, found, ended, ...(changed.length === 0 ? {} : { changed }), rows: others };
}

/** The finding under whatever id: a cluster whose ARN became known gives its findings others. */
const placeOf = ({ cluster, check, workload, container }: Finding): string =>
  JSON.stringify([cluster.name, check, workload.namespace, workload.kind, workload.name, container]);
