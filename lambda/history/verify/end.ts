import { count } from '../../report/words.ts';
import { type Head, holdsItsManifest, readHead } from '../../store/head.ts';
import { MANIFEST_HEAD } from '../../store/layout.ts';
import type { ReportStore } from '../../store/store.ts';
import type { StoredRecord } from '../records.ts';
import { type Point, point } from './point.ts';

const end = point('end');

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
  // What is no head says nothing.
  const head = (await readHead(store))?.value ?? null;
  if (head !== null && !byHash.has(head.sha256)) points.push(missingNewest(head));
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

/** A run that was stopped before its manifest was stored leaves that in the head, and the next run stores it. */
const missingNewest = (head: Head): Point => {
  const { run } = head;
  return holdsItsManifest(head)
    ? end(
        'not verifiable',
        `The manifest of the newest run, ${run}, is not stored: the run was stopped right before that, or the manifest was deleted. The next run stores it again from ${MANIFEST_HEAD}.`,
        run,
      )
    : end(
        'fail',
        `The newest record that ${MANIFEST_HEAD} names, run ${run}, is not there as it was written.`,
        run,
      );
};
