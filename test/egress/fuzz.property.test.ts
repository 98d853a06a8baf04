import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EgressView } from '../../lambda/egress/answers/egress-view.ts';
import { includesPorts, intersectPorts, readPorts, unionPorts } from '../../lambda/egress/sets/port-set.ts';
import type { Reach } from '../../lambda/egress/sets/reach.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { DEEP, runs } from '../support/runs.ts';
import { API_NAMES, build, specsOf } from './kinds/arbitraries-admin.ts';
import { worldOf } from './kinds/arbitraries-calico.ts';
import { objects as ciliumObjects } from './kinds/arbitraries-cilium.ts';
import { anApplicationPolicy, viewOf } from './kinds/build-admin.ts';
import { aCalicoPolicy, aGlobalPolicy, aGlobalSet, asResource, aTier } from './kinds/build-calico.ts';
import { aCiliumPolicy, aClusterwidePolicy, aGroup } from './kinds/build-cilium.ts';
import { replaceAt, valueAt } from './kinds/damage.ts';
import { spec as coreSpec, pod } from './support/arbitraries.ts';
import { ALL_IPV4, ALL_IPV6, aNetworkPolicy, type Pod, reachOf } from './support/build.ts';
import { nonsenseFor, placeIn } from './support/hostile.ts';

/** Valid objects, of which one is to be damaged, and a pod. */
interface Whole {
  readonly objects: readonly PolicyObject[];
  readonly pod: Pod;
}

const alone = (objects: fc.Arbitrary<readonly PolicyObject[]>): fc.Arbitrary<Whole> =>
  fc.record({ objects, pod });

const admin = (name: (typeof API_NAMES)[number]) => alone(specsOf(name).map((spec) => [build(name)(spec)]));

const calico = worldOf({ secrets: { allowed: false }, withCore: false }).map(
  ({ objects, pod: { namespace, labels } }): Whole => ({ objects, pod: { namespace, labels } }),
);

const KINDS: Readonly<Record<string, fc.Arbitrary<Whole>>> = {
  NetworkPolicy: alone(coreSpec.map((spec) => [aNetworkPolicy(spec)])),
  ...Object.fromEntries(API_NAMES.map((name) => [`${name} policy`, admin(name)])),
  ApplicationNetworkPolicy: alone(coreSpec.map((spec) => [{ ...anApplicationPolicy({}), spec }])),
  "Calico's objects": calico,
  "Calico's resources": calico.map(({ objects, ...rest }) => ({ ...rest, objects: objects.map(asResource) })),
  "Cilium's objects": alone(ciliumObjects.map((all) => [...all, aCiliumPolicy({ egress: [] })])),
};

/** The parts of an object that are read by its kind. */
const contentOf = ({ spec, specs }: PolicyObject) => ({ spec, ...(specs === undefined ? {} : { specs }) });

/** The same objects with nonsense in one place of one of them. */
const damaged = (whole: Whole) =>
  fc.constantFrom(...whole.objects).chain((chosen) => {
    const content = contentOf(chosen);
    return placeIn(content).chain((path) =>
      nonsenseFor(path, valueAt(content, path)).map((nonsense) => ({
        whole,
        broken: whole.objects.map((one) =>
          one === chosen ? { ...one, ...(replaceAt(content, path, nonsense) as object) } : one,
        ),
      })),
    );
  });

/**
 * Names, and ports of names, that are allowed only after the damage. Where every address is open a name
 * says nothing, and may come and go.
 */
function moreNames(after: Reach, before: Reach): readonly string[] {
  const everywhere = [ALL_IPV4, ALL_IPV6].map((all) =>
    readPorts(before.external.find(({ from, to }) => `${from}-${to}` === all)?.ports ?? []),
  );
  const open = everywhere.reduce(intersectPorts);
  return after.hosts
    .filter(({ host, ports }) => {
      const known = before.hosts.filter((one) => one.host === host).map((one) => readPorts(one.ports));
      return !includesPorts(known.reduce(unionPorts, open), readPorts(ports));
    })
    .map(({ host }) => host);
}

