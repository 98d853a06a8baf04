import { ReadError } from '../../errors.ts';
import { wholeDecision } from '../../run/whole-decision.ts';
import type { ReportStore } from '../../store/store.ts';
import { runIds } from '../resolve-run.ts';
import { type Difference, differenceOf } from './difference.ts';
import { readSide, type Side, sideOf } from './side.ts';

/** A run, and where it is recorded. */
export interface RecordedSide {
  readonly store: ReportStore;
  readonly run: string;
}

/**
 * Compares two recorded runs. What became of a finding is read from the run that said it: the newer one, or one between them,
 * as far back as it takes.
 *
 * @param sameStore Both are of one store, so that runs between them are there, too.
 */
export async function compareRuns(
  before: RecordedSide,
  after: RecordedSide,
  { sameStore }: { readonly sameStore: boolean },
): Promise<Difference> {
  const [old, now] = [await readSide(before.store, before.run), await readSide(after.store, after.run)];
  const between: Side[] = [];
  const unexplained = new Set(
    [...old.present.keys()].filter((id) => !now.present.has(id) && !now.over.has(id)),
  );
  if (sameStore && unexplained.size > 0) {
    const ids = (await runIds(after.store)).filter((id) => before.run < id && id < after.run);
    for (const id of ids.toReversed()) {
      const side = await sideBetween(after.store, id);
      if (side === null) continue;
      between.push(side);
      for (const explained of side.over.keys()) unexplained.delete(explained);
      if (unexplained.size === 0) break;
    }
  }
  return differenceOf(old, now, between);
}

/** One that cannot be read explains nothing. */
async function sideBetween(store: ReportStore, id: string): Promise<Side | null> {
  try {
    const decided = await wholeDecision(store, id);
    return decided === null ? null : sideOf(decided);
  } catch (error) {
    if (error instanceof ReadError) return null;
    throw error;
  }
}
