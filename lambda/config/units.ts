import { DAY, HOUR, MINUTE, SECOND, WEEK } from '../inventory/durations.ts';
/** A number, or half a sentence on why the text is none: `has no unit`. */
export type Parsed =
  | { readonly ok: true; readonly value: number }
  | { readonly ok: false; readonly problem: string };

/** Longer limits are typing errors, and sums of them must stay exact. */
const LONGEST = 36_500 * DAY;

/** Units from large to small, each at most once, as in Prometheus. For the JSON Schema, too. */
export const DURATION_PATTERN = '^(?=.)([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$';
const DURATION = new RegExp(DURATION_PATTERN);
const DURATION_UNITS = [WEEK, DAY, HOUR, MINUTE, SECOND];

/**
 * Reads `30d`, `24h`, `90m`, `2w`, `45s` and combinations such as `1d12h`; a day has 24 hours.
 *
 * @returns Milliseconds, zero included, at most 36,500 days.
 */
export function parseDuration(text: string): Parsed {
  const parts = DURATION.exec(text);
  if (parts === null) return no(durationProblem(text));
  const value = DURATION_UNITS.reduce(
    (sum, unit, i) => sum + unit * Number.parseInt(parts[i + 1] ?? '0', 10),
    0,
  );
  return value > LONGEST ? no('is longer than 100 years') : { ok: true, value };
}

/** Tells what is most likely meant, because `30`, `1M` and `30 days` are what people write. */
function durationProblem(text: string): string {
  if (text.trim() === '') return 'is empty';
  if (text.startsWith('-')) return 'is negative';
  if (/^[0-9]+$/.test(text)) return 'has no unit';
  if (/^p/i.test(text)) return 'is written as in ISO 8601, which is not understood';
  if (/[0-9][.,][0-9]/.test(text)) return 'has a fraction (a day and a half is 1d12h)';
  if (/^[0-9]+ *M$/.test(text)) return 'has the unit M, which is neither m for minutes nor days or weeks';
  if (/^[0-9]+ *(mo|months?|y|years?)$/i.test(text)) return 'uses months or years, which differ in length';
  if (/^[0-9]+ *[a-z]{3,}$/i.test(text)) return 'must have its unit as one letter: w, d, h, m or s';
  if (/^([0-9]+[wdhms])+$/.test(text))
    return 'must name its units from large to small (w, d, h, m, s), each once';
  if (/^([0-9]+[wdhms])+$/i.test(text)) return 'must have its units in lower case';
  if (/^([0-9]+ *[wdhms] *)+$/.test(text)) return 'must be written without spaces';
  return 'is not a duration';
}

/**
 * `<signedNumber><suffix>` of Kubernetes quantities, without the suffixes below one (`m`, `u`, `n`) and without a sign.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export const SIZE_PATTERN =
  '^[+]?(?:([0-9]+)(?:[.]([0-9]*))?|[.]([0-9]+))([EPTGM]i?|Ki|k|[eE][+-]?[0-9]{1,2})?$';
const SIZE = new RegExp(SIZE_PATTERN);

/** `E` alone is exa; followed by digits it is a power of ten. */
const SUFFIXES: Readonly<Record<string, bigint>> = {
  k: 10n ** 3n,
  M: 10n ** 6n,
  G: 10n ** 9n,
  T: 10n ** 12n,
  P: 10n ** 15n,
  E: 10n ** 18n,
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};

/** Longer numbers are hostile; bounded so that the arithmetic stays cheap. */
const LONGEST_NUMBER = 64;

/**
 * Reads a size as a Kubernetes quantity: `10Mi`, `512Ki`, `1G`, `1.5Gi`, `1048576`, `1e6`.
 * A fraction of a byte is rounded up, as `Quantity.Value()` does.
 *
 * @returns Bytes, zero included, at most 2^53 - 1 (quantities end at 2^63 - 1, exact numbers here before).
 */
export function parseSize(text: string): Parsed {
  const parts = text.length > LONGEST_NUMBER ? null : SIZE.exec(text);
  if (parts === null) return no(sizeProblem(text));
  const fraction = parts[2] ?? parts[3] ?? '';
  const digits = BigInt((parts[1] ?? '') + fraction);
  const suffix = parts[4] ?? '';
  const exponent = SUFFIXES[suffix] === undefined && suffix !== '' ? Number.parseInt(suffix.slice(1), 10) : 0;
  const multiplied = digits * (SUFFIXES[suffix] ?? 1n) * 10n ** BigInt(Math.max(exponent, 0));
  const divisor = 10n ** BigInt(fraction.length + Math.max(-exponent, 0));
  const bytes = (multiplied + divisor - 1n) / divisor;
  if (bytes > BigInt(Number.MAX_SAFE_INTEGER)) return no('is larger than 8 PiB');
  return { ok: true, value: Number(bytes) };
}

function sizeProblem(text: string): string {
  const unit = /^[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+) *([a-zA-Z]+)$/.exec(
    text.slice(0, LONGEST_NUMBER),
  )?.[1];
  if (text.trim() === '') return 'is empty';
  if (text.length > LONGEST_NUMBER) return 'is too long for a number';
  if (text.startsWith('-')) return 'is negative';
  if (unit === undefined) return 'is not a size';
  if (unit === 'm') return 'uses m, thousandths of a byte: write M (million) or Mi (1024 × 1024)';
  if (text.includes(' ')) return 'must be written without spaces';
  const known = Object.keys(SUFFIXES).find(
    (suffix) => suffix.toLowerCase() === unit.toLowerCase().replace(/b$/, ''),
  );
  return known === undefined
    ? `has the unknown unit ${unit}`
    : `has the unit ${unit}, which Kubernetes writes ${known}`;
}

/**
 * For people, as `kubectl get` shows ages: the two largest units below 8 days (`3d 4h`, `1h 30m`),
 * whole days from there on (`41d`). Cut off, never rounded up. Negative durations are `0s`.
 */
export function formatDuration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return 'unknown';
  const rest = Math.max(0, milliseconds);
  if (rest >= 8 * DAY) return `${Math.floor(rest / DAY)}d`;
  const steps: readonly (readonly [string, number])[] = [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', SECOND],
  ];
  const first = steps.findIndex(([, unit]) => rest >= unit);
  if (first === -1) return '0s';
  const amounts = steps.map(([name, unit], i) => {
    const larger = i === 0 ? Number.POSITIVE_INFINITY : (steps[i - 1]?.[1] ?? 1);
    return { name, amount: Math.floor((rest % larger) / unit) };
  });
  const shown = amounts.slice(first, first + 2).filter(({ amount }) => amount > 0);
  return shown.map(({ name, amount }) => `${amount}${name}`).join(' ');
}

/**
 * For people, in binary units with one decimal below ten: `8 KiB`, `1.3 MiB`, `48 MiB`. Rounded to the nearest.
 * @param bytes from 0 on
 */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let amount = bytes;
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  const digits = unit === 0 || amount >= 10 ? 0 : 1;
  return `${amount.toFixed(digits).replace(/\.0$/, '')} ${units[unit]}`;
}

const no = (problem: string): Parsed => ({ ok: false, problem });
