import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EgressView } from '../../../../lambda/egress/answers/egress-view.ts';
import { NO_POLICY, NO_RULE } from '../../../../lambda/egress/answers/explain.ts';
import { createEgress } from '../../../../lambda/egress/engine.ts';
import type { Ports } from '../../../../lambda/egress/sets/port-set.ts';
import type { Labels } from '../../../../lambda/inventory/names.ts';
import type { PolicyObject } from '../../../../lambda/inventory/policy-object.ts';
import { DEEP, runs } from '../../../support/runs.ts';
import type { BrutePod, Traffic } from '../../brute-force.ts';
import { labels, policies as networkPolicies, pod } from '../../support/arbitraries.ts';
import { NO_CONFIG, reachOf } from '../../support/build.ts';
import { type API_NAMES, adminPolicies, build, specsOf } from '../arbitraries-admin.ts';
import { fateOfName, isTied, opensAlone, outcomes, type Place } from '../brute-force-admin.ts';
import { anApplicationPolicy } from '../build-admin.ts';
import { contains, probes } from '../probes.ts';

/** Without domain names the two kinds of policies in namespaces have the same form. */
const namespaced = fc
  .tuple(networkPolicies, fc.infiniteStream(fc.boolean()))
  .map(([list, isAws]) =>
    list.map((policy) =>
      isAws.next().value
        ? { ...policy, apiVersion: 'networking.k8s.aws/v1alpha1', kind: 'ApplicationNetworkPolicy' }
        : policy,
    ),
  );

const mixed = fc
  .tuple(adminPolicies, fc.oneof(fc.constant([]), namespaced))
  .map(([admin, core]) => [...admin, ...core]);

const aPolicyOf = (name: (typeof API_NAMES)[number]) =>
  specsOf(name).map((spec) => ({ ...build(name)(spec), spec }));

const HOSTS = ['example.com'];
const NAMED = { to: [{ domainNames: HOSTS }], ports: [{ port: 443 }, { protocol: 'UDP', port: 53 }] };

/** Policies whose order is defined, and one of Amazon's that may name hosts. */
const named = fc
  .tuple(
    fc.constantFrom('admin', 'cluster', 'aws').chain((name) => fc.array(aPolicyOf(name), { maxLength: 4 })),
    fc.array(aPolicyOf('baseline'), { maxLength: 1 }),
    networkPolicies,
    fc.boolean(),
  )
  .map(([ordered, baseline, core, naming]) => [
    ...ordered.map((one, i) => ({ ...one, name: `a${i}`, spec: { ...one.spec, priority: i } })),
    // Of the other APIs some are in the tier of the baseline, too.
    ...(ordered.some(({ kind }) => kind === 'ClusterNetworkPolicy') ? [] : baseline),
    ...core,
    ...(naming ? [anApplicationPolicy({ egress: [NAMED] })] : []),
  ]);

function opensPort(ports: Ports, { protocol, port }: Traffic): boolean {
  if (ports === 'all') return true;
  return ports.some((range) => range.protocol === protocol && range.from <= port && port <= range.to);
}

const view = (
  objects: readonly PolicyObject[],
  subject: BrutePod,
  namespaces: ReadonlyMap<string, Labels>,
): EgressView =>
  createEgress({ policies: objects, namespaces, config: NO_CONFIG }).view({ ...subject, hostNetwork: false });

const everywhere = (namespaceLabels: Labels): ReadonlyMap<string, Labels> =>
  new Map(['default', 'other'].map((name) => [name, namespaceLabels]));

const at = ({ address, protocol, port }: Traffic): string => `${address} ${protocol} ${port}`;

