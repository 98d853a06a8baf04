import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { selectedLabelKeys } from '../../../lambda/egress/engine.ts';
import { portsAnywhere, subtract } from '../../../lambda/egress/sets/address-set.ts';
import { intersectPorts, readPorts } from '../../../lambda/egress/sets/port-set.ts';
import { fromExternalRanges } from '../../../lambda/egress/sets/printed.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { runs } from '../../support/runs.ts';
import { pod } from '../support/arbitraries.ts';
import { type Pod, reachOf } from '../support/build.ts';
import { groups, objects, spec } from './arbitraries-cilium.ts';
import { viewOf } from './build-admin.ts';
import { aCiliumPolicy, aClusterwidePolicy, aGroup } from './build-cilium.ts';
import { junk, MEANINGLESS, type Path, pathsOf, replaceAt, valueAt } from './damage.ts';

const builds = fc.constantFrom(aCiliumPolicy, aClusterwidePolicy);

/** Any text is a label, and whether a policy closes is said by a boolean. */
function hasMeaning(path: Path, replacement: unknown): boolean {
  const isText = typeof replacement === 'string' || Array.isArray(replacement);
  const isLabel = path.some((step) => typeof step === 'string' && /^match(Labels|Expressions)$/.test(step));
  return (isText && isLabel) || (replacement === false && path[0] === 'enableDefaultDeny' && path.length > 1);
}

interface Given {
  readonly before: readonly PolicyObject[];
  readonly after: readonly PolicyObject[];
  readonly subject: Pod;
}

const WORLD = aClusterwidePolicy(
  { egress: [{ toEntities: ['world'] }], enableDefaultDeny: { egress: false } },
  { name: 'world' },
);

/** Only such names may be missing as add nothing: on their ports not even the whole world would. */
function expectSameOrUnknown({ before, after, subject }: Given): void {
  const found = viewOf(after, { pod: subject });
  if (found.undecided !== null) return;
  // Who is certain of a broken policy must not have been uncertain of the whole one.
  const was = reachOf(viewOf(before, { pod: subject }));
  const is = reachOf(found);
  expect(is.external).toEqual(was.external);
  expect(was.hosts).toEqual(expect.arrayContaining([...is.hosts]));
  const open = fromExternalRanges(reachOf(viewOf([...before, WORLD], { pod: subject })).external);
  const closed = portsAnywhere(subtract(open, fromExternalRanges(was.external)));
  const needed = was.hosts.filter(({ ports }) => intersectPorts(readPorts(ports), closed).length > 0);
  expect(is.hosts).toEqual(expect.arrayContaining(needed));
}

