import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { NO_POLICY, NO_RULE } from '../../../../lambda/egress/answers/explain.ts';
import type { PolicyObject } from '../../../../lambda/inventory/policy-object.ts';
import { DEEP, runs } from '../../../support/runs.ts';
import type { Traffic } from '../../brute-force.ts';
import { labels, pod } from '../../support/arbitraries.ts';
import { reachOf } from '../../support/build.ts';
import { objects } from '../arbitraries-cilium.ts';
import { type CiliumPlace, judgeOf, opensAlone } from '../brute-force-cilium.ts';
import { viewOf } from '../build-admin.ts';
import { contains, probes } from '../probes.ts';

const view = (all: readonly PolicyObject[], { pod: subject, namespaceLabels }: CiliumPlace) =>
  viewOf(all, { pod: subject, namespaces: { default: namespaceLabels, other: namespaceLabels } });

const place: fc.Arbitrary<CiliumPlace> = fc.record({ pod, namespaceLabels: labels });

/**
 * At and around edges; ports stand in texts here, and single addresses without a length. Every third
 * of them, for they are many.
 */
function probesOf(all: readonly PolicyObject[]): readonly Traffic[] {
  const ports = [...JSON.stringify(all).matchAll(/"port":"(\d+)"/g)].map((match) => Number(match[1]));
  const more = { ports: [...new Set(ports)], addresses: ['10.1.2.3/32', '2001:db8::1/128'] };
  const each = probes([...all, more as unknown as PolicyObject]);
  return each.filter((_, i) => i % 3 === each.length % 3);
}

const at = ({ address, protocol, port }: Traffic): string => `${address} ${protocol} ${port}`;

describe('Cilium against the evaluation of its documentation, address by address', () => {
  it('Cilium reaches exactly what the policies allow, at and around every edge, also beside NetworkPolicies', () => {
    const seen = { open: 0, closed: 0 };
    fc.assert(
      fc.property(objects, place, (all, where) => {
        const found = view(all, where);
        const { external } = reachOf(found);
        const judge = judgeOf(all, where);
        const wrong = probesOf(all).filter((traffic) => {
          const allowed = judge(traffic);
          seen[allowed ? 'open' : 'closed'] += 1;
          const ranges = external.filter((range) => contains(range, traffic)).length;
          const isTcp = traffic.protocol === 'TCP';
          return (
            ranges !== (allowed ? 1 : 0) ||
            (isTcp && found.reaches(traffic.address, traffic.port) !== allowed)
          );
        });
        expect(wrong.map(at)).toEqual([]);
      }),
      { numRuns: runs(400) },
    );
    // The generator must not shy away from either.
    if (DEEP) expect(Math.min(seen.open, seen.closed)).toBeGreaterThan(5000);
  });

  it('Cilium explains every reachable address by rules that open it, and no other', () => {
    fc.assert(
      fc.property(objects, place, (all, where) => {
        const found = view(all, where);
        const explanations = found.explain();
        const judge = judgeOf(all, where);
        const wrong = probesOf(all).filter((traffic) => {
          const reasons = explanations.filter((one) => contains(one.external, traffic));
          if (!judge(traffic)) return reasons.length > 0;
          const because = reasons.flatMap((reason) => reason.because);
          const isRight = because.every(
            (source) =>
              source === NO_POLICY ||
              source === NO_RULE ||
              opensAlone(source, { objects: all, place: where, traffic }),
          );
          return reasons.length !== 1 || because.length === 0 || !isRight;
        });
        expect(wrong.map(at)).toEqual([]);
      }),
      { numRuns: runs(150) },
    );
  });

  it('Cilium does not depend on the order of the objects', () => {
    fc.assert(
      fc.property(objects, place, (all, where) => {
        expect(view([...all].reverse(), where).answer.declared).toEqual(view(all, where).answer.declared);
      }),
      { numRuns: runs(200) },
    );
  });

  it('Cilium in a namespace with unknown labels is answered only if they do not matter', () => {
    fc.assert(
      fc.property(objects, place, fc.array(labels, { minLength: 1, maxLength: 4 }), (all, where, some) => {
        const without = viewOf(all, { pod: where.pod, namespaces: {} });
        for (const namespaceLabels of some) {
          const found = view(all, { ...where, namespaceLabels });
          if (without.undecided === null) expect(found.answer.declared).toEqual(without.answer.declared);
          const missed = probesOf(all)
            .filter(({ protocol }) => protocol === 'TCP')
            .filter(({ address, port }) => found.reaches(address, port) && !without.reaches(address, port));
          expect(missed.map(at)).toEqual([]);
        }
      }),
      { numRuns: runs(100) },
    );
  });
});
