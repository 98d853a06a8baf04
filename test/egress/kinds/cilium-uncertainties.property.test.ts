import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyObject } from '../../../lambda/inventory/policy-object.ts';
import { DEEP, runs } from '../../support/runs.ts';
import type { Traffic } from '../brute-force.ts';
import { labels } from '../support/arbitraries.ts';
import { reachOf } from '../support/build.ts';
import { type CiliumPlace, judgeOf } from './brute-force-cilium.ts';
import { viewOf } from './build-admin.ts';
import { contains, probes } from './probes.ts';
import { HASH, uncertainWorld } from './uncertain-cilium.ts';

const place: fc.Arbitrary<CiliumPlace> = labels.map((own) => ({
  pod: { namespace: 'default', labels: { ...own, ...HASH } },
  namespaceLabels: {},
}));

const at = ({ address, protocol, port }: Traffic): string => `${address} ${protocol} ${port}`;

function probesOf(all: readonly PolicyObject[]): readonly Traffic[] {
  const more = { ports: [53, 80, 443], addresses: ['10.1.0.0/16', '2001:db8::/32'] };
  const each = probes([...all, more as unknown as PolicyObject]);
  return each.filter((_, i) => i % 5 === each.length % 5);
}

describe('what cannot be known of Cilium’s policies', () => {
  it('the answer for Cilium policies with several possible meanings is certain only if all agree', () => {
    const seen = { known: 0, unknown: 0 };
    fc.assert(
      fc.property(uncertainWorld, place, ({ written, meant }, where) => {
        const found = viewOf(written, { pod: where.pod, namespaces: { default: {}, other: {} } });
        seen[found.undecided === null ? 'known' : 'unknown'] += 1;
        const external = found.undecided === null ? reachOf(found).external : null;
        for (const world of meant) {
          const judge = judgeOf(world, where);
          const wrong = probesOf(written).filter((traffic) => {
            const allowed = judge(traffic);
            if (external !== null) return external.some((range) => contains(range, traffic)) !== allowed;
            return allowed && traffic.protocol === 'TCP' && !found.reaches(traffic.address, traffic.port);
          });
          expect(wrong.map(at)).toEqual([]);
        }
      }),
      { numRuns: runs(400) },
    );
    // The generator must not shy away from either.
    if (DEEP) expect(Math.min(seen.known, seen.unknown)).toBeGreaterThan(40);
  });
});
