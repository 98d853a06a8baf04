import { describe, expect, test } from '@jest/globals';
import { auditCluster, judgeInventory } from '../../lambda/audit/audit-cluster.ts';
import type { CollectHooks } from '../../lambda/audit/target.ts';
import { defaultConfig } from '../../lambda/config/load.ts';
import { parsePolicies } from '../../lambda/egress/kinds/index.ts';
import { createSelection } from '../../lambda/egress/policies/select.ts';
import { ReadError } from '../../lambda/errors.ts';
import type { ClusterResult } from '../../lambda/findings/run-result.ts';
import type { CollectedInventory, Inventory } from '../../lambda/inventory/inventory.ts';
import { NO_NETWORK } from '../../lambda/inventory/network.ts';
import type { PodClass } from '../../lambda/inventory/pod-class.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { withinTime } from '../../lambda/work.ts';
import { aMeshPod, anEntry, configs, classes as meshClasses } from '../mesh/builders.ts';
import { allow, aPod, aPolicy, CLUSTER, classesOf, DAY, NOW } from '../support/builders.ts';

const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const anInventory = (classes: readonly PodClass[], facts: Partial<Inventory>): Inventory => ({
  cluster: CLUSTER,
  classes,
  policies: [],
  mesh: [],
  meshConfigs: configs(),
  namespaces: new Map(),
  network: NO_NETWORK,
  content: 'manifests',
  gaps: [],
  notes: [],
  totals: { pods: classes.length, completed: 0, terminating: 0, workloads: 1, namespaces: 1, nodes: 1 },
  ...facts,
});

/** Judges with a clock that is over when it was looked at so often. */
function judge(inventory: Inventory, looks = Number.POSITIVE_INFINITY) {
  let looked = 0;
  const stops = () => ++looked > looks;
  const config = defaultConfig();
  return { ...judgeInventory(inventory, { config, now: NOW, stops }), looked: () => looked };
}

const OVER = new ReadError('out-of-time', 'The run was out of time.', 'Use fleet mode.');

const lateIn = ({ notEvaluated }: ClusterResult): readonly string[] =>
  notEvaluated.filter(({ reason }) => reason === 'out-of-time').map(({ check }) => check);

const passesOf = ({ tallies }: ClusterResult, id: string): number =>
  tallies.find(({ check }) => check === id)?.pass ?? 0;

/** By the labels of the pod template alone, as revisions of one workload differ. */
const revisions = (count: number): readonly PodClass[] =>
  classesOf(
    times(count, (i) => aPod({ name: `web-${i}`, labels: { app: `v${i}` }, startedAt: NOW - 40 * DAY })),
    { labelKeys: ['app'] },
  );

