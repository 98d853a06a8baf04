import { UsageError } from '../../errors.ts';
import { DAY } from '../../inventory/durations.ts';
import type { StoredRecord } from '../records.ts';

/** Days, both included, in UTC. */
export interface Period {
  readonly from: string;
  readonly to: string;
}

/** @throws UsageError when these are no days in that order */
export function periodOf(from: string, to: string): Period {
  for (const [flag, day] of [
    ['--from', from],
    ['--to', to],
  ] as const) {
    if (!isDay(day)) throw new UsageError(`${flag} takes a day such as 2026-03-31, not "${day}".`);
  }
  if (from > to) throw new UsageError(`--from ${from} is after --to ${to}.`);
  return { from, to };
}

/** `Date.parse` takes the 31st of February for a day of March. */
function isDay(text: string): boolean {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

/** Runs that started in the period, in their order. */
export const inPeriod = (records: readonly StoredRecord[], { from, to }: Period): readonly StoredRecord[] =>
  records.filter(
    ({ manifest: { run } }) => from <= run.startedAt.slice(0, 10) && run.startedAt.slice(0, 10) <= to,
  );

/**
 * The longest time without a run within the period, its ends included; milliseconds. What is still to come has no runs to miss.
 * @param now Epoch milliseconds.
 */
export function longestPause(records: readonly StoredRecord[], { from, to }: Period, now: number): number {
  const starts = records.map(({ manifest }) => Date.parse(manifest.run.startedAt)).sort((a, b) => a - b);
  const begin = Date.parse(`${from}T00:00:00Z`);
  const end = Math.max(Math.min(Date.parse(`${to}T00:00:00Z`) + DAY, now), starts.at(-1) ?? begin);
  const times = [begin, ...starts, end];
  return times.slice(1).reduce((longest, at, index) => Math.max(longest, at - (times[index] ?? at)), 0);
}
