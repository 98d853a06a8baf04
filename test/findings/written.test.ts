import { describe, expect, test } from '@jest/globals';
import { writtenText } from '../../lambda/findings/written.ts';

const MIB = 1024 ** 2;

const EVIDENCE = {
  bytes: 48 * MIB,
  inodes: 412,
  limitBytes: 10 * MIB,
  limitInodes: null,
  since: '2026-11-12T00:00:00.000Z',
  sampledAt: '2026-11-29T06:00:00.000Z',
  smallestBytes: null,
  smallestInodes: null,
  measured: 1,
};

const GROWN = { grownBytes: 31 * MIB, grownInodes: 312, grownSince: '2026-11-22T06:00:00.000Z' };
const SIBLINGS = { measured: 3, smallestBytes: 0.3 * MIB, smallestInodes: 9 };

const text = (changes: object = {}): string | null => writtenText({ ...EVIDENCE, ...changes });

describe('what was written, in a few words', () => {
  test('the amount and the day of the start are all that is said of one container without a history', () => {
    expect(text()).toBe('wrote 48 MiB since 12 Nov');
  });

  test('growth and siblings follow where they are known', () => {
    expect(text({ ...GROWN, ...SIBLINGS })).toBe(
      'wrote 48 MiB since 12 Nov (31 MiB since 22 Nov), smallest sibling 307 KiB',
    );
    expect(text({ ...SIBLINGS, measured: 2 })).toBe('wrote 48 MiB since 12 Nov, its sibling 307 KiB');
  });

  test('a layer that does not grow, or shrank, says so instead of a number', () => {
    const same = 'wrote 48 MiB since 12 Nov (no more than on 22 Nov)';
    expect(text({ ...GROWN, grownBytes: 0, grownInodes: 0 })).toBe(same);
    expect(text({ ...GROWN, grownBytes: -MIB, grownInodes: -1 })).toBe(same);
  });

  test('growth in inodes alone is growth', () => {
    expect(text({ ...GROWN, grownBytes: 0 })).toBe('wrote 48 MiB since 12 Nov (312 inodes since 22 Nov)');
  });

  test('where only inodes are above their limit they come first, and no bytes are not said', () => {
    const many = { bytes: 28_672, inodes: 1006, limitInodes: 200 };
    expect(text(many)).toBe('wrote 1006 inodes (28 KiB) since 12 Nov');
    expect(text({ ...many, bytes: 0 })).toBe('wrote 1006 inodes since 12 Nov');
    expect(text({ ...many, ...GROWN, ...SIBLINGS })).toBe(
      'wrote 1006 inodes (28 KiB) since 12 Nov (312 inodes since 22 Nov), smallest sibling 9 inodes',
    );
  });

  test('both are said where both are above their limits', () => {
    expect(text({ limitInodes: 200, ...SIBLINGS })).toBe(
      'wrote 48 MiB in 412 inodes since 12 Nov, smallest sibling 307 KiB',
    );
  });

  test('the year is said of a start in another one', () => {
    expect(text({ since: '2025-11-12T00:00:00.000Z' })).toBe('wrote 48 MiB since 12 Nov 2025');
  });

  test('rows that do not hold it say nothing', () => {
    for (const key of ['bytes', 'inodes', 'since', 'sampledAt']) {
      const { [key as 'bytes']: _, ...rest } = EVIDENCE;
      expect(writtenText(rest)).toBeNull();
    }
    expect(text({ since: 'yesterday' })).toBeNull();
  });
});
