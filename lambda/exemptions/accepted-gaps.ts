import type { AcceptedGap } from '../config/config.ts';
import { matchesAny, matchesCluster } from '../config/match.ts';
import type { NotEvaluated } from '../findings/not-evaluated.ts';
import { DAY } from '../inventory/durations.ts';
import { EXPIRING_DAYS, endOfDay } from './exemptions.ts';

/** Gaps that the configuration accepts and that a person must look at. */
export interface AcceptedGapNotes {
  /** Past their last day: what they accepted counts again. */
  readonly expired: readonly AcceptedGapNote[];
  /** Still valid; their last day is today or at most 14 days ahead. */
  readonly expiring: readonly AcceptedGapNote[];
  /** Valid, but nothing of this run matches them. */
  readonly unused: readonly AcceptedGapNote[];
  /** Valid, and this run leaves open what they match and the last one did not. Absent in earlier decisions. */
  readonly grown?: readonly AcceptedGapNote[];
}

export interface AcceptedGapNote {
  readonly accepted: AcceptedGap;
  /** How many rows of this run it matches. */
  readonly rows: number;
  /** How many of them the last run did not have; absent where that is not known. */
  readonly fresh?: number;
}

/**
 * Whether a row is accepted: by an entry that has not expired, whose reason it has and each given part of whose `match`
 * fits it. A row about a whole cluster is in no namespace.
 *
 * @param now Epoch milliseconds.
 */
export function acceptance(entries: readonly AcceptedGap[], now: number): (row: NotEvaluated) => boolean {
  const valid = entries.filter((entry) => now < endOfDay(entry.expires));
  return (row) => valid.some((entry) => fits(entry, row));
}

/**
 * What is to be said about the entries, given the rows of a run.
 *
 * @param since RFC 3339: the start of the run; `null`: there was no run before, so that no row tells what it left open
 */
export function acceptedGapNotes(
  entries: readonly AcceptedGap[],
  rows: readonly NotEvaluated[],
  now: number,
  since: string | null = null,
): AcceptedGapNotes {
  return notesOfCounts(entries, acceptedGapCounts(entries, rows, since), now, since);
}

/** How many rows of a run an entry matches, and how many of these its last run did not have. */
export interface AcceptedGapCount {
  readonly rows: number;
  readonly fresh: number;
}

/** For each entry, in their order: counts of the clusters of a run add up. */
export const acceptedGapCounts = (
  entries: readonly AcceptedGap[],
  rows: readonly NotEvaluated[],
  since: string | null,
): readonly AcceptedGapCount[] =>
  entries.map((accepted) =>
    countsOf(
      rows.filter((row) => fits(accepted, row)),
      since,
    ),
  );

/** As {@link acceptedGapNotes}, where rows were counted before. */
export function notesOfCounts(
  entries: readonly AcceptedGap[],
  counts: readonly AcceptedGapCount[],
  now: number,
  since: string | null,
): AcceptedGapNotes {
  const notes = entries.map((accepted, index) => ({
    accepted,
    end: endOfDay(accepted.expires),
    ...(counts[index] ?? { rows: 0, fresh: 0 }),
  }));
  const noteOf = ({ accepted, rows: count, fresh }: (typeof notes)[number]): AcceptedGapNote => ({
    accepted,
    rows: count,
    ...(since === null ? {} : { fresh }),
  });
  const valid = notes.filter(({ end }) => now < end);
  return {
    expired: notes.filter(({ end }) => !(now < end)).map(noteOf),
    expiring: valid.filter(({ end }) => end - DAY - now <= EXPIRING_DAYS * DAY).map(noteOf),
    unused: valid.filter(({ rows: count }) => count === 0).map(noteOf),
    grown: valid.filter(({ fresh }) => since !== null && fresh > 0).map(noteOf),
  };
}

const countsOf = (rows: readonly NotEvaluated[], since: string | null): AcceptedGapCount => ({
  rows: rows.length,
  fresh: rows.filter((row) => row.since === since).length,
});

function fits({ reason, match }: AcceptedGap, row: NotEvaluated): boolean {
  const { clusters, namespaces, checks } = match;
  if (row.reason !== reason) return false;
  if (clusters !== null && !clusters.some((pattern) => matchesCluster(pattern, row.cluster))) return false;
  if (checks !== null && !matchesAny(checks, row.check)) return false;
  return namespaces === null || (row.workload !== null && matchesAny(namespaces, row.workload.namespace));
}
