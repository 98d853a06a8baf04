import { AuditorError, ReadError } from '../errors.ts';
import { withoutReport, withShortfalls } from '../report/digest-shortfalls.ts';
import type { Shortfall } from '../report/news.ts';
import { gunzipLines, gzipLines } from '../store/gzip.ts';
import { runKey } from '../store/layout.ts';
import { sha256Of } from '../store/manifest.ts';
import { orShortfall } from '../store/shortfall.ts';
import type { ReportStore } from '../store/store.ts';
import { conclusionLines, parseConclusion } from './conclusion-lines.ts';
import type { CommittedRun, DecidedRun } from './decided-run.ts';

const keyOf = (runId: string): string => runKey(runId, 'conclusion.ndjson.gz');

const GZIP = { contentType: 'application/gzip' };

/**
 * Stores what was decided. With `once`, what another delivery of the same run has decided before stands, and is
 * returned. Where the store refuses it, the run goes on without a decision that stands.
 */
export async function commitRun(
  store: ReportStore,
  decided: DecidedRun,
  { once, key = keyOf(decided.run.run.id) }: { readonly once: boolean; readonly key?: string },
): Promise<CommittedRun> {
  const refused: Shortfall[] = [];
  const part = 'the decision of the run, and everything that follows from it';
  const committed = await orShortfall(part, refused, () => storeDecision(store, decided, { once, key }));
  if (committed !== null) return committed;
  const shortfalls = [...decided.shortfalls, ...refused];
  return {
    ...decided,
    digest: withShortfalls(withoutReport(decided.digest), refused, decided.shortfalls),
    shortfalls,
    record: null,
  };
}

async function storeDecision(
  store: ReportStore,
  decided: DecidedRun,
  { once, key }: { readonly once: boolean; readonly key: string },
): Promise<CommittedRun> {
  const { id } = decided.run.run;
  const chunks = gzipLines(conclusionLines(decided));
  if (!once) return { ...decided, record: await store.put(key, chunks, GZIP) };
  const record = await store.putIf(key, chunks, { ...GZIP, expected: null });
  if (record !== null) return { ...decided, record };
  const earlier = await committedRun(store, id, key);
  if (earlier !== null) return earlier;
  throw new AuditorError(`The conclusion of run ${id} was deleted while it was stored; run again.`);
}

/**
 * What an earlier delivery of a run has decided; `null` when it got no further than reading clusters.
 * @throws ReadError when it cannot be understood
 */
export function committedRun(
  store: ReportStore,
  runId: string,
  key: string = keyOf(runId),
): Promise<CommittedRun | null> {
  return readConclusion(store, { runId, key }, async (lines, bytes) => {
    const record = { key, bytes: bytes.byteLength, sha256: sha256Of(bytes) };
    return { ...(await parseConclusion(lines)), record };
  });
}

/**
 * Reads the lines of a conclusion, the header first; `null` when there is none.
 * @throws ReadError when `parse` does not understand them
 */
export async function readConclusion<T>(
  store: ReportStore,
  { runId, key = keyOf(runId) }: { readonly runId: string; readonly key?: string },
  parse: (lines: AsyncGenerator<string>, bytes: Uint8Array) => Promise<T>,
): Promise<T | null> {
  const bytes = await store.get(key);
  if (bytes === null) return null;
  try {
    return await parse(gunzipLines(bytes), bytes);
  } catch (error) {
    throw new ReadError(
      'malformed-object',
      `The conclusion of run ${runId} in ${store.location(key)} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
      'Restore an earlier version of the object, or delete it to repeat the run.',
      error,
    );
  }
}
