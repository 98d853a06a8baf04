import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { selectedLabelKeys } from '../../../lambda/egress/engine.ts';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { runs } from '../../support/runs.ts';
import { accountsSeen, worldOf } from './arbitraries-calico.ts';
import type { World } from './brute-force-calico.ts';
import { aGlobalPolicy, asResource, viewOf } from './build-calico.ts';

const KINDS = [
  'NetworkPolicy',
  'GlobalNetworkPolicy',
  'Tier',
  'NetworkSet',
  'GlobalNetworkSet',
  'HostEndpoint',
];

/** Values of every shape, some of them nearly right. */
const junk = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    1.5,
    1e300,
    '',
    '*',
    '443',
    '1:2',
    'TCP',
    'Allow',
    'Egress',
    'default',
    '10.0.0.0',
    '10.0.0.0/33',
    '::/0',
    'all()',
    'global()',
    '!',
    "a == 'b'",
    "a in {'b'",
    'knp.default.x',
    [],
    {},
    [null],
    [[]],
    [{}],
    { nets: ['10.0.0.0/8'] },
    { selector: 'has(a)' },
    { action: 'Deny' },
    { names: [] },
    { name: 'x' },
  ),
);

const entity = fc.dictionary(
  fc.constantFrom(
    'nets',
    'notNets',
    'selector',
    'notSelector',
    'namespaceSelector',
    'ports',
    'notPorts',
    'services',
    'serviceAccounts',
    'domains',
  ),
  junk,
);
const rule = fc.oneof(
  junk,
  fc.record(
    {
      action: fc.oneof(fc.constantFrom('Allow', 'Deny', 'Pass', 'Log'), junk),
      protocol: fc.oneof(fc.constantFrom('TCP', 17), junk),
      notProtocol: junk,
      icmp: junk,
      notICMP: junk,
      ipVersion: junk,
      http: junk,
      source: fc.oneof(entity, junk),
      destination: fc.oneof(entity, junk),
    },
    { requiredKeys: ['action'] },
  ),
);
const spec = fc.oneof(
  junk,
  fc.record(
    {
      types: fc.oneof(fc.constant(['Egress']), junk),
      egress: fc.oneof(fc.array(rule, { maxLength: 3 }), junk),
      tier: junk,
      order: junk,
      selector: junk,
      namespaceSelector: junk,
      serviceAccountSelector: junk,
      doNotTrack: junk,
      preDNAT: junk,
    },
    { requiredKeys: ['types', 'egress'] },
  ),
  fc.record({
    nets: fc.oneof(fc.array(junk), junk),
    allowedEgressDomains: junk,
    expectedIPs: junk,
    ports: junk,
  }),
  fc.record({ order: junk, defaultAction: junk }),
);
const object: fc.Arbitrary<PolicyObject> = fc.record({
  apiVersion: fc.constantFrom('projectcalico.org/v3', 'crd.projectcalico.org/v1'),
  kind: fc.constantFrom(...KINDS),
  namespace: fc.constantFrom('', 'default', 'other'),
  name: fc.constantFrom('a', 'default.a', 'knp.default.a', 'x.y', '.', '', 'constructor'),
  labels: fc.dictionary(
    fc.constantFrom('a', 'constructor', 'projectcalico.org/namespace'),
    fc.constantFrom('', 'b'),
  ),
  spec,
});

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...inner.flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}

function replaceAt(value: unknown, [head, ...rest]: Path, replacement: unknown): unknown {
  if (head === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item, i) => (i === head ? replaceAt(item, rest, replacement) : item));
  const fields = value as Readonly<Record<string, unknown>>;
  return { ...fields, [head]: replaceAt(fields[head], rest, replacement) };
}

/** Values that mean nothing anywhere in these objects, so that any meaning could have been intended. */
const MEANINGLESS: readonly unknown[] = [
  false,
  -7.5,
  'Not a value of anything!',
  ['Not!'],
  { 'x-unknown': 1 },
];

const viewIn = (whole: World, objects: readonly PolicyObject[]) => {
  const { namespace, labels } = whole.pod;
  return viewOf(objects, {
    pod: { namespace, labels },
    namespaces: whole.namespaces,
    serviceAccounts: accountsSeen(whole),
  });
};

const world = worldOf({ secrets: { allowed: false }, withCore: true });

/** Calico's objects only, and of these the place of one. */
const target = fc.tuple(world, fc.nat(), fc.nat()).map(([whole, which, where]) => {
  const own = whole.objects.filter(({ apiVersion }) => apiVersion === 'projectcalico.org/v3');
  const chosen = own[which % own.length] ?? aGlobalPolicy();
  // Any number is an order.
  const paths = pathsOf(chosen.spec).filter(([first]) => first !== 'ingress' && first !== 'order');
  return { whole, chosen, path: paths[where % paths.length] ?? [] };
});

function compare(whole: World, chosen: PolicyObject, damaged: unknown): void {
  for (const form of [(one: PolicyObject) => one, asResource]) {
    const objects = (replacement: unknown) =>
      whole.objects.map((one) => (one === chosen ? form({ ...one, spec: replacement }) : one));
    const after = viewIn(whole, objects(damaged));
    if (after.undecided !== null) continue;
    const before = viewIn(whole, objects(chosen.spec));
    if (before.undecided !== null) continue;
    expect(after.answer.declared).toEqual(before.answer.declared);
  }
}

describe('hostile objects of Calico', () => {
  it('hostile objects of Calico of any shape never crash, and are answered or unknown', () => {
    fc.assert(
      fc.property(fc.array(object, { maxLength: 6 }), (objects) => {
        const view = viewOf(objects, { pod: { labels: { a: 'b' } } });
        expect('unknown' in view.answer.declared).toBe(view.undecided !== null);
        expect(view.explain()).toBeInstanceOf(Array);
        expect(view.internetOnEveryPort.ipv4).toBeLessThanOrEqual(1);
        expect(selectedLabelKeys(objects)).toBeInstanceOf(Set);
      }),
      { numRuns: runs(1000) },
    );
  });

  it('objects of Calico with one part broken answer as before, or unknown', () => {
    fc.assert(
      fc.property(target, fc.constantFrom(...MEANINGLESS), ({ whole, chosen, path }, replacement) => {
        compare(whole, chosen, replaceAt(chosen.spec, path, replacement));
      }),
      { numRuns: runs(1200) },
    );
  });

  it('objects of Calico with an unknown field anywhere answer as before, or unknown', () => {
    fc.assert(
      fc.property(target, ({ whole, chosen, path }) => {
        const holder = path.reduce<unknown>(
          (value, step) => (value as Record<string, unknown>)[step],
          chosen.spec,
        );
        fc.pre(typeof holder === 'object' && holder !== null && !Array.isArray(holder));
        compare(whole, chosen, replaceAt(chosen.spec, [...path, 'x-unknown'], 1));
      }),
      { numRuns: runs(600) },
    );
  });

  it('objects of Calico are read however large they are', () => {
    const text = `${"a == 'b' || ".repeat(20_000)}has(c)`;
    const nets = Array.from({ length: 20_000 }, (_, i) => `10.${i % 256}.${(i >> 8) % 256}.0/24`);
    const { explain } = viewOf([
      aGlobalPolicy({ selector: text, egress: [{ action: 'Allow', destination: { nets, selector: text } }] }),
    ]);
    expect(explain().length).toBeGreaterThan(0);
  });
});
