import type { Finding } from '../findings/finding.ts';
import { isClosed } from '../findings/identity.ts';
import { shareParts } from '../findings/share-parts.ts';
import type { ReportStore } from '../store/store.ts';
import { parseHeader } from './conclusion-lines.ts';
import { readConclusion } from './conclusion-record.ts';
import { changesIn, rowsOf } from './late-changes.ts';

/** The news that a run decided to send. */
export interface DecidedNews {
  /** RFC 3339: the start of the run, or of the first one whose news it took over. */
  readonly since: string;
  /** The runs whose news it is: this one, and those that it took over. */
  readonly runs: readonly string[];
  /** Findings that were new or are over. */
  readonly rows: readonly Finding[];
  /** Findings that became worse, as the mail was to say it. */
  readonly changed: readonly Finding[];
  /** Findings that were no longer exempt. */
  readonly ended: readonly Finding[];
}

/**
 * Reads the news of a run, row by row: of a million findings that were known before none is kept.
 *
 * @param key Of the decision about one cluster. @defaultValue that about all
 * @returns `null` when the run has decided nothing
 * @throws ReadError when its decision cannot be understood
 */
export function readNews(store: ReportStore, runId: string, key?: string): Promise<DecidedNews | null> {
  return readConclusion(store, { runId, ...(key === undefined ? {} : { key }) }, async (lines) => {
    const { run, late, ended: endedIds, counts } = await parseHeader(lines);
    const found = new Set(late?.found);
    const noLongerExempt = new Set([...endedIds, ...(late?.ended ?? [])]);
    const changeIn = changesIn(late);
    const { rows, changed } = rowsOf(late);
    const ended: Finding[] = [];
    const shared = shareParts();
    let count = 0;
    for await (const line of lines) {
      const row = JSON.parse(line) as Finding | { readonly status?: undefined };
      if (row.status === undefined) continue;
      count++;
      if (row.status === 'new' || isClosed(row) || found.has(row.id)) rows.push(shared(row));
      const worse = changeIn(row);
      if (worse !== null) changed.push(shared(worse));
      if (noLongerExempt.has(row.id)) ended.push(shared(row));
    }
    if (count !== counts.findings) throw new Error('it is incomplete');
    return {
      since: late?.since ?? run.startedAt,
      runs: [...(late?.runs ?? []), run.id],
      rows,
      changed,
      ended,
    };
  });
}
