import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { writableLayerDrifted } from '../../lambda/checks/writable-layer/writable-layer-drifted.ts';
import { createPodFold } from '../../lambda/inventory/fold.ts';
import { measuredInFiles } from '../../lambda/measure/in-files.ts';
import { joinLayers } from '../../lambda/measure/join.ts';
import { readSummary } from '../../lambda/measure/summary.ts';
import { aContainer, aContext, aPod, aSpec } from '../support/builders.ts';
import { runs } from '../support/runs.ts';
import { oracleText } from './oracles/read-oracle.ts';

/** Verdicts about the answer of a genuine kubelet, whatever happens to it on the way. */
const ANSWERS = ['summary-ext4-overlayfs.json', 'summary-xfs-overlayfs.json'].map(oracleText);

type Tree = Record<string, unknown>;
interface Container extends Tree {
  name: string;
  readonly startTime: string;
  rootfs: Tree;
}
interface Pod extends Tree {
  readonly podRef: { readonly namespace: string; readonly name: string } & Tree;
  readonly containers: Container[];
}
interface Summary extends Tree {
  readonly node: Tree;
  readonly pods: Pod[];
}

const parsed = (answer: string): Summary => JSON.parse(answer) as Summary;

/** What runs on the node, as the API server says. */
const running = ({ pods }: Summary) =>
  pods.map(({ podRef: { namespace, name }, containers }) =>
    aPod({
      namespace,
      name,
      owner: null,
      nodeName: 'node-1',
      spec: aSpec({ containers: containers.map((one) => aContainer(one.name)) }),
      containerStates: containers.map((one) => ({
        container: one.name,
        running: true,
        startedAt: Date.parse(one.startTime),
      })),
    }),
  );

/** By pod and container. */
function verdicts(pods: ReturnType<typeof running>, answer: unknown): Readonly<Record<string, string>> {
  const summary = readSummary(answer);
  const layers = joinLayers(measuredInFiles(summary === null ? [] : [summary], new Map()));
  const fold = createPodFold({ labelKeys: new Set(), nodes: new Map(), layers });
  for (const pod of pods) fold.add(pod);
  const found = fold
    .finish(new Map())
    .classes.flatMap((subject) =>
      writableLayerDrifted
        .evaluate(subject, aContext(subject))
        .map(({ container, verdict }) => [`${subject.workload.name} ${container ?? ''}`, verdict] as const),
    );
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const answers = fc.constantFrom(...ANSWERS);

describe('the verdicts about the answer of a kubelet', () => {
  test('the order of pods and containers is irrelevant', () => {
    fc.assert(
      fc.property(answers, fc.infiniteStream(fc.nat()), (answer, random) => {
        const shuffled = <T>(items: readonly T[]): T[] =>
          items
            .map((item) => [random.next().value as number, item] as const)
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item);
        const summary = parsed(answer);
        const pods = running(summary);
        const other = {
          ...summary,
          pods: shuffled(summary.pods).map((pod) => ({ ...pod, containers: shuffled(pod.containers) })),
        };
        expect(verdicts(shuffled(pods), other)).toEqual(verdicts(pods, summary));
      }),
      { numRuns: runs(50) },
    );
  });

  test('zeros at the epoch or at any time, and no inodes, are never a pass, and change nothing else', () => {
    const zeros = fc.constantFrom<(known: Tree) => Tree>(
      () => ({ time: '1970-01-01T00:00:00Z', usedBytes: 0, inodesUsed: 0 }),
      (known) => ({ ...known, usedBytes: 0, inodesUsed: 0 }),
      (known) => ({ ...known, inodesUsed: 0 }),
    );
    fc.assert(
      fc.property(answers, fc.nat(), zeros, (answer, pick, unknown) => {
        const summary = parsed(answer);
        const pods = running(summary);
        const before = verdicts(pods, summary);
        const { container, key } = picked(summary, pick);
        container.rootfs = unknown(container.rootfs);
        expect(verdicts(pods, summary)).toEqual({ ...before, [key]: 'not-evaluated' });
      }),
      { numRuns: runs(50) },
    );
  });

  test('whatever field is missing or damaged, the container does not pass, nor does another one change to a pass', () => {
    const damaged = fc.constantFrom<unknown>(undefined, null, '', 'x', -1, 1.5, true, [], {});
    const fields = fc.constantFrom(
      'nodeName',
      'node',
      'pods',
      'podRef',
      'namespace',
      'podName',
      'containers',
      'name',
      'rootfs',
      'time',
      'usedBytes',
      'inodesUsed',
    );
    fc.assert(
      fc.property(answers, fc.nat(), fields, damaged, (answer, pick, field, value) => {
        const summary = parsed(answer);
        const pods = running(summary);
        const before = verdicts(pods, summary);
        const { pod, container, key } = picked(summary, pick);
        damage({ summary, pod, container }, field, value);
        const after = verdicts(pods, summary);
        expect([field, value, after[key]]).toEqual([field, value, 'not-evaluated']);
        for (const [other, verdict] of Object.entries(after)) {
          if (verdict === 'pass') expect(before[other]).toBe('pass');
        }
      }),
      { numRuns: runs(300) },
    );
  });
});

interface Picked {
  readonly pod: Pod;
  readonly container: Container;
  readonly key: string;
}

function picked({ pods }: Summary, pick: number): Picked {
  const all = pods.flatMap((pod) =>
    pod.containers.map((container) => ({ pod, container, key: `${pod.podRef.name} ${container.name}` })),
  );
  return all[pick % all.length] as Picked;
}

function damage(
  {
    summary,
    pod,
    container,
  }: { readonly summary: Summary; readonly pod: Pod; readonly container: Container },
  field: string,
  value: unknown,
): void {
  const places: Readonly<Record<string, readonly [Tree, string]>> = {
    nodeName: [summary.node, 'nodeName'],
    node: [summary, 'node'],
    pods: [summary, 'pods'],
    podRef: [pod, 'podRef'],
    namespace: [pod.podRef, 'namespace'],
    podName: [pod.podRef, 'name'],
    containers: [pod, 'containers'],
    name: [container, 'name'],
    rootfs: [container, 'rootfs'],
    time: [container.rootfs, 'time'],
    usedBytes: [container.rootfs, 'usedBytes'],
    inodesUsed: [container.rootfs, 'inodesUsed'],
  };
  const [tree, key] = places[field] ?? [summary, field];
  tree[key] = value;
}
