/** RFC 3339 in UTC, as `metav1.Time` is written, or with milliseconds. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?<milliseconds>\.\d{3})?Z$/;

/** In epoch milliseconds, from 2001 to 2128: other whole numbers are no times, and the epoch stands for none. */
const isTime = (value: number): boolean => Number.isInteger(value) && value >= 1e12 && value <= 5e12;

/**
 * A snapshot as it would have been written at another time: every time in it, as text or in epoch milliseconds, is
 * moved by as much. What is derived from times stays, such as the numbers in the names of a CronJob's Jobs.
 * @param lines of the snapshot, each a JSON value; the first says when it was written
 * @param now epoch milliseconds
 */
export function moveTimes(lines: readonly string[], now: number): readonly string[] {
  const { takenAt } = JSON.parse(lines[0] ?? '{}') as { readonly takenAt?: string };
  const by = now - Date.parse(takenAt ?? '');
  // Kubernetes cuts off what is less than a second.
  const moved = (time: number): number => Math.floor((time + by) / 1000) * 1000;
  const reviver = (_key: string, value: unknown): unknown => {
    if (typeof value === 'number') return isTime(value) ? moved(value) : value;
    const found = typeof value === 'string' ? INSTANT.exec(value) : null;
    if (found === null) return value;
    const time = Date.parse(found[0]);
    if (!isTime(time)) return value;
    return found.groups?.['milliseconds'] === undefined
      ? `${new Date(moved(time)).toISOString().slice(0, 19)}Z`
      : new Date(time + by).toISOString();
  };
  return lines.map((line) => JSON.stringify(JSON.parse(line, reviver)));
}
