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
    const at = /^\d{4}-\d\d-\d\d$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
    if (Number.isNaN(at)) throw new UsageError(`${flag} takes a day such as 2026-03-31, not "${day}".`);
  }
  if (from > to) throw new UsageError(`--from ${from} is after --to ${to}.`);
  return { from, to };
}

/** Runs that started in the period, in their order. */
export const inPeriod = (records: readonly StoredRecord[], { from, to }: Period): readonly StoredRecord[] =>
  records.filter(
    ({ manifest: { run } }) => from <= run.startedAt.slice(0, 10) && run.startedAt.slice(0, 10) <= to,
  );

/** The longest time without a run within the period, its ends included; milliseconds. */
export function longestPause(records: readonly StoredRecord[], { from, to }: Period): number {
  const starts = records.map(({ manifest }) => Date.parse(manifest.run.startedAt)).sort((a, b) => a - b);
  const times = [Date.parse(`${from}T00:00:00Z`), ...starts, Date.parse(`${to}T00:00:00Z`) + DAY];
  return times.slice(1).reduce((longest, at, index) => Math.max(longest, at - (times[index] ?? at)), 0);
}
