import { describe, expect, it } from '@jest/globals';
import { readPolicy } from '../../../lambda/collect/read-object.ts';
import { decide } from '../../../lambda/egress/decide/evaluate.ts';
import { parsePolicies } from '../../../lambda/egress/kinds/index.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { withinWork } from '../../../lambda/work.ts';
import { viewOf } from '../../egress/support/build.ts';
import { DIMENSIONS } from './dimensions.ts';

/** Pairs of their parts are compared, up to a bound from which on they are not understood. */
const BOUNDED = [
  'core rules, overlapping',
  'admin rules in turn',
  'admin rules, overlapping',
  'baseline rules in turn',
  'cluster policy rules in turn',
  'Amazon cluster policy rules in turn',
  'Calico rules in turn',
  'Calico rules of ports',
  'Calico rules in turn, passing',
  'Calico rules of sources under conditions',
  'Calico rules of one source',
];

const CLUSTER_WIDE = /^(Global|Cluster|Admin|Baseline)/;

const POLICIES = DIMENSIONS.filter(({ of }) => /Policy$/.test(String(of(1)['kind'])));

function grown(name: string, count: number): PolicyObject {
  const found = POLICIES.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no dimension "${name}"`);
  const object = found.of(count);
  const [apiVersion, kind] = [String(object['apiVersion']), String(object['kind'])];
  return readPolicy(object, { apiVersion, kind, namespaced: !CLUSTER_WIDE.test(kind) });
}

const POD = { namespace: 'shop', labels: { app: 'frontend', a: 'v7', b: 'w7' } };

/** Reads a policy and asks what checks ask of every pod that it selects. */
function judge(object: PolicyObject) {
  const view = viewOf([object], POD);
  view.internetOn(443);
  view.unapproved();
  return view;
}

const takesAtMost = (steps: number, work: () => unknown): boolean =>
  withinWork(
    steps,
    () => {
      work();
      return true;
    },
    () => false,
  );

const COUNT = 2000;
/** For each part of an object: pairs of parts would take thousands. */
const STEPS = 300;

describe('one policy of thousands of parts', () => {
  it.each(POLICIES.map(({ name }) => name).filter((name) => !BOUNDED.includes(name)))(
    'a policy of thousands of parts costs work in proportion to its %s',
    (name) => {
      const object = grown(name, COUNT);
      expect(takesAtMost(STEPS * COUNT, () => judge(object))).toBe(true);
    },
  );

  it.each(BOUNDED)('a policy of thousands of parts stays within the limit of a policy by its %s', (name) => {
    const object = grown(name, 4 * COUNT);
    expect(takesAtMost(25_000_000, () => judge(object))).toBe(true);
  });

  it('a policy is not understood where its parts would have to be compared in pairs', () => {
    const { undecided, reaches } = judge(grown('Calico rules in turn', 4 * COUNT));
    expect(undecided).toEqual({
      reason: 'policy-not-understood',
      message:
        'What this pod may reach is not known: GlobalNetworkPolicy default: too many rules and ports overlap to be compared with each other.',
      remedy: 'Use fewer rules, or combine addresses with the same action and ports in one rule.',
    });
    expect(reaches('203.0.113.1', 443)).toBe(true);
  });

  it('a policy that is too large is given up once, and not for every way in which it may be enforced', () => {
    const applied = parsePolicies([grown('core rules, overlapping', 4 * COUNT)]).map((policy) => ({
      policy,
      definite: true,
    }));
    expect(decide(applied).certain).toBe(false);
    expect(takesAtMost(25_000_000, () => Array.from({ length: 100 }, () => decide([...applied])))).toBe(true);
  });

  it('a policy whose selector is a megabyte of text is not read', () => {
    const { undecided } = judge(grown('Calico alternatives', 90_000));
    expect(undecided?.message).toMatch(/its selectors are too long, or its rules combine too many blocks/);
    expect(judge(grown('Calico alternatives', 20_000)).undecided).toBeNull();
  });

  it('a policy with a thousand alternating allow and deny rules is understood', () => {
    expect(judge(grown('Calico rules in turn', 1000)).undecided).toBeNull();
  });
});
