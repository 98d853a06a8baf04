import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyObject } from '../../../../lambda/inventory/policy-object.ts';
import { runs } from '../../../support/runs.ts';
import type { Traffic } from '../../brute-force.ts';
import { accountsSeen, worldOf } from '../arbitraries-calico.ts';
import { judgeOf, type World } from '../brute-force-calico.ts';
import { asResource, viewOf } from '../build-calico.ts';
import { contains, probes } from '../probes.ts';

const CERTAIN = { secrets: { allowed: false } };
const SECRET = { secrets: { allowed: true } };

const viewIn = (world: World, objects = world.objects) =>
  viewOf(objects, {
    pod: { namespace: world.pod.namespace, labels: world.pod.labels },
    namespaces: Object.fromEntries(
      Object.entries(world.namespaces).filter(([name]) => !world.unreadable.includes(name)),
    ),
    serviceAccounts: accountsSeen(world),
  });

const isCalico = ({ apiVersion }: PolicyObject): boolean => apiVersion === 'projectcalico.org/v3';

/** An object as Calico keeps it, of which the labels of sets were not read. */
const stored = (object: PolicyObject): PolicyObject => {
  if (!isCalico(object)) return object;
  return object.kind.endsWith('Policy') ? asResource(object) : { ...asResource(object), labels: {} };
};

/** At and around edges, with ports that stand in texts too: every fifth, for they are many. */
function probesOf({ objects }: World): readonly Traffic[] {
  const texts = JSON.stringify(objects).match(/\d+(?=:\d+"|")/g) ?? [];
  const numbers = { name: texts.map(Number).filter((number) => number < 65536) };
  const all = probes([...objects, numbers as unknown as PolicyObject]);
  return all.filter((_, i) => i % 5 === all.length % 5);
}

/** Traffic that the answer and the judge see differently; none if the answer is not known. */
function wrongIn(world: World, objects = world.objects): readonly Traffic[] {
  const { declared } = viewIn(world, objects).answer;
  if ('unknown' in declared) return [];
  const judge = judgeOf(world);
  return probesOf(world).filter(
    (traffic) =>
      declared.external.filter((range) => contains(range, traffic)).length !==
      (judge(traffic).allowed ? 1 : 0),
  );
}

/** Ties are settled alike in all versions, so that nothing is left unknown. */
const withoutTies = (world: World): World => ({
  ...world,
  objects: world.objects.map((object, i) => ({
    ...object,
    spec: {
      ...(object.spec as object),
      ...(object.kind.endsWith('Policy') && isCalico(object) ? { order: i } : {}),
    },
  })),
});

describe('Calico against a packet at a time', () => {
  for (const withCore of [false, true]) {
    const name = withCore ? ' with NetworkPolicies of Kubernetes among them' : '';

    it(`Calico reaches exactly what its policies allow${name}`, () => {
      fc.assert(
        fc.property(worldOf({ ...CERTAIN, withCore }).map(withoutTies), (world) => {
          expect(viewIn(world).undecided).toBeNull();
          expect(wrongIn(world)).toEqual([]);
        }),
        { numRuns: runs(150) },
      );
    });

    it(`Calico is unknown where versions differ, and else right for each${name}`, () => {
      fc.assert(
        fc.property(worldOf({ ...CERTAIN, withCore }), (world) => {
          expect(wrongIn(world)).toEqual([]);
        }),
        { numRuns: runs(150) },
      );
    });
  }

  it('Calico is unknown where it depends on what was not read, and else right whatever that is', () => {
    fc.assert(
      fc.property(worldOf({ ...SECRET, withCore: true }), (world) => {
        expect(wrongIn(world)).toEqual([]);
      }),
      { numRuns: runs(300) },
    );
  });

  it('Calico is unknown or right where only the stored objects were read', () => {
    fc.assert(
      fc.property(worldOf({ ...CERTAIN, withCore: true }), (world) => {
        expect(wrongIn(world, world.objects.map(stored))).toEqual([]);
      }),
      { numRuns: runs(150) },
    );
  });

  it('Calico is the same where everything was read twice', () => {
    fc.assert(
      fc.property(worldOf({ ...CERTAIN, withCore: true }), (world) => {
        const twice = [...world.objects, ...world.objects.filter(isCalico).map(stored)];
        expect(viewIn(world, twice).answer).toEqual(viewIn(world).answer);
        const { declared, policies } = viewIn(world).answer;
        expect(viewIn(world, twice.toReversed()).answer).toMatchObject({ declared, policies });
      }),
      { numRuns: runs(150) },
    );
  });

  it('Calico never counts as unreachable what may be reached, whatever was not read', () => {
    fc.assert(
      fc.property(worldOf({ ...SECRET, withCore: true }), fc.boolean(), (world, tiersRead) => {
        const objects = world.objects.filter(({ kind }) => tiersRead || kind !== 'Tier');
        const view = viewIn(world, objects);
        const judge = judgeOf(world);
        const missed = probesOf(world).filter(
          (traffic) =>
            traffic.protocol === 'TCP' &&
            judge(traffic).allowed &&
            !view.reaches(traffic.address, traffic.port),
        );
        expect(missed).toEqual([]);
        expect(wrongIn(world, objects)).toEqual([]);
      }),
      { numRuns: runs(200) },
    );
  });

  it('Calico explains what is reached by the rule that decides', () => {
    fc.assert(
      fc.property(worldOf({ ...CERTAIN, withCore: true }).map(withoutTies), (world) => {
        const explanations = viewIn(world).explain();
        const judge = judgeOf({ ...world, ties: 'today' });
        const wrong = probesOf(world).filter((traffic) => {
          const reasons = explanations.filter(({ external }) => contains(external, traffic));
          const { allowed, by } = judge(traffic);
          if (!allowed) return reasons.length > 0;
          return reasons.length !== 1 || (by !== null && !reasons[0]?.because.includes(by));
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: runs(150) },
    );
  });
});
