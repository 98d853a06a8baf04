import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EgressView } from '../../../lambda/egress/answers/egress-view.ts';
import { selectedLabelKeys } from '../../../lambda/egress/engine.ts';
import { includesPorts, intersectPorts, readPorts } from '../../../lambda/egress/sets/port-set.ts';
import type { HostRule } from '../../../lambda/egress/sets/reach.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { runs } from '../../support/runs.ts';
import { policies as networkPolicies, spec as networkPolicySpec, pod } from '../support/arbitraries.ts';
import { ALL_IPV4, ALL_IPV6, reachOf } from '../support/build.ts';
import { API_NAMES, adminPolicies, build, specsOf } from './arbitraries-admin.ts';
import { anApplicationPolicy, networks, rule, viewOf, WORLD } from './build-admin.ts';
import { junk, MEANINGLESS, type Path, pathsOf, replaceAt, valueAt } from './damage.ts';

type Build = (spec: unknown) => PolicyObject;

interface Whole {
  readonly spec: unknown;
  readonly object: Build;
}

/** A valid spec of one of these kinds, with how an object is made of it. */
const whole: fc.Arbitrary<Whole> = fc.oneof(
  ...API_NAMES.map((name) =>
    specsOf(name).map((spec): Whole => ({ spec, object: (one) => build(name)(one) })),
  ),
  networkPolicySpec.map(
    (spec): Whole => ({
      spec,
      object: (one) => ({ ...anApplicationPolicy({}), spec: one }),
    }),
  ),
);

/** Its names come after rules that decide every address, and on every port: they may be lost. */
const namedAfterAllIsDecided: Whole = {
  spec: {
    tier: 'Admin',
    priority: 0,
    subject: { namespaces: {} },
    egress: [
      rule('Deny', networks('::/0'), networks('10.1.0.0/16')),
      rule('Accept', networks('0.0.0.0/0')),
      {
        ...rule('Accept', { domainNames: ['example.com', '*.example.org'] }),
        ports: [{ portRange: { start: 1, end: 65535, protocol: 'TCP' } }],
      },
    ],
  },
  object: (spec) => build('aws')(spec),
};

const others = fc.tuple(adminPolicies, networkPolicies).map((lists) => lists.flat());

/** Any text is a label. */
function hasMeaning(path: Path, replacement: unknown): boolean {
  const isText = typeof replacement === 'string' || Array.isArray(replacement);
  const isLabel = path.some((step) => typeof step === 'string' && /^match(Labels|Expressions)$/.test(step));
  return isText && isLabel;
}

/**
 * The spec with every address where the rule of a path (outside of rules: any rule) has names; once on the ports of
 * the names, once on every port.
 */
function widened(spec: unknown, [field, index]: Path): readonly [unknown, unknown] {
  const naming = pathsOf(spec).filter(
    ([part, rule, , , last]) =>
      part === 'egress' &&
      last === 'domainNames' &&
      (field !== 'egress' || index === undefined || rule === index),
  );
  const onItsPorts = naming.reduce<unknown>((wider, path) => replaceAt(wider, path.slice(0, 4), WORLD), spec);
  const everywhere = naming.reduce<unknown>((wider, path) => {
    const { ports, protocols, ...rest } = valueAt(wider, path.slice(0, 2)) as Readonly<
      Record<string, unknown>
    >;
    return replaceAt(wider, path.slice(0, 2), rest);
  }, onItsPorts);
  return [onItsPorts, everywhere];
}

/**
 * A name says nothing more where every address is open on its ports, nor where rules before it decide every address
 * on them: then the reach is the same with every address in its place. Only such a name may come and go.
 *
 * @param wider as it was, with every address in place of the names of what was damaged (see `widened`)
 */
function expectSameReach(found: EgressView, was: EgressView, wider: readonly EgressView[]): void {
  const [after, before] = [reachOf(found), reachOf(was)];
  expect(after.external).toEqual(before.external);
  const openIn = (family: string) =>
    readPorts(before.external.find(({ from, to }) => `${from}-${to}` === family)?.ports ?? []);
  const open = intersectPorts(openIn(ALL_IPV4), openIn(ALL_IPV6));
  const saying = ({ ports }: HostRule) => !includesPorts(open, readPorts(ports));
  const [mayGo, mayCome] = wider.map(
    (view) => view.undecided === null && isDeepStrictEqual(reachOf(view).external, before.external),
  );
  if (!mayGo) expect(after.hosts).toEqual(expect.arrayContaining(before.hosts.filter(saying)));
  if (!mayGo && !mayCome) expect(before.hosts).toEqual(expect.arrayContaining(after.hosts.filter(saying)));
}

