import { DAY } from '../inventory/durations.ts';
import { dayText } from '../inventory/instant.ts';
import { count } from './words.ts';

/** `27 Nov`, with the year where it is not that of `now`; a text that is no time as it is. Days are those of UTC. */
export function day(rfc3339: string, now: string): string {
  const time = Date.parse(rfc3339);
  return Number.isNaN(time) ? rfc3339 : dayText(time, Date.parse(now));
}

/** Whether it was so in an earlier run. */
export const isSince = (since: string | null | undefined, now: string): since is string =>
  since != null && Date.parse(since) < Date.parse(now);

/** `, since 27 Nov`; empty where it is of this run. */
export const sinceText = (since: string | null | undefined, now: string): string =>
  isSince(since, now) ? `, since ${day(since, now)}` : '';

/** Whole days, at least 0; `null` when one of them is no time. */
export function daysBetween(since: string, now: string): number | null {
  const days = Math.floor((Date.parse(now) - Date.parse(since)) / DAY);
  return Number.isNaN(days) ? null : Math.max(days, 0);
}

/** `open 28 days`, `new`; empty when it is not known. */
export function openFor(firstSeen: string, now: string): string {
  const days = daysBetween(firstSeen, now);
  if (days === null) return '';
  return days === 0 ? 'new' : `open ${count(days, 'day')}`;
}
