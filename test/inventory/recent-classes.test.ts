import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import type { PodRecord } from '../../lambda/inventory/pod.ts';
import { SERVICE_ACCOUNT, SERVICE_ACCOUNT_OBJECT } from '../../lambda/inventory/service-account.ts';
import { createOwners, ownerOf } from '../../lambda/inventory/workload.ts';
import { aContainer, aPod, aSpec, inFull } from '../support/builders.ts';

/** A few parts that pods share as objects, as a reader hands them out that reuses what it decoded. */
const SPECS = [
  aSpec(),
  aSpec({ os: null }),
  aSpec({ containers: [aContainer('app', { readOnlyRootFilesystem: true })] }),
];
const OWNERS: readonly PodRecord['owner'][] = [
  null,
  { apiVersion: 'v1', kind: 'Node', name: 'node-a' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9' },
  { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' },
];
const LABELS: readonly PodRecord['labels'][] = [
  {},
  { tier: 'a' },
  { tier: 'a', 'pod-template-hash': '5d9' },
  { tier: 'b', other: 'x' },
];

const podOfSharedParts = fc
  .record({
    name: fc.constantFrom('a', 'b', 'c'),
    namespace: fc.constantFrom('shop', 'bank'),
    nodeName: fc.constantFrom(null, 'linux-node', 'windows-node'),
    spec: fc.constantFrom(...SPECS),
    serviceAccount: fc.constantFrom(null, 'default', 'builder'),
    owner: fc.constantFrom(...OWNERS),
    labels: fc.constantFrom(...LABELS),
    source: fc.constantFrom('pod' as const, 'template' as const),
  })
  .map((facts) => aPod(facts));

function fold(pods: readonly PodRecord[], labelKeys: readonly string[]) {
  const nodes = new Map([
    ['linux-node', { os: 'linux' as const }],
    ['windows-node', { os: 'windows' as const }],
  ]);
  const folded = createPodFold({ labelKeys: new Set(labelKeys), nodes });
  for (const pod of pods) folded.add(pod);
  const lookups = folded.lookups();
  const { classes, ...others } = folded.finish(new Map());
  return { lookups, classes: inFull(classes), ...others };
}

describe('pods that share their parts as objects', () => {
  test('pods that share their parts as objects fold into the same classes as equal pods that share nothing', () => {
    const keys = fc.subarray(['tier', 'other', 'toString', SERVICE_ACCOUNT, SERVICE_ACCOUNT_OBJECT]);
    fc.assert(
      fc.property(fc.array(podOfSharedParts, { maxLength: 30 }), keys, (pods, labelKeys) => {
        const separate = pods.map((pod) => structuredClone(pod));
        expect(fold(pods, labelKeys)).toEqual(fold(separate, labelKeys));
      }),
    );
  });

  test('pods that share their parts have the owners that each of them has alone', () => {
    fc.assert(
      fc.property(fc.array(podOfSharedParts, { maxLength: 30 }), (pods) => {
        expect(pods.map(createOwners())).toEqual(pods.map(ownerOf));
      }),
    );
  });

  test('pods that share their parts are found again without comparing their content', () => {
    let reads = 0;
    const owner = OWNERS[3] as NonNullable<PodRecord['owner']>;
    const spec = {
      ...aSpec(),
      get volumes() {
        reads++;
        return [];
      },
    };
    const pods = [1, 2, 3, 4].map((index) =>
      aPod({ name: `db-${index}`, owner, spec, labels: { index: `${index}` } }),
    );
    const folded = createPodFold({ labelKeys: new Set(), nodes: new Map() });
    for (const [index, pod] of pods.entries()) {
      if (index === 1) reads = 0;
      folded.add(pod);
    }
    expect(reads).toBe(0);
    const { classes } = folded.finish(new Map());
    expect(classes).toHaveLength(1);
    expect(classes[0]?.population.count).toBe(4);
  });
});
