import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Policy, TIERS } from '../../../lambda/egress/policies/policy.ts';
import { createSelection } from '../../../lambda/egress/policies/select.ts';
import { parseLabelSelector } from '../../../lambda/egress/policies/selector.ts';
import type { Labels } from '../../../lambda/inventory/names.ts';
import { labels, namespace, selector } from '../support/arbitraries.ts';

const parse = (value: unknown) => parseLabelSelector(value, '', []);

const aPolicy = (name: string, namespaces: Policy['scope']['namespaces'], pods: unknown): Policy => ({
  name,
  scope: { namespaces, pods: parse(pods) },
  tier: TIERS.networkPolicy,
  order: 0,
  defaultAction: 'deny',
  rules: [],
  uncertainties: [],
  notes: [],
});

const broken = fc.constant({ matchLabels: { app: 1 } });
const policies = fc
  .array(
    fc.tuple(
      fc.oneof(
        namespace.map((named) => ({ named })),
        fc.oneof(selector, broken).map((value) => ({ matching: parse(value) })),
      ),
      fc.oneof({ weight: 4, arbitrary: selector }, { weight: 1, arbitrary: broken }),
    ),
    { maxLength: 6 },
  )
  .map((list) => list.map(([namespaces, pods], i) => aPolicy(`p${i}`, namespaces, pods)));

/** Trying every policy; null of an AND is unknown unless the other side says no. */
function expected(all: readonly Policy[], where: { name: string; labels: Labels | undefined }, pod: Labels) {
  return all.flatMap(({ name, scope }) => {
    const onNamespace = (): boolean | null => {
      if ('named' in scope.namespaces) return scope.namespaces.named === where.name;
      if (scope.namespaces.matching.everything) return true;
      if (where.labels === undefined) return null;
      return scope.namespaces.matching.matches({
        ...where.labels,
        'kubernetes.io/metadata.name': where.name,
      });
    };
    const answers = [onNamespace(), scope.pods.matches(pod)];
    return answers.includes(false) ? [] : [[name, !answers.includes(null)]];
  });
}

describe('the policies that select a pod', () => {
  it('the policies that select a pod are those that trying every policy would find, with equal keys for equal sets', () => {
    const pods = fc.array(fc.tuple(namespace, labels), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(policies, fc.dictionary(namespace, labels), pods, (all, known, subjects) => {
        const namespaces = new Map(Object.entries(known));
        const select = createSelection(all, namespaces);
        const keys = new Map<string, string>();
        for (const [name, pod] of subjects) {
          const { key, applied } = select(name, pod);
          const found = applied()
            .map(({ policy, definite }) => [policy.name, definite])
            .sort();
          expect(found).toEqual(expected(all, { name, labels: namespaces.get(name) }, pod).sort());
          expect(keys.get(key) ?? JSON.stringify(found)).toBe(JSON.stringify(found));
          keys.set(key, JSON.stringify(found));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a policy may select by the name of the namespace, which the API server keeps as a label', () => {
    const byName = { matching: parse({ matchLabels: { 'kubernetes.io/metadata.name': 'shop' } }) };
    const select = createSelection(
      [aPolicy('p', byName, {})],
      new Map([
        ['shop', {}],
        ['other', {}],
      ]),
    );
    expect(select('shop', {}).applied()).toHaveLength(1);
    expect(select('other', {}).applied()).toHaveLength(0);
  });
});