const NAMESPACES = { default: { env: 'prod' }, other: { env: 'dev' } };
const view = (objects: readonly PolicyObject[], subject: Pod): EgressView =>
  viewOf(objects, { pod: subject, namespaces: NAMESPACES });

describe('nonsense in one place of a valid object', () => {
  it.each(Object.entries(KINDS))(
    'nonsense in one place of %s changes nothing, or makes the answer unknown',
    (_, arbitrary) => {
      const seen = { same: 0, unknown: 0 };
      fc.assert(
        fc.property(arbitrary.chain(damaged), ({ whole, broken }) => {
          const before = view(whole.objects, whole.pod);
          fc.pre(before.undecided === null);
          const after = view(broken, whole.pod);
          seen[after.undecided === null ? 'same' : 'unknown'] += 1;
          if (after.undecided !== null) {
            expect(after.undecided.message.length).toBeLessThan(2000);
            return;
          }
          expect(reachOf(after).external).toEqual(reachOf(before).external);
          expect(moreNames(reachOf(after), reachOf(before))).toEqual([]);
        }),
        { numRuns: runs(300) },
      );
      if (DEEP) expect(seen.unknown).toBeGreaterThan(20);
    },
  );
});

describe('objects of monstrous size', () => {
  const deep: unknown = JSON.parse(`${'{"a":['.repeat(20_000)}${']}'.repeat(20_000)}`);
  const long = Array.from({ length: 20_000 }, (_, i) => `10.${i % 256}.${(i >> 8) % 256}.0/24`);
  const monsters: Readonly<Record<string, (value: unknown) => readonly PolicyObject[]>> = {
    NetworkPolicy: (value) => [aNetworkPolicy({ policyTypes: ['Egress'], egress: [{ to: value }] })],
    AdminNetworkPolicy: (value) => [
      build('admin')({ egress: [{ action: 'Allow', to: [{ networks: value }] }] }),
    ],
    ClusterNetworkPolicy: (value) => [build('cluster')({ egress: value })],
    "Amazon's ClusterNetworkPolicy": (value) => [build('aws')({ subject: value, egress: [{}] })],
    ApplicationNetworkPolicy: (value) => [
      anApplicationPolicy({ egress: [{ to: [{ domainNames: value }] }] }),
    ],
    "Calico's NetworkPolicy": (value) => [
      aCalicoPolicy({ egress: [{ action: 'Allow', destination: { nets: value } }] }),
    ],
    "Calico's network set": (value) => [
      aGlobalSet({ a: 'b' }, value),
      aGlobalPolicy({ egress: [{ action: 'Allow', destination: { selector: 'has(a)' } }] }),
    ],
    "Calico's tier": (value) => [
      aTier('x', { order: value }),
      aGlobalPolicy({ tier: 'x', egress: [{ action: 'Deny' }] }),
    ],
    CiliumNetworkPolicy: (value) => [aCiliumPolicy({ egress: [{ toCIDR: value }] })],
    CiliumClusterwideNetworkPolicy: (value) => [
      aClusterwidePolicy({ egressDeny: [{ toCIDR: value }], enableDefaultDeny: { egress: false } }),
    ],
    "Cilium's group": (value) => [
      aGroup('a', value),
      aCiliumPolicy({ egress: [{ toCIDRSet: [{ cidrGroupRef: 'a' }] }] }),
    ],
  };

  it.each(Object.entries(monsters))(
    '%s: thousands of nested levels are unknown, in a sentence',
    (_, make) => {
      const { undecided } = view(make(deep), {});
      expect(undecided?.message.length).toBeGreaterThan(50);
      expect(undecided?.message.length).toBeLessThan(2000);
    },
  );

  it.each(Object.entries(monsters))('%s: a list of 20,000 entries is read', (_, make) => {
    const { answer, explain } = view(make(long), {});
    expect(answer.policies).toHaveLength(1);
    expect(explain()).toBeDefined();
  });
});
