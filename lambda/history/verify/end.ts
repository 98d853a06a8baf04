import * as z from 'zod';
import { count } from '../../report/words.ts';
import { MANIFEST_HEAD } from '../../store/layout.ts';
import type { ReportStore } from '../../store/store.ts';
import type { StoredRecord } from '../records.ts';
import { type Point, point } from './point.ts';

const end = point('end');

const HEAD = z.object({ run: z.string(), sha256: z.string() });

/**
 * Whether the newest record is the newest that was written. The store itself names it, which shows what was deleted by mistake; only a
 * hash from elsewhere shows what somebody did who can write the store.
 *
 * @param records All of them, in their order.
 * @param expected Hashes of manifests, from mails, events or logs.
 */
export async function endPoints(
  records: readonly StoredRecord[],
  { store, expected }: { readonly store: ReportStore; readonly expected: readonly string[] },
): Promise<readonly Point[]> {
  const byHash = new Map(records.map(({ sha256 }, index) => [sha256, index]));
  const points: Point[] = [];
  const head = await readHead(store);
  if (head !== null && !byHash.has(head.sha256)) {
    const message = `The newest record that ${MANIFEST_HEAD} names, run ${head.run}, is not there as it was written.`;
    points.push(end('fail', message, head.run));
  }
  const missing = expected.filter((sha256) => !byHash.has(sha256));
  for (const sha256 of missing) {
    points.push(end('fail', `No record has the manifest ${sha256}: it was deleted, or rewritten.`));
  }
  const proved = Math.max(...expected.map((sha256) => byHash.get(sha256) ?? -1), -1);
  const last = records[proved];
  if (last === undefined) {
    const nothing =
      'The newest run cannot be proved: nothing outside the store names it. Give --expect with the hash from its mail.';
    return missing.length > 0 ? points : [...points, end('not verifiable', nothing)];
  }
  const after = records.length - 1 - proved;
  const { id } = last.manifest.run;
  if (after > 0) {
    const message = `The hash that was given proves the records up to run ${id}, and not ${count(after, 'later one')}.`;
    return [...points, end('not verifiable', message)];
  }
  return missing.length > 0
    ? points
    : [...points, end('pass', `The newest run is ${id}, as the hash that was given says.`)];
}

/** What is no head says nothing. */
async function readHead(store: ReportStore): Promise<z.infer<typeof HEAD> | null> {
  const bytes = await store.get(MANIFEST_HEAD);
  if (bytes === null) return null;
  try {
    return HEAD.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    return null;
  }
}
