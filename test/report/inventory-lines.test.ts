import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { InventoryRow } from '../../lambda/inventory/inventory.ts';
import type { WorkloadRef } from '../../lambda/inventory/names.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import { inventoryLines } from '../../lambda/report/inventory-lines.ts';
import { jsonLine } from '../../lambda/report/rows.ts';
import { aContainer, aPod, aSpec } from '../support/builders.ts';

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('web', '"', '\u202e', ''));
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: null });
const time = maybe(fc.integer({ min: 0, max: Date.parse('2100-01-01T00:00:00Z') }));

const specs = fc
  .array(fc.record({ name: text, image: maybe(text), imageId: maybe(text) }), { maxLength: 3 })
  .map((containers) => aSpec({ containers: containers.map((facts) => ({ ...aContainer(), ...facts })) }));

/** A few specs and many pods, so that pods share specs as replicas do, and do not. */
const pods = fc.array(specs, { minLength: 1, maxLength: 3 }).chain((shared) =>
  fc.array(
    fc
      .record({
        name: text,
        namespace: fc.constantFrom('a', 'b'),
        uid: maybe(text),
        nodeName: maybe(text),
        phase: maybe(text),
        createdAt: time,
        startedAt: time,
        deletedAt: time,
        spec: fc.constantFrom(...shared),
        starts: fc.array(time, { minLength: 3, maxLength: 3 }),
        reversed: fc.boolean(),
      })
      .map(({ starts, reversed, ...facts }): PodRecord => {
        const states = facts.spec.containers.map(({ name }, index) => ({
          container: name,
          running: true,
          startedAt: starts[index] ?? null,
        }));
        return { ...aPod(), ...facts, containerStates: reversed ? states.toReversed() : states };
      }),
    { maxLength: 8 },
  ),
);

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

function rowOf(pod: PodRecord, { kind, name }: WorkloadRef): InventoryRow {
  const states = pod.containerStates;
  return {
    cluster: 'prod',
    namespace: pod.namespace,
    pod: pod.name,
    uid: pod.uid,
    workload: { kind, name },
    node: pod.nodeName,
    phase: pod.phase,
    startedAt: iso(pod.startedAt ?? pod.createdAt),
    terminating: pod.deletedAt !== null,
    images: pod.spec.containers.map(({ name: container, image, imageId }, index) => {
      const own = states[index]?.container === container ? states[index] : undefined;
      const state = own ?? states.find((one) => one.container === container);
      return { container, image, imageId, startedAt: iso(state?.startedAt ?? null) };
    }),
  };
}

describe('the lines of an inventory', () => {
  test('inventory lines are the rows as JSON, whatever the pods before them were', () => {
    fc.assert(
      fc.property(pods, fc.constantFrom('web', 'db'), (list, name) => {
        const lineOf = inventoryLines('prod');
        for (const [index, pod] of list.entries()) {
          const workload = { namespace: pod.namespace, kind: index % 2 ? 'Job' : 'Deployment', name };
          expect(lineOf(pod, workload)).toBe(jsonLine(rowOf(pod, workload)));
        }
      }),
    );
  });

  test('inventory lines of replicas share the text of their images and have their own values for everything else', () => {
    const lineOf = inventoryLines('prod');
    const spec = aSpec({ containers: [aContainer('app', { image: 'shop/web:1' })] });
    const workload = { namespace: 'shop', kind: 'Deployment', name: 'web' };
    const rows = ['web-1', 'web-2'].map((name, index) => {
      const pod = aPod({ name, namespace: 'shop', spec, nodeName: `node-${index}`, startedAt: index });
      return JSON.parse(lineOf(pod, workload)) as InventoryRow;
    });
    expect(rows.map(({ pod, node, startedAt }) => [pod, node, startedAt])).toEqual([
      ['web-1', 'node-0', '1970-01-01T00:00:00.000Z'],
      ['web-2', 'node-1', '1970-01-01T00:00:00.001Z'],
    ]);
    expect(rows.map(({ images }) => images[0]?.image)).toEqual(['shop/web:1', 'shop/web:1']);
  });
});
