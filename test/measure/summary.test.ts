import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import { joinLayers } from '../../lambda/measure/join.ts';
import { createReadings } from '../../lambda/measure/readings.ts';
import { isSummary, readSummary } from '../../lambda/measure/summary.ts';
import { aPod } from '../support/builders.ts';
import { runs } from '../support/runs.ts';
import { oracleText } from './oracles/read-oracle.ts';

const oracle = (name: string) => JSON.parse(oracleText(name));

const answer = (rootfs: unknown) => ({
  node: { nodeName: 'n' },
  pods: [{ podRef: { namespace: 'shop', name: 'web' }, containers: [{ name: 'app', rootfs }] }],
});
const layerOf = (rootfs: unknown) => readSummary(answer(rootfs))?.layers[0];
const TIME = '2026-11-29T07:09:04Z';
const AT = Date.parse(TIME);

describe('what a real kubelet answers', () => {
  test.each(['summary-ext4-overlayfs.json', 'summary-xfs-overlayfs.json', 'summary-with-api-server.json'])(
    '%s: every layer is measured, but for those that the runtime does not know',
    (name) => {
      const summary = oracle(name);
      expect(isSummary(summary)).toBe(true);
      for (const { pod, reading, because } of readSummary(summary)?.layers ?? []) {
        expect([pod, reading === null]).toEqual([pod, because !== null]);
        if (reading !== null) expect(reading.inodes).toBeGreaterThanOrEqual(5);
      }
    },
  );

  test('a layer of 0 bytes on XFS is an idle layer, and one of 0 inodes is unknown', () => {
    const layers = readSummary(oracle('summary-xfs-overlayfs.json'))?.layers ?? [];
    expect(layers.filter(({ reading }) => reading?.bytes === 0).length).toBeGreaterThan(0);
    expect(layerOf({ time: '1970-01-01T00:00:00Z', usedBytes: 0, inodesUsed: 0 })).toMatchObject({
      reading: null,
      because: 'not-sampled',
    });
  });
});

describe('an answer of a kubelet', () => {
  test.each([
    ['no rootfs', undefined, 'no-rootfs'],
    ['no numbers', { time: TIME }, 'no-rootfs'],
    ['inodes are missing', { time: TIME, usedBytes: 8192 }, 'malformed'],
    ['bytes are missing', { time: TIME, inodesUsed: 5 }, 'malformed'],
    ['no time', { usedBytes: 8192, inodesUsed: 5 }, 'malformed'],
    ['a time that is none', { time: 'yesterday', usedBytes: 8192, inodesUsed: 5 }, 'malformed'],
    ['negative bytes', { time: TIME, usedBytes: -1, inodesUsed: 5 }, 'malformed'],
    ['text', { time: TIME, usedBytes: '8192', inodesUsed: 5 }, 'malformed'],
    ['no inodes', { time: TIME, usedBytes: 8192, inodesUsed: 0 }, 'not-sampled'],
    ['the epoch', { time: '1970-01-01T00:00:00Z', usedBytes: 8192, inodesUsed: 5 }, 'not-sampled'],
  ])('with %s the layer is unknown', (_, rootfs, because) => {
    expect(layerOf(rootfs)).toMatchObject({ reading: null, because });
  });

  test('a sample that is minutes older than others of its node is given up', () => {
    const of = (name: string, time: string) => ({ name, rootfs: { time, usedBytes: 8192, inodesUsed: 5 } });
    const containers = [of('app', '2026-11-29T06:09:04Z'), of('proxy', TIME)];
    const summary = {
      node: { nodeName: 'n' },
      pods: [{ podRef: { namespace: 'a', name: 'b' }, containers }],
    };
    expect(readSummary(summary)?.layers.map(({ because }) => because)).toEqual(['not-sampled', null]);
  });

  test('no damage to a field makes a layer that is full look empty', () => {
    const full = { time: TIME, usedBytes: 50_000_000, inodesUsed: 5000 };
    const damage = fc.record({
      field: fc.constantFrom('time', 'usedBytes', 'inodesUsed'),
      value: fc.anything(),
    });
    fc.assert(
      fc.property(damage, ({ field, value }) => {
        const found = layerOf({ ...full, [field]: value });
        // A number that is another number is no damage that anyone could see.
        if (Number.isSafeInteger(value) && (value as number) > 0) return;
        if (field === 'usedBytes' && value === 0) return;
        expect(found?.reading ?? null).toBeNull();
      }),
      { numRuns: runs(300) },
    );
  });
});

const START = AT - 60_000;

function pod(over: Partial<PodRecord> = {}): PodRecord {
  return aPod({ name: 'web', namespace: 'shop', nodeName: 'n', ...over });
}

function join(sampledAt: number, node = 'n') {
  const readings = createReadings();
  readings.add(
    { node, namespace: 'shop', pod: 'web', container: 'app' },
    { bytes: 8192, inodes: 5, sampledAt },
  );
  return joinLayers({ readings, unreadOf: () => null });
}

const running = (startedAt: number | null) => ({ container: 'app', running: true, startedAt });

describe('joining readings with containers', () => {
  test('a reading made after the start of the container counts', () => {
    expect(join(AT)(pod(), running(START))).toEqual({ bytes: 8192, inodes: 5, sampledAt: AT });
  });

  test.each([
    ['was made before the start', join(START - 10_000), running(START)],
    ['was made in the second of the start', join(START), running(START)],
    ['is of a container whose start is not known', join(AT), running(null)],
    ['is of a pod of the same name on another node', join(AT, 'other'), running(START)],
  ])('a reading that %s does not', (_, layers, state) => {
    expect(layers(pod(), state)).not.toHaveProperty('bytes');
  });

  test('the table finds what was added, in any order, and nothing else', () => {
    const key = fc.record({
      node: fc.constantFrom('a', 'b'),
      namespace: fc.constantFrom('x', 'y'),
      pod: fc.string({ minLength: 1, maxLength: 3 }).filter((name) => !name.includes('/')),
      container: fc.constantFrom('app', 'proxy'),
    });
    const readings = fc.uniqueArray(fc.tuple(key, fc.nat(1 << 30), fc.integer({ min: 1, max: 1 << 30 })), {
      selector: ([one]) => JSON.stringify(one),
      maxLength: 60,
    });
    fc.assert(
      fc.property(readings, key, (all, other) => {
        const tables = [all, all.toReversed()].map((some) => {
          const table = createReadings();
          for (const [one, bytes, inodes] of some) table.add(one, { bytes, inodes, sampledAt: AT });
          return table;
        });
        for (const table of tables) {
          expect(table.size).toBe(all.length);
          for (const [one, bytes, inodes] of all)
            expect(table.find(one)).toEqual({ bytes, inodes, sampledAt: AT });
          const known = all.some(([one]) => JSON.stringify(one) === JSON.stringify(other));
          if (!known) expect(table.find(other)).toBeUndefined();
        }
      }),
      { numRuns: runs(100) },
    );
  });

  test('the table grows with readings beyond its first room', () => {
    const table = createReadings();
    for (let at = 0; at < 5000; at++) {
      table.add(
        { node: 'n', namespace: 's', pod: `p${at}`, container: 'c' },
        { bytes: at, inodes: 1, sampledAt: AT },
      );
    }
    const wrong = Array.from({ length: 5000 }, (_, at) =>
      table.find({ node: 'n', namespace: 's', pod: `p${at}`, container: 'c' }),
    ).filter((found, at) => typeof found !== 'object' || found.bytes !== at);
    expect(wrong).toEqual([]);
  });
});
