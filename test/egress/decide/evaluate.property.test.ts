import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide } from '../../../lambda/egress/decide/evaluate.ts';
import type { Action, Applied, Policy, Rule } from '../../../lambda/egress/policies/policy.ts';
import { MATCH_ALL } from '../../../lambda/egress/policies/selector.ts';
import { fromSpans, NOTHING, portsOf, subtract, union } from '../../../lambda/egress/sets/address-set.ts';
import { hasPort, type PortSet, portRange } from '../../../lambda/egress/sets/port-set.ts';
import { runs } from '../../support/runs.ts';

/** Six addresses and two ports are world enough for order, tiers and uncertainty. */
const ADDRESSES = [0, 1, 2, 3, 4, 5];
const PORTS = [80, 443];
const points = ADDRESSES.flatMap((address) => PORTS.map((port) => ({ address, port })));
type Point = (typeof points)[number];

interface Area {
  readonly from: number;
  readonly end: number;
  readonly ports: readonly number[];
}

const area: fc.Arbitrary<Area> = fc
  .tuple(fc.nat(5), fc.nat(5), fc.subarray(PORTS))
  .map(([a, b, ports]) => ({ from: Math.min(a, b), end: Math.max(a, b) + 1, ports }));

const toPorts = (ports: readonly number[]): PortSet => ports.flatMap((port) => portRange('TCP', port, port));
const toSet = ({ from, end, ports }: Area) => fromSpans([{ family: 4, from, end }], toPorts(ports));
const inArea = ({ from, end, ports }: Area, at: Point) =>
  from <= at.address && at.address < end && ports.includes(at.port);

interface TestRule {
  readonly action: Action;
  readonly definite: Area;
  /** Matches in some of the possible worlds. */
  readonly maybe: Area | null;
}

interface TestPolicy {
  readonly tier: number;
  readonly order: number;
  readonly defaultAction: 'deny' | 'pass';
  /** Null: whether it selects the pod is not known. */
  readonly selects: true | null;
  readonly rules: readonly TestRule[];
}

const sometimes = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.option(arbitrary, { freq: 5, nil: null }).map((value) => value);

const policiesOf = (withUncertainties: boolean): fc.Arbitrary<readonly TestPolicy[]> =>
  fc.array(
    fc.record({
      tier: fc.nat(2),
      order: fc.nat(1),
      defaultAction: fc.constantFrom<'deny' | 'pass'>('deny', 'pass'),
      selects: withUncertainties ? fc.constantFrom(true, true, null) : fc.constant<true>(true),
      rules: fc.array(
        fc.record({
          action: fc.constantFrom<Action>('allow', 'deny', 'pass'),
          definite: area,
          maybe: withUncertainties
            ? sometimes(area).map((one) => (one && one.end % 2 === 0 ? one : null))
            : fc.constant(null),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 4 },
  );

function toApplied(policies: readonly TestPolicy[]): readonly Applied[] {
  return policies.map((one, i) => {
    const rules = one.rules.map(({ action, definite, maybe }, j): Rule => {
      const covers = toSet(definite);
      const potentialCover = maybe === null ? covers : union(covers, toSet(maybe));
      return { source: `p${i}: r${j}`, action, covers, potentialCover, hosts: [] };
    });
    const policy: Policy = {
      name: `p${i}`,
      scope: { namespaces: { matching: MATCH_ALL }, pods: MATCH_ALL },
      tier: { name: `t${one.tier}`, order: one.tier },
      order: one.order,
      defaultAction: one.defaultAction,
      rules,
      uncertainties: [],
      notes: [],
    };
    return { policy, definite: one.selects === true };
  });
}

/** First match, one point at a time, in a world where every uncertainty is settled. */
function allowed(policies: readonly TestPolicy[], at: Point): boolean {
  for (const tier of [0, 1, 2]) {
    const inTier = policies
      .map((policy, i) => ({ ...policy, name: `p${i}` }))
      .filter((policy) => policy.tier === tier && policy.selects === true)
      .sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
    const rules = inTier.flatMap((policy) => policy.rules);
    const first = rules.find(
      ({ definite, maybe }) => inArea(definite, at) || (maybe !== null && inArea(maybe, at)),
    );
    if (first?.action === 'allow') return true;
    if (first?.action === 'deny') return false;
    if (first === undefined && inTier.some(({ defaultAction }) => defaultAction === 'deny')) return false;
  }
  return true;
}

/** Every world: each doubtful rule matches or does not, each doubtful policy selects or does not. */
function worldsOf(policies: readonly TestPolicy[]): readonly (readonly TestPolicy[])[] {
  return policies.reduce<readonly (readonly TestPolicy[])[]>(
    (worlds, policy) => {
      const rules = policy.rules.reduce<readonly (readonly TestRule[])[]>(
        (lists, rule) =>
          lists.flatMap((list) =>
            rule.maybe === null
              ? [[...list, rule]]
              : [
                  [...list, rule],
                  [...list, { ...rule, maybe: null }],
                ],
          ),
        [[]],
      );
      const selecting: TestPolicy[] = rules.map((list) => ({ ...policy, selects: true, rules: list }));
      const nobody: TestPolicy = { ...policy, tier: -1 };
      const choices = policy.selects === true ? selecting : [...selecting, nobody];
      return worlds.flatMap((world) => choices.map((choice) => [...world, choice]));
    },
    [[]],
  );
}

const has = (set: Parameters<typeof portsOf>[0], { address, port }: Point) =>
  hasPort(portsOf(set, { family: 4, value: address }), 'TCP', port);

describe('the engine', () => {
  it('the engine decides by tier, order and first match', () => {
    fc.assert(
      fc.property(policiesOf(false), (policies) => {
        const { reached, certain } = decide(toApplied(policies));
        expect(certain).toBe(true);
        expect(points.filter((at) => has(reached.definite, at) !== allowed(policies, at))).toEqual([]);
      }),
      { numRuns: runs(2000) },
    );
  });

  it('the engine keeps to what holds in every possible case, and leaves out nothing that holds in one', () => {
    fc.assert(
      fc.property(policiesOf(true), (policies) => {
        const worlds = worldsOf(policies);
        fc.pre(worlds.length <= 256);
        const { reached } = decide(toApplied(policies));
        const wrong = points.filter((at) => {
          const answers = worlds.map((world) => allowed(world, at));
          const claimsTooMuch = has(reached.definite, at) && answers.includes(false);
          const claimsTooLittle = !has(reached.potential, at) && answers.includes(true);
          return claimsTooMuch || claimsTooLittle;
        });
        expect(wrong).toEqual([]);
        expect(subtract(reached.definite, reached.potential)).toEqual(NOTHING);
      }),
      { numRuns: runs(1000) },
    );
  });

  it('the engine names for every reachable point a rule that allows it, or none if nothing decided', () => {
    fc.assert(
      fc.property(policiesOf(false), (policies) => {
        const { reached, openings, undecided } = decide(toApplied(policies));
        const explained = points.filter(
          (at) =>
            has(undecided, at) ||
            openings.some(
              ({ within, rules }) => has(within, at) && rules.some(({ rule }) => has(rule.covers, at)),
            ),
        );
        expect(explained).toEqual(points.filter((at) => has(reached.definite, at)));
      }),
      { numRuns: runs(500) },
    );
  });
});
