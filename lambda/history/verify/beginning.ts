import { DAY } from '../../inventory/durations.ts';
import { count } from '../../report/words.ts';
import { runFolder, startOfRunId } from '../../store/layout.ts';
import type { StoreHistory } from '../../store/store-history.ts';
import { allOf } from '../all-of.ts';
import { MANIFEST, type StoredRecord } from '../records.ts';
import { type Expiry, rulesOf, ruleThatEnded, ruleThatRemoved } from './expiry.ts';
import { type Point, point } from './point.ts';

const beginning = point('beginning');

export interface BeginningOptions {
  /** The run from which on records are verified; `null`: from the first one that is there. */
  readonly from: string | null;
  readonly history: StoreHistory | null;
  readonly expiry: Expiry;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Whether what is before the first record is gone for a known reason, or never was. */
export async function beginningPoint(first: StoredRecord, options: BeginningOptions): Promise<Point> {
  const { run, previous, sequence } = first.manifest;
  if (options.from !== null) {
    return beginning('pass', `Verified from run ${run.id} on, as --from says; not what was before it.`);
  }
  if (previous === null) {
    return sequence === null || sequence === 1
      ? beginning('pass', `Run ${run.id} is the first of this store.`)
      : beginning('fail', `Run ${run.id} names no run before it, and has the number ${sequence}.`, run.id);
  }
  const missing = `Run ${previous.run}, which run ${run.id} continues, is not there`;
  const { history, expiry } = options;
  if (history === null) {
    const message = `${missing}: nothing in a folder ends by itself. Verify the bucket that it was copied from, or give --from ${run.id} if earlier runs were left out on purpose.`;
    return beginning('fail', message, previous.run);
  }
  if (expiry !== null && 'problem' in expiry) {
    return beginning(
      'not verifiable',
      `${missing}, and it is not known whether it ended by a lifecycle rule: ${expiry.problem}`,
    );
  }
  return explained(previous.run, { missing, history, options });
}

/** By the rule that ended it, or by none. */
async function explained(
  run: string,
  {
    missing,
    history,
    options: { expiry, now },
  }: {
    readonly missing: string;
    readonly history: StoreHistory;
    readonly options: BeginningOptions;
  },
): Promise<Point> {
  const key = `${runFolder(run)}/${MANIFEST}`;
  const rules = rulesOf(expiry);
  const found = await allOf(history.versions(key));
  const written = found.filter(({ deleted }) => !deleted).map(({ at }) => at);
  const deletedAt = found.find(({ deleted, latest }) => deleted && latest)?.at;
  if (deletedAt !== undefined && written.length > 0) {
    const age = deletedAt - Math.max(...written);
    const rule = ruleThatEnded(rules, key, age);
    return rule === null
      ? beginning(
          'fail',
          `${missing}: it was deleted on ${day(deletedAt)}, ${daysOf(age)} after it was written, which no lifecycle rule does.`,
          run,
        )
      : beginning(
          'pass',
          `Earlier runs ended by the lifecycle rule ${rule.id} after ${count(rule.days, 'day')}.`,
        );
  }
  const startedAt = startOfRunId(run);
  const rule = startedAt === null ? null : ruleThatRemoved(rules, key, now - startedAt);
  if (rule === null)
    return beginning('fail', `${missing}, nor any version of it, which no lifecycle rule explains.`, run);
  return beginning(
    'pass',
    `Earlier runs ended by the lifecycle rule ${rule.id} after ${count(rule.days, 'day')}.`,
  );
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
const daysOf = (age: number): string => count(Math.max(0, Math.floor(age / DAY)), 'day');
