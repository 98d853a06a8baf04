import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { EgressView } from '../../lambda/egress/answers/egress-view.ts';
import { NO_POLICY } from '../../lambda/egress/answers/explain.ts';
import { createEgress } from '../../lambda/egress/engine.ts';
import type { ExternalRange } from '../../lambda/egress/sets/reach.ts';
import type { PolicyObject } from '../../lambda/inventory/policy-object.ts';
import { runs } from '../support/runs.ts';
import { type BrutePod, bitsOf, edgesOf, isAllowed, type Traffic } from './brute-force.ts';
import { cidrsIn, numbersIn, pod, policies, someAddress } from './support/arbitraries.ts';
import { NO_CONFIG, reachOf } from './support/build.ts';

const view = (objects: readonly PolicyObject[], subject: BrutePod): EgressView =>
  createEgress({ policies: objects, namespaces: new Map(), config: NO_CONFIG }).view({
    ...subject,
    hostNetwork: false,
  });

const contains = (range: ExternalRange, { address, protocol, port }: Traffic): boolean => {
  const [from, to, at] = [range.from, range.to, address].map(bitsOf);
  if (from === undefined || to === undefined || at === undefined) return false;
  return (
    from.length === at.length &&
    from <= at &&
    at <= to &&
    (range.ports === 'all' ||
      range.ports.some((ports) => ports.protocol === protocol && ports.from <= port && port <= ports.to))
  );
};

/** Traffic at and around every edge of the policies. */
function probes(objects: readonly PolicyObject[], addresses: readonly string[]): readonly Traffic[] {
  const everywhere = [
    '0.0.0.0',
    '255.255.255.255',
    '::',
    'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ...addresses,
  ];
  const ports = [1, 80, 65535, ...numbersIn(objects).flatMap((port) => [port - 1, port, port + 1])];
  const valid = [...new Set(ports)].filter((port) => port >= 1 && port <= 65535);
  return [...everywhere, ...cidrsIn(objects).flatMap(edgesOf)].flatMap((address) =>
    ['TCP', 'UDP', 'SCTP'].flatMap((protocol) => valid.map((port) => ({ address, protocol, port }))),
  );
}

/** Every rule that would allow the traffic if it were the only one, in one list; no list if none would. */
function reasonsFor(objects: readonly PolicyObject[], subject: BrutePod, traffic: Traffic) {
  if (!isAllowed(objects, subject, traffic)) return [];
  const rules = objects.flatMap((policy) => {
    const { egress = [], ...rest } = policy.spec as { readonly egress?: readonly unknown[] };
    return egress.map((rule, index) => ({
      source: `NetworkPolicy ${policy.namespace}/${policy.name}: spec.egress[${index}]`,
      // Together with a policy that allows nothing, so that not being selected allows nothing either.
      alone: [
        { ...policy, spec: { ...rest, egress: [rule] } },
        { ...policy, spec: { podSelector: {}, policyTypes: ['Egress'] } },
      ],
    }));
  });
  const opening = rules.filter(({ alone }) => isAllowed(alone, subject, traffic));
  const mine = opening.filter(({ alone }) => alone[0]?.namespace === subject.namespace);
  return [mine.length === 0 ? [NO_POLICY] : mine.map(({ source }) => source).sort()];
}

describe('NetworkPolicy against the evaluation of its text, address by address', () => {
  it('a NetworkPolicy reaches exactly what the policies allow, at and around every edge', () => {
    fc.assert(
      fc.property(policies, pod, fc.array(someAddress, { maxLength: 3 }), (objects, subject, addresses) => {
        const seen = view(objects, subject);
        const { external } = reachOf(seen);
        // Not more than one range: they are disjoint.
        const wrong = probes(objects, addresses).filter(
          (traffic) =>
            external.filter((range) => contains(range, traffic)).length !==
            (isAllowed(objects, subject, traffic) ? 1 : 0),
        );
        expect(wrong).toEqual([]);
      }),
      { numRuns: runs(300) },
    );
  });

  it('a NetworkPolicy answers a single question as the ranges do', () => {
    fc.assert(
      fc.property(policies, pod, (objects, subject) => {
        const seen = view(objects, subject);
        const wrong = probes(objects, [])
          .filter(({ protocol }) => protocol === 'TCP')
          .filter(
            (traffic) => seen.reaches(traffic.address, traffic.port) !== isAllowed(objects, subject, traffic),
          );
        expect(wrong).toEqual([]);
      }),
      { numRuns: runs(200) },
    );
  });

  it('a NetworkPolicy explains every reachable address by all rules that open it, and no other', () => {
    fc.assert(
      fc.property(policies, pod, (objects, subject) => {
        const seen = view(objects, subject);
        const explanations = seen.explain();
        const wrong = probes(objects, []).filter((traffic) => {
          const reasons = explanations
            .filter(({ external }) => contains(external, traffic))
            .map(({ because }) => because);
          return JSON.stringify(reasons) !== JSON.stringify(reasonsFor(objects, subject, traffic));
        });
        expect(wrong).toEqual([]);
      }),
      { numRuns: runs(200) },
    );
  });

  it('a NetworkPolicy gives ranges that are sorted, merged and IPv4 before IPv6', () => {
    fc.assert(
      fc.property(policies, pod, (objects, subject) => {
        const { external } = reachOf(view(objects, subject));
        external.slice(1).forEach((range, i) => {
          const before = external[i];
          if (before === undefined) return;
          const [end, start] = [bitsOf(before.to), bitsOf(range.from)];
          if (end.length !== start.length) expect([end.length, start.length]).toEqual([32, 128]);
          else {
            const gap = BigInt(`0b${start}`) - BigInt(`0b${end}`);
            expect(gap).toBeGreaterThan(0n);
            if (gap === 1n) expect(range.ports).not.toEqual(before.ports);
          }
        });
      }),
      { numRuns: runs(200) },
    );
  });
});