describe('hostile policies of Cilium', () => {
  it('hostile policies of Cilium of any shape never crash, and are answered or unknown', () => {
    const peers = fc.record(
      {
        toEndpoints: fc.oneof(junk, fc.array(junk)),
        toCIDR: fc.oneof(junk, fc.array(junk)),
        toCIDRSet: fc.oneof(junk, fc.array(junk)),
        toEntities: fc.oneof(junk, fc.array(junk)),
        toFQDNs: fc.oneof(
          junk,
          fc.array(fc.record({ matchPattern: junk, matchName: junk }, { requiredKeys: [] })),
        ),
        toServices: junk,
        toPorts: fc.oneof(
          junk,
          fc.array(
            fc.record(
              { ports: fc.oneof(junk, fc.array(junk)), rules: junk, listener: junk, serverNames: junk },
              { requiredKeys: [] },
            ),
          ),
        ),
        icmps: fc.oneof(junk, fc.array(junk)),
        authentication: junk,
      },
      { requiredKeys: [] },
    );
    const rules = fc.oneof(junk, fc.array(fc.oneof(junk, peers), { maxLength: 3 }));
    const any = fc.oneof(
      junk,
      fc.record(
        {
          endpointSelector: fc.oneof(fc.constant({}), junk),
          nodeSelector: junk,
          egress: rules,
          egressDeny: rules,
          ingress: rules,
          enableDefaultDeny: junk,
        },
        { requiredKeys: [] },
      ),
    );
    const object = fc.oneof(
      fc.tuple(builds, any).map(([build, one]) => ({ ...build({}), spec: one })),
      fc.tuple(builds, fc.oneof(junk, fc.array(any))).map(([build, specs]) => build(null, { specs })),
      junk.map((blocks) => aGroup('a', blocks)),
    );
    fc.assert(
      fc.property(fc.array(object, { maxLength: 3 }), pod, (all, subject) => {
        const view = viewOf(all, { pod: subject });
        expect('unknown' in view.answer.declared).toBe(view.undecided !== null);
        // Whatever is unknown has a reason.
        expect(view.undecided?.message ?? 'x').not.toMatch(/known: \./);
        expect(view.explain()).toBeInstanceOf(Array);
        expect(view.internetOnEveryPort.ipv4).toBeLessThanOrEqual(1);
        expect(selectedLabelKeys(all)).toBeInstanceOf(Set);
      }),
      { numRuns: runs(1000) },
    );
  });

  it('policies of Cilium with one part broken answer as before, or unknown', () => {
    const broken = fc
      .tuple(builds, spec, fc.nat(), fc.constantFrom(...MEANINGLESS))
      .map(([build, whole, place, replacement]) => {
        const paths = pathsOf(whole).filter(
          (path) => path[0] !== 'ingress' && !hasMeaning(path, replacement),
        );
        const path = paths[place % paths.length] ?? [];
        const damaged = replaceAt(whole, path, replacement);
        return { before: build(whole), after: { ...build({}), spec: damaged } };
      });
    fc.assert(
      fc.property(broken, objects, groups, pod, ({ before, after }, beside, some, subject) => {
        const others = [...some, ...beside];
        expectSameOrUnknown({ before: [...others, before], after: [...others, after], subject });
      }),
      { numRuns: runs(800) },
    );
  });

  it('policies of Cilium with an unknown field anywhere answer as before, or unknown', () => {
    fc.assert(
      fc.property(builds, spec, groups, fc.nat(), pod, (...[build, whole, some, place, subject]) => {
        const paths = pathsOf(whole).filter((path) => {
          const value = valueAt(whole, path);
          return (
            path[0] !== 'ingress' && typeof value === 'object' && value !== null && !Array.isArray(value)
          );
        });
        const path = [...(paths[place % paths.length] ?? []), 'x-unknown'];
        const after = { ...build({}), spec: replaceAt(whole, path, 1) };
        expectSameOrUnknown({ before: [...some, build(whole)], after: [...some, after], subject });
      }),
      { numRuns: runs(600) },
    );
  });

  it('policies of Cilium with a broken CIDR group answer as before, or unknown', () => {
    const broken = fc
      .tuple(groups, fc.nat(), fc.constantFrom(...MEANINGLESS))
      .map(([all, place, replacement]) => {
        const [first, ...others] = all;
        const paths = pathsOf(first?.spec);
        const damaged = replaceAt(first?.spec, paths[place % paths.length] ?? [], replacement);
        const after: readonly PolicyObject[] = [{ ...aGroup('a', []), ...first, spec: damaged }, ...others];
        return { before: all, after };
      });
    fc.assert(
      fc.property(broken, fc.array(spec, { maxLength: 3 }), pod, ({ before, after }, specs, subject) => {
        const policies = specs.map((one) => aClusterwidePolicy(one));
        expectSameOrUnknown({ before: [...policies, ...before], after: [...policies, ...after], subject });
      }),
      { numRuns: runs(500) },
    );
  });

  it('policies of Cilium nested thousands of levels deep, or thousands long, are answered in a sentence', () => {
    const deep = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    for (const rule of [
      { toCIDR: [deep] },
      { toFQDNs: [deep] },
      { toPorts: [deep] },
      { toEntities: deep },
      deep,
    ]) {
      const message = viewOf([aCiliumPolicy({ egress: [rule] })]).undecided?.message ?? '';
      expect(message.length).toBeGreaterThan(50);
      expect(message.length).toBeLessThan(1000);
    }
    const pattern = { matchPattern: '*a'.repeat(120) };
    const many = Array.from({ length: 500 }, () => ({ toFQDNs: [pattern] }));
    expect(
      viewOf([aCiliumPolicy({ egress: many })]).hostsUnder(['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.com']),
    ).toEqual([]);
  });
});
