import { DAY, MINUTE } from '../inventory/durations.ts';
import { quote } from '../wording.ts';
import type { Problem } from './formats.ts';

/*
 * Schedules as EventBridge Scheduler takes them: minute, hour, day of the month, month, day of the week, year
 * (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based). Read here to tell
 * mistakes before a deployment, and after how long a missing run is late.
 */

const EXAMPLE = '0 6 ? * MON *';
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
/** Sunday is 1. */
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
/** An invocation may take 15 minutes; two runs at once would compare with the same past. */
const SHORTEST = 60 * MINUTE;

type Day = (date: Date) => boolean;

interface Schedule {
  /** Minutes after midnight, ascending. */
  readonly times: readonly number[];
  readonly day: Day;
}

/** What is wrong with a schedule, as a sentence after its path, or `null`. */
export function scheduleProblem(text: string): Problem {
  const schedule = parse(text);
  if (typeof schedule === 'string') return `${quote(text)} ${schedule}`;
  const { shortest } = gaps(schedule);
  if (shortest === null) return `${quote(text)} never occurs; write one such as ${quote(EXAMPLE)}.`;
  if (shortest >= SHORTEST) return null;
  return `${quote(text)} starts runs less than an hour apart; leave at least an hour between them.`;
}

/**
 * The longest time between two runs in milliseconds, without changes of the clock, which add an hour.
 * @throws Error for what {@link scheduleProblem} refuses
 */
export function longestGap(text: string): number {
  const schedule = parse(text);
  const longest = typeof schedule === 'string' ? null : gaps(schedule).longest;
  if (longest === null) throw new Error(`The schedule ${quote(text)} was not checked.`);
  return longest;
}

function parse(text: string): Schedule | string {
  const fields = text.trim().split(/\s+/);
  const [minute = '', hour = '', monthDay = '', month = '', weekday = '', year = ''] = fields;
  if (text.includes('(')) return `must be written without cron( and ), such as ${quote(EXAMPLE)}.`;
  if (fields.length !== 6) {
    return `has ${fields.length} fields; write six: minute, hour, day of the month, month, day of the week and year, such as ${quote(EXAMPLE)}.`;
  }
  if ((monthDay === '?') === (weekday === '?')) {
    return `must have ? for exactly one of day of the month and day of the week, such as ${quote(EXAMPLE)}.`;
  }
  if (year !== '*') return 'must have * for the year: otherwise the audits would end without notice.';
  const minutes = numbers(minute, { from: 0, to: 59 });
  const hours = numbers(hour, { from: 0, to: 23 });
  const months = numbers(month, { from: 1, to: 12, names: MONTHS });
  const day = weekday === '?' ? dayOfMonth(monthDay) : dayOfWeek(weekday);
  const parts = { minute: minutes, hour: hours, month: months, day };
  const wrong = Object.entries(parts).find(([, part]) => part === null);
  if (wrong !== undefined || minutes === null || hours === null || months === null || day === null) {
    return `cannot be read at the ${wrong?.[0]}; write it as in ${quote(EXAMPLE)}.`;
  }
  const times = hours.flatMap((h) => minutes.map((m) => h * 60 + m));
  return { times, day: (date) => months.includes(date.getUTCMonth() + 1) && day(date) };
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

/** `*`, `5`, `1-5`, `MON-FRI`, `0/15` and lists of them, ascending; `null` for anything else. */
function numbers(text: string, range: Range): readonly number[] | null {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return null;
    const [, all, first, last, step] = match;
    const from = all ? range.from : value(first, range);
    const to = all || (step && !last) ? range.to : value(last ?? first, range);
    const by = step === undefined ? 1 : Number(step);
    if (from === null || to === null || from > to || by < 1) return null;
    for (let n = from; n <= to; n += by) found.add(n);
  }
  return [...found].sort((a, b) => a - b);
}

function value(text: string | undefined, { from, to, names = [] }: Range): number | null {
  if (text === undefined) return null;
  const named = names.indexOf(text.toUpperCase());
  const number = named === -1 ? (/^\d+$/.test(text) ? Number(text) : Number.NaN) : named + from;
  return number >= from && number <= to ? number : null;
}

/** Numbers, `L` for the last day, `15W` for the weekday that is nearest to the 15th. */
function dayOfMonth(text: string): Day | null {
  if (text === 'L') return (date) => date.getUTCDate() === lastDay(date);
  const near = /^(\d{1,2})W$/.exec(text)?.[1];
  if (near !== undefined)
    return Number(near) >= 1 && Number(near) <= 31 ? nearestWeekday(Number(near)) : null;
  const days = numbers(text, { from: 1, to: 31 });
  return days && ((date) => days.includes(date.getUTCDate()));
}

/** Numbers and names, `6L` for the last Friday of the month, `2#1` for its first Monday. */
function dayOfWeek(text: string): Day | null {
  const range = { from: 1, to: 7, names: WEEKDAYS };
  const [, name, which] = /^(\w+?)(L|#[1-5])$/.exec(text) ?? [];
  if (which !== undefined) {
    const wanted = value(name, range);
    if (wanted === null) return null;
    const inMonth = (date: Date): boolean =>
      which === 'L'
        ? date.getUTCDate() > lastDay(date) - 7
        : Math.ceil(date.getUTCDate() / 7) === Number(which.slice(1));
    return (date) => date.getUTCDay() + 1 === wanted && inMonth(date);
  }
  const days = numbers(text, range);
  return days && ((date) => days.includes(date.getUTCDay() + 1));
}

const lastDay = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** Within the month: the 1st on a Saturday means Monday the 3rd. */
const nearestWeekday =
  (wanted: number): Day =>
  (date) => {
    const last = lastDay(date);
    if (wanted > last) return false;
    const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), wanted)).getUTCDay();
    const shift = weekday === 6 ? (wanted === 1 ? 2 : -1) : weekday === 0 ? (wanted === last ? -2 : 1) : 0;
    return date.getUTCDate() === wanted + shift;
  };

/** Of 8 years, so that leap days have come twice. */
function gaps({ times, day }: Schedule): {
  readonly shortest: number | null;
  readonly longest: number | null;
} {
  let previous: number | null = null;
  let shortest: number | null = null;
  let longest: number | null = null;
  for (let midnight = Date.UTC(2024, 0, 1); midnight < Date.UTC(2032, 0, 1); midnight += DAY) {
    if (!day(new Date(midnight))) continue;
    for (const time of times) {
      const now = midnight + time * MINUTE;
      if (previous !== null) {
        shortest = Math.min(shortest ?? Number.POSITIVE_INFINITY, now - previous);
        longest = Math.max(longest ?? 0, now - previous);
      }
      previous = now;
    }
  }
  return { shortest, longest };
}