describe('the time is up', () => {
  test('time that ends while policies are read leaves the checks that need them not evaluated, and records the others', () => {
    let read = 0;
    const counted = (one: PolicyObject): PolicyObject => ({
      ...one,
      get spec() {
        read += 1;
        return one.spec;
      },
    });
    const policies = times(3000, (i) =>
      counted(aPolicy({ egress: [allow([`10.0.${i % 256}.1/32`])] }, `p${i}`)),
    );
    const result = judge(anInventory(revisions(1), { policies }), 6);
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(3000);
    expect(result.findings.map(({ check }) => check)).toContain('writable-root-filesystem');
    expect(lateIn(result)).toEqual(
      expect.arrayContaining(['egress-unrestricted', 'egress-package-registry']),
    );
    expect(result.tallies.filter(({ check, pass }) => check.startsWith('egress') && pass > 0)).toEqual([]);
    expect(result.basis?.clean).toEqual([]);
  });

  test('time that ends while the label keys of policies are read leaves the cluster unread', async () => {
    const policies = times(3000, (i) => aPolicy({ egress: [] }, `p${i}`));
    const target = {
      identity: CLUSTER,
      collect: async ({ labelKeys }: CollectHooks): Promise<CollectedInventory> => {
        labelKeys(policies, []);
        return { ...anInventory([], { policies }), classes: [...revisions(1)] };
      },
    };
    const over = new AbortController();
    const late = {
      identity: CLUSTER,
      collect: (hooks: CollectHooks) => {
        over.abort(OVER);
        return target.collect(hooks);
      },
    };
    const audit = (of: typeof target) =>
      auditCluster(of, { config: defaultConfig(), now: NOW, signal: over.signal });
    expect((await audit(target)).outcome).toBe('audited');
    const result = await audit(late);
    expect(result.outcome).toBe('failed');
    expect(new Set(result.notEvaluated.map(({ reason }) => reason))).toEqual(new Set(['out-of-time']));
  });

  test('time that ends while the policies of a pod are selected leaves its egress not evaluated', () => {
    const podSelector = { matchExpressions: times(9, (i) => ({ key: `k${i}`, operator: 'DoesNotExist' })) };
    const parsed = parsePolicies(times(2000, (i) => aPolicy({ podSelector, egress: [] }, `p${i}`)));
    const select = createSelection(parsed, new Map());
    const found = withinTime<number | string>(
      () => true,
      () => select('shop', { app: 'web' }).applied().length,
      () => 'too late',
    );
    expect(found).toBe('too late');
    expect(select('shop', { app: 'web' }).applied()).toHaveLength(2000);
  });

  test('time that ends among the classes of one workload keeps its failures, and nothing passes', () => {
    const all = judge(anInventory(revisions(60), {}));
    const part = judge(anInventory(revisions(60), {}), 20);
    expect(passesOf(all, 'writable-host-path')).toBe(1);
    expect(part.tallies.every(({ pass }) => pass === 0)).toBe(true);
    const [whole, some] = [all, part].map(({ findings }) =>
      findings.find(({ check }) => check === 'pod-too-old'),
    );
    expect(whole?.pods.count).toBe(60);
    expect(some).toMatchObject({ id: whole?.id, pods: { count: expect.any(Number) } });
    expect(some?.pods.count).toBeLessThan(60);
    expect(lateIn(part)).toEqual(expect.arrayContaining(['pod-too-old', 'egress-unrestricted']));
    expect(part.notEvaluated.map(({ message }) => message)).toContain(
      'The run was out of time before 1 workload was judged.',
    );
  });

  test('time that ends while pods are judged by the former configuration leaves nothing withdrawn or clean', () => {
    const inventory = anInventory(revisions(60), {});
    const former = defaultConfig();
    let looked = 0;
    const stops = () => ++looked > 80;
    const part = judgeInventory(inventory, { config: defaultConfig(), former, now: NOW, stops });
    expect(lateIn(part)).toContain('pod-too-old');
    expect(part.basis?.noLongerAsked).toEqual([]);
    expect(part.basis?.clean).toEqual([]);
  });

  test('time that ends within a check of objects keeps earlier results, and leaves the rest of the check not evaluated', () => {
    const classes = meshClasses(...times(60, (i) => aMeshPod({ name: `w${i}`, labels: { app: `v${i}` } })));
    const broken = anEntry({ resolution: 'STATIC' }, 'shop', 'broken');
    const mesh = [...times(200, (i) => anEntry({ hosts: [`a${i}.example.com`] }, 'shop', `e${i}`)), broken];
    const inventory = anInventory(classes, { mesh, policies: [aPolicy({ egress: [] })] });
    const all = judge(inventory);
    const ofCheck = (result: ClusterResult) =>
      result.findings.filter(({ check }) => check === 'mesh-service-entry-broken');
    expect(ofCheck(all)).toHaveLength(201);
    const part = judge(inventory, 2);
    expect(ofCheck(part).map(({ workload }) => workload.name)).toEqual(['broken']);
    expect(part.notEvaluated).toContainEqual(
      expect.objectContaining({
        check: 'mesh-service-entry-broken',
        reason: 'out-of-time',
        message: 'The run was out of time before it judged all objects.',
      }),
    );
  });
});
