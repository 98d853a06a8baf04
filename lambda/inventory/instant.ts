const DAY = 86_400_000;
const HOUR = 3_600_000;
const MINUTE = 60_000;
const SECOND = 1000;

/** As many days as a century has: more than pods live. */
const MAX_DAYS = 36_525;

/** By day since the epoch, such as `2026-03-01T`. */
const dates = new Map<number, string>();
const two = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/**
 * What `new Date(time).toISOString()` gives, at a quarter of its time: an inventory has several times for
 * every pod, of few days.
 *
 * @param time Epoch milliseconds.
 * @throws RangeError when it is no time.
 */
export function instantText(time: number): string {
  const day = Math.floor(time / DAY);
  const rest = time - day * DAY;
  const hour = two[Math.floor(rest / HOUR)];
  const minute = two[Math.floor((rest % HOUR) / MINUTE)];
  const second = two[Math.floor((rest % MINUTE) / SECOND)];
  const millisecond = String(rest % SECOND).padStart(3, '0');
  return `${dates.get(day) ?? dateOf(day)}${hour}:${minute}:${second}.${millisecond}Z`;
}

function dateOf(day: number): string {
  const text = new Date(day * DAY).toISOString();
  const date = text.slice(0, text.indexOf('T') + 1);
  if (dates.size >= MAX_DAYS) dates.clear();
  dates.set(day, date);
  return date;
}