describe('hostile policies of administrators', () => {
  it('hostile policies of administrators of any shape never crash, and are answered or unknown', () => {
    const rules = fc.array(
      fc.oneof(
        junk,
        fc.record(
          { action: junk, to: fc.oneof(junk, fc.array(junk)), ports: junk, protocols: junk, name: junk },
          { requiredKeys: [] },
        ),
      ),
      { maxLength: 4 },
    );
    const spec = fc.oneof(
      junk,
      fc.record(
        {
          priority: fc.oneof(fc.constant(1), junk),
          tier: fc.oneof(fc.constant('Admin'), junk),
          subject: fc.oneof(fc.constant({ namespaces: {} }), junk),
          podSelector: junk,
          egress: fc.oneof(rules, junk),
        },
        { requiredKeys: [] },
      ),
    );
    const object = fc
      .tuple(fc.constantFrom(...API_NAMES, 'application'), spec)
      .map(([name, one]) =>
        name === 'application'
          ? { ...anApplicationPolicy({}), spec: one }
          : { ...build(name)({}), spec: one },
      );
    fc.assert(
      fc.property(fc.array(object, { maxLength: 3 }), pod, (objects, subject) => {
        const view = viewOf(objects, { pod: subject });
        expect('unknown' in view.answer.declared).toBe(view.undecided !== null);
        expect(view.undecided?.message ?? 'x').not.toMatch(/known: \./);
        expect(view.explain()).toBeInstanceOf(Array);
        expect(view.internetOnEveryPort.ipv4).toBeLessThanOrEqual(1);
        expect(selectedLabelKeys(objects)).toBeInstanceOf(Set);
      }),
      { numRuns: runs(1000) },
    );
  });

  it('policies of administrators with one part broken answer as before, or unknown', () => {
    const broken = fc
      .tuple(whole, fc.nat(), fc.constantFrom(...MEANINGLESS))
      .map(([{ spec, object }, place, replacement]) => {
        const paths = pathsOf(spec).filter((path) => path[0] !== 'ingress' && !hasMeaning(path, replacement));
        const path = paths[place % paths.length] ?? [];
        const wider = widened(spec, path).map(object);
        return { before: object(spec), after: object(replaceAt(spec, path, replacement)), wider };
      });
    fc.assert(
      fc.property(broken, others, pod, ({ before, after, wider }, beside, subject) => {
        const found = viewOf([...beside, after], { pod: subject });
        if (found.undecided !== null) return;
        const was = viewOf([...beside, before], { pod: subject });
        // Who is certain of a broken policy must not have been uncertain of the whole one.
        expect(was.undecided).toBeNull();
        expectSameReach(
          found,
          was,
          wider.map((one) => viewOf([...beside, one], { pod: subject })),
        );
      }),
      { numRuns: runs(2000) },
    );
  });

  it('policies of administrators with an unknown field anywhere answer as before, or unknown', () => {
    fc.assert(
      fc.property(whole, fc.nat(), pod, ({ spec, object }, place, subject) => {
        const paths = pathsOf(spec).filter((path) => {
          const value = valueAt(spec, path);
          return (
            path[0] !== 'ingress' && typeof value === 'object' && value !== null && !Array.isArray(value)
          );
        });
        const path = [...(paths[place % paths.length] ?? []), 'x-unknown'];
        const found = viewOf([object(replaceAt(spec, path, 1))], { pod: subject });
        if (found.undecided !== null) return;
        const wider = widened(spec, path).map((one) => viewOf([object(one)], { pod: subject }));
        expectSameReach(found, viewOf([object(spec)], { pod: subject }), wider);
      }),
      {
        numRuns: runs(1000),
        examples: [9, 10].map((place) => [
          namedAfterAllIsDecided,
          place,
          { namespace: 'default', labels: {} },
        ]),
      },
    );
  });
});
