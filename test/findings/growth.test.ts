import { describe, expect, it } from '@jest/globals';
import { compare } from '../../lambda/findings/compare.ts';
import type { Finding } from '../../lambda/findings/finding.ts';
import { writtenText } from '../../lambda/findings/written.ts';
import { aFinding, aResult } from './builders.ts';

const MIB = 1024 ** 2;
const STARTED = '2026-11-12T00:00:00.000Z';
const NOW = Date.parse('2026-11-29T06:00:00Z');

const layer = (bytes: number, inodes: number, since = STARTED): Finding => {
  const evidence = { since, sampledAt: '2026-11-29T05:59:50.000Z', bytes, inodes, limitBytes: 10 * MIB };
  return aFinding({
    check: 'writable-layer-drifted',
    container: 'app',
    message: `Container app ${writtenText(evidence)}. The limit is 10 MiB.`,
    evidence,
    lastSeen: '2026-11-22T06:00:00.000Z',
  });
};

const compared = (before: Finding, now: Finding): Finding | undefined =>
  compare([before], aResult({ findings: [now] }), NOW).findings[0];

describe('a writable layer that was measured before', () => {
  it('a layer that grew says how much, and since which run', () => {
    const found = compared(layer(17 * MIB, 100), layer(48 * MIB, 412));
    expect(found?.evidence).toMatchObject({
      grownBytes: 31 * MIB,
      grownInodes: 312,
      grownSince: '2026-11-22T06:00:00.000Z',
    });
    expect(found?.message).toBe(
      'Container app wrote 48 MiB since 12 Nov (31 MiB since 22 Nov). The limit is 10 MiB.',
    );
  });

  it('a layer that holds the same says so', () => {
    expect(compared(layer(48 * MIB, 412), layer(48 * MIB, 412))?.message).toContain(
      '(no more than on 22 Nov)',
    );
  });

  it('a container that was started anew has another layer, which did not grow', () => {
    const found = compared(layer(17 * MIB, 100), layer(48 * MIB, 412, '2026-11-25T00:00:00.000Z'));
    expect(found?.evidence).not.toHaveProperty('grownBytes');
    expect(found?.message).toBe('Container app wrote 48 MiB since 25 Nov. The limit is 10 MiB.');
  });
});
