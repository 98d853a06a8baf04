import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { DEEP, runs } from '../support/runs.ts';
import type { Traffic } from './brute-force.ts';
import { isOpen, mixedJudgeOf } from './brute-force-mixed.ts';
import { adminPolicies } from './kinds/arbitraries-admin.ts';
import { accountsSeen, worldOf } from './kinds/arbitraries-calico.ts';
import { objects as ciliumObjects } from './kinds/arbitraries-cilium.ts';
import { isCore, type World } from './kinds/brute-force-calico.ts';
import { viewOf } from './kinds/build-calico.ts';
import { contains, probes } from './kinds/probes.ts';
import { policies as networkPolicies } from './support/arbitraries.ts';
import { reachOf } from './support/build.ts';

const isPolicyOfCalico = ({ apiVersion, kind }: PolicyObject): boolean =>
  apiVersion === 'projectcalico.org/v3' && kind.endsWith('Policy');

/** Before and after NetworkPolicies, whose order is 1000, and never equal. */
const withOrders = (objects: readonly PolicyObject[]): readonly PolicyObject[] =>
  objects.map((object, i) =>
    isPolicyOfCalico(object) ? { ...object, spec: { ...(object.spec as object), order: 301 * i } } : object,
  );

const asApplicationPolicy = (object: PolicyObject): PolicyObject => ({
  ...object,
  apiVersion: 'networking.k8s.aws/v1alpha1',
  kind: 'ApplicationNetworkPolicy',
});

const none = fc.constant<readonly PolicyObject[]>([]);
const mostly = (some: fc.Arbitrary<readonly PolicyObject[]>) =>
  fc.oneof({ weight: 3, arbitrary: some }, { weight: 1, arbitrary: none });

/** A world of Calico with policies of all other kinds in it. */
const world: fc.Arbitrary<World> = fc
  .tuple(
    worldOf({ secrets: { allowed: false }, withCore: true }),
    adminPolicies,
    mostly(ciliumObjects.map((all) => all.filter((one) => !isCore(one)))),
    mostly(networkPolicies.map((list) => list.map(asApplicationPolicy))),
  )
  .map(([calico, ...others]) => ({
    ...calico,
    objects: [...withOrders(calico.objects), ...others.flat()],
  }));

const viewIn = (mixed: World) => {
  const { objects, namespaces, pod } = mixed;
  const { namespace, labels } = pod;
  return viewOf(objects, { pod: { namespace, labels }, namespaces, serviceAccounts: accountsSeen(mixed) });
};

/** At and around edges, with ports that stand in texts too; some of them, for they are many. */
function probesOf({ objects }: World): readonly Traffic[] {
  const texts = JSON.stringify(objects).match(/\d+(?=:\d+"|")/g) ?? [];
  const numbers = { name: texts.map(Number).filter((number) => number < 65536) };
  const all = probes([...objects, numbers as unknown as PolicyObject]);
  const step = Math.max(1, Math.floor(all.length / 1500));
  return all.filter((_, i) => i % step === all.length % step);
}

const at = ({ address, protocol, port }: Traffic): string => `${address} ${protocol} ${port}`;

describe('policies of all kinds together, against each kind’s own evaluation of a packet', () => {
  it('policies of all kinds reach exactly what they allow, and are unknown only where policies for administrators tie', () => {
    const seen = { known: 0, unknown: 0, open: 0, closed: 0 };
    fc.assert(
      fc.property(world, (all) => {
        const view = viewIn(all);
        const judge = mixedJudgeOf(all);
        const packets = probesOf(all);
        const possible = (traffic: Traffic) => judge(traffic).has(true);
        const missed = packets.filter(
          (one) => one.protocol === 'TCP' && possible(one) && !view.reaches(one.address, one.port),
        );
        expect(missed.map(at)).toEqual([]);
        if (view.undecided !== null) {
          seen.unknown += 1;
          if (JSON.stringify(all.objects).includes('domainNames')) return;
          expect(probes(all.objects).some((one) => isOpen(all, one))).toBe(true);
          return;
        }
        seen.known += 1;
        const { external } = reachOf(view);
        const wrong = packets.filter((one) => {
          const ranges = external.filter((range) => contains(range, one)).length;
          seen[ranges > 0 ? 'open' : 'closed'] += 1;
          return judge(one).size !== 1 || ranges !== (possible(one) ? 1 : 0);
        });
        expect(wrong.map(at)).toEqual([]);
      }),
      { numRuns: runs(150) },
    );
    // The generator must not shy away from any.
    if (DEEP) expect(seen.unknown).toBeGreaterThan(0);
    if (DEEP) expect(seen.known).toBeGreaterThan(100);
    if (DEEP) expect(Math.min(seen.open, seen.closed)).toBeGreaterThan(5000);
  });

  it('policies of all kinds give the same answer in whatever order they were read', () => {
    fc.assert(
      fc.property(world, (all) => {
        const reversed = viewIn({ ...all, objects: all.objects.toReversed() });
        expect(reversed.answer.declared).toEqual(viewIn(all).answer.declared);
      }),
      { numRuns: runs(60) },
    );
  });
});
