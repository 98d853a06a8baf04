import { AuditorError } from '../errors.ts';
import { CHAT, type Notice } from '../notify/notifier.ts';
import { UNTOLD_CHATS } from '../store/layout.ts';
import type { ReportStore } from '../store/store.ts';
import { addUntoldRun, readUntoldRuns } from '../store/untold-runs.ts';
import { readNews } from './conclusion-news.ts';
import { isSent } from './delivery-marker.ts';
import { lateNews, newsOfRuns } from './late-news.ts';
import type { RecordedRun } from './record.ts';

/**
 * The notice with the news that the chat has not got: what the mail is owed is another matter, since one may arrive
 * without the other. The run is listed before its message is sent, so that a crash leaves it owed. What cannot be
 * read makes the message say that its news may lack something; it is sent all the same.
 */
export async function withLateChat(
  store: ReportStore,
  { notice, perCluster = false }: Pick<RecordedRun, 'notice' | 'perCluster'>,
): Promise<Notice> {
  const { facts } = notice;
  const own = facts.run.run.id;
  try {
    const listed = (await readUntoldRuns(store, UNTOLD_CHATS))?.runs ?? [];
    const missed = await missedBefore(store, listed, own);
    const settled = listed.filter((run) => run !== own && !missed.includes(run));
    await addUntoldRun(store, own, { settled, always: true, key: UNTOLD_CHATS });
    const late = lateNews(await newsOfRuns(missed, (run) => readNews(store, run)), facts);
    // The run of a fleet holds the heaviest rows alone, so that what is owed may be among the others.
    const newsUnknown = facts.newsUnknown === true || (perCluster && missed.length > 0);
    return { ...notice, facts: { ...facts, late, newsUnknown } };
  } catch (error) {
    if (!(error instanceof AuditorError)) throw error;
    return { ...notice, facts: { ...facts, late: null, newsUnknown: true } };
  }
}

/** Those since the last run whose message was accepted: it told what earlier ones owed. Ids sort by time. */
async function missedBefore(
  store: ReportStore,
  listed: readonly string[],
  own: string,
): Promise<readonly string[]> {
  const missed: string[] = [];
  for (const run of listed
    .filter((id) => id < own)
    .toSorted()
    .reverse()) {
    if (await isSent(store, run, CHAT)) break;
    missed.unshift(run);
  }
  return missed;
}
