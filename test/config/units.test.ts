import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration, parseSize } from '../../lambda/config/units.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const duration = (text: string) => {
  const parsed = parseDuration(text);
  return parsed.ok ? parsed.value : parsed.problem;
};
const size = (text: string) => {
  const parsed = parseSize(text);
  return parsed.ok ? parsed.value : parsed.problem;
};

describe('a duration', () => {
  it.each([
    ['30d', 30 * DAY],
    ['24h', DAY],
    ['90m', 1.5 * HOUR],
    ['2w', 14 * DAY],
    ['45s', 45_000],
    ['1d12h', 36 * HOUR],
    ['1w2d3h4m5s', 9 * DAY + 3 * HOUR + 4 * 60_000 + 5000],
    ['0d', 0],
    ['007d', 7 * DAY],
    ['36500d', 36_500 * DAY],
  ])('the duration %s is read', (text, milliseconds) => {
    expect(duration(text)).toBe(milliseconds);
  });

  it.each([
    ['', 'is empty'],
    ['30', 'has no unit'],
    ['-30d', 'is negative'],
    ['1.5d', 'a day and a half is 1d12h'],
    ['1,5d', 'a day and a half is 1d12h'],
    ['P30D', 'ISO 8601'],
    ['PT24H', 'ISO 8601'],
    ['3M', 'neither m for minutes'],
    ['3mo', 'months or years'],
    ['1y', 'months or years'],
    ['30 days', 'one letter'],
    ['24hours', 'one letter'],
    ['24H', 'lower case'],
    ['12h1d', 'from large to small'],
    ['1d1d', 'each once'],
    ['1d 12h', 'without spaces'],
    ['30 d', 'without spaces'],
    ['36501d', 'longer than 100 years'],
    [`${'9'.repeat(400)}d`, 'longer than 100 years'],
    ['soon', 'is not a duration'],
    ['30d\n', 'is not a duration'],
    ['٣٠d', 'is not a duration'],
  ])('the duration %j is refused with the reason', (text, problem) => {
    expect(duration(text)).toContain(problem);
  });

  it('a wrong duration is refused however long the text', () => {
    for (const text of [
      '1d'.repeat(50_000),
      `${'1'.repeat(100_000)}x`,
      '1d '.repeat(50_000),
      'x'.repeat(100_000),
    ]) {
      expect(typeof duration(text)).toBe('string');
    }
  });
});

describe('a size', () => {
  it.each([
    ['10Mi', 10 * 1024 * 1024],
    ['512Ki', 512 * 1024],
    ['1G', 1_000_000_000],
    ['1k', 1000],
    ['1.5Gi', 1.5 * 1024 ** 3],
    ['.5Ki', 512],
    ['1.', 1],
    ['+5', 5],
    ['1048576', 1_048_576],
    ['1e6', 1_000_000],
    ['1E3', 1000],
    ['1500e-3', 2],
    ['0.1', 1],
    ['0', 0],
    ['7Pi', 7 * 1024 ** 5],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
  ])('the size %s is read as a Kubernetes quantity', (text, bytes) => {
    expect(size(text)).toBe(bytes);
  });

  it.each([
    ['', 'is empty'],
    ['-1Mi', 'is negative'],
    ['10MB', 'which Kubernetes writes M'],
    ['10MiB', 'which Kubernetes writes Mi'],
    ['10K', 'which Kubernetes writes k'],
    ['10mi', 'which Kubernetes writes Mi'],
    ['10m', 'thousandths of a byte'],
    ['10 Mi', 'without spaces'],
    ['10Zi', 'unknown unit Zi'],
    ['8Pi', 'larger than 8 PiB'],
    ['5E', 'larger than 8 PiB'],
    ['1e99', 'larger than 8 PiB'],
    ['9'.repeat(65), 'too long'],
    ['1e999999999', 'is not a size'],
    ['ten', 'is not a size'],
    ['1.2.3Mi', 'is not a size'],
  ])('the size %j is refused with the reason', (text, problem) => {
    expect(size(text)).toContain(problem);
  });

  it('a size is exact, where floating point would not be', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 43n - 1n), (kibibytes) => {
        expect(size(`${kibibytes}Ki`)).toBe(Number(kibibytes * 1024n));
      }),
    );
    expect(size('4503599627370495.5')).toBe(4503599627370496);
  });
});

describe('durations for people', () => {
  it.each([
    [0, '0s'],
    [999, '0s'],
    [45_000, '45s'],
    [90_000, '1m 30s'],
    [2 * HOUR, '2h'],
    [1.5 * HOUR, '1h 30m'],
    [3 * DAY + 4 * HOUR + 59 * 60_000, '3d 4h'],
    [3 * DAY + 59 * 60_000, '3d'],
    [8 * DAY - 1, '7d 23h'],
    [8 * DAY + 5 * HOUR, '8d'],
    [42 * DAY - 1, '41d'],
    [-5 * DAY, '0s'],
    [Number.NaN, 'unknown'],
  ])('a duration of %d ms is written %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });

  it('an age is never written longer than it is', () => {
    const unit: Readonly<Record<string, number>> = { d: DAY, h: HOUR, m: 60_000, s: 1000 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4000 * DAY }), (milliseconds) => {
        const parts = formatDuration(milliseconds).split(' ');
        const written = parts.reduce(
          (sum, part) => sum + Number.parseInt(part, 10) * (unit[part.at(-1) ?? ''] ?? 0),
          0,
        );
        expect(written).toBeLessThanOrEqual(milliseconds);
        expect(milliseconds - written).toBeLessThan(unit[parts.at(-1)?.at(-1) ?? ''] ?? 0);
      }),
    );
  });
});
