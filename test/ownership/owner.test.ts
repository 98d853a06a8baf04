import { describe, expect, test } from '@jest/globals';
import type { Labels } from '../../lambda/inventory/names.ts';
import type { PodClass } from '../../lambda/inventory/pod-class.ts';
import { PERHAPS } from '../../lambda/inventory/unknown-labels.ts';
import { ownerOf, ownerOfNamespace } from '../../lambda/ownership/owner.ts';
import { aClass, aSpec } from '../support/builders.ts';

interface Pods {
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly count?: number;
}

function pods({ labels = {}, annotations, count = 1 }: Pods = {}): PodClass {
  const subject = aClass({ spec: aSpec(annotations === undefined ? {} : { annotations }) });
  const workload = { namespace: 'payments-eu', kind: 'Deployment', name: 'checkout' };
  return { ...subject, workload, labels, population: { ...subject.population, count } };
}

const RULES = {
  annotations: ['example.com/team'],
  labels: ['team', 'app.kubernetes.io/part-of'],
  namespaces: [
    { pattern: 'payments-eu', owner: 'eu@example.com' },
    { pattern: 'payments-*', owner: 'payments@example.com' },
  ],
};

describe('the owner of a workload', () => {
  test('an annotation goes before labels, an earlier label before later ones, and all before the namespace', () => {
    const annotations = { 'example.com/team': 'by-annotation' };
    const labels = { 'app.kubernetes.io/part-of': 'shop', team: 'by-label' };
    expect(ownerOf([pods({ annotations, labels })], RULES)).toBe('by-annotation');
    expect(ownerOf([pods({ labels })], RULES)).toBe('by-label');
    expect(ownerOf([pods({ labels: { 'app.kubernetes.io/part-of': 'shop' } })], RULES)).toBe('shop');
    expect(ownerOf([pods()], RULES)).toBe('eu@example.com');
  });

  test('the first pattern of a namespace that matches applies', () => {
    expect(ownerOfNamespace('payments-us', RULES)).toBe('payments@example.com');
    expect(ownerOfNamespace('shop', RULES)).toBeNull();
  });

  test('where pods disagree the answer of the most counts, and of equal ones the first in the alphabet', () => {
    const team = (name: string, count: number) => pods({ labels: { team: name }, count });
    expect(ownerOf([team('a', 1), team('b', 3), team('c', 1)], RULES)).toBe('b');
    expect(ownerOf([team('b', 2), team('a', 2)], RULES)).toBe('a');
    expect(ownerOf([pods({ count: 9 }), team('a', 1)], RULES)).toBe('a');
  });

  test('a workload without pods is asked by its template', () => {
    expect(ownerOf([pods({ labels: { team: 'a' }, count: 0 })], RULES)).toBe('a');
  });

  test('what cannot be seen is no owner, and a name is one short line', () => {
    const owned = (team: string) => ownerOf([pods({ labels: { team } })], { ...RULES, namespaces: [] });
    expect(owned(' \u200b\n\u202e')).toBeNull();
    expect(owned('\u001b[31mred\r\nteam\u202e')).toBe('[31mred team');
    expect(owned('x'.repeat(5000))).toHaveLength(128);
  });

  test('a label that a controller may add names nobody', () => {
    expect(ownerOf([pods({ labels: { team: PERHAPS } })], { ...RULES, namespaces: [] })).toBeNull();
  });

  test('a key that objects have by nature is no label', () => {
    expect(ownerOf([pods()], { ...RULES, labels: ['constructor'], namespaces: [] })).toBeNull();
  });
});
