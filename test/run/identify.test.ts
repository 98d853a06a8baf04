import { describe, expect, test } from '@jest/globals';
import { causeOf } from '../../lambda/findings/cause.ts';
import type { WorkloadPatches } from '../../lambda/findings/drawn-patch.ts';
import { findingId } from '../../lambda/findings/identity.ts';
import { identify } from '../../lambda/run/conclude.ts';
import { aFinding, aResult, PROD } from '../findings/builders.ts';

describe('a cluster that earlier runs know under another identity', () => {
  test('ids of findings, of what they follow from, of causes and in patches are those of the known identity', () => {
    const byName = { name: 'context', arn: null, accountId: null, region: null };
    const shop = { kind: 'Namespace', namespace: null, name: 'shop', part: null };
    const findingsOf = (cluster: typeof PROD | typeof byName) => {
      const cause = causeOf(cluster, 'no-egress-policy', shop);
      const root = aFinding({ cluster, check: 'egress-unrestricted', cause });
      return [root, aFinding({ cluster, check: 'egress-insecure-port', cause, impliedBy: root.id })];
    };
    const patchesOf = (cluster: typeof PROD | typeof byName): readonly WorkloadPatches[] => {
      const cause = findingsOf(cluster)[0]?.cause?.id ?? '';
      const patch = { cause, name: 'a', notes: [], before: [], document: {}, command: null };
      return [{ score: 1, workload: 'shop/Deployment/cart', patches: [patch] }];
    };
    const result = aResult({
      cluster: byName,
      findings: findingsOf(byName),
      patches: patchesOf(byName),
    });
    const { findings, patches } = identify(result, { cluster: PROD, relation: 'same', because: null });
    expect(findings).toEqual(findingsOf(PROD));
    expect(patches).toEqual(patchesOf(PROD));
    expect(findings[1]?.impliedBy).toBe(findingId(findings[0] ?? aFinding()));
  });
});
