import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { selectedLabelKeys } from '../../lambda/egress/engine.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { runs } from '../support/runs.ts';
import { pod, policies, spec } from './support/arbitraries.ts';
import { aNetworkPolicy, viewOf } from './support/build.ts';

/** Values of every shape, some of them nearly right. */
const junk = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1.5,
    1e300,
    '',
    '*',
    '443',
    'TCP',
    '10.0.0.0',
    '10.0.0.0/33',
    '::/0',
    [],
    {},
    [null],
    [[]],
    [{}],
    { cidr: null },
    { matchLabels: { a: null } },
    { to: [{}] },
  ),
);

type Path = readonly (string | number)[];

/** Paths to every value inside. */
function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value)
    ? value.flatMap((item, i) => pathsOf(item, [...path, i]))
    : Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...path, key]));
  return [path, ...inner];
}

function replaceAt(value: unknown, [head, ...rest]: Path, replacement: unknown): unknown {
  if (head === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item, i) => (i === head ? replaceAt(item, rest, replacement) : item));
  const fields = value as Readonly<Record<string, unknown>>;
  return { ...fields, [head]: replaceAt(fields[head], rest, replacement) };
}

/** Values that mean nothing anywhere in a NetworkPolicy, so that any meaning could have been intended. */
const MEANINGLESS: readonly unknown[] = [false, -7, 'Not a value of anything!', ['Not!'], { 'x-unknown': 1 }];

describe('hostile policies', () => {
  it('hostile policies of any shape never crash, and are answered or unknown', () => {
    const object = fc.oneof(
      junk,
      fc.dictionary(fc.constantFrom('podSelector', 'policyTypes', 'egress', 'x'), junk),
    );
    const egress = fc.record({ policyTypes: fc.constant(['Egress']), egress: fc.array(junk) });
    const rules = fc
      .array(fc.record({ to: junk, ports: junk }, { requiredKeys: [] }))
      .map((list) => ({ egress: list }));
    fc.assert(
      fc.property(fc.array(fc.oneof(object, egress, rules), { maxLength: 3 }), pod, (specs, subject) => {
        const objects = specs.map((one) => aNetworkPolicy(one));
        const view = viewOf(objects, subject);
        expect('unknown' in view.answer.declared).toBe(view.undecided !== null);
        expect(view.explain()).toBeInstanceOf(Array);
        expect(view.internetOnEveryPort.ipv4).toBeLessThanOrEqual(1);
        expect(selectedLabelKeys(objects)).toBeInstanceOf(Set);
      }),
      { numRuns: runs(1000) },
    );
  });

  it('policies with one part broken answer as before, or unknown', () => {
    const broken = fc
      .tuple(spec, fc.nat(), fc.constantFrom(...MEANINGLESS))
      .map(([whole, place, replacement]) => {
        // Any text is a label, so text in a selector of pods always means something.
        const hasText = typeof replacement === 'string' || Array.isArray(replacement);
        const paths = pathsOf(whole).filter(
          ([first, second]) =>
            first !== 'ingress' && !(hasText && first === 'podSelector' && second !== undefined),
        );
        const path = paths[place % paths.length] ?? [];
        return { whole, damaged: replaceAt(whole, path, replacement), path, replacement };
      });
    fc.assert(
      fc.property(broken, policies, pod, ({ whole, damaged }, others, subject) => {
        const withSpec = (one: unknown): readonly PolicyObject[] => [
          ...others,
          aNetworkPolicy(one, { name: 'damaged', namespace: subject.namespace }),
        ];
        const after = viewOf(withSpec(damaged), subject);
        if (after.undecided !== null) return;
        expect(after.answer.declared).toEqual(viewOf(withSpec(whole), subject).answer.declared);
      }),
      { numRuns: runs(2000) },
    );
  });

  it('policies with an unknown field anywhere answer as before, or unknown', () => {
    fc.assert(
      fc.property(spec, fc.nat(), pod, (whole, place, subject) => {
        const paths = pathsOf(whole).filter(([first]) => first !== 'ingress');
        const path = [...(paths[place % paths.length] ?? []), 'x-unknown'];
        const target = path
          .slice(0, -1)
          .reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], whole);
        fc.pre(typeof target === 'object' && target !== null && !Array.isArray(target));
        const damaged = replaceAt(whole, path, 1);
        const object = (one: unknown) => [aNetworkPolicy(one, { namespace: subject.namespace })];
        const after = viewOf(object(damaged), subject);
        if (after.undecided !== null) return;
        expect(after.answer.declared).toEqual(viewOf(object(whole), subject).answer.declared);
      }),
      { numRuns: runs(1000) },
    );
  });

  it('policies that are nested thousands of levels deep are quoted in words', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    const { undecided } = viewOf([
      aNetworkPolicy({ policyTypes: ['Egress'], egress: [{ to: [{ ipBlock: { cidr: deep } }] }] }),
    ]);
    expect(undecided?.message).toMatch(/cidr is something nested too deeply/);
  });

  it('policies with thousands of odd rules do not drown the answer', () => {
    const rule = { to: [{ fqdn: 'example.com' }], ports: [{ port: 'http' }] };
    const policies = [
      aNetworkPolicy({ policyTypes: ['Egress'], egress: [{}, ...Array.from({ length: 5000 }, () => rule)] }),
    ];
    const { notes } = viewOf(policies).answer;
    expect(notes).toHaveLength(21);
    expect(notes.at(-1)).toBe('And 9980 more notes of this kind.');
    const odd = Array.from({ length: 4 }, () => ({ to: [{ fqdn: 'example.com' }] }));
    const closed = aNetworkPolicy({ policyTypes: ['Egress'], egress: odd });
    expect(viewOf([closed]).undecided?.message).toMatch(/; and 1 more\.$/);
  });
});