describe('policies for administrators against the evaluation of their texts, address by address', () => {
  it('policies for administrators reach exactly what the texts allow, and are unknown wherever the texts leave it open', () => {
    const seen = { known: 0, unknown: 0 };
    fc.assert(
      fc.property(mixed, pod, labels, (objects, subject, namespaceLabels) => {
        const place: Place = { pod: subject, namespaceLabels };
        const found = view(objects, subject, everywhere(namespaceLabels));
        const all = probes(objects);
        const expected = new Map(all.map((traffic) => [traffic, outcomes(objects, place, traffic)]));
        const isOpen = [...expected.values()].some(({ size }) => size > 1);
        const tcp = all.filter(({ protocol }) => protocol === 'TCP');
        const wrong = tcp.filter(
          (traffic) => found.reaches(traffic.address, traffic.port) !== expected.get(traffic)?.has(true),
        );
        expect(wrong.map(at)).toEqual([]);
        if (found.undecided !== null) {
          seen.unknown += 1;
          // Policies that tie may also disagree about names.
          if (JSON.stringify(objects).includes('domainNames')) return;
          expect(all.some((traffic) => isTied(objects, place, traffic))).toBe(true);
          return;
        }
        seen.known += 1;
        expect(isOpen).toBe(false);
        const { external } = reachOf(found);
        const different = all.filter(
          (traffic) =>
            external.filter((range) => contains(range, traffic)).length !==
            (expected.get(traffic)?.has(true) ? 1 : 0),
        );
        expect(different.map(at)).toEqual([]);
      }),
      { numRuns: runs(300) },
    );
    // The generator must not shy away from either.
    if (DEEP) expect(Math.min(seen.known, seen.unknown)).toBeGreaterThan(5);
  });

  it('policies for administrators explain every reachable address by rules that allow it', () => {
    fc.assert(
      fc.property(mixed, pod, labels, (objects, subject, namespaceLabels) => {
        const found = view(objects, subject, everywhere(namespaceLabels));
        if (found.undecided !== null) return;
        const explanations = found.explain();
        const { external } = reachOf(found);
        const wrong = probes(objects).filter((traffic) => {
          const reasons = explanations.filter((one) => contains(one.external, traffic));
          if (!external.some((range) => contains(range, traffic))) return reasons.length > 0;
          const because = reasons.flatMap((reason) => reason.because);
          const isRight = because.every(
            (source) =>
              source === NO_POLICY || source === NO_RULE || opensAlone(source, { objects, subject, traffic }),
          );
          return reasons.length !== 1 || because.length === 0 || !isRight;
        });
        expect(wrong.map(at)).toEqual([]);
      }),
      { numRuns: runs(100) },
    );
  });

  it('policies for administrators list a name on the ports where it matters, and never where all is decided before it', () => {
    const seen = { listed: 0, not: 0 };
    fc.assert(
      fc.property(named, pod, labels, (objects, subject, namespaceLabels) => {
        const place: Place = { pod: subject, namespaceLabels };
        const { hosts } = reachOf(view(objects, subject, everywhere(namespaceLabels)));
        const all = probes(objects).filter(({ port }) => [1, 53, 80, 443].includes(port));
        const wrong = HOSTS.flatMap((host) =>
          [...Map.groupBy(all, ({ protocol, port }) => `${host} ${protocol} ${port}`)].filter(
            ([, packets]) => {
              const fates = new Set(packets.map((traffic) => fateOfName(objects, place, { host, traffic })));
              const listed = hosts.some(
                (one) => one.host === host && packets.every((traffic) => opensPort(one.ports, traffic)),
              );
              seen[listed ? 'listed' : 'not'] += 1;
              return listed ? !fates.has('name') && !fates.has('address') : fates.has('name');
            },
          ),
        );
        expect(wrong.map(([traffic]) => traffic)).toEqual([]);
      }),
      { numRuns: runs(60) },
    );
    if (DEEP) expect(Math.min(seen.listed, seen.not)).toBeGreaterThan(20);
  });

  it('policies in a namespace with unknown labels are answered only if the answer is the same for any labels', () => {
    fc.assert(
      fc.property(mixed, pod, fc.array(labels, { minLength: 1, maxLength: 4 }), (objects, subject, some) => {
        const without = view(objects, subject, new Map());
        for (const namespaceLabels of some) {
          const found = view(objects, subject, everywhere(namespaceLabels));
          if (without.undecided === null) {
            expect(found.answer.declared).toEqual(without.answer.declared);
          }
          const missed = probes(objects)
            .filter(({ protocol }) => protocol === 'TCP')
            .filter(({ address, port }) => found.reaches(address, port) && !without.reaches(address, port));
          expect(missed.map(at)).toEqual([]);
        }
      }),
      { numRuns: runs(100) },
    );
  });
});
