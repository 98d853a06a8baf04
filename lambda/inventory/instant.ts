import { HOUR, SECOND } from './durations.ts';

/** As many hours as seven years have: more than most pods live. */
const MAX_HOURS = 1 << 16;

/** By hour since the epoch, such as `2026-03-01T12:`. */
const hours = new Map<number, string>();
/** By second of the hour, such as `59:30.000Z`. */
const ends = new Array<string>(3600).fill('');

/**
 * What `new Date(time).toISOString()` gives, at a tenth of its time: an inventory has several times for
 * every pod, of few hours.
 *
 * @param time Epoch milliseconds.
 * @throws RangeError when it is no time.
 */
export function instantText(time: number): string {
  const hour = Math.floor(time / HOUR);
  const rest = time - hour * HOUR;
  const start = hours.get(hour) ?? startOf(hour);
  if (rest % SECOND !== 0) return start + endOf(rest);
  return start + (ends[rest / SECOND] || keptEnd(rest));
}

function startOf(hour: number): string {
  const text = new Date(hour * HOUR).toISOString();
  const start = text.slice(0, text.indexOf(':') + 1);
  if (hours.size >= MAX_HOURS) hours.clear();
  hours.set(hour, start);
  return start;
}

const endOf = (rest: number): string => new Date(rest).toISOString().slice('1970-01-01T00:'.length);

function keptEnd(rest: number): string {
  const end = endOf(rest);
  ends[rest / SECOND] = end;
  return end;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * For people: `27 Nov`, with the year where it is not that of `now`. Days are those of UTC.
 * @param time Epoch milliseconds, as `now`.
 */
export function dayText(time: number, now: number): string {
  const date = new Date(time);
  const text = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''}`;
  return date.getUTCFullYear() === new Date(now).getUTCFullYear() ? text : `${text} ${date.getUTCFullYear()}`;
}
