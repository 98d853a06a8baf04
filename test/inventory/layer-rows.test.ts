import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import { gatherLayers, unpackLayers } from '../../lambda/inventory/layer-rows.ts';
import { compareText } from '../../lambda/inventory/workload.ts';
import { aPod, NOW, SECOND } from '../support/builders.ts';
import { runs } from '../support/runs.ts';

const UNKNOWN = { reason: 'not-sampled', message: 'It was starting.', remedy: 'Again.' } as const;

const measured = fc.record({
  namespace: fc.constantFrom('a', 'b', 'ab'),
  name: fc.constantFrom('web', 'web-1', 'webster', 'ünder'),
  bytes: fc.maxSafeNat(),
  inodes: fc.integer({ min: 1, max: 0xffff_ffff }),
  age: fc.integer({ min: -60, max: 40_000_000 }),
  isKnown: fc.boolean(),
});

test('what is packed is what was measured, of any workloads in any order of starts', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(measured, { maxLength: 30, selector: ({ namespace, name }) => `${namespace} ${name}` }),
      (pods) => {
        const of = new Map(pods.map((pod) => [`${pod.namespace} ${pod.name}`, pod]));
        const fold = createPodFold({
          labelKeys: new Set(),
          nodes: new Map(),
          layers: ({ namespace, name }) => {
            const found = of.get(`${namespace} ${name}`);
            if (found?.isKnown !== true) return UNKNOWN;
            return { bytes: found.bytes, inodes: found.inodes, sampledAt: NOW };
          },
        });
        for (const { namespace, name, age } of pods) {
          fold.add(aPod({ namespace, name, owner: null, startedAt: NOW - age * SECOND }));
        }
        const rows = gatherLayers();
        for (const subject of fold.finish(new Map()).classes) rows.add([subject]);
        const unpacked = (rows.take()?.packed ?? []).flatMap((packed) => [...unpackLayers(packed)]);
        const expected = pods
          .toSorted((a, b) => compareText(a.namespace, b.namespace) || compareText(a.name, b.name))
          .map(({ namespace, name, bytes, inodes, age, isKnown }) => ({
            workload: { namespace, kind: 'Pod', name },
            container: 'app',
            layers: isKnown
              ? [{ pod: name, startedAt: NOW - age * SECOND, sampledAt: NOW, bytes, inodes }]
              : [],
            isWhole: isKnown,
          }));
        expect(unpacked).toEqual(expected);
      },
    ),
    { numRuns: runs(100) },
  );
});
